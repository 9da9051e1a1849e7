/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_INFO_H
#define RUNTIME_INFO_H

#include "base/error.h"
#include "runtime/container.h"
#include "runtime/store.h"

/* container_load() for a caller that has the state directory open, and usually locked. The caller
 * frees info. -1 with err->code ENOENT: no journal yet. */
int container_read(const struct store *store, struct container_info *info, struct error *err);

/* True if init's end leaves processes behind that `delete` without --force must not kill: the
 * container has no pid namespace of its own and its cgroup isn't empty. */
bool container_has_leftovers(const struct container_info *info);

#endif
