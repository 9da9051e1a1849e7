/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_UPDATE_H
#define CGROUPS_UPDATE_H

#include "base/arena.h"
#include "base/error.h"
#include "cgroups/cgroup.h"
#include "cgroups/convert.h"
#include "spec/spec.h"

/* What holds, what was asked for, and what holds from now on (spec/resources.h). */
struct cgroup_change {
	const struct resources_spec *old, *asked, *merged;
};

/* What the files said before an update, also those that nothing had asked for until then. In the
 * arena that the update was given. */
struct limits_old;

struct cgroup_undo {
	struct cgroup_writes writes;
	struct limits_old
		*old; /* the files' texts for each of the writes; NULL: nothing was written */
};

/*
 * Brings the limits of a cgroup in use from old to merged: the files are written, then the manager
 * is told. After -1 the old limits are in force; after 0 cgroup_update_undo() brings them back, for
 * a caller whose next step has failed: what can't be brought back is added to its error. Runs in:
 * update.
 */
int cgroup_update(const struct cgroup_place *place, int cgroup, const struct cgroup_change *change,
		  struct arena *arena, struct cgroup_undo *undo, struct error *err);
void cgroup_update_undo(const struct cgroup_place *place, int cgroup,
			const struct cgroup_undo *undo, struct error *err);

#endif
