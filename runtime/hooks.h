/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_HOOKS_H
#define RUNTIME_HOOKS_H

#include "base/error.h"
#include "spec/spec.h"
#include "spec/state.h"

/*
 * Runs the hooks of one point in listed order (config.md#posix-platform-hooks, decisions 2 and
 * safety.md R19): absolute path, no shell; environment exactly hook.env (startContainer without
 * env: inherited_env); working directory = cwd; state on standard input as a sealed memfd; own
 * process group; standard output and error captured (bounded) for the error text. No descriptor >=
 * 3 reaches a hook. What a hook that succeeds leaves in the background goes on; of one that fails,
 * runs past its timeout, or is interrupted by our own death, nothing does (hook_guard.h; in the
 * container, where there is no guard, its process group is killed and the rest ends with init).
 *
 * The first failure ends the list: "/hooks/createRuntime/1: error running createRuntime hook #1:
 * exit status 1, stdout: , stderr: ...". HOOK_POSTSTOP: a failure is a warning and the list goes
 * on; the result is 0. HOOK_PRESTART, HOOK_CREATE_RUNTIME: one that ends init, state's pid, has
 * failed. Runs in: parent (prestart, createRuntime, poststart, poststop), init
 * (createContainer, startContainer).
 */
int hooks_run(enum hook_point point, const struct hook_list *hooks,
	      const struct state_document *state, const char *cwd, const char *const *inherited_env,
	      struct error *err);

/* What it says of one that can't be started for this errno. Always -1. */
int hooks_cannot_start(enum hook_point point, size_t i, const char *path, int code,
		       struct error *err);

/* What execve(2) would say first of the program at path: an errno, 0 for nothing. Runs in: check.
 */
int hooks_fault(const char *path);

/* "createRuntime" ... */
const char *hook_point_name(enum hook_point point);

#endif
