/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_DETACHED_H
#define NAMESPACES_DETACHED_H

#include <stdbool.h>

#include "base/error.h"
#include "namespaces/mount_options.h"

/*
 * Mounts that are in no tree yet (safety.md R3). Whatever a mount is to be, it becomes while nobody
 * can reach it; then it is attached, descriptor to descriptor. A clone of a shared mount is its
 * peer: without a propagation of its own, what is mounted below it in the container would appear
 * on the host as well.
 *
 * The functions that take no err are quiet: -1 with errno.
 */

/* Clones the mount at dir/path ("" = dir itself) from there down. flags: AT_RECURSIVE = with what
 * is mounted below, AT_SYMLINK_NOFOLLOW. Returns an O_PATH descriptor. */
int detached_clone(int dir, const char *path, unsigned flags);

/* One mount_setattr(2) on a mount, which may also be attached by now. propagation: MS_* or 0. */
int detached_set(int mount, bool tree, struct mount_attributes attributes,
		 unsigned long propagation);

/* Gives a clone what options ask for. Without any word about the mount itself the source's flags
 * stay; with one the flags are exactly those named, but for the access time, which stays until a
 * word is about it (a remount by mount(2) keeps it, too, so callers of it rely on that). In a user
 * namespace (options->keep) and where the kernel has locked a flag, one that wasn't named stays,
 * and to take one away is an error; nosymfollow is never locked.
 * Default propagation: slave, so that unmounts on the host reach us and nothing of ours reaches the
 * host. */
int detached_apply_options(int mount, const struct mount_options *options, struct error *err);

/* options' propagation types from the first on, in order, and nothing else. */
int detached_apply_propagation(int mount, const struct mount_options *options, size_t first,
			       struct error *err);

/* Only the attribute words, for remount: exact, as above. */
int detached_apply_exact(int mount, const struct mount_options *options, unsigned long propagation,
			 struct error *err);

/* Puts the mount on top of what target is. */
int detached_attach(int mount, int target);

/*
 * Whether the kernel lets the recursive words of options clear what they clear in this tree, which
 * lock_mounts() has locked: an error names the flag that a mount in it has. The kernel locks each
 * access time, whichever it is, so only noatime may be said of the whole tree. Changes the mount:
 * it is to be a clone made for the question. Runs in: parent.
 */
int detached_check_locked(int mount, const struct mount_options *options, struct error *err);

#endif
