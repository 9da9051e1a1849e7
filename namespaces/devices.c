/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is in the container's /dev.
 *
 * OCI config-linux.md "Devices", "Default Devices"; runtime-linux.md "Dev symbolic links"
 * mknod(2), null(4), random(4), tty(4), pts(4)
 * syscalls: umask openat2 openat mknodat fstat fchownat symlinkat unlinkat open_tree
 *           mount_setattr move_mount close fsopen fsconfig fsmount
 */
#include "namespaces/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/sys.h"
#include "base/table.h"
#include "namespaces/detached.h"
#include "namespaces/filesystem.h"
#include "namespaces/mount.h"
#include "spec/default_devices.h"

struct node {
	const char *path;
	mode_t mode; /* type and permissions */
	dev_t device;
	bool given; /* to this owner; otherwise to who makes it */
	uid_t uid;
	gid_t gid;
	const int *made; /* a mount of it that the parent has made; NULL: none */
};

static const struct {
	const char *name, *target;
	const char *needs; /* a name of /proc that must exist */
} links[] = {
	{ "fd", "/proc/self/fd", "/proc/self" },
	{ "stdin", "/proc/self/fd/0", "/proc/self" },
	{ "stdout", "/proc/self/fd/1", "/proc/self" },
	{ "stderr", "/proc/self/fd/2", "/proc/self" },
	{ "core", "/proc/kcore", "/proc/kcore" },
};

bool devices_are_bound(const struct rootfs *rootfs)
{
	bool bound = false;

	for (size_t i = 0; i < rootfs->spec->mounts.count; i++) {
		const struct mount_plan *plan = &rootfs->mounts[i];

		if (strcmp(plan->destination, "/dev") == 0 && plan->kind != MOUNT_KIND_REMOUNT)
			bound = plan->kind == MOUNT_KIND_BIND ||
				strcmp(plan->type, "devtmpfs") == 0;
	}
	return bound;
}

static mode_t node_type(const struct device_spec *device)
{
	switch (device->type[0]) {
	case 'b':
		return S_IFBLK;
	case 'p':
		return S_IFIFO;
	default:
		return S_IFCHR;
	}
}

/* fileMode may come with the type in it (mknod(2)'s way); only the permissions are ours to take. */
static struct node node_of(const struct device_spec *device)
{
	mode_t permissions =
		device->file_mode.present ? (mode_t)device->file_mode.value & 07777 : 0666;

	return (struct node){
		.path = device->path,
		.mode = node_type(device) | permissions,
		.device = makedev((unsigned)device->major.value, (unsigned)device->minor.value),
		.given = true,
		.uid = device->uid.present ? (uid_t)device->uid.value : 0,
		.gid = device->gid.present ? (gid_t)device->gid.value : 0,
	};
}

static bool is_same_device(const struct stat *file, const struct node *node)
{
	if ((file->st_mode & S_IFMT) != (node->mode & S_IFMT))
		return false;
	return S_ISFIFO(node->mode) || file->st_rdev == node->device;
}

static int refuse_existing(const struct node *node, struct error *err)
{
	if (S_ISFIFO(node->mode))
		return error_set(err, "%s: exists and is no fifo", node->path);
	return error_set(err, "%s: exists and isn't the %s device %u:%u", node->path,
			 S_ISBLK(node->mode) ? "block" : "character", major(node->device),
			 minor(node->device));
}

/* What a start before this one left where it bound a node: the mount is gone, its point isn't. */
static bool is_mount_point(const struct stat *file)
{
	return S_ISREG(file->st_mode) && file->st_size == 0;
}

/* 1 = it is there, 0 = nothing is, or what a node that is to be bound may cover, -1. A final
 * symbolic link isn't followed: what is asked for is this name. */
static int find_existing(int parent, const char *name, const struct node *node, bool cover,
			 struct error *err)
{
	autofd fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat file;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || fstat(fd, &file) < 0)
		return error_errno(err, "%s", node->path);
	if (is_same_device(&file, node))
		return 1;
	return cover && is_mount_point(&file) ? 0 : refuse_existing(node, err);
}

/* The descriptor is checked: between the two calls someone with a share in the directory may have
 * put another file under the name, and its owner isn't ours to change. */
static int give(int parent, const char *name, const struct node *node, struct error *err)
{
	autofd fd = openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat file;

	if (fd < 0 || fstat(fd, &file) < 0)
		return error_errno(err, "%s", node->path);
	if (!is_same_device(&file, node))
		return refuse_existing(node, err);
	if (file.st_uid == node->uid && file.st_gid == node->gid)
		return 0;
	if (fchownat(fd, "", node->uid, node->gid, AT_EMPTY_PATH) < 0)
		return error_errno(err, "%s: owner %u:%u", node->path, node->uid, node->gid);
	return 0;
}

/* Read-only, so that nobody in the container changes the mode of the host's node; using the device
 * isn't affected. */
