/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_STAND_IN_H
#define NAMESPACES_STAND_IN_H

#include <stdbool.h>

#include "namespaces/rootfs.h"

/*
 * A container's root that is built to be thrown away: `check` lets create's own steps build it and
 * hears what they refuse. Nothing of the host's may be written to meanwhile:
 *
 *   the image             below an overlay whose upper layer is a tmpfs; where there is no overlay,
 *                         read-only
 *   what is bound         read-only from the moment at which it is attached
 *   an overlay's upper    directories of a tmpfs
 *   other file systems    that lie on a disk, need a server or a module, or of which the kernel has
 *                         one for all: a tmpfs in their place
 *   tmpcopyup             without the copy, if it has no size: that costs memory
 *   cgroups, proc, sysfs, mqueue    read-only, as what is bound
 *   file systems there    (a remount): left as they are, only the mount is changed, and none
 *                         becomes writable
 *
 * So a step may fail for another reason than create's: stand_in_is_unknown() tells.
 */

/* Fits the plans. True: something else stands in the place of one, and what a container sees there
 * isn't known. Runs in: check, before rootfs_open_sources(). */
bool stand_in_plan(struct rootfs *rootfs);

/*
 * Covers root.path, in a mount namespace of ours from which nothing goes to the host. parts: other
 * mounts lie below, which an overlay wouldn't show. Runs in: check, or its init where only that one
 * may.
 */
int stand_in_root(const char *path, bool parts, struct error *err);

/* Whether other mounts lie below path, by proc_pid_mountinfo(5). */
bool stand_in_has_parts(const char *path);

/* mounts[i]. 1: what it has made can't be protected, and nothing more may be done. Runs in: check's
 * init. */
int stand_in_mount(struct rootfs *rootfs, size_t i, struct error *err);

/* True: it says nothing of create, which would have written. */
bool stand_in_is_unknown(const struct error *err);

#endif
