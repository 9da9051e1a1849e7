/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A root to be thrown away.
 *
 * mount_setattr(2), overlayfs.rst of the kernel, proc_pid_mountinfo(5)
 * syscalls: openat read readlinkat fsopen fsconfig fsmount open_tree move_mount mount_setattr
 *           mkdirat fchmodat fchownat fchdir fstat fstatfs; those of rootfs_mount_one()
 */
#include "namespaces/stand_in.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/process.h"
#include "base/string.h"
#include "base/table.h"
#include "namespaces/detached.h"
#include "namespaces/filesystem.h"
#include "namespaces/filesystem_types.h"
#include "namespaces/mount.h"
#include "namespaces/mount_instance.h"

#define MOUNTINFO_MAX ((size_t)8 << 20)
#define STATUS_READONLY 1 /* ST_RDONLY */

static const struct mount_attributes readonly = { .set = MOUNT_ATTR_RDONLY };

bool stand_in_is_unknown(const struct error *err)
{
	/* EOVERFLOW: an overlay's copy of what belongs to an id that our user namespace lacks */
	return err->code == EROFS || err->code == EOVERFLOW;
}

/* ---- plans ---- */

static void become_tmpfs(struct mount_plan *plan)
{
	struct mount_options *options = &plan->options;

	plan->kind = MOUNT_KIND_FILESYSTEM;
	plan->type = plan->source = "tmpfs";
	plan->label = NULL;
	plan->late_readonly = false;
	plan->idmap.asked = false;
	options->own.set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	options->superblock = 0;
	options->data_count = 0;
}

static bool is_overlay(const struct mount_plan *plan)
{
	return plan->kind == MOUNT_KIND_FILESYSTEM && strcmp(plan->type, "overlay") == 0;
}

static bool names_layer(const char *option, const char *key)
{
	const size_t length = strlen(key);

	return strncmp(option, key, length) == 0 && option[length] == '=';
}

static bool has_upper_layer(const struct mount_plan *plan)
{
	return mount_options_data(&plan->options, "upperdir") != NULL;
}

/* Relative layers are of the working directory, which is another one here. */
static bool can_be_overlay(const struct mount_plan *plan)
{
	const char *lower = mount_options_data(&plan->options, "lowerdir");

	return !has_upper_layer(plan) ||
	       (strcmp(plan->destination, "/") != 0 && (!lower || *lower == '/'));
}

/* The host has one for all: options would change it for everybody. */
static bool is_one_for_all(const char *type)
{
	static const char *const types[] = { "cgroup2", "debugfs", "securityfs", "tracefs" };

	table_for_each (name, types) {
		if (strcmp(*name, type) == 0)
			return true;
	}
	return false;
}

/* Without a size the copy may take half of the machine's memory, for as long as `check` has. */
static bool is_large_copy(const struct mount_plan *plan)
{
	return plan->options.copy_up && !mount_options_data(&plan->options, "size");
}

static bool fit_filesystem(struct mount_plan *plan)
{
	const bool overlay = is_overlay(plan);

	if (is_large_copy(plan)) {
		plan->options.copy_up = false;
		return true;
	}
	if (!is_one_for_all(plan->type) && mount_instance_is_of_kernel(plan->type) &&
	    filesystem_type_state(plan->type) == FILESYSTEM_THERE &&
	    (!overlay || can_be_overlay(plan)))
		return overlay && has_upper_layer(plan);
	become_tmpfs(plan);
	return true;
}

static bool fit(struct mount_plan *plan, const struct rootfs *rootfs)
{
	switch (plan->kind) {
	case MOUNT_KIND_BIND: /* with "ro" mount points would be made in the source */
		plan->options.own.set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
		break;
	case MOUNT_KIND_REMOUNT: /* nor may it make writable what is bound below */
		plan->options.tree.clear &= ~(uint64_t)MOUNT_ATTR_RDONLY;
		plan->options.superblock = 0;
		plan->options.data_count = 0;
		break;
	case MOUNT_KIND_CGROUP: /* one that we make would change the options of the host's */
		if (rootfs->cgroup >= 0 || namespace_is_private(rootfs->namespaces, CLONE_NEWUSER))
			break;
		become_tmpfs(plan);
		return true;
	case MOUNT_KIND_FILESYSTEM:
		return fit_filesystem(plan);
	case MOUNT_KIND_LINK:
		break;
	}
	return false;
}

