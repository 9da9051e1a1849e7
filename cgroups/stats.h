/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_STATS_H
#define CGROUPS_STATS_H

#include "spec/json_out.h"

/*
 * What a cgroup has used, as members of the JSON object that is open: those of runc's `events
 * --stats` ("cpu", "cpuset", "memory", "pids", "blkio", "hugetlb"; times in nanoseconds, no limit =
 * 2^64 - 1), and within and beside them what runc doesn't show:
 *
 *   cpu.burst, memory.event_count, memory.swap_only, blkio.ioCost, rdma, misc
 *
 * What this kernel, or this cgroup for lack of the controller, doesn't have is left out; the six
 * members are always there. Runs in: parent.
 */
void stats_write(struct json_out *json, int cgroup);

#endif
