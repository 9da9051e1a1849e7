/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_DRIVER_H
#define CGROUPS_DRIVER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "cgroups/cgroup.h"
#include "cgroups/convert.h"

/*
 * Who makes and removes the container's cgroup: one row of drivers[] (driver.c) per manager.
 * Everything that is the same for all of them, above all the limits' files, the device filter, the
 * mark, freezing and killing, is behind cgroup.h. A member that is NULL has nothing to do.
 *
 * All run in the parent, or in a later command that has only what the journal recorded: struct
 * cgroup_place. Each has an end: a manager that doesn't answer is an error, never a hang.
 */
struct cgroup_driver {
	const char *name; /* as --cgroup-manager and the journal have it */

	/* The parents are the manager's, who decides what they hand down: without a limit that
	 * needs it, nothing is changed there. */
	bool keeps_tree;

	/* From plan->spec to plan->place.path, plan->mount and whatever else of plan->place the
	 * later calls need. path stays NULL where there is no cgroup; *why then says the reason.
	 * Makes nothing: the journal doesn't name anything yet. */
	int (*place)(struct cgroup_plan *plan, const char *id, struct arena *arena,
		     const char **why, struct error *err);

	/* Changes the texts of writes to what the manager is able to keep, so that the files and
	 * the manager say the same. Before anything is written. */
	int (*fit)(struct cgroup_writes *writes, struct error *err);

	/* Makes the cgroup, with what the manager should know of plan->spec (limits, annotations).
	 * One that exists is no error; *made says whether it is new, and then it is removed if a
	 * later check fails. err->code is the errno: EACCES, EPERM, EROFS count as "not permitted".
	 * NULL: there is never a path. */
	int (*create)(struct cgroup_plan *plan, bool *made, struct error *err);

	/* plan->limits are in the cgroup's files: tells what depends on which of them took it. */
	int (*limited)(const struct cgroup_plan *plan, int cgroup, struct error *err);

	/* init is in the cgroup, or create has failed: what create() needed until then may go.
	 * Is called once or several times. */
	void (*settle)(struct cgroup_plan *plan);

	/* Moves a process in where writing cgroup.procs was refused (err says how). -1: as well. */
	int (*enter)(const struct cgroup_place *place, pid_t pid, struct error *err);

	/* Tells the manager what the files of writes say now: after a change, and after one that
	 * was taken back. It may write them again. After -1 it has kept none of it. */
	int (*update)(const struct cgroup_place *place, const struct cgroup_writes *writes,
		      struct error *err);

	/* The manager forgets the container, whose cgroup is marked as its own and empty, and is
	 * removed next. What is no longer there is success. */
	int (*destroy)(const struct cgroup_place *place, struct error *err);
};

/* NULL: this build has no such driver. */
const struct cgroup_driver *cgroup_driver_of(enum cgroup_manager manager);

#endif
