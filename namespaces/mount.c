/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One mount, from detached to attached.
 *
 * mount(8), mount_setattr(2), fsopen(2), proc(5), devpts(5), tmpfs(5)
 * syscalls: open_tree mount_setattr fspick fsconfig openat2 fstat fstatfs statx move_mount close
 */
#include "namespaces/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/string.h"
#include "base/sys.h"
#include "base/table.h"
#include "namespaces/copy_up.h"
#include "namespaces/detached.h"
#include "namespaces/filesystem.h"
#include "namespaces/lock.h"
#include "namespaces/mount_instance.h"
#include "namespaces/mount_points.h"
#include "namespaces/rootfs.h"

#define PROC_ROOT_INODE 1 /* PROC_ROOT_INO of the kernel */

/* --- sources ---------------------------------------------------------------------------------- */

/* With "copy-symlink": a link isn't mounted. place: what the name is, links not followed. */
static int keep_link(struct mount_plan *plan, int *place, struct error *err)
{
	struct stat source;

	if (fstat(*place, &source) < 0)
		return error_errno(err, "source %s", plan->source);
	if (!S_ISLNK(source.st_mode))
		return 0;
	plan->kind = MOUNT_KIND_LINK;
	plan->fd = fd_take(place);
	return 0;
}

static int look_for_link(struct mount_plan *plan, struct error *err)
{
	autofd place = open(plan->source, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (place < 0)
		return error_errno(err, "source %s", plan->source);
	return keep_link(plan, &place, err);
}

static unsigned source_flags(const struct mount_plan *plan)
{
	const struct mount_options *options = &plan->options;

	return (options->bind == MOUNT_BIND_TREE ? AT_RECURSIVE : 0U) |
	       (options->bind_how & MOUNT_BIND_SOURCE_LINK ? AT_SYMLINK_NOFOLLOW : 0U);
}

/* Locking makes slaves of what is shared, so propagation comes after it. */
static int apply_options(int mount, const struct mount_plan *plan, struct error *err)
{
	struct mount_options options = plan->options;

	if (plan->lock)
		options.propagation_count = 0;
	return detached_apply_options(mount, &options, err);
}

static void make_points(const struct mount_plan *plan, const struct rootfs *rootfs, int mount)
{
	mount_points_make(rootfs->mounts, rootfs->spec->mounts.count, plan->index, mount);
}

/* Words for the whole tree may take away no more than those for its top; only the kernel sees each
 * mount of a detached tree, so a second clone is locked and asked. */
static int check_locked(const struct mount_plan *plan, struct error *err)
{
	autofd probe = -1;

	if (!plan->options.keep || !plan->options.tree.clear)
		return 0;
	probe = detached_clone(AT_FDCWD, plan->source, source_flags(plan));
	if (probe < 0)
		return error_errno(err, "clone");
	if (lock_mounts(&probe, 1, err) < 0)
		return -1;
	return detached_check_locked(probe, &plan->options, err);
}

int mount_open_source(struct mount_plan *plan, const struct rootfs *rootfs, struct error *err)
{
	int user_namespace = rootfs->mounts[plan->idmap.owner].idmap.fd;
	autofd mount = -1;

	if (plan->kind != MOUNT_KIND_BIND || plan->inside)
		return 0;
	if ((plan->options.bind_how & MOUNT_BIND_COPY_LINK) && look_for_link(plan, err) < 0)
		return error_context(err, "/mounts/%zu", plan->index);
	if (plan->kind == MOUNT_KIND_LINK)
		return 0;
	mount = detached_clone(AT_FDCWD, plan->source, source_flags(plan));
	if (mount < 0 && errno == EPERM)
		return 0; /* rootless: init may, in its own mount namespace */
	if (mount < 0)
		return error_errno(err, "/mounts/%zu/source: %s", plan->index, plan->source);
	make_points(plan, rootfs, mount);
	if ((plan->idmap.asked && idmap_apply(&mount, plan->idmap.tree, user_namespace, err) < 0) ||
	    check_locked(plan, err) < 0 || apply_options(mount, plan, err) < 0)
		return error_context(err, "/mounts/%zu: %s", plan->index, plan->source);
	plan->idmap.pending = false;
	plan->fd = fd_take(&mount);
	return 0;
}

/* In a user namespace that isn't the host's init has no say in maps; the parent has. */
static int map_ids(struct mount_plan *plan, const struct rootfs *rootfs, int *mount,
		   struct error *err)
{
	int result;

	if (!plan->idmap.pending)
		return 0;
	if (rootfs->map_ids)
		result = rootfs->map_ids(rootfs->map_context, *mount, err);
	else
		result = idmap_apply(mount, plan->idmap.tree,
				     rootfs->mounts[plan->idmap.owner].idmap.fd, err);
	plan->idmap.pending = false;
	return result;
}

int mount_open_cgroup(struct mount_plan *plan, int cgroup, struct error *err)
{
	autofd mount = detached_clone(cgroup, "", 0);

	if (mount < 0 && errno == EPERM)
		return 0;
	if (mount < 0)
		return error_errno(err, "/mounts/%zu: the container's cgroup", plan->index);
	if (apply_options(mount, plan, err) < 0)
		return error_context(err, "/mounts/%zu: the container's cgroup", plan->index);
	plan->fd = fd_take(&mount);
	return 0;
}

/* What the parent couldn't open: a name inside the root, as earlier mounts have left it, or
 * without privileges any name. */
static int open_source_here(struct mount_plan *plan, const struct rootfs *rootfs, struct error *err)
{
	const uint32_t no_follow = MOUNT_BIND_COPY_LINK | MOUNT_BIND_SOURCE_LINK;
	autofd place = -1;
	autofd mount = -1;

	if (plan->inside) {
		int flags = plan->options.bind_how & no_follow ? O_NOFOLLOW : 0;

		place = path_open(rootfs->root, plan->source, O_PATH | flags, err);
		if (place < 0)
			return -1;
		if (plan->options.bind_how & MOUNT_BIND_COPY_LINK) {
			if (keep_link(plan, &place, err) < 0 || plan->kind == MOUNT_KIND_LINK)
				return plan->kind == MOUNT_KIND_LINK ? 0 : -1;
		}
	}
	mount = detached_clone(plan->inside ? place : AT_FDCWD, plan->inside ? "" : plan->source,
			       source_flags(plan));
	if (mount < 0)
		return error_errno(err, "/mounts/%zu/source: %s", plan->index, plan->source);
	make_points(plan, rootfs, mount);
	if (map_ids(plan, rootfs, &mount, err) < 0 ||
	    detached_apply_options(mount, &plan->options, err) < 0)
		return -1;
	plan->fd = fd_take(&mount);
	return 0;
}

/* --- destinations ----------------------------------------------------------------------------- */

static int explain_link(const char *path, struct error *err)
{
	if (err->code == ELOOP)
		return error_set(
			err,
			"%s must be mounted on ordinary directory: a symbolic link is on the way",
			path);
	return -1;
}

int mount_open_strict(int root, const char *path, struct error *err)
{
	int made, fd = path_open_strict(root, path, O_PATH | O_DIRECTORY, err);

	if (fd >= 0)
		return fd;
	if (err->code != ENOENT)
		return explain_link(path, err);
	made = path_make_directory(root, path, 0755, err);
	if (made < 0)
		return -1;
	fd_close(&made);
	fd = path_open_strict(root, path, O_PATH | O_DIRECTORY, err);
	return fd < 0 ? explain_link(path, err) : fd;
}

/* A destination may lead into a procfs by another name than /proc. */
static int check_target(const struct mount_plan *plan, int target, struct error *err)
{
	struct statfs fs;

	if (fstatfs(target, &fs) < 0)
		return error_errno(err, "destination");
	if (fs.f_type != PROC_SUPER_MAGIC || mount_may_cover_in_proc(plan->destination) ||
	    strcmp(plan->destination, "/proc") == 0)
		return 0;
	return error_set(err, "the destination is in a proc file system and can't be covered");
}

/* Engines look for "not a directory" in both cases; "is a directory" is Docker's for a program. */
static int explain_kind(struct error *err)
{
	if (err->code == ENOTDIR)
		return error_set(err, "a directory as source, but the destination is not a "
				      "directory");
	if (err->code == EISDIR)
		return error_set(err, "the source is not a directory, the destination is one");
	return -1;
}

/* By what it is and not by its name: an image may have a link to its root. The same directory may
 * also be bound elsewhere, which is another mount. */
static int look_for_root(struct mount_plan *plan, const struct rootfs *rootfs, int target,
			 struct error *err)
{
	struct stat attributes;
	uint64_t root, mount;

	if (fstat(target, &attributes) < 0)
		return error_errno(err, "destination");
	if (attributes.st_dev != rootfs->root_device || attributes.st_ino != rootfs->root_inode)
		return 0;
	if (path_mount_id(rootfs->root, &root, err) < 0 || path_mount_id(target, &mount, err) < 0)
		return -1;
	plan->is_root = root == mount;
	return plan->is_root ? mount_check_root(plan, rootfs->pivot, err) : 0;
}

/* existing: the mode of a directory that was there, 0 if it was made. NULL: don't care. */
static int find_target(const struct mount_plan *plan, int root, bool directory, mode_t *existing,
		       struct error *err)
{
	autofd target = -1;
	struct stat attributes;

	if (plan->strict)
		return mount_open_strict(root, plan->destination, err);
	if (plan->options.bind_how & MOUNT_BIND_TARGET_LINK)
		target = path_open_quiet(root, plan->destination, O_PATH | O_NOFOLLOW);
	if (existing) {
		target = path_open_quiet(root, plan->destination, O_PATH | O_DIRECTORY);
		*existing = 0;
		if (target >= 0 && fstat(target, &attributes) == 0)
			*existing = attributes.st_mode & 07777;
	}
	if (target < 0 && directory)
		target = path_make_directory(root, plan->destination, 0755, err);
	else if (target < 0)
		target = path_make_file(root, plan->destination, 0644, err);
	if (target < 0)
		return explain_kind(err);
	if (check_target(plan, target, err) < 0)
		return -1;
	return fd_take(&target);
}

static int open_target(struct mount_plan *plan, const struct rootfs *rootfs, bool directory,
		       mode_t *existing, struct error *err)
{
	autofd target = find_target(plan, rootfs->root, directory, existing, err);

	if (target < 0 || look_for_root(plan, rootfs, target, err) < 0)
		return -1;
	return fd_take(&target);
}

static int attach(int mount, int target, struct error *err)
{
	if (detached_attach(mount, target) < 0)
		return error_errno(err, "attach the mount");
	return 0;
}

/* --- bind mounts and the cgroup view ------------------------------------------------------------
 */

/* Only a whole procfs may stand where everybody looks for /proc. */
static int check_proc_source(const struct mount_plan *plan, const struct stat *source,
			     struct error *err)
{
	struct statfs fs;

	if (strcmp(plan->destination, "/proc") != 0)
		return 0;
	if (fstatfs(plan->fd, &fs) == 0 && fs.f_type == PROC_SUPER_MAGIC &&
	    source->st_ino == PROC_ROOT_INODE)
		return 0;
	return error_set(err, "the source is no proc file system");
}

/* What is there already may only be the same. */
static int make_link(struct mount_plan *plan, int root, struct error *err)
{
	char wanted[PATH_MAX] = "", found[PATH_MAX] = "", name[NAME_MAX + 1];
	autofd parent = path_make_parent(root, plan->destination, name, err);

	if (parent < 0)
		return -1;
	if (readlinkat(plan->fd, "", wanted, sizeof(wanted) - 1) < 0)
		return error_errno(err, "source %s", plan->source);
	fd_close(&plan->fd);
	if (symlinkat(wanted, parent, name) == 0)
		return 0;
	if (errno != EEXIST)
		return error_errno(err, "copy-symlink");
	if (readlinkat(parent, name, found, sizeof(found) - 1) < 0 || strcmp(found, wanted) != 0)
		return error_set(err, "copy-symlink: the destination exists and is no link to %s",
				 wanted);
	return 0;
}

static int make_bind(struct mount_plan *plan, const struct rootfs *rootfs, struct error *err)
{
	autofd target = -1;
	struct stat source;

	if (plan->fd < 0 && open_source_here(plan, rootfs, err) < 0)
		return -1;
	if (plan->kind == MOUNT_KIND_LINK)
		return make_link(plan, rootfs->root, err);
	if (fstat(plan->fd, &source) < 0)
		return error_errno(err, "source");
	if (check_proc_source(plan, &source, err) < 0)
		return -1;
	target = open_target(plan, rootfs, S_ISDIR(source.st_mode), NULL, err);
	if (target < 0 || attach(plan->fd, target, err) < 0)
		return -1;
	if (!plan->kept && !plan->held && !plan->is_root)
		fd_close(&plan->fd);
	return 0;
}

/* A user namespace without a cgroup namespace of its own may not mount cgroup2. What it sees then
 * is the host's tree, in which the user may own other cgroups: read-only, whatever the options say
 * (CVE-2023-25809). */
static int clone_host_cgroups(const struct mount_plan *plan, struct error *err)
{
	static const char *const places[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };
	const uint64_t flags =
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	struct mount_attributes attributes = {
		.set = (plan->options.own.set & flags) | MOUNT_ATTR_RDONLY,
	};

	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		autofd mount = detached_clone(AT_FDCWD, places[i], 0);
		struct statfs fs;

		if (mount < 0 || fstatfs(mount, &fs) < 0 || fs.f_type != CGROUP2_SUPER_MAGIC)
			continue;
		if (detached_set(mount, false, attributes, MS_SLAVE) < 0)
			return error_errno(err, "%s of the host", places[i]);
		return fd_take(&mount);
	}
	return error_set(err, "in a user namespace it needs a cgroup namespace that belongs to it, "
			      "since the host has no cgroup v2 at /sys/fs/cgroup");
}

