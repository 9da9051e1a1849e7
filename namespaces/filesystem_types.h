/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_FILESYSTEM_TYPES_H
#define NAMESPACES_FILESYSTEM_TYPES_H

#include <stdbool.h>

/* Whether the kernel has a file system, without asking it to load a module. */
enum filesystem_type_state {
	FILESYSTEM_UNKNOWN,
	FILESYSTEM_MODULE, /* of a module that fsopen(2) would have loaded */
	FILESYSTEM_THERE,  /* filesystems(5) */
};

/* Runs in: commands. */
enum filesystem_type_state filesystem_type_state(const char *type);

/* It is there, and lies on a block device. Runs in: check. */
bool filesystem_type_is_on_disk(const char *type);

/* Pure: a line of filesystems(5) names it. disk: only one without "nodev". */
bool filesystem_types_have(const char *filesystems, const char *type, bool disk);

#endif
