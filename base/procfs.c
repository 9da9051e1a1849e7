/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The private procfs: fsopen(2), fsmount(2), proc(5). Three ways, in this order: an instance of our
 * own; a detached clone of /proc without the mounts on it (open_tree(2)); /proc itself for a caller
 * without CAP_SYS_ADMIN. In all three the descriptor is checked to be the root of a procfs, and
 * every lookup refuses to cross a mount and to follow a magic link, so that what somebody mounted
 * over a name below /proc is an error and never the target of a write. CVE-2019-16884,
 * CVE-2025-52881.
 *
 * syscalls: fsopen fsconfig fsmount open_tree open openat2 fstat fstatfs write
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/sys.h"

#define PROC_ROOT_INODE 1 /* of every procfs; fixed in the kernel's interface */

static int open_instance(enum procfs_kind kind)
{
	autofd context = fsopen("proc", FSOPEN_CLOEXEC);

	if (context < 0)
		return -1;
	if (kind == PROCFS_PROCESSES &&
	    (fsconfig(context, FSCONFIG_SET_STRING, "hidepid", "ptraceable", 0) < 0 ||
	     fsconfig(context, FSCONFIG_SET_STRING, "subset", "pid", 0) < 0))
		return -1;
	if (fsconfig(context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -1;
	return fsmount(context, FSMOUNT_CLOEXEC,
		       MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID);
}

static int check_is_procfs(int fd, struct error *err)
{
	struct statfs filesystem;
	struct stat attributes;

	if (fstatfs(fd, &filesystem) < 0 || fstat(fd, &attributes) < 0)
		return error_errno(err, "look at /proc");
	if (filesystem.f_type != PROC_SUPER_MAGIC || attributes.st_ino != PROC_ROOT_INODE)
		return error_set(err, "/proc: not the root of a procfs");
	return 0;
}

int procfs_open(enum procfs_kind kind, struct error *err)
{
	autofd fd = open_instance(kind);

	if (fd < 0)
		fd = open_tree(AT_FDCWD, "/proc", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (fd < 0)
		fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, "open /proc");
	if (check_is_procfs(fd, err) < 0)
		return -1;
	return fd_take(&fd);
}

int procfs_open_file(int procfs, const char *name, int flags, struct error *err)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)flags | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS,
	};
	int fd;

	/* "self" is an ordinary link below the root, which RESOLVE_BENEATH may ask to try again */
	for (int i = 0; i < 256; i++) {
		fd = sys_openat2(procfs, name, &how);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	if (fd < 0 && errno == EXDEV)
		return error_set(err, "open /proc/%s: something is mounted on the way", name);
	if (fd < 0)
		return error_errno(err, "open /proc/%s", name);
	return fd;
}

/* /proc as everybody sees it. */
static int open_mounted(struct error *err)
{
	autofd fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return error_errno(err, "open /proc");
	return check_is_procfs(fd, err) < 0 ? -1 : fd_take(&fd);
}

static int reopen(int procfs, int fd, struct error *err)
{
	struct stat meant, got;
	autofd link = -1, file = -1;
	char name[32];

	(void)snprintf(name, sizeof(name), "self/fd/%d", fd);
	/* the link itself, to see that nothing is mounted there: on magic links that is possible */
	link = procfs_open_file(procfs, name, O_PATH, err);
	if (link < 0)
		return -1;
	file = openat(procfs, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (file < 0 || fstat(fd, &meant) < 0 || fstat(file, &got) < 0)
		return error_errno(err, "open /proc/%s", name);
	if (!S_ISREG(got.st_mode) || meant.st_dev != got.st_dev || meant.st_ino != got.st_ino)
		return error_set(err, "open /proc/%s: another file", name);
	return fd_take(&file);
}

int procfs_reopen(int procfs, int fd, struct error *err)
{
	autofd own = -1;
	int file;

	if (procfs >= 0)
		return reopen(procfs, fd, err);
	own = open_mounted(err);
	file = own < 0 ? -1 : reopen(own, fd, err);
	if (file >= 0 || err->code == EACCES)
		return file;
	fd_close(&own);
	own = procfs_open(PROCFS_PROCESSES, err);
	return own < 0 ? -1 : reopen(own, fd, err);
}

int procfs_write(int procfs, const char *name, const char *text, struct error *err)
{
	size_t length = strlen(text);
	autofd fd = procfs_open_file(procfs, name, O_WRONLY, err);
	ssize_t written;

	if (fd < 0)
		return -1;
	do
		written = write(fd, text, length);
	while (written < 0 && errno == EINTR);
	if (written < 0)
		return error_errno(err, "write /proc/%s", name);
	if ((size_t)written != length)
		return error_set(err, "write /proc/%s: only a part was taken", name);
	return 0;
}