static int make_cgroup(struct mount_plan *plan, const struct rootfs *rootfs, struct error *err)
{
	autofilesystem fs = { .context = -1 };
	autofd target = open_target(plan, rootfs, true, NULL, err);

	if (target < 0)
		return -1;
	if (plan->fd < 0) {
		if (filesystem_open(&fs, "cgroup2", err) < 0 ||
		    filesystem_set(&fs, "source", "cgroup", err) < 0)
			return -1;
		plan->fd = filesystem_mount(&fs, plan->options.own.set, err);
		if (plan->fd < 0 && err->code == EPERM)
			plan->fd = clone_host_cgroups(plan, err);
		if (plan->fd < 0 ||
		    detached_apply_propagation(plan->fd, &plan->options, 0, err) < 0)
			return -1;
	}
	if (attach(plan->fd, target, err) < 0)
		return -1;
	if (!plan->held && !plan->is_root)
		fd_close(&plan->fd);
	return 0;
}

/* --- new file systems ---------------------------------------------------------------------------
 */

/* A tmpfs over an existing directory looks like it; without one it gets the kernel's 1777. */
static bool takes_mode(const struct mount_plan *plan)
{
	return strcmp(plan->type, "tmpfs") == 0 && !mount_options_data(&plan->options, "mode");
}

