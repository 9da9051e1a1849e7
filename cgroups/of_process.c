/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup that a process is in at this moment, which need not be the one that we made for it: a
 * container's init may have moved itself below, as systemd does.
 *
 * syscalls: openat, read, openat2
 */
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"
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

/* What comes behind the container's own. A process that may write outside of it has left it, and
 * its limits: whoever followed would, too. */
static int open_below(const char *top, int cgroup, const char *path, struct error *err)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	const char *name;
	int fd;

	if (!path_is_below(path, top))
		return error_set(err, "cgroup %s isn't below %s", path, top);
	name = path + strlen(top); /* both are as the kernel writes them */
	name += strspn(name, "/");
	fd = sys_openat2(cgroup, *name ? name : ".", &how);
	return fd < 0 ? error_errno(err, "cgroup %s", path) : fd;
}

int cgroup_open_of_process(const char *top, int cgroup, pid_t pid, struct error *err)
{
	struct arena arena = { 0 };
	char path[PATH_MAX];
	int result = find(pid, &arena, path, sizeof(path), err);

	arena_free(&arena);
	return result < 0 ? -1 : open_below(top, cgroup, path, err);
}
