/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_CONVERT_H
#define CGROUPS_CONVERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "spec/report.h"
#include "spec/spec.h"

/*
 * linux.resources as what is to be written to which file of a version 2 cgroup. Pure: neither
 * needs a cgroup nor a kernel; limits.h writes it.
 */
struct cgroup_write {
	const char *member;	/* below /linux/resources: for errors */
	const char *controller; /* whose file it is; "cgroup" for the core's */
	const char *file, *text;
	const char *other_file,
		*other_text; /* what to write where file is missing; NULL: nothing */
	const char *undo;    /* a keyed file's line that takes this one back; NULL: one value */
	bool asks;	     /* false: without the file the value holds anyway (max, the default) */
	bool needs_other;    /* EINVAL may only mean that another file must be written first */
};

struct cgroup_writes {
	struct cgroup_write *items;
	size_t count, capacity;
	struct arena *arena;
};

/*
 * Adds to writes, whose arena must be set, in the order in which they have to happen. Errors are
 * contradictions between members ("/linux/resources/memory/swap: ..."). Runs in: parent.
 */
int convert_resources(const struct resources_spec *resources, struct cgroup_writes *writes,
		      struct report *report, struct error *err);

/* A copy of write at the end. */
int convert_append(struct cgroup_writes *writes, const struct cgroup_write *write,
		   struct error *err);

/* The same of one row of the table of files only; false: there is no such row. */
bool convert_row(size_t index, const struct resources_spec *resources, struct cgroup_writes *writes,
		 int *result, struct error *err);

/* cgroup v1's cpu.shares (2 to 262144, 1024 the default) as a cpu.weight (1 to 10000, 100): a curve
 * through (2, 1), (1024, 100) and (262144, 10000). */
uint64_t convert_shares(uint64_t shares);

/* blkio.weight (10 to 1000) as an io.weight (1 to 10000). */
uint64_t convert_io_weight(uint64_t weight);

#endif
