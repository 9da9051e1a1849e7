/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's root file system: planned and opened by the parent, built, entered and looked
 * over by init.
 *
 * mount_namespaces(7), pivot_root(2), OCI config.md "Root", config-linux.md
 * syscalls: openat fstat fstatfs open_tree mount_setattr move_mount prlimit64 close
 */
#include "namespaces/rootfs.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/sys.h"
#include "base/table.h"
#include "namespaces/detached.h"
#include "namespaces/device_nodes.h"
#include "namespaces/devices.h"
#include "namespaces/lock.h"
#include "namespaces/masked_paths.h"
#include "namespaces/mount.h"
#include "spec/annotations.h"

#define STATUS_READONLY 1    /* ST_RDONLY */
#define DESCRIPTORS_SPARE 64 /* for all that isn't a bind source */

static bool is_new(const struct rootfs *rootfs)
{
	return rootfs->namespaces->create & CLONE_NEWNS;
}

/* --- plan ---------------------------------------------------------------------------------------
 */

/* Without a mount namespace of its own the container can't have what only a mount can give; in a
 * joined one it would happen to everybody there. */
static int check_shared(const struct container_spec *spec, struct error *err)
{
	const struct {
		bool asked;
		const char *pointer;
	} members[] = {
		{ spec->mounts.count > 0, "/mounts" },
		{ spec->root.readonly, "/root/readonly" },
		{ spec->linux.masked_paths.count > 0, "/linux/maskedPaths" },
		{ spec->linux.readonly_paths.count > 0, "/linux/readonlyPaths" },
		{ spec->linux.rootfs_propagation != NULL, "/linux/rootfsPropagation" },
	};

	for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		if (members[i].asked)
			return error_set(err, "%s: needs a new mount namespace",
					 members[i].pointer);
	}
	return 0;
}

static int refuse_long(const char *path, struct error *err)
{
	return error_code(err, ENAMETOOLONG, "/root/path: %.64s... (%zu bytes)", path,
			  strlen(path));
}

static int plan_path(struct rootfs *rootfs, struct arena *arena, struct error *err)
{
	const char *path = rootfs->spec->root.path;

	if (!path)
		return error_set(err, "/root/path: is missing");
	if (path[0] == '/')
		rootfs->path = path;
	else
		rootfs->path = arena_format(arena, "%s/%s", rootfs->bundle, path);
	if (!rootfs->path)
		return error_set(err, "/root/path: out of memory");
	if (strlen(rootfs->path) >= PATH_MAX) /* before a mount's source is compared with it */
		return refuse_long(rootfs->path, err);
	return 0;
}

static int plan_propagation(struct rootfs *rootfs, struct error *err)
{
	const char *name = rootfs->spec->linux.rootfs_propagation;

	if (!name)
		return 0;
	rootfs->propagation = mount_propagation_flags(name);
	if (rootfs->propagation == 0)
		return error_set(err, "/linux/rootfsPropagation: \"%s\" is no propagation", name);
	/* Without pivot_root(2) the host's tree stays below the container's root, and private would
	 * pin each of its mounts after the host has unmounted it. */
	if (!rootfs->pivot && (rootfs->propagation & MS_PRIVATE))
		return error_set(err, "/linux/rootfsPropagation: \"%s\" doesn't go with --no-pivot",
				 name);
	return 0;
}

/* Mounts with the same map share one user namespace. */
static void share_idmap(struct mount_plan *mounts, size_t index)
{
	if (!mounts[index].idmap.asked)
		return;
	for (size_t i = 0; i < index; i++) {
		if (idmap_is_same(&mounts[i].idmap, &mounts[index].idmap)) {
			mounts[index].idmap.owner = i;
			return;
		}
	}
}

/* crun's, for podman: selinux(8) has four ways to label a file system. */
static int plan_label_key(struct rootfs *rootfs, struct error *err)
{
	static const char *const keys[] = { "context", "fscontext", "defcontext", "rootcontext" };
	const char *asked = annotation_value(rootfs->spec, "run.oci.mount_context_type");

	rootfs->label_key = keys[0];
	if (!asked)
		return 0;
	table_for_each (key, keys) {
		if (strcmp(*key, asked) == 0) {
			rootfs->label_key = *key;
			return 0;
		}
	}
	return error_set(err,
			 "/annotations/run.oci.mount_context_type: \"%.64s\" is none of context, "
			 "fscontext, defcontext, rootcontext",
			 asked);
}

