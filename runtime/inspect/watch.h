/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_WATCH_H
#define INSPECT_WATCH_H

#include <sys/types.h>

#include "base/error.h"
#include "runtime/inspect/why.h"

/* Called for each refused call (why_is_refusal()), in order; and, with code and signal 0, for each
 * program that has been executed. */
typedef void watch_failure(const struct why_failure *failure, void *data);

/*
 * Follows a child of ours, which waits for a byte on go, and all that it forks, by ptrace(2). From
 * the first execve(2) of a descendant on every system call of what executes, and of its children,
 * is looked at. Returns when the child has ended, with its wait status; processes that are left go
 * on by themselves. Runs in: commands.
 */
int watch_run(pid_t child, int go, watch_failure *failed, void *data, int *status,
	      struct error *err);

#endif
