/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_RESCTRL_STATS_H
#define CGROUPS_RESCTRL_STATS_H

#include "spec/json_out.h"

/*
 * What resctrl says about a group, as members of the object that is open: what the cache and the
 * bandwidth can be divided into, the root's and the group's schemata, and where the CPU counts them
 * the bytes in the cache and those moved, for each cache. monitor is the group that is watched,
 * NULL: the group itself. What a kernel or CPU doesn't have is left out. root -1: writes nothing.
 * resctrl.rst of the kernel. Runs in: events.
 */
void resctrl_stats_write(struct json_out *json, int root, const char *group, const char *monitor);

#endif