static int plan_mounts(struct rootfs *rootfs, struct arena *arena, struct error *err)
{
	const struct container_spec *spec = rootfs->spec;
	const struct mount_context context = {
		.root = rootfs->path,
		.bundle = rootfs->bundle,
		.label = spec->linux.mount_label,
		.label_key = rootfs->label_key,
		.linux = &spec->linux,
		.namespaces = rootfs->namespaces,
		.no_pivot = !rootfs->pivot,
	};

	rootfs->mounts = arena_array(arena, spec->mounts.count, sizeof(*rootfs->mounts));
	if (!rootfs->mounts && spec->mounts.count > 0)
		return error_set(err, "/mounts: out of memory");
	for (size_t i = 0; i < spec->mounts.count; i++) {
		if (mount_plan(&rootfs->mounts[i], &spec->mounts.items[i], i, &context, arena,
			       err) < 0)
			return -1;
		share_idmap(rootfs->mounts, i);
		mount_join_remount(rootfs->mounts, i);
	}
	return 0;
}

/* NOLINTNEXTLINE(readability-function-size): what a plan is made of, put into the struct here */
int rootfs_plan(struct rootfs *rootfs, const struct container_spec *spec, const char *bundle,
		const struct namespace_plan *namespaces, bool no_pivot, struct arena *arena,
		struct error *err)
{
	*rootfs = (struct rootfs){
		.spec = spec,
		.namespaces = namespaces,
		.bundle = bundle,
		.pivot = !no_pivot,
		.device_bind = namespace_is_private(namespaces, CLONE_NEWUSER),
		.root = -1,
		.null_device = -1,
		.cgroup = -1,
		.pid_namespace = namespaces->fd[NAMESPACE_PID],
	};
	if (plan_path(rootfs, arena, err) < 0)
		return -1;
	if (!is_new(rootfs) && check_shared(spec, err) < 0)
		return -1;
	if (plan_propagation(rootfs, err) < 0 || plan_label_key(rootfs, err) < 0 ||
	    device_nodes_plan(rootfs, arena, err) < 0)
		return -1;
	return plan_mounts(rootfs, arena, err);
}

/* --- the parent's side
 * ---------------------------------------------------------------------------- */

int rootfs_open(const char *path, struct error *err)
{
	int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENAMETOOLONG)
		return refuse_long(path, err);
	return fd < 0 ? error_errno(err, "/root/path: %s", path) : fd;
}

/* One descriptor per source: engines have been seen with more than 200. */
static void raise_nofile(struct rootfs *rootfs)
{
	rlim_t needed = rootfs->spec->mounts.count + DESCRIPTORS_SPARE;

	if (rootfs->made_nodes)
		needed += rootfs->spec->linux.devices.count;
	struct rlimit limit;

	for (size_t i = 0; i < rootfs->spec->mounts.count; i++)
		needed += rootfs->mounts[i].idmap.asked && rootfs->mounts[i].idmap.owner == i;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= needed)
		return;
	rootfs->nofile = limit.rlim_cur;
	limit.rlim_cur = needed < limit.rlim_max ? needed : limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		rootfs->nofile = 0; /* whoever runs out of descriptors will say so */
}

