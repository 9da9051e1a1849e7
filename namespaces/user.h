/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_USER_H
#define NAMESPACES_USER_H

#include <sys/types.h>

#include "base/error.h"
#include "spec/spec.h"

/* Writes uid_map and gid_map of pid through the private procfs descriptor. Runs in: parent, while
 * init waits. user_namespaces(7). */
int user_write_maps(int procfs, pid_t pid, const struct linux_spec *linux, struct error *err);

/* Becomes uid 0 and gid 0 of the new or joined user namespace. Runs in: init, stage. */
int user_become_root(struct error *err);

#endif
