/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mark on a container's cgroup.
 *
 * syscalls: fsetxattr fgetxattr fstat
 */
#include "cgroups/mark.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#define NAME "user.minirun"

/* The mark that is there, or "". */
static void read_mark(int cgroup, char text[MARK_SIZE])
{
	ssize_t length = fgetxattr(cgroup, NAME, text, MARK_SIZE - 1);

	text[length > 0 ? length : 0] = '\0';
}

int mark_set(int cgroup, const char *path, const char *mark, struct error *err)
{
	char found[MARK_SIZE];

	if (fsetxattr(cgroup, NAME, mark, strlen(mark), XATTR_CREATE) == 0)
		return 0;
	if (errno != EEXIST)
		return error_errno(err, "mark cgroup %s as the container's", path);
	read_mark(cgroup, found);
	if (strcmp(found, mark) == 0)
		return 0;
	return error_set(err,
			 "cgroup %s belongs to another container: %s (delete that, or, if there "
			 "is none, rmdir the cgroup)",
			 path, found);
}

enum mark_state mark_check(int cgroup, const char *mark, uint64_t inode)
{
	char found[MARK_SIZE];
	struct stat st;

	if (inode)
		return fstat(cgroup, &st) == 0 && st.st_ino == inode ? MARK_OURS : MARK_OTHER;
	read_mark(cgroup, found);
	if (found[0] == '\0')
		return MARK_NONE;
	return strcmp(found, mark) == 0 ? MARK_OURS : MARK_OTHER;
}
