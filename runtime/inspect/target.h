/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_TARGET_H
#define INSPECT_TARGET_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "spec/spec.h"

/*
 * What a command looks at:
 *
 *   NAME, id:NAME    a container of minirun
 *   N, pid:N         a process; N alone is an error where a container has that name
 *   self             minirun's own process: what its caller is
 *   host             the first process of the pid namespace that minirun runs in
 *   DIR              a bundle that needn't run: "." or "..", or anything with a "/"
 */
enum target_kind {
	TARGET_CONTAINER,
	TARGET_PROCESS,
	TARGET_SELF,
	TARGET_HOST,
	TARGET_BUNDLE,
};

struct target {
	const char *text; /* as given; the caller's */
	enum target_kind kind;
	const char *name; /* the container's id or the bundle's path, points into text; else NULL */
	pid_t pid;	  /* 0: a bundle, or a container that has no process */

	/* a container's, and config and bundle a bundle's; NULL: none. Filled by who resolves. */
	const char *status;	 /* "running" */
	const char *bundle;	 /* absolute path */
	const char *rootfs;	 /* absolute path */
	const char *cgroup_path; /* absolute host path of what minirun made */
	const struct container_spec *config;
};

/* True if a container of this id exists. */
typedef bool target_exists(const char *id, void *data);

/* Takes text apart: kind, name, and pid of all but containers. "5: both a process and a container:
 * say pid:5 or id:5". */
int target_parse(struct target *target, const char *text, target_exists *exists, void *data,
		 struct error *err);

/* "container", "process", "self", "host", "bundle" */
const char *target_kind_name(enum target_kind kind);

#endif
