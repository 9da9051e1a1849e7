/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_MARK_H
#define CGROUPS_MARK_H

#include "base/error.h"

/*
 * Whose cgroup this is. A path alone doesn't say: two configurations may name the same one, and a
 * name may be made again after its cgroup was removed. So a container's cgroup carries an extended
 * attribute (user.minirun, xattr(7)) with the container's id and the time of its creation, and what
 * has another mark, or none, is neither killed nor removed.
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

enum mark_state mark_check(int cgroup, const char *mark);

#endif
