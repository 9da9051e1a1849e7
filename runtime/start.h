/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_START_H
#define RUNTIME_START_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "spec/record.h"
#include "spec/spec.h"

/* process.rlimits, scheduler and ioPriority: what a process may not be able to give itself, and
 * then whoever started it does, by pid. */
struct limits {
	const struct process_spec *process;
	const char *cpus; /* of linux.resources.cpu, NULL: absent */
};

/* Is there any of them? */
bool limits_wanted(const struct process_spec *process);

struct listener;

/*
 * The talk with an init (or exec's last child) that waits: START, the limits by pid, then end of
 * file, which means that execve worked. Any failure on its way to execve arrives as its error.
 * *pid is who waits; 0: not known yet, then it is whoever says the first word (sync_know_sender).
 * listener is connected already where the profile has one. Runs in: start, run; with begin false
 * (no START) in exec's parent.
 */
int start_exchange(int socket, bool begin, const struct limits *limits, struct listener *listener,
		   pid_t *pid, struct error *err);

/* Names the member of linux.seccomp in err, start_exchange()'s, that is to blame. Runs in: start,
 * run. (exec has a filter that let the container start.) */
void start_explain(const struct container_spec *spec, struct error *err);

/*
 * The other end of LIMITS: sets the process's own limits, and asks who waits at the other end of
 * the socket only if that isn't permitted: for raising a hard limit, or for a priority above the
 * ordinary one. Runs in: init, exec's last child, shortly before execve: an earlier NOFILE of 3
 * would have left no descriptor to work with.
 */
int limits_take(const struct limits *limits, int socket, struct error *err);

/* poststart hooks; the state document says "running". */
int start_poststart(const struct container_spec *spec, const struct record *record, pid_t pid,
		    struct error *err);

#endif