/* What the options say of the top directory stays; the rest is as the image has it. */
static int fill(const struct mount_plan *plan, int from, int to, struct error *err)
{
	const struct mount_options *options = &plan->options;
	const bool owner =
		!mount_options_data(options, "uid") && !mount_options_data(options, "gid");

	return copy_up(from, to, owner, !mount_options_data(options, "mode"), err);
}

static int make_filesystem(struct mount_plan *plan, const struct rootfs *rootfs, struct error *err)
{
	const bool look = takes_mode(plan) || plan->options.copy_up;
	mode_t existing = 0; /* 0: we have just made the mount point */
	autofd target = open_target(plan, rootfs, true, look ? &existing : NULL, err);
	autofd mount = -1;

	if (target < 0)
		return -1;
	mount = plan->fd >= 0 ? fd_take(&plan->fd)
			      : mount_instance_make(plan, rootfs->pid_namespace,
						    takes_mode(plan) ? existing : 0, err);
	if (mount < 0 || map_ids(plan, rootfs, &mount, err) < 0)
		return -1;
	if (plan->options.copy_up && existing && fill(plan, target, mount, err) < 0)
		return error_context(err, "tmpcopyup");
	if (attach(mount, target, err) < 0)
		return -1;
	if (plan->late_readonly || plan->kept || plan->held || plan->is_root)
		plan->fd = fd_take(&mount);
	return 0;
}

