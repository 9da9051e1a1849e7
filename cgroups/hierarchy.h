/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_HIERARCHY_H
#define CGROUPS_HIERARCHY_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

/*
 * Where this host has its cgroup2 file system and where in it this process is. Three kinds of host:
 * pure v2 (/sys/fs/cgroup), hybrid (elsewhere, mostly /sys/fs/cgroup/unified; the controllers are
 * v1's), none (mount == NULL).
 */
struct hierarchy {
	const char *mount; /* mount point, NULL: no cgroup2 on this host */
	const char *own;   /* own cgroup below mount: "/" or "/a/b"; NULL unless asked for */
};

/*
 * The usual mount points are recognised by one statfs(2) each, and mountinfo is read only where
 * neither has a cgroup2. with_own: also fill own, which costs a read of /proc/self/cgroup, and of
 * mountinfo where only a part of the hierarchy is mounted or we are in a cgroup namespace. Strings
 * live in arena. Runs in: parent, before any side effect.
 */
int hierarchy_find(struct hierarchy *hierarchy, bool with_own, struct arena *arena,
		   struct error *err);

/*
 * True for a process that the kernel may rightly refuse cgroups and BPF programs: not root, or root
 * of a user namespace that isn't the host's. Asked only after something was refused.
 */
bool hierarchy_is_unprivileged(void);

/*
 * The parsers below are pure. hierarchy_find_mount(): the cgroup2 line of a mountinfo text that
 * serves best; root is the part of the hierarchy that is mounted there. False: there is none.
 * wanted NULL: any; else only a line with this mount point. root and mount hold PATH_MAX bytes.
 */
bool hierarchy_find_mount(const char *mountinfo, const char *wanted, char *root, char *mount);

/* The mount point of the last mount of a file system of this type; mount holds PATH_MAX bytes. */
bool hierarchy_find_type(const char *mountinfo, const char *type, char *mount);

/* The own cgroup below a mount of root, of a /proc/self/cgroup text; "/" where it lies outside of
 * what is mounted. own holds PATH_MAX bytes. False: the text has no v2 line. */
bool hierarchy_find_own(const char *cgroups, const char *root, char *own);

#endif
