/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_DEVICES_H
#define NAMESPACES_DEVICES_H

#include "base/error.h"
#include "namespaces/rootfs.h"

/*
 * Device nodes, and the links of /dev. What is there already is left as it is, if it is the device
 * that was asked for. Nothing is made in a /dev that the configuration binds from the host.
 *
 * rootfs->device_bind: in a user namespace nobody may make nodes, so the host's are bound. Runs in:
 * init.
 */

/* linux.devices and the default ones (OCI config-linux.md "Default Devices"). */
int devices_make(struct rootfs *rootfs, struct error *err);

/* /dev/fd, stdin, stdout, stderr, core where /proc has what they point to; ptmx; an empty file for
 * the console's bind mount, where there is a terminal. */
int devices_link(const struct rootfs *rootfs, struct error *err);

/*
 * The mount that stands for this device where rootfs->device_bind: the node that was made for it,
 * or the host's, if that is the same device. -1 as well for what isn't bound: a fifo, /dev/ptmx.
 * Runs in: restore, behind rootfs_open_sources().
 */
int devices_open(const struct rootfs *rootfs, const char *path, struct error *err);

/* Is /dev a bind mount of the configuration's, or a devtmpfs, of which there is only the host's?
 * Pure. */
bool devices_are_bound(const struct rootfs *rootfs);

#endif
