/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_SUBTREE_H
#define CGROUPS_SUBTREE_H

#include "base/error.h"

/*
 * Walks a cgroup and everything below it, children before parents. A container that has its cgroup
 * writable may nest as deep as it likes, so the walk recurses neither on the stack nor on
 * descriptors: it holds two and goes back up by "..", which is safe where directories can't be
 * renamed (cgroup v2) and where it goes up exactly as often as it went down.
 */

/* parent and name: how the directory is reached; name NULL for the top. -1 ends the walk. */
typedef int subtree_visit(int directory, int parent, const char *name, void *data,
			  struct error *err);

/* Directories that vanish during the walk are passed over. */
int subtree_walk(int top, subtree_visit *visit, void *data, struct error *err);

#endif