int mount_open_filesystem(struct mount_plan *plan, struct error *err)
{
	if (plan->kind != MOUNT_KIND_FILESYSTEM || !mount_instance_names_objects(plan->type))
		return 0;
	plan->fd = mount_instance_make(plan, -1, 0, err);
	return plan->fd < 0 ? error_context(err, "/mounts/%zu: %s", plan->index, plan->destination)
			    : 0;
}

int mount_seal(struct mount_plan *plan, struct error *err)
{
	struct mount_attributes readonly = { .set = MOUNT_ATTR_RDONLY };

	if (!plan->late_readonly || plan->fd < 0)
		return 0;
	if (detached_set(plan->fd, false, readonly, 0) < 0)
		return error_errno(err, "/mounts/%zu: make %s read-only", plan->index,
				   plan->destination);
	if (!plan->kept)
		fd_close(&plan->fd);
	return 0;
}

/* --- remount ------------------------------------------------------------------------------------
 */

/*
 * "ro" and its like are said of the mount only: the file system may be the host's. The superblock
 * is touched where an option names a property of it.
 */
static int change_superblock(const struct mount_options *options, int target, struct error *err)
{
	autofilesystem fs = { .context = -1 };

	if (!options->superblock && options->data_count == 0)
		return 0;
	if (filesystem_pick(&fs, target, err) < 0 ||
	    mount_instance_set_superblock(&fs, options, err) < 0)
		return -1;
	for (size_t i = 0; i < options->data_count; i++) {
		if (filesystem_set_option(&fs, options->data[i], err) < 0)
			return -1;
	}
	return filesystem_reconfigure(&fs, err);
}

