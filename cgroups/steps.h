/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_STEPS_H
#define CGROUPS_STEPS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "cgroups/cgroup.h"
#include "cgroups/convert.h"

/* What plan.c, create.c, control.c and destroy.c, which are behind cgroup.h, have in common. */

/* A directory of the host's cgroup2 mount; -1 with errno. */
int cgroup_open_directory(const char *path);

/* Whether one of them asks for something, and the first that does. Pure. */
bool cgroup_asks_for_limits(const struct cgroup_writes *limits, const char **member);

/* Whether the caller may go without a cgroup where permission is lacking. */
bool cgroup_may_do_without(const struct cgroup_plan *plan);

/* Refuses a cgroup in which a container may not start; a new one can be so by its parent. keeper
 * is the driver's own process in it, 0: none. */
int cgroup_check_usable(int cgroup, const char *path, pid_t keeper, struct error *err);

/* The error of a driver's create() is one of permission. */
bool cgroup_is_not_permitted(const struct error *err);
/* Says so with the cure; -1, and the code stays. */
int cgroup_explain_permission(const struct cgroup_plan *plan, struct error *err);

#endif
