/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_MOUNT_H
#define NAMESPACES_MOUNT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "namespaces/idmap.h"
#include "namespaces/mount_options.h"
#include "spec/spec.h"

/*
 * One element of mounts[]: planned without any privilege, its source opened by the parent, made
 * and attached by init.
 */
struct rootfs;

enum mount_kind {
	MOUNT_KIND_FILESYSTEM, /* a new superblock */
	MOUNT_KIND_BIND,       /* a clone of an existing mount */
	MOUNT_KIND_REMOUNT,    /* other flags for what is mounted there */
	MOUNT_KIND_CGROUP,     /* the container's view of cgroup2 */
	MOUNT_KIND_LINK,       /* no mount: the source is a symbolic link, which is made again */
};

struct mount_plan {
	size_t index; /* of mounts[] */
	enum mount_kind kind;
	const char *destination; /* absolute and lexically clean */
	const char *source;	 /* bind: absolute host path, or inside the root */
	const char *type;
	const char *label;     /* linux.mountLabel where it applies, else NULL */
	const char *label_key; /* of the parameter that it becomes */
	bool inside;	       /* the source lies below the root and is looked up there, in turn */
	bool strict;	       /* no symbolic link on the way to the destination */
	bool lock;	       /* for another user namespace: what the parent clones is locked */
	bool kept;	       /* fd goes on naming the mount when it is attached */
	bool held;	       /* ... until a rehearsal has protected it (namespaces/stand_in.h) */
	bool is_root;	       /* mount_make(): it covers the root, and fd names it */
	bool late_readonly;    /* "ro" waits for rootfs_seal(): there is something to put into it */
	struct mount_options options;
	struct idmap idmap;
	/* bind and cgroup: the detached clone; late_readonly, mount_open_filesystem(): the mount;
	 * link: the link; else -1 */
	int fd;
};

/* What a plan needs to know of the container. */
struct mount_context {
	const char *root;			 /* root.path, absolute */
	const char *bundle;			 /* absolute */
	const char *label;			 /* linux.mountLabel or NULL */
	const char *label_key;			 /* "context" or one of its kin */
	const struct linux_spec *linux;		 /* the container's id maps, or NULL */
	const struct namespace_plan *namespaces; /* or NULL */
	bool no_pivot;				 /* as struct rootfs has it, the other way round */
};

/*
 * Plans mounts[index]. Refused here: options that don't go together, a bind mount with parameters
 * for a file system, destinations on /proc that could stand in for it, cgroup v1. Pure. Runs in:
 * parent.
 */
int mount_plan(struct mount_plan *plan, const struct mount_spec *spec, size_t index,
	       const struct mount_context *context, struct arena *arena, struct error *err);

/* What a remount says of "ro" goes to the mount that it is about where that waits with it for
 * mount_seal(); plans before index are complete. Pure. Runs in: parent. */
void mount_join_remount(struct mount_plan *plans, size_t index);

/* Whether a mount may cover the container's root, which then is what was mounted: pivot as in
 * struct rootfs. Pure. Runs in: parent, for the destination "/"; init, for a link that leads there.
 */
int mount_check_root(const struct mount_plan *plan, bool pivot, struct error *err);

/* True for the few files of /proc that something may be mounted on. */
bool mount_may_cover_in_proc(const char *destination);

/* Opens the source of a bind mount as a detached clone with everything set, but for propagation
 * where the mount is to be locked. Where the kernel refuses us (rootless) or the source lies inside
 * the root, nothing happens: init opens it. Runs in: parent. */
int mount_open_source(struct mount_plan *plan, const struct rootfs *rootfs, struct error *err);

/* The same for the cgroup view, as a clone of the directory cgroup: no superblock is looked up and
 * no cgroup lock waited for. Without it init mounts cgroup2 as its cgroup namespace shows it. */
int mount_open_cgroup(struct mount_plan *plan, int cgroup, struct error *err);

/*
 * Makes a file system whose parameters are names (a disk's, a server's, an overlay's directories)
 * as a detached mount, so that they are the caller's names and not the container's: a process in
 * there would decide which disk it is given. Does nothing for the others, which have no such names.
 * Runs in: parent's child for a container that runs; create's init sees the host's names itself.
 */
int mount_open_filesystem(struct mount_plan *plan, struct error *err);

/* The directory at path, made if it is missing, without a symbolic link on the way: a link would
 * put a proc, a sysfs or our device nodes elsewhere, and leave in their place what the image has
 * there (CVE-2019-19921, CVE-2023-27561, CVE-2026-41579). Returns an O_PATH descriptor. Runs in:
 * init. */
int mount_open_strict(int root, const char *path, struct error *err);

/* Makes the mount and attaches it. One that plan->is_root says covers the root has to become
 * rootfs->root before the next. Runs in: init. */
int mount_make(struct mount_plan *plan, const struct rootfs *rootfs, struct error *err);

/* What mount_make() has left for later. Runs in: init, rootfs_seal(). */
int mount_seal(struct mount_plan *plan, struct error *err);

#endif