bool stand_in_plan(struct rootfs *rootfs)
{
	bool unknown = false;

	for (size_t i = 0; i < rootfs->spec->mounts.count; i++)
		unknown |= fit(&rootfs->mounts[i], rootfs);
	return unknown;
}

/* ---- the root ---- */

bool stand_in_has_parts(const char *path)
{
	autofd place = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofree char *text = NULL;
	char link[32], name[PATH_MAX];
	struct error ignored;
	ssize_t length;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", place);
	length = readlinkat(AT_FDCWD, link, name, sizeof(name) - 1);
	if (length < 0 || file_read_at(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &text, NULL,
				       &ignored) < 0)
		return true; /* nobody can tell */
	name[length] = '\0';
	for (char *line = text; *line;) {
		char *next = line + strcspn(line, "\n");

		next += *next == '\n';
		for (int field = 0; field < 4 && line < next; field++) /* the fifth */
			line += strcspn(line, " \n") + 1;
		if (line < next && strncmp(line, name, (size_t)length) == 0 && line[length] == '/')
			return true;
		line = next;
	}
	return false;
}

/* A tmpfs with the directories u and w; it becomes the working directory, from which an overlay's
 * parameters name them. Returns its mount, attached at place. */
static int make_upper(int place)
{
	autofilesystem fs = { .context = -1 };
	autofd mount = -1;
	struct error ignored;

	if (filesystem_open(&fs, "tmpfs", &ignored) < 0 ||
	    filesystem_set(&fs, "mode", "755", &ignored) < 0)
		return -1;
	mount = filesystem_mount(&fs, 0, &ignored);
	if (mount < 0 || detached_attach(mount, place) < 0 || mkdirat(mount, "u", 0755) < 0 ||
	    mkdirat(mount, "w", 0755) < 0 || fchdir(mount) < 0)
		return -1;
	return fd_take(&mount);
}

/* The top directory is the upper layer's: it is to be like the image's. */
static int look_alike(int upper, int place)
{
	struct stat top;

	if (fstat(place, &top) < 0 || fchownat(upper, "u", top.st_uid, top.st_gid, 0) < 0)
		return -1;
	return fchmodat(upper, "u", top.st_mode & 07777, 0);
}

