/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_INFO_H
#define RUNTIME_INFO_H

#include "base/error.h"
#include "runtime/container.h"
#include "runtime/store.h"

/* container_load() for a caller that has the state directory open, and usually locked. The caller
 * frees info. -1 with err->code ENOENT: no journal yet. */
int container_read(const struct store *store, struct container_info *info, struct error *err);

/* After a reboot the pids and cgroups of the record are somebody else's. */
bool container_is_of_this_boot(const struct record *record);

/* Where the record says that the cgroup is; fills mark (MARK_SIZE bytes), which the result uses. */
struct cgroup_place container_place(const struct record *record, char *mark);

/* The container's cgroup; *cgroup is -1 where it has none, or none any more. */
int container_open_cgroup(const struct container_info *info, int *cgroup, struct error *err);

/* True if init's end leaves processes behind that `delete` without --force must not kill: the
 * container has no pid namespace of its own and its cgroup isn't empty. */
bool container_has_leftovers(const struct container_info *info);

#endif