static void restore_nofile(struct rootfs *rootfs)
{
	struct rlimit limit;

	if (rootfs->nofile == 0 || getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return;
	limit.rlim_cur = rootfs->nofile;
	(void)setrlimit(RLIMIT_NOFILE, &limit); /* downwards: always granted */
	rootfs->nofile = 0;
}

/*
 * In a cgroup namespace that we make, the container's cgroup is the root of its view. Without one
 * the container's view is the host's: the whole tree where there is only cgroup2, and where the
 * controllers are on v1 at least its own cgroup. Both are clones of what is mounted: a mount of its
 * own, made in the host's cgroup namespace, would take nsdelegate and memory_recursiveprot away
 * from all of the host's (cgroups(7), one superblock). In a joined namespace init mounts anew.
 */
static int open_cgroup_view(const struct rootfs *rootfs, struct mount_plan *plan, struct error *err)
{
	autofd tree = -1;
	struct statfs fs;

	if (rootfs->namespaces->join & CLONE_NEWCGROUP)
		return 0;
	if (!(rootfs->namespaces->create & CLONE_NEWCGROUP))
		tree = open("/sys/fs/cgroup", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (tree >= 0 && fstatfs(tree, &fs) == 0 && fs.f_type == CGROUP2_SUPER_MAGIC)
		return mount_open_cgroup(plan, tree, err);
	return rootfs->cgroup < 0 ? 0 : mount_open_cgroup(plan, rootfs->cgroup, err);
}

/* The user namespace whose map the mount gets; -1 without err: it gets none. */
static int open_idmap(struct rootfs *rootfs, struct mount_plan *plan, struct error *err)
{
	struct idmap *owner = &rootfs->mounts[plan->idmap.owner].idmap;

	if (!plan->idmap.asked)
		return 0;
	plan->idmap.pending = true;
	if (owner->fd < 0 && owner->joined)
		owner->fd = fcntl(rootfs->namespaces->fd[NAMESPACE_USER], F_DUPFD_CLOEXEC, 3);
	else if (owner->fd < 0)
		return owner->fd = idmap_open_namespace(owner, plan->index, err);
	return owner->fd < 0 ? error_errno(err, "/mounts/%zu: id map", plan->index) : 0;
}

/* Those that no mount needs any more: with many maps they would be many descriptors. */
static void close_idmaps(struct rootfs *rootfs)
{
	for (size_t i = 0; i < rootfs->spec->mounts.count; i++) {
		bool needed = false;

		if (rootfs->mounts[i].idmap.fd < 0)
			continue;
		for (size_t k = i; k < rootfs->spec->mounts.count && !needed; k++)
			needed = rootfs->mounts[k].idmap.pending &&
				 rootfs->mounts[k].idmap.owner == i;
		if (!needed)
			fd_close(&rootfs->mounts[i].idmap.fd);
	}
}

static int open_mounts(struct rootfs *rootfs, struct error *err)
{
	for (size_t i = 0; i < rootfs->spec->mounts.count; i++) {
		struct mount_plan *plan = &rootfs->mounts[i];

		if (open_idmap(rootfs, plan, err) < 0)
			return -1;
		if (plan->kind == MOUNT_KIND_CGROUP) {
			if (open_cgroup_view(rootfs, plan, err) < 0)
				return -1;
		} else if (mount_open_source(plan, rootfs, err) < 0) {
			return -1;
		}
	}
	close_idmaps(rootfs);
	return 0;
}

bool rootfs_locks_sources(const struct rootfs *rootfs)
{
	if (!is_new(rootfs) || !namespace_is_private(rootfs->namespaces, CLONE_NEWUSER))
		return false;
	for (size_t i = 0; i < rootfs->spec->mounts.count; i++) {
		if (rootfs->mounts[i].kind == MOUNT_KIND_BIND ||
		    rootfs->mounts[i].kind == MOUNT_KIND_CGROUP)
			return true;
	}
	return false;
}

/* Not what only names a file. */
static bool is_clone(const struct mount_plan *plan)
{
	return plan->fd >= 0 && plan->kind != MOUNT_KIND_LINK;
}

/* NOLINTBEGIN(clang-analyzer-unix.Malloc): autofree */
int rootfs_lock_sources(struct rootfs *rootfs, struct error *err)
{
	const size_t all = rootfs->spec->mounts.count;
	autofree int *clones = calloc(all + 1, sizeof(*clones));
	size_t count = 0;

	if (!clones)
		return error_set(err, "/mounts: out of memory");
	for (size_t i = 0; i < all; i++) {
		if (is_clone(&rootfs->mounts[i]))
			clones[count++] = rootfs->mounts[i].fd;
	}
	if (count > 0 && lock_mounts(clones, count, err) < 0)
		return error_context(err, "/mounts");
	for (size_t i = 0; i < all; i++) {
		const struct mount_plan *plan = &rootfs->mounts[i];

		if (is_clone(plan) &&
		    detached_apply_propagation(plan->fd, &plan->options, 0, err) < 0)
			return error_context(err, "/mounts/%zu", i);
	}
	return 0;
}
/* NOLINTEND(clang-analyzer-unix.Malloc) */

bool rootfs_maps_by_parent(const struct rootfs *rootfs)
{
	if (!namespace_is_private(rootfs->namespaces, CLONE_NEWUSER))
		return false;
	for (size_t i = 0; i < rootfs->spec->mounts.count; i++) {
		if (rootfs->mounts[i].idmap.pending)
			return true;
	}
	return false;
}

int rootfs_map_next(struct rootfs *rootfs, int *mount, struct error *err)
{
	size_t i = 0;
	struct idmap *idmap;

	while (!rootfs->mounts[i].idmap.pending)
		i++;
	idmap = &rootfs->mounts[i].idmap;
	idmap->pending = false;
	if (idmap_apply(mount, idmap->tree, rootfs->mounts[idmap->owner].idmap.fd, err) < 0)
		return error_context(err, "/mounts/%zu", i);
	return 0;
}

int rootfs_open_sources(struct rootfs *rootfs, struct error *err)
{
	raise_nofile(rootfs);
	rootfs->root = rootfs_open(rootfs->path, err);
	if (rootfs->root < 0 || open_mounts(rootfs, err) < 0 || device_nodes_make(rootfs, err) < 0)
		return -1;
	if (rootfs->spec->linux.masked_paths.count == 0)
		return 0;
	rootfs->null_device = masked_paths_open_null(err);
	return rootfs->null_device < 0 && err->code != EPERM ? -1 : 0;
}

void rootfs_close(struct rootfs *rootfs)
{
	bool kept = rootfs->mounts && rootfs_maps_by_parent(rootfs);

	for (size_t i = 0; rootfs->mounts && i < rootfs->spec->mounts.count; i++) {
		fd_close(&rootfs->mounts[i].fd);
		if (!kept)
			fd_close(&rootfs->mounts[i].idmap.fd);
	}
	device_nodes_close(rootfs);
	fd_close(&rootfs->null_device);
	fd_close(&rootfs->root);
	restore_nofile(rootfs);
}

/* --- init's side
 * ---------------------------------------------------------------------------------- */

/* Root of the user namespace is on the host somebody like any other. */
static int explain_unreachable(const struct rootfs *rootfs, struct error *err)
{
	if (err->code == EACCES && namespace_is_private(rootfs->namespaces, CLONE_NEWUSER))
		return error_set(
			err,
			"/root/path: %s: access is refused to the host's id that root of "
			"the user namespace is: each directory above it needs x for that id",
			rootfs->path);
	return -1;
}

/* The name is looked up once more, in the mount namespace that init is in now, since a descriptor
 * from another one can't be mounted on. It must still be what the parent has opened (R1). */
static int open_same_root(const struct rootfs *rootfs, struct error *err)
{
	autofd fd = rootfs_open(rootfs->path, err);
	struct stat now, before;

	if (fd < 0)
		return explain_unreachable(rootfs, err);
	if (fstat(fd, &now) < 0 || fstat(rootfs->root, &before) < 0)
		return error_errno(err, "/root/path: %s", rootfs->path);
	if (now.st_dev != before.st_dev || now.st_ino != before.st_ino)
		return error_set(err,
				 "/root/path: %s is another directory in the container's mount "
				 "namespace",
				 rootfs->path);
	return fd_take(&fd);
}

int rootfs_take_root(struct rootfs *rootfs, int *root, struct error *err)
{
	struct stat attributes;

	if (fstat(*root, &attributes) < 0)
		return error_errno(err, "the container's root");
	fd_close(&rootfs->root);
	rootfs->root = fd_take(root);
	rootfs->root_device = attributes.st_dev;
	rootfs->root_inode = attributes.st_ino;
	return 0;
}

static int bind_root(struct rootfs *rootfs, struct error *err)
{
	autofd place = open_same_root(rootfs, err);
	autofd mount = -1;

	if (place < 0)
		return -1;
	/* Recursive: the root may consist of several mounts. It inherits being a slave. */
	mount = detached_clone(place, "", AT_RECURSIVE);
	if (mount < 0 || detached_attach(mount, place) < 0)
		return error_errno(err, "/root/path: bind %s onto itself", rootfs->path);
	return rootfs_take_root(rootfs, &mount, err);
}

int rootfs_isolate(struct rootfs *rootfs, struct error *err)
{
	struct mount_attr slave = { .propagation = MS_SLAVE };
	int root;

	if (is_new(rootfs)) {
		if (mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &slave, sizeof(slave)) < 0)
			return error_errno(err, "make the mount namespace a slave of the host's "
						"(is / no mount point?)");
		return bind_root(rootfs, err);
	}
	if (!(rootfs->namespaces->join & CLONE_NEWNS))
		return 0;
	root = open_same_root(rootfs, err);
	if (root < 0)
		return -1;
	fd_close(&rootfs->root);
	rootfs->root = root;
	return 0;
}

/* A look-up from the descriptor of a covered root would go below the cover. */
static int cover_root(struct rootfs *rootfs, struct mount_plan *plan, struct error *err)
{
	autofd root = fcntl(plan->fd, F_DUPFD_CLOEXEC, 3);

	if (root < 0)
		return error_errno(err, "/mounts/%zu: %s", plan->index, plan->destination);
	if (!plan->late_readonly && !plan->held)
		fd_close(&plan->fd);
	return rootfs_take_root(rootfs, &root, err);
}

int rootfs_mount_one(struct rootfs *rootfs, size_t i, struct error *err)
{
	struct mount_plan *plan = &rootfs->mounts[i];

	if (mount_make(plan, rootfs, err) < 0)
		return -1;
	return plan->is_root ? cover_root(rootfs, plan, err) : 0;
}

int rootfs_mount(struct rootfs *rootfs, struct error *err)
{
	for (size_t i = 0; i < rootfs->spec->mounts.count; i++)
		if (rootfs_mount_one(rootfs, i, err) < 0)
			return -1;
	return 0;
}

int rootfs_devices(struct rootfs *rootfs, struct error *err)
{
	if (devices_make(rootfs, err) < 0)
		return -1;
	return devices_link(rootfs, err);
}

int rootfs_masked_paths(struct rootfs *rootfs, struct error *err)
{
	return masked_paths_apply(&rootfs->spec->linux.masked_paths, rootfs->root,
				  &rootfs->null_device, rootfs->spec->linux.mount_label, err);
}

int rootfs_readonly_paths(struct rootfs *rootfs, struct error *err)
{
	return readonly_paths_apply(&rootfs->spec->linux.readonly_paths, rootfs->root, err);
}

int rootfs_seal(struct rootfs *rootfs, struct error *err)
{
	struct mount_attributes readonly = { .set = MOUNT_ATTR_RDONLY };

	for (size_t i = 0; i < rootfs->spec->mounts.count; i++) {
		if (mount_seal(&rootfs->mounts[i], err) < 0)
			return -1;
	}
	if (rootfs->spec->root.readonly && detached_set(rootfs->root, false, readonly, 0) < 0)
		return error_errno(err, "/root/readonly: make the root read-only");
	return 0;
}

int rootfs_verify(const struct rootfs *rootfs, struct error *err)
{
	const struct container_spec *spec = rootfs->spec;
	autofd root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	if (root < 0 || fstatfs(root, &fs) < 0)
		return error_errno(err, "look over the root");
	if (spec->root.readonly && !(fs.f_flags & STATUS_READONLY))
		return error_set(err, "/root/readonly: the root isn't read-only");
	if (masked_paths_verify(&spec->linux.masked_paths, root, err) < 0)
		return -1;
	return readonly_paths_verify(&spec->linux.readonly_paths, root, err);
}
