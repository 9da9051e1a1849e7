/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_ROOTFS_H
#define NAMESPACES_ROOTFS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "namespaces/namespace.h"
#include "spec/spec.h"

/*
 * The container's file system: planned in the parent, its sources opened in the parent, built in
 * init. Everything below the root is done by descriptor (safety.md R1 to R8).
 *
 * struct rootfs is filled by rootfs_plan() and lives in the memory that parent and init share as
 * copies. Its descriptors are O_CLOEXEC.
 */
struct mount_plan; /* one mount: namespaces/mount.h */

struct rootfs {
	const struct container_spec *spec;
	const struct namespace_plan *namespaces;
	const char *path;	   /* root.path, absolute */
	const char *bundle;	   /* absolute: relative bind sources start here */
	struct mount_plan *mounts; /* spec->mounts.count of them, in listed order */
	const char *label_key;	   /* what linux.mountLabel is to a file system: "context" */
	unsigned long propagation; /* MS_* of rootfsPropagation, 0 = the default */
	bool pivot;		   /* false: --no-pivot */
	bool device_bind;	   /* user namespace: nodes are bound from the host, not made */
	int *made_nodes;	   /* per linux.devices entry, -1: none (device_nodes.h); NULL */
	int root;		   /* O_PATH of the container's root, -1 until opened */
	dev_t root_device;	   /* init's root, to know it by when a link leads there */
	ino_t root_inode;
	int null_device;   /* detached clone of the host's /dev/null, checked 1:3; -1 */
	int cgroup;	   /* the container's cgroup directory, borrowed; -1 = none */
	int pid_namespace; /* nsfs descriptor of a joined pid namespace, borrowed; -1 */
	/* Maps the ids of a detached mount for an init that may not; NULL: it may. */
	int (*map_ids)(void *context, int mount, struct error *err);
	void *map_context;
	uint64_t nofile; /* soft RLIMIT_NOFILE before we raised it; 0 = we didn't */
};

/*
 * Parses options, checks combinations, cleans destinations: everything that can be refused without
 * privilege. Strings live in arena. pid_namespace is taken from namespaces, cgroup stays -1 for the
 * caller to set before rootfs_open_sources(). Runs in: parent.
 */
int rootfs_plan(struct rootfs *rootfs, const struct container_spec *spec, const char *bundle,
		const struct namespace_plan *namespaces, bool no_pivot, struct arena *arena,
		struct error *err);

/* The root, O_PATH; an error names /root/path. Runs in: parent, check. */
int rootfs_open(const char *path, struct error *err);

/* Opens the root (must be a directory), the bind sources (open_tree, detached, with all their
 * attributes and propagation already set), the cgroup view and /dev/null on the host's side. With
 * very many of them the soft RLIMIT_NOFILE is raised; rootfs_close() in the parent and
 * rootfs_pivot() in init put it back. Runs in: parent, just before clone3. */
int rootfs_open_sources(struct rootfs *rootfs, struct error *err);

/* True if the container is in another user namespace than the host's and has mounts of the host. */
bool rootfs_locks_sources(const struct rootfs *rootfs);

/* Locks the flags of what rootfs_open_sources() has opened, and sets its propagation: lock.h. Must
 * follow where rootfs_locks_sources() says so. Runs in: parent, just before clone3. */
int rootfs_lock_sources(struct rootfs *rootfs, struct error *err);

/* Closes what the parent opened; the parent's copy after clone3. The user namespaces that
 * rootfs_map_next() needs stay until it has been called for all. */
void rootfs_close(struct rootfs *rootfs);

/* True while there are mounts that init makes and whose ids it can't map, since it is in another
 * user namespace than the host's. It asks for each in the order of mounts[]. */
bool rootfs_maps_by_parent(const struct rootfs *rootfs);

/* The map of the next one, for the detached mount that init has sent; as idmap_apply(). Runs in:
 * parent. */
int rootfs_map_next(struct rootfs *rootfs, int *mount, struct error *err);

/* The steps below run in: init, in this order; each is a row of init_steps[]. */

/* Makes the new mount namespace a slave, binds the root onto itself and goes on with that mount. In
 * a joined mount namespace the root is opened there and must be the same directory. */
int rootfs_isolate(struct rootfs *rootfs, struct error *err);
/* From here on root is the container's root, on which nothing is mounted; takes the descriptor. */
int rootfs_take_root(struct rootfs *rootfs, int *root, struct error *err);
/* config.json's mounts in listed order. What is mounted at "/" is the root for all that follows. */
int rootfs_mount(struct rootfs *rootfs, struct error *err);
int rootfs_mount_one(struct rootfs *rootfs, size_t i, struct error *err);
/* Default and configured device nodes, /dev links, ptmx. */
int rootfs_devices(struct rootfs *rootfs, struct error *err);
/* What must be writable until now becomes read-only: tmpfs with "ro", linux.readonlyPaths,
 * linux.maskedPaths, root.readonly. */
int rootfs_masked_paths(struct rootfs *rootfs, struct error *err);
int rootfs_readonly_paths(struct rootfs *rootfs, struct error *err);
int rootfs_seal(struct rootfs *rootfs, struct error *err);
/* pivot_root(".", "."), or the way without it (--no-pivot: the root is moved over the host's; no
 * mount namespace of the container's own: chroot only); afterwards the host's tree is gone and no
 * descriptor of it is left in struct rootfs. The root's propagation is set here. */
int rootfs_pivot(struct rootfs *rootfs, struct error *err);

/* Reads back by fresh look-ups inside the container that masks, read-only paths and the read-only
 * root hold (R15). Runs in: init, after rootfs_pivot(). */
int rootfs_verify(const struct rootfs *rootfs, struct error *err);

#endif
