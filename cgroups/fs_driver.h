/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_FS_DRIVER_H
#define CGROUPS_FS_DRIVER_H

#include "base/arena.h"
#include "base/error.h"
#include "cgroups/driver.h"
#include "cgroups/hierarchy.h"

/*
 * The "cgroupfs" manager: minirun makes the directory itself. Where it lies, for the same value and
 * the same caller always the same place (config-linux.md#cgroups-path):
 *
 *   "/a/b"    <mount>/a/b
 *   "a/b"     <mount>/<parent of the own cgroup>/a/b; so also "slice:prefix:name", which only the
 *             systemd manager takes apart
 *   absent    <mount>/<parent of the own cgroup>/minirun-<id>
 *
 * The own cgroup's parent, because the own one has processes and could therefore never hand
 * controllers down (cgroups(7), "no internal processes").
 */

/* cgroups_path NULL: absent. hierarchy->own may be NULL for an absolute path. Refused: "..", a
 * newline, the root of the hierarchy. Returns the path in arena, NULL on failure. */
const char *fs_driver_place(const struct hierarchy *hierarchy, const char *cgroups_path,
			    const char *id, struct arena *arena, struct error *err);

extern const struct cgroup_driver fs_driver;

#endif
