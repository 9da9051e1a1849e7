/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Into the container's root, and no way back.
 *
 * pivot_root(2), chroot(2), mount_namespaces(7)
 * syscalls: fchdir pivot_root umount2 chdir chroot move_mount mount_setattr readlink openat
 */
#include "namespaces/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/procfs.h"
#include "base/sys.h"
#include "namespaces/detached.h"
#include "namespaces/filesystem.h"

#define MOUNTINFO_MAX ((size_t)16 << 20)

/* --- without pivot_root(2)
 * ------------------------------------------------------------------------ */

/* A name in mountinfo has its blanks and backslashes as three octal digits. In place. */
static void unescape(char *name)
{
	char *to = name;

	for (const char *from = name; *from; to++) {
		if (from[0] == '\\' && from[1] && from[2] && from[3]) {
			*to = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 | (from[3] - '0'));
			from += 4;
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
}

/* The mount point of a line, if it is of a proc or sysfs; NULL otherwise. Takes the line apart. */
static char *find_kernel_mount(char *line)
{
	char *type = strstr(line, " - ");
	char *point = line;

	if (!type || (strncmp(type, " - proc ", 8) != 0 && strncmp(type, " - sysfs ", 9) != 0))
		return NULL;
	for (int field = 0; field < 4 && point; field++) {
		point = strchr(point, ' ');
		point = point ? point + 1 : NULL;
	}
	if (!point)
		return NULL;
	point[strcspn(point, " ")] = '\0';
	unescape(point);
	return point;
}

/* In a user namespace the host's mounts are locked onto each other; they are covered instead. */
static int cover(const char *point, struct error *err)
{
	autofilesystem fs = { .context = -1 };
	autofd place = open(point, O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofd mount = -1;

	if (place < 0 || filesystem_open(&fs, "tmpfs", err) < 0)
		return place < 0 ? error_errno(err, "%s", point) : -1;
	mount = filesystem_mount(&fs, MOUNT_ATTR_RDONLY, err);
	if (mount < 0)
		return -1;
	if (detached_attach(mount, place) < 0)
		return error_errno(err, "cover %s", point);
	return 0;
}

static int hide(const char *point, struct error *err)
{
	if (umount2(point, MNT_DETACH) == 0)
		return 0;
	if (errno != EINVAL && errno != EPERM)
		return error_errno(err, "unmount %s", point);
	return cover(point, err);
}

/*
 * Who escapes from a chroot would find the host's whole proc and sysfs, and with them in sight the
 * kernel would also let a user namespace mount new, unmasked ones.
 */
static int hide_kernel_mounts(const char *root, char *mountinfo, struct error *err)
{
	while (mountinfo[0] != '\0') {
		size_t length = strcspn(mountinfo, "\n");
		char *next = mountinfo + length + (mountinfo[length] == '\n');
		char *point;

		mountinfo[length] = '\0';
		point = find_kernel_mount(mountinfo);
		if (point && !path_is_below(point, root) && hide(point, err) < 0)
			return -1;
		mountinfo = next;
	}
	return 0;
}

static int root_name(int root, char name[static PATH_MAX], struct error *err)
{
	char link[64];
	ssize_t length;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", root);
	length = readlink(link, name, PATH_MAX);
	if (length < 0)
		return error_errno(err, "name of the root");
	if (length == PATH_MAX)
		return error_set(err, "name of the root: too long");
	name[length] = '\0';
	return 0;
}

static int move_root(int root, struct error *err)
{
	autofree char *mountinfo = NULL;
	char name[PATH_MAX];
	autofd procfs = -1;
	autofd file = -1;

	if (root_name(root, name, err) < 0)
		return -1;
	procfs = procfs_open(PROCFS_PROCESSES, err);
	file = procfs < 0 ? -1 : procfs_open_file(procfs, "self/mountinfo", O_RDONLY, err);
	if (file < 0)
		return -1;
	if (fd_read_all(file, MOUNTINFO_MAX, &mountinfo, NULL) < 0)
		return error_errno(err, "list of mounts");
	if (hide_kernel_mounts(name, mountinfo, err) < 0)
		return -1;
	if (move_mount(root, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return error_errno(err, "move the root over the host's");
	return 0;
}

/* --- the three ways in
 * ------------------------------------------------------------------------------ */

static int enter_by_chroot(struct error *err)
{
	if (chroot(".") < 0)
		return error_errno(err, "chroot");
	return 0;
}

/* The old root ends on top of the new one, at the same place, so that it needs no directory inside
 * the image; "." then leads to what is on top. */
static int enter_by_pivot(struct error *err)
{
	if (sys_pivot_root(".", ".") < 0)
		return error_errno(err, "pivot_root (on an initramfs --no-pivot is needed)");
	if (umount2(".", MNT_DETACH) < 0)
		return error_errno(err, "unmount the host's root");
	return 0;
}

static int set_propagation(unsigned long propagation, struct error *err)
{
	struct mount_attr attr = { .propagation = propagation & ~(unsigned long)MS_REC };
	unsigned flags = (propagation & MS_REC) ? AT_RECURSIVE : 0;

	if (propagation && mount_setattr(AT_FDCWD, "/", flags, &attr, sizeof(attr)) < 0)
		return error_errno(err, "/linux/rootfsPropagation");
	return 0;
}

int rootfs_pivot(struct rootfs *rootfs, struct error *err)
{
	bool own = rootfs->namespaces->create & CLONE_NEWNS;
	int result;

	if (own && !rootfs->pivot && move_root(rootfs->root, err) < 0)
		return -1;
	if (fchdir(rootfs->root) < 0)
		return error_errno(err, "enter the root");
	rootfs_close(rootfs); /* also what was never attached: nothing of the host goes along */
	result = own && rootfs->pivot ? enter_by_pivot(err) : enter_by_chroot(err);
	if (result < 0)
		return -1;
	if (chdir("/") < 0)
		return error_errno(err, "enter the root");
	return own ? set_propagation(rootfs->propagation, err) : 0;
}
