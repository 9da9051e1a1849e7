/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_STATE_H
#define CGROUPS_STATE_H

#include <stdbool.h>
#include <stddef.h>

/* What cgroup.events says: the two facts that the kernel also notifies about. */
struct cgroup_state {
	bool populated; /* a live process is in it or below it */
	bool frozen;	/* all of them have stopped, or would have if there were any */
};

/* All of these: directory descriptor in, 0 or -1 with errno out. ENODEV: the cgroup was removed,
 * before a file of it was opened or after; ENOENT: it has no such file, as that of a controller
 * which it doesn't have. */
int state_read(int cgroup, struct cgroup_state *state);

/* Pure: the text of cgroup.events. Lines of newer kernels are passed over. */
void state_parse(const char *events, struct cgroup_state *state);

enum state_fact { STATE_POPULATED, STATE_FROZEN };

/*
 * Sleeps in poll(2) until the fact has this value. 1: it has (also: the cgroup is gone and the fact
 * was to become false); 0: the time is over.
 */
int state_wait(int cgroup, enum state_fact fact, bool wanted, int milliseconds);

/* Reads a small file of the cgroup whole: at most size - 1 bytes, NUL-terminated. */
int state_read_file(int cgroup, const char *name, char *text, size_t size);

#endif
