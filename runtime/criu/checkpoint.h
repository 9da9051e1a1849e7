/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRIU_CHECKPOINT_H
#define CRIU_CHECKPOINT_H

#include <limits.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"
#include "namespaces/namespace.h"
#include "namespaces/rootfs.h"
#include "runtime/criu/criu.h"
#include "runtime/criu/images.h"
#include "runtime/criu/message.h"
#include "runtime/criu/program.h"
#include "runtime/info.h"
#include "runtime/store.h"
#include "spec/spec.h"

/* A checkpoint on its way; only checkpoint*.c include this. */
struct checkpoint {
	const struct settings *settings;
	const struct checkpoint_options *given;
	const char *id;
	struct store store;
	struct container_info info;
	struct container_spec spec;
	struct namespace_plan namespaces;
	struct rootfs rootfs;
	struct arena arena;
	struct criu_options options;
	struct criu_images images;
	char program[PATH_MAX], page_server[256];
	int version;
	int status_fd; /* -1: none, or told */
	int cgroup;
	int init;    /* pidfd */
	bool paused; /* before we came */
};

/* checkpoint_plan.c: all that can be refused with nothing to undo. */
int checkpoint_plan(struct checkpoint *work, struct error *err);

/* What is asked of /proc and of CRIU by init's number is about another process as soon as this one
 * is gone: CRIU would dump that, and end it. An error if it is. */
int checkpoint_check_init(const struct checkpoint *work, struct error *err);

#endif
