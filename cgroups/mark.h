/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_MARK_H
#define CGROUPS_MARK_H

#include <stdint.h>

#include "base/error.h"

/*
 * Whose cgroup this is. A path alone doesn't say: two configurations may name the same one, and a
 * name may be made again after its cgroup was removed. So a container's cgroup carries an extended
 * attribute (user.minirun, xattr(7)) with the container's id and the time of its creation, and what
 * has another mark, or none, is neither killed nor removed.
 *
 * The mark is for the time before the container's first process. A container with a writable cgroup
 * mount, or one that its cgroup was given to, can write the attribute of its own cgroup: once the
 * record has the directory's inode number (which the kernel gives only once in a boot), that alone
 * says whose it is.
 */
enum mark_state {
	MARK_OURS,
	MARK_NONE,
	MARK_OTHER,
};

#define MARK_SIZE 320 /* bytes of a mark with its NUL: an id, a blank, a time */

/* Marks the directory; the same mark may be there already, another one is an error that names its
 * container. */
int mark_set(int cgroup, const char *path, const char *mark, struct error *err);

/* inode: of the record, 0: not known, the mark counts. */
enum mark_state mark_check(int cgroup, const char *mark, uint64_t inode);

#endif