static int make_remount(const struct mount_plan *plan, int root, struct error *err)
{
	const struct mount_options *options = &plan->options;
	struct statx place;
	autofd target = path_open(root, plan->destination, O_PATH, err);

	if (target < 0)
		return -1;
	if (statx(target, "", AT_EMPTY_PATH, STATX_TYPE, &place) < 0)
		return error_errno(err, "attributes of the mount point");
	if (!(place.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return error_set(err, "nothing is mounted there");
	if (change_superblock(options, target, err) < 0)
		return -1;
	if ((options->tree.set || options->tree.clear) &&
	    detached_set(target, true, options->tree, 0) < 0)
		return error_errno(err, "attributes of the mounts in the tree");
	if (options->exact && detached_apply_exact(target, options, 0, err) < 0)
		return -1;
	return detached_apply_propagation(target, options, 0, err);
}

int mount_make(struct mount_plan *plan, const struct rootfs *rootfs, struct error *err)
{
	char own[40];
	int result = -1;

	switch (plan->kind) {
	case MOUNT_KIND_FILESYSTEM:
		result = make_filesystem(plan, rootfs, err);
		break;
	case MOUNT_KIND_BIND:
		result = make_bind(plan, rootfs, err);
		break;
	case MOUNT_KIND_LINK:
		result = make_link(plan, rootfs->root, err);
		break;
	case MOUNT_KIND_CGROUP:
		result = make_cgroup(plan, rootfs, err);
		break;
	case MOUNT_KIND_REMOUNT:
		result = make_remount(plan, rootfs->root, err);
		break;
	}
	(void)snprintf(own, sizeof(own), "/mounts/%zu/", plan->index);
	if (result < 0 && !string_starts_with(err->text, own)) /* it has no place of its own */
		return error_context(err, "/mounts/%zu: %s", plan->index, plan->destination);
	return result;
}
