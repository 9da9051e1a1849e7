/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_DEVICE_NODES_H
#define NAMESPACES_DEVICE_NODES_H

#include "base/arena.h"
#include "base/error.h"
#include "namespaces/rootfs.h"

/*
 * linux.devices of a container in a user namespace, where no node can be made. The host's root
 * makes them on a tmpfs of their own, with the mode and the owner (of the container's ids) that are
 * asked for, and init binds these. Without the right to do so, and for what the host knows by the
 * same name only, init binds the host's nodes (devices.c).
 */

/* A place for each descriptor, in arena: rootfs->made_nodes. Runs in: parent, while planning. */
int device_nodes_plan(struct rootfs *rootfs, struct arena *arena, struct error *err);

/* Makes them, detached mounts each; -1 stays where that isn't ours to do. Runs in: parent, before
 * clone3. */
int device_nodes_make(struct rootfs *rootfs, struct error *err);

void device_nodes_close(struct rootfs *rootfs);

#endif
