/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_ANCESTORS_H
#define CGROUPS_ANCESTORS_H

#include <stdbool.h>

#include "base/error.h"
#include "cgroups/convert.h"
#include "spec/report.h"

/*
 * What the cgroups above the container's grant. A limit above theirs is one that never counts, and
 * the kernel says nothing. Of those that we see, the nearest that grants less is named. path lies
 * below mount and need not be there; what isn't there, or isn't readable, grants everything.
 */

/*
 * A new cgroup. CPUs or memory nodes of which not one is there are refused: the kernel would use
 * the others. What else is above is a warning: engines give a container in a limited slice what
 * they give everybody. It costs nothing where nobody is to be warned and no set is asked for. Runs
 * in: parent, before any side effect; check.
 */
int ancestors_check_new(const char *mount, const char *path, const struct cgroup_writes *writes,
			struct report *report, struct error *err);

/*
 * One in use: refuses a value that isn't in force and that is above. Runs in: update, before
 * anything is written.
 */
int ancestors_check_change(const char *mount, const char *path, int cgroup,
			   const struct cgroup_writes *writes, struct error *err);

/* Cuts the last name off path, which is the mount's or below it; false: it is the mount. */
bool ancestors_next(const char *mount, char *path);

#endif
