/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_START_H
#define RUNTIME_START_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "spec/record.h"
#include "spec/spec.h"

/*
 * The talk with an init (or exec's last child) that waits: START, the rlimits by pid, then end of
 * file, which means that execve worked. Any failure on its way to execve arrives as its error.
 * *pid is who waits; 0: not known yet, then it is whoever says the first word (sync_know_sender).
 * Runs in: start, run; with begin false (no START) in exec's parent.
 */
int start_exchange(int socket, bool begin, const struct process_spec *process, pid_t *pid,
		   struct error *err);

/*
 * The other end of LIMITS: sets the process's own rlimits, and asks who waits at the other end of
 * the socket only if that isn't permitted, that is, for raising a hard limit. Runs in: init, exec's
 * last child, shortly before execve: an earlier NOFILE of 3 would have left no descriptor to work
 * with.
 */
int limits_take(const struct process_spec *process, int socket, struct error *err);

/* poststart hooks; the state document says "running". */
int start_poststart(const struct container_spec *spec, const struct record *record, pid_t pid,
		    struct error *err);

#endif
