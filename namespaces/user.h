/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_USER_H
#define NAMESPACES_USER_H

#include <sys/types.h>

#include "base/error.h"
#include "base/string.h"
#include "spec/spec.h"

/* Writes uid_map and gid_map of pid through the private procfs descriptor. Runs in: parent, while
 * init waits. user_namespaces(7). */
int user_write_maps(int procfs, pid_t pid, const struct linux_spec *linux, struct error *err);

/* The text of one map, one line "inside outside length" per mapping. pointer names the list in the
 * error: no mapping at all, more than the kernel takes. Pure. */
int user_format_map(const struct id_mapping_list *list, struct buffer *text, const char *pointer,
		    struct error *err);

/* Becomes uid 0 and gid 0 of the new or joined user namespace. Runs in: init, stage. */
int user_become_root(struct error *err);

#endif
