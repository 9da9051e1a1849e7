/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_CONTROLLERS_H
#define CGROUPS_CONTROLLERS_H

#include <stdbool.h>

#include "base/error.h"
#include "cgroups/convert.h"

/*
 * Which controllers the limits need, whether this host's v2 tree has them, and handing them down to
 * the container's cgroup (cgroup-v2.rst, "Controllers").
 */

/*
 * Refuses what asks for a controller that is not in the tree's cgroup.controllers. The error names
 * the member and the controller, and on a hybrid host where v1 holds it and how to free it. mount
 * is the cgroup2 mount. Costs nothing when nothing is asked for. Runs in: parent, before any side
 * effect.
 */
int controllers_check(const char *mount, const struct cgroup_writes *writes, struct report *report,
		      struct error *err);

/*
 * Makes controllers available in the cgroup at path below mount: from the top down each
 * cgroup.subtree_control on the way gets what it lacks. With all, everything that the mount offers,
 * so that the container's use of it is accounted, else what the limits need. What can't be handed
 * down (no permission, processes in the parent, which would make it threaded) is an error only
 * where a limit needs it. cgroup is path's descriptor. Where nothing is lacking, that is a read of
 * its cgroup.controllers and, with all, of the mount's. Runs in: parent.
 */
int controllers_enable(const char *mount, const char *path, int cgroup,
		       const struct cgroup_writes *writes, bool all, struct error *err);

/* Pure: the mount point of the v1 hierarchy with this controller in a mountinfo text; false: there
 * is none. place holds PATH_MAX bytes. */
bool controllers_find_v1(const char *mountinfo, const char *controller, char *place);

/* Pure: a blank-separated list has this word. */
bool controllers_list_has(const char *list, const char *controller);

#endif