static int open_host_node(const struct node *node, struct error *err)
{
	struct mount_attributes readonly = { .set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC };
	autofd mount = detached_clone(AT_FDCWD, node->path, 0);
	struct stat file;

	if (mount < 0 || fstat(mount, &file) < 0)
		return error_errno(err, "%s of the host, to be bound", node->path);
	if (!is_same_device(&file, node))
		return error_set(err, "%s of the host: isn't the device %u:%u", node->path,
				 major(node->device), minor(node->device));
	if (detached_set(mount, false, readonly, MS_PRIVATE) < 0)
		return error_errno(err, "%s of the host", node->path);
	return fd_take(&mount);
}

/* It looks for the devpts beside it, by where the node is and not by where that is mounted: the
 * host's opens nothing here. The link to the container's own does what it is for. */
static bool is_made_as_link(const struct node *node)
{
	return strcmp(node->path, "/dev/ptmx") == 0 && node->device == makedev(5, 2);
}

/* Whatever stands there by now is only covered. */
static int open_mount_point(int parent, const char *name)
{
	int point =
		openat(parent, name, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (point >= 0 || errno != EEXIST)
		return point;
	return openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
}

static int bind_node(int parent, const char *name, const struct node *node, struct error *err)
{
	autofd mount = -1;
	autofd target = -1;

	if (is_made_as_link(node))
		return 0; /* devices_link() */
	mount = node->made ? fcntl(*node->made, F_DUPFD_CLOEXEC, 3) : open_host_node(node, err);
	if (mount < 0 && node->made)
		return error_errno(err, "%s", node->path);
	if (mount < 0)
		return -1;
	target = open_mount_point(parent, name);
	if (target < 0)
		return error_errno(err, "%s", node->path);
	if (detached_attach(mount, target) < 0)
		return error_errno(err, "%s: bind %s", node->path,
				   node->made ? "it" : "the host's");
	return 0;
}

static bool may_be_bound(const struct rootfs *rootfs, const struct node *node)
{
	return !S_ISFIFO(node->mode) && (rootfs->namespaces->create & CLONE_NEWNS);
}

/* Where a name is taken mknod(2) says so, and not whether it would have been allowed: that is tried
 * on a file system that nobody sees. */
static bool may_make(const struct node *node)
{
	autofilesystem fs = { .context = -1 };
	autofd directory = -1;
	struct error ignored;

	if (filesystem_open(&fs, "tmpfs", &ignored) < 0)
		return true;
	directory = filesystem_mount(&fs, MOUNT_ATTR_NODEV, &ignored);
	return directory < 0 || mknodat(directory, "node", node->mode, node->device) == 0 ||
	       errno != EPERM;
}

/* An empty file may be what a start before this one has left, which could only bind nodes. */
static int accept_existing(struct rootfs *rootfs, int parent, const char *name,
			   const struct node *node, struct error *err)
{
	int found = find_existing(parent, name, node, may_be_bound(rootfs, node), err);

	if (found != 0)
		return found < 0 ? -1 : 0;
	if (may_make(node))
		return refuse_existing(node, err);
	rootfs->device_bind = true;
	return bind_node(parent, name, node, err);
}

static int make_node_at(struct rootfs *rootfs, int parent, const char *name,
			const struct node *node, bool bound, struct error *err)
{
	if (bound || (rootfs->device_bind && !S_ISFIFO(node->mode))) {
		int found = find_existing(parent, name, node, !bound, err);

		if (found != 0)
			return found < 0 ? -1 : 0;
		if (bound)
			return error_set(err, "%s: is missing, and /dev is the host's", node->path);
		return bind_node(parent, name, node, err);
	}
	if (mknodat(parent, name, node->mode, node->device) == 0)
		return node->given ? give(parent, name, node, err) : 0;
	if (errno == EEXIST)
		return accept_existing(rootfs, parent, name, node, err);
	if (errno != EPERM || !may_be_bound(rootfs, node))
		return error_errno(err, "%s", node->path);
	rootfs->device_bind = true; /* a container around us: its own user namespace, or a filter */
	return bind_node(parent, name, node, err);
}

static int make_configured(struct rootfs *rootfs, size_t i, bool bound, struct error *err)
{
	struct node node = node_of(&rootfs->spec->linux.devices.items[i]);
	char name[NAME_MAX + 1];
	autofd parent = path_make_parent(rootfs->root, node.path, name, err);

	if (rootfs->made_nodes && rootfs->made_nodes[i] >= 0)
		node.made = &rootfs->made_nodes[i];
	bound = bound && path_is_below(node.path, "/dev");
	if (parent < 0 || make_node_at(rootfs, parent, name, &node, bound, err) < 0)
		return error_context(err, "/linux/devices/%zu", i);
	return 0;
}

/* config.json doesn't name it, but what stands in its place may have come by a mount. */
static int blame_default(const struct rootfs *rootfs, const char *path, struct error *err)
{
	(void)error_context(err, "default device");
	for (size_t i = rootfs->spec->mounts.count; i > 0; i--)
		if (strcmp(rootfs->mounts[i - 1].destination, path) == 0)
			return error_context(err, "/mounts/%zu", i - 1);
	return -1;
}

/* False: no more. */
static bool nth_default(size_t n, struct node *node)
{
	unsigned major_number, minor_number;
	const char *path = default_device(n, &major_number, &minor_number);

	if (path)
		*node = (struct node){
			.path = path,
			.mode = S_IFCHR | 0666,
			.device = makedev(major_number, minor_number),
		};
	return path;
}

static int make_default(struct rootfs *rootfs, struct error *err)
{
	autofd dev = mount_open_strict(rootfs->root, "/dev", err);
	struct node node;

	if (dev < 0)
		return -1;
	for (size_t n = 0; nth_default(n, &node); n++) {
		if (make_node_at(rootfs, dev, node.path + strlen("/dev/"), &node, false, err) < 0)
			return blame_default(rootfs, node.path, err);
	}
	return 0;
}

/* Configured ones first: one that is a default device as well may have an owner and a mode. */
int devices_make(struct rootfs *rootfs, struct error *err)
{
	bool bound = devices_are_bound(rootfs);
	mode_t mask = umask(0); /* mknod(2) has no other way to set a mode without a race */
	int result = 0;

	for (size_t i = 0; i < rootfs->spec->linux.devices.count && result == 0; i++)
		result = make_configured(rootfs, i, bound, err);
	if (result == 0 && !bound)
		result = make_default(rootfs, err);
	(void)umask(mask);
	return result;
}

int devices_open(const struct rootfs *rootfs, const char *path, struct error *err)
{
	const struct linux_spec *linux = &rootfs->spec->linux;
	struct node node = { 0 };

	for (size_t i = 0; i < linux->devices.count && !node.path; i++) {
		if (strcmp(linux->devices.items[i].path, path) != 0)
			continue;
		node = node_of(&linux->devices.items[i]);
		if (rootfs->made_nodes && rootfs->made_nodes[i] >= 0)
			node.made = &rootfs->made_nodes[i];
	}
	for (size_t n = 0; !node.path && nth_default(n, &node); n++)
		if (strcmp(node.path, path) != 0)
			node.path = NULL;
	if (!node.path || S_ISFIFO(node.mode) || is_made_as_link(&node))
		return error_set(err, "%s: isn't a node that is bound", path);
	return node.made ? fcntl(*node.made, F_DUPFD_CLOEXEC, 3) : open_host_node(&node, err);
}

static bool exists(int root, const char *path)
{
	autofd fd = path_open_quiet(root, path, O_PATH | O_NOFOLLOW);

	return fd >= 0;
}

/* The node 5:2 does as well, since it looks for the devpts beside it, and may be the host's: a root
 * file system that isn't an image has one. */
static bool is_ptmx(int dev)
{
	autofd fd = openat(dev, "ptmx", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	char target[16] = "";
	struct stat file;

	if (fd < 0 || fstat(fd, &file) < 0)
		return false;
	if (S_ISCHR(file.st_mode))
		return file.st_rdev == makedev(5, 2);
	return readlinkat(fd, "", target, sizeof(target) - 1) > 0 &&
	       strcmp(target, "pts/ptmx") == 0;
}

static int link_ptmx(int dev, struct error *err)
{
	if (symlinkat("pts/ptmx", dev, "ptmx") == 0)
		return 0;
	if (errno == EEXIST && (is_ptmx(dev) || (unlinkat(dev, "ptmx", 0) == 0 &&
						 symlinkat("pts/ptmx", dev, "ptmx") == 0)))
		return 0;
	return error_errno(err, "default link /dev/ptmx");
}

static int make_console_file(int dev, struct error *err)
{
	autofd file =
		openat(dev, "console", O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	return file < 0 && errno != EEXIST ? error_errno(err, "/process/terminal: /dev/console")
					   : 0;
}

int devices_link(const struct rootfs *rootfs, struct error *err)
{
	const char *needs = NULL;
	bool found = false;
	autofd dev = -1;

	if (devices_are_bound(rootfs))
		return 0;
	dev = mount_open_strict(rootfs->root, "/dev", err);
	if (dev < 0)
		return -1;
	table_for_each (row, links) {
		if (!needs || strcmp(row->needs, needs) != 0) {
			needs = row->needs;
			found = exists(rootfs->root, needs);
		}
		if (found && symlinkat(row->target, dev, row->name) < 0 && errno != EEXIST)
			return error_errno(err, "default link /dev/%s", row->name);
	}
	if (link_ptmx(dev, err) < 0)
		return -1;
	return rootfs->spec->process.terminal ? make_console_file(dev, err) : 0;
}
