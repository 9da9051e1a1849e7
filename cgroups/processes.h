/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_PROCESSES_H
#define CGROUPS_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * The processes of a cgroup and of everything below it: each once, ascending. Those of a foreign
 * pid namespace, which the kernel shows as 0, are left out: nobody here could name them.
 */
struct process_set {
	pid_t *pids; /* from malloc(3); NULL when there is none */
	size_t count;
};

int process_set_read(int cgroup, struct process_set *set, struct error *err);
void process_set_free(struct process_set *set);

/* Pure: adds the pids of a cgroup.procs text. False: memory ran out. */
bool process_set_add(struct process_set *set, const char *procs);
void process_set_sort(struct process_set *set);

/*
 * Sends a signal to each one through a pidfd. A pid that was listed can by then belong to somebody
 * else; so the list is read once more after the pidfds were opened, and only what is in both is
 * signalled. Processes that have ended are no error. Returns how many got the signal, or -1.
 */
ssize_t process_set_signal(int cgroup, int signal, struct error *err);

#define autoset __attribute__((cleanup(process_set_free))) struct process_set

#endif
