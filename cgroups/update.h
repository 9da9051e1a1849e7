/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_UPDATE_H
#define CGROUPS_UPDATE_H

#include "base/arena.h"
#include "base/error.h"
#include "cgroups/cgroup.h"
#include "spec/spec.h"

/* What holds, what was asked for, and what holds from now on (spec/resources.h). */
struct cgroup_change {
	const struct resources_spec *old, *asked, *merged;
};

/*
 * Brings the limits of a cgroup in use from old to merged: the files are written, then the manager
 * is told. After -1 the old limits are in force. Runs in: update.
 */
int cgroup_update(const struct cgroup_place *place, int cgroup, const struct cgroup_change *change,
		  struct arena *arena, struct error *err);

#endif
