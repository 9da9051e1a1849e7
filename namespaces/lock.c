/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts of the host, locked for a user namespace.
 *
 * mount_namespaces(7), user_namespaces(7), unshare(2), open_tree(2)
 * syscalls: mmap munmap clone3 mount_setattr openat fsopen fsconfig fsmount move_mount fchdir
 *           chroot fstat mkdirat unshare open_tree dup3 wait4
 */
#include "namespaces/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "base/sys.h"
#include "namespaces/detached.h"
#include "namespaces/filesystem.h"

#define NAME_SIZE 24

static void name_of(size_t index, char name[static NAME_SIZE])
{
	(void)snprintf(name, NAME_SIZE, "%zu", index);
}

/* A tmpfs for the mount points. It is the working directory afterwards, and the kernel exchanges
 * that one for its copy when the namespace is copied; and it is the root, since whoever has another
 * root than the topmost one may make no user namespace. */
static int make_stage(struct error *err)
{
	struct mount_attr private = { .propagation = MS_PRIVATE };
	autofilesystem fs = { .context = -1 };
	autofd root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofd stage = -1;

	if (root < 0 || mount_setattr(root, "", AT_EMPTY_PATH, &private, sizeof(private)) < 0)
		return error_errno(err, "leave the host's peer group (is / no mount point?)");
	if (filesystem_open(&fs, "tmpfs", err) < 0)
		return -1;
	stage = filesystem_mount(&fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, err);
	if (stage < 0)
		return -1;
	if (detached_attach(stage, root) < 0 || fchdir(stage) < 0 || chroot(".") < 0)
		return error_errno(err, "enter a tmpfs");
	return 0;
}

static int attach(int mount, const char *name, struct error *err)
{
	struct stat top;
	autofd place = -1;

	if (fstat(mount, &top) < 0)
		return error_errno(err, "top of the mount");
	if (S_ISDIR(top.st_mode) && mkdirat(AT_FDCWD, name, 0700) < 0)
		return error_errno(err, "mount point");
	place = openat(AT_FDCWD, name,
		       S_ISDIR(top.st_mode) ? O_PATH | O_CLOEXEC : O_CREAT | O_EXCL | O_CLOEXEC,
		       0600);
	if (place < 0 || detached_attach(mount, place) < 0)
		return error_errno(err, "attach the mount");
	return 0;
}

/* The same number, so that the parent, whose table this is as well, need not be told. A mount may
 * be of a symbolic link. */
static int replace(int mount, const char *name, struct error *err)
{
	autofd locked = detached_clone(AT_FDCWD, name, AT_RECURSIVE | AT_SYMLINK_NOFOLLOW);

	if (locked < 0 || dup3(locked, mount, O_CLOEXEC) < 0)
		return error_errno(err, "clone the locked mount");
	return 0;
}

/* Born in a mount namespace of its own. */
static int run_helper(const int *mounts, size_t count, struct error *err)
{
	char name[NAME_SIZE];

	if (make_stage(err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		name_of(i, name);
		if (attach(mounts[i], name, err) < 0)
			return -1;
	}
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return error_errno(err, "new user and mount namespaces");
	for (size_t i = 0; i < count; i++) {
		name_of(i, name);
		if (replace(mounts[i], name, err) < 0)
			return -1;
	}
	return 0;
}

static int run(const int *mounts, size_t count, struct error *told, struct error *err)
{
	struct clone_args args = { .flags = CLONE_FILES | CLONE_NEWNS, .exit_signal = SIGCHLD };
	pid_t pid = sys_clone3(&args);
	int status;

	if (pid == 0)
		_exit(run_helper(mounts, count, told) < 0);
	if (pid < 0)
		return error_errno(err, "clone3 of a process in a new mount namespace");
	if (process_reap(pid, &status, err) < 0)
		return -1;
	if (process_exit_code(status) == 0)
		return 0;
	if (told->text[0] == '\0')
		return error_set(err, "the process that does it was killed");
	*err = *told;
	return -1;
}

int lock_mounts(const int *mounts, size_t count, struct error *err)
{
	/* what the process may have to tell */
	struct error *told = mmap(NULL, sizeof(*told), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int result;

	if (told == MAP_FAILED)
		return error_errno(err, "memory");
	result = run(mounts, count, told, err);
	(void)munmap(told, sizeof(*told)); /* can't fail for what mmap(2) has given */
	if (result < 0)
		return error_context(err, "lock the host's mounts for the user namespace");
	return 0;
}
