/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_HOOK_PROGRAM_H
#define RUNTIME_HOOK_PROGRAM_H

#include <stdbool.h>

#include "base/error.h"
#include "base/string.h"
#include "spec/spec.h"

/* What the hooks of one point have in common. */
struct hook_setting {
	const struct buffer *state;	  /* its standard input */
	const char *const *inherited_env; /* of one without env; NULL: nothing */
	int cwd;			  /* a descriptor */
	bool guarded;			  /* by hook_guard.h */
	int copies[2];			  /* for stdout, stderr; -1: none */
};

/*
 * Starts one program as hooks.h promises, waits for its end and judges it: an error is "exit status
 * 1, stdout: , stderr: ...", or why it couldn't be started. The program is gone and reaped
 * afterwards. Runs in: parent, init.
 */
int hook_program_run(const struct hook_spec *hook, const struct hook_setting *setting,
		     struct error *err);

/* What it says of a program that can't be started for this errno. Always -1. */
int hook_program_cannot_start(const char *path, int code, struct error *err);

#endif
