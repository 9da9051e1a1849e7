/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup that a process is in at this moment, which need not be the one that we made for it: a
 * container's init may have moved itself below, as systemd does.
 *
 * syscalls: openat, read
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "cgroups/cgroup.h"
#include "cgroups/hierarchy.h"

#define CGROUP_FILE_MAX 65536 /* bytes of /proc/PID/cgroup: a line per v1 hierarchy */

static int find(pid_t pid, struct arena *arena, char *path, size_t size, struct error *err)
{
	struct hierarchy hierarchy;
	autofree char *text = NULL;
	char own[PATH_MAX];
	char name[32];
	int length;

	if (hierarchy_find(&hierarchy, false, arena, err) < 0)
		return -1;
	(void)snprintf(name, sizeof(name), "/proc/%d/cgroup", pid);
	if (file_read_at(AT_FDCWD, name, CGROUP_FILE_MAX, &text, NULL, err) < 0)
		return -1;
	if (!hierarchy.mount || !hierarchy_find_own(text, "/", own))
		return error_set(err, "process %d has no cgroup in a v2 hierarchy", pid);
	length = snprintf(path, size, "%s%s", hierarchy.mount, own);
	if (length < 0 || (size_t)length >= size)
		return error_set(err, "cgroup of process %d: the path is too long", pid);
	return 0;
}

int cgroup_open_of_process(pid_t pid, struct error *err)
{
	struct arena arena = { 0 };
	char path[PATH_MAX];
	int result = find(pid, &arena, path, sizeof(path), err);

	arena_free(&arena);
	return result < 0 ? -1 : cgroup_open(&(struct cgroup_place){ .path = path }, err);
}