/* The image, without what is mounted below, as a layer. */
static int attach_lower(int upper, int place)
{
	autofd mount = detached_clone(place, "", 0);
	autofd directory = -1;

	if (mount < 0 || mkdirat(upper, "l", 0755) < 0)
		return -1;
	directory = openat(upper, "l", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return directory < 0 ? -1 : detached_attach(mount, directory);
}

static int cover_by_overlay(int place)
{
	const uint64_t kept = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	autofilesystem fs = { .context = -1 };
	autofd upper = -1;
	autofd mount = -1;
	struct error ignored;
	struct statfs host;

	if (filesystem_type_state("overlay") != FILESYSTEM_THERE || fstatfs(place, &host) < 0)
		return -1;
	upper = make_upper(place);
	if (upper < 0 || look_alike(upper, place) < 0 || attach_lower(upper, place) < 0 ||
	    filesystem_open(&fs, "overlay", &ignored) < 0 ||
	    filesystem_set(&fs, "lowerdir", "l", &ignored) < 0 ||
	    filesystem_set(&fs, "upperdir", "u", &ignored) < 0 ||
	    filesystem_set(&fs, "workdir", "w", &ignored) < 0 ||
	    (process_in_user_namespace() && filesystem_set(&fs, "userxattr", NULL, &ignored) < 0))
		return -1;
	/* statfs(2) has these three at the same places */
	mount = filesystem_mount(&fs, (uint64_t)host.f_flags & kept, &ignored);
	return mount < 0 ? -1 : detached_attach(mount, upper);
}

static int cover_readonly(int place, struct error *err)
{
	autofd mount = detached_clone(place, "", AT_RECURSIVE);

	if (mount < 0 || detached_set(mount, true, readonly, MS_PRIVATE) < 0 ||
	    detached_attach(mount, place) < 0)
		return error_errno(err, "cover the root");
	return 0;
}

int stand_in_root(const char *path, bool parts, struct error *err)
{
	autofd place = rootfs_open(path, err);
	autofd cover = -1;
	struct statfs fs;

	if (place < 0)
		return -1;
	if ((parts || cover_by_overlay(place) < 0) && cover_readonly(place, err) < 0)
		return -1;
	/* by its name: what covers "/" isn't seen */
	cover = rootfs_open(path, err);
	if (cover < 0 || fstatfs(cover, &fs) < 0 || fchdir(cover) < 0)
		return error_errno(err, "cover the root");
	return fs.f_type == OVERLAYFS_SUPER_MAGIC || (fs.f_flags & STATUS_READONLY)
		       ? 0
		       : error_set(err, "the root can't be covered");
}

/* ---- mounts ---- */

/* Layers on a tmpfs, over the place that the overlay will cover. */
static void move_upper(struct mount_plan *plan, const struct rootfs *rootfs)
{
	struct error ignored;
	autofd place = path_make_directory(rootfs->root, plan->destination, 0755, &ignored);
	autofd upper = place < 0 ? -1 : make_upper(place);

	if (upper < 0) {
		become_tmpfs(plan);
		return;
	}
	for (size_t i = 0; i < plan->options.data_count; i++) {
		if (names_layer(plan->options.data[i], "upperdir"))
			plan->options.data[i] = "upperdir=u";
		else if (names_layer(plan->options.data[i], "workdir"))
			plan->options.data[i] = "workdir=w";
	}
}

/* Every mount of such a type is a file system of its own, or changes nothing of the host's. */
static bool is_ours(const struct mount_plan *plan)
{
	static const char *const types[] = { "bpf",	"devpts", "hugetlbfs",
					     "overlay", "ramfs",  "tmpfs" };

	if (plan->kind == MOUNT_KIND_LINK)
		return true;
	table_for_each (name, types) {
		if (plan->kind == MOUNT_KIND_FILESYSTEM && strcmp(*name, plan->type) == 0)
			return true;
	}
	return false;
}

/* By the descriptor of the mount: what its destination leads to now may be another one. */
static int mount_held(struct rootfs *rootfs, size_t i, struct error *err)
{
	struct mount_plan *plan = &rootfs->mounts[i];
	int result, sealed = 0;

	plan->held = true;
	result = rootfs_mount_one(rootfs, i, err);
	plan->held = false;
	if (plan->fd < 0)
		return result;
	if (!is_ours(plan))
		sealed = detached_set(plan->fd, true, readonly, 0);
	if (!plan->late_readonly)
		fd_close(&plan->fd);
	return sealed < 0 ? 1 : result;
}

/* What it changes may be the host's by any name, and is read-only then: it stays so. */
static int remount(struct rootfs *rootfs, size_t i, struct error *err)
{
	autofd mount = path_open_quiet(rootfs->root, rootfs->mounts[i].destination, O_PATH);
	struct statfs before;
	int result;

	if (mount >= 0 && fstatfs(mount, &before) < 0)
		return 1;
	result = rootfs_mount_one(rootfs, i, err);
	if (mount >= 0 && (before.f_flags & STATUS_READONLY) &&
	    detached_set(mount, false, readonly, 0) < 0 && result == 0)
		return 1;
	return result;
}

int stand_in_mount(struct rootfs *rootfs, size_t i, struct error *err)
{
	struct mount_plan *plan = &rootfs->mounts[i];

	if (plan->kind == MOUNT_KIND_REMOUNT)
		return remount(rootfs, i, err);
	if (is_overlay(plan) && has_upper_layer(plan))
		move_upper(plan, rootfs);
	return mount_held(rootfs, i, err);
}
