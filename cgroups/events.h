/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_EVENTS_H
#define CGROUPS_EVENTS_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

/*
 * What the kernel says of its own accord: processes killed for lack of memory (memory.events), the
 * last process gone (cgroup.events). Both files can be polled (cgroup-v2.rst). The kernel counts
 * the kills, so that none is lost between two looks, however late the second comes.
 */
struct cgroup_watch {
	int memory; /* memory.events; -1: no memory controller here, nothing will be heard */
	int events; /* cgroup.events */
	uint64_t oom_kills;
};

#define CGROUP_WATCH_INIT                                                                          \
	{                                                                                          \
		.memory = -1, .events = -1                                                         \
	}

/* Kills that happened before don't count. */
int cgroup_watch_open(struct cgroup_watch *watch, int cgroup, struct error *err);
void cgroup_watch_close(struct cgroup_watch *watch);

/* Two entries for poll(2), which the caller may have among others. */
void cgroup_watch_poll(const struct cgroup_watch *watch, struct pollfd entries[static 2]);

/* How many were killed for lack of memory since the last call. */
uint64_t cgroup_watch_oom_kills(struct cgroup_watch *watch);

/* No process is left in it, or the cgroup is gone. */
bool cgroup_watch_is_empty(const struct cgroup_watch *watch);

#endif
