/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRIU_MOUNTS_H
#define CRIU_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "namespaces/rootfs.h"
#include "runtime/criu/message.h"
#include "spec/spec.h"

/*
 * Mounts that CRIU can't make by itself, since what they show lies outside of the container: bind
 * mounts, masks, device nodes bound from the host. At dump each gets a key, at restore each key a
 * source.
 *
 * Where a source comes from decides who may read which file of the host. CRIU keeps mounts as
 * "mnt[KEY]:VALUE", and a name with "]:" in it once bound another host path, writable
 * (CVE-2026-119101, CVE-2026-115520). So:
 * - a key is made of the destination in config.json, with every character but letters, digits and
 *   "._-/" escaped ("%5D"): two destinations never share one, also when the restored container's
 *   list is in another order or has more in it, which counting them wouldn't survive;
 * - a mount point in the container with "[", "]" or a control character in its name is refused;
 * - sources come from config.json alone, nothing from the image;
 * - CRIU sees none of the host's paths: rootfs_open_sources() has opened the sources as create
 *   does, with their flags, id maps and locks, and they lie numbered in a directory of CRIU's mount
 *   namespace (criu_stage_mounts()). What the root of a user namespace must not make writable is
 *   locked there by the kernel, as for a container that was created.
 */

/* Looks up where a destination really is, below the container's root: its mount's number as
 * mountinfo has it. -1: nowhere. NULL instead of the function: destinations are what they say. */
typedef int64_t (*criu_find_mount)(void *context, const char *destination);

struct criu_dump_source {
	const struct container_spec *spec;
	const struct rootfs *rootfs; /* planned from it */
	const char *mountinfo;	     /* of the container's init */
	criu_find_mount find;
	void *context;
	bool cgroup; /* the container has one: views of it are ours */
};

/* For the dump: each mount point with its key. Pure but for find. */
int criu_dump_mounts(const struct criu_dump_source *source, struct criu_pairs *mounts,
		     struct arena *arena, struct error *err);

/* For the restore, after rootfs_open_sources(): each key with its source, which is below stage for
 * all that was opened. Pure. */
struct criu_restore_sources {
	const struct container_spec *spec;
	const struct rootfs *rootfs;
	const char *stage;
};
int criu_restore_mounts(const struct criu_restore_sources *sources, struct criu_pairs *mounts,
			struct arena *arena, struct error *err);

/* Makes a tmpfs at stage and attaches there what rootfs_open_sources() has opened. Runs in: CRIU's
 * process, in its mount namespace. */
int criu_stage_mounts(const struct criu_restore_sources *sources, struct error *err);

/* True if the mount point of mounts[index] must be there before CRIU mounts on it: it lies on the
 * root itself and in no other mount, whose content is CRIU's or somebody else's. Pure. */
bool criu_needs_mountpoint(const struct rootfs *rootfs, size_t index);

/* One line of mountinfo's fields 4 (root) and 5 (mount point), unescaped; *line moves on. False:
 * no line is left. NULL without memory. */
struct criu_mount_line {
	int64_t id;
	const char *root, *point;
};
bool criu_mount_line(const char **line, struct criu_mount_line *mount, struct arena *arena);

#endif
