/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_HOST_H
#define SPEC_HOST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "spec/report.h"
#include "spec/spec.h"

/*
 * Rules about what this host can do. Each folder that acts upon members has a table of its own
 * (namespaces/, cgroups/, seccomp/, runtime/process/, runtime/); create and `check` walk the same.
 */
struct namespace_plan; /* namespaces/ */
struct cgroup_choice;  /* cgroups/ */

/* One configuration on this host. */
struct host {
	const struct container_spec *spec;
	const struct container_spec *asked; /* spec before id maps were chosen; NULL: as spec */
	const char *bundle;		    /* absolute */
	const struct namespace_plan *namespaces; /* what linux.namespaces comes to here */
	const struct cgroup_choice *cgroups;
	bool exists; /* of a container: what it has made is there, and rightly so */
	struct arena *arena;
	bool incomplete; /* some of the namespaces, or of the ids there, can't be had */
};

struct host_rule {
	const char *id; /* stable */
	const char *section;
	const char *why, *cure;
	/*
	 * Walked by create: it makes no system call but for members that are there. Of what the
	 * others say create learns from its plans and steps, which would otherwise ask twice: they
	 * have the same words.
	 */
	bool create;
	int (*check)(const struct host *host, struct report *report, struct error *err);
};

/* A folder's table. */
struct host_rules {
	const struct host_rule *rows;
	size_t count;
};

/* The rows that create walks, up to the first error. Runs in: parent. */
int host_rules_create(const struct host_rules *rules, const struct host *host, struct error *err);

#endif
