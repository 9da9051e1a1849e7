/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_NAMESPACE_H
#define NAMESPACES_NAMESPACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "spec/report.h"
#include "spec/spec.h"

enum namespace_kind {
	NAMESPACE_USER,
	NAMESPACE_CGROUP,
	NAMESPACE_IPC,
	NAMESPACE_UTS,
	NAMESPACE_NETWORK,
	NAMESPACE_PID,
	NAMESPACE_MOUNT,
	NAMESPACE_TIME,
	NAMESPACE_COUNT,
};

/* One row per namespace type: the OCI name, the kernel's flag and the name below /proc/PID/ns. */
struct namespace_type {
	const char *type;
	uint64_t flag;
	const char *proc_name;
};
extern const struct namespace_type namespace_types[NAMESPACE_COUNT];

/*
 * What the configuration asks for. A kind that is in neither set is the runtime's own. A path that
 * names the runtime's own namespace counts as "own", too.
 */
struct namespace_plan {
	uint64_t create;	 /* CLONE_NEW* of the namespaces to make */
	uint64_t join;		 /* CLONE_NEW* of the namespaces to join */
	int fd[NAMESPACE_COUNT]; /* nsfs descriptors of those to join, else -1; O_CLOEXEC */
};

/*
 * Opens the paths and checks each one's type (NS_GET_NSTYPE): a path of another type or no
 * namespace at all is an error that names it. With a report the plan has those, too, in join but
 * without a descriptor: nobody can make it true. Runs in: parent, before any side effect.
 */
int namespace_plan(const struct container_spec *spec, struct namespace_plan *plan,
		   struct report *report, struct error *err);
void namespace_plan_close(struct namespace_plan *plan);

/* setns(2) into those of plan->join whose flag is in which, in table order. Runs in: stage, init.
 */
int namespace_join(const struct namespace_plan *plan, uint64_t which, struct error *err);

/* The name of a kind in flags (CLONE_NEW*) that this kernel was built without, or NULL. Looks at
 * our own entries below /proc. Runs in: any. */
const char *namespace_missing(uint64_t flags);

static inline bool namespace_is_private(const struct namespace_plan *plan, uint64_t flag)
{
	return ((plan->create | plan->join) & flag) != 0;
}

#endif
