/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_MOUNT_POINTS_H
#define NAMESPACES_MOUNT_POINTS_H

#include <stdbool.h>
#include <stddef.h>

#include "namespaces/mount.h"

/*
 * Mount points below a read-only bind mount: podman binds a directory on /run/secrets, read-only if
 * the root is, and then each secret on a file in it that isn't there yet. They are made while the
 * clone of the source is still writable and attached nowhere. So "ro" needn't wait for the end, and
 * stays locked where the container has a user namespace of its own.
 */

/* True if mounts[k] is the first to need its mount point in mounts[i]: it lies below, and below
 * none in between that lies there, too. Lexical, pure. */
bool mount_points_needs(const struct mount_plan *mounts, size_t i, size_t k);

/*
 * Makes in mount, the detached clone for mounts[i] before its options are set, what the later ones
 * of the count mounts need; nothing unless it will be read-only. Names are resolved with the clone
 * as "/". What can't be made is no error here: whoever mounts there says what is missing. Runs in:
 * parent, and in init for sources that the parent couldn't open.
 */
void mount_points_make(const struct mount_plan *mounts, size_t count, size_t i, int mount);

#endif
