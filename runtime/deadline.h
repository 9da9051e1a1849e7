/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_DEADLINE_H
#define RUNTIME_DEADLINE_H

#include "base/error.h"

/*
 * Looking up a name in a live container may lead into a file system that one of its processes
 * serves, or doesn't (fuse(4)): then the caller sleeps where no signal wakes it. So a child does
 * it, and is given up after five seconds, alone.
 *
 * Returns what work() returned, in the child; -1 with its error, or with that of the time being
 * over, or of the child having died. Nothing that work() writes is seen here but memory that is
 * shared (MAP_SHARED). The child has copies of all our descriptors, and holds them for as long as
 * it is held: work() begins with closing those that are locked (flock(2)).
 *
 * Runs in: commands for a container that lives; without threads.
 */
int deadline_run(int (*work)(void *data, struct error *err), void *data, struct error *err);

/* For such a child: should it be given up, it must not keep who reads our output waiting for its
 * end. */
int deadline_let_go_of_output(struct error *err);

#endif
