/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_SUBID_H
#define NAMESPACES_SUBID_H

#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "spec/spec.h"

/* Adds to list, whose items are in arena, the ranges that the text of a subuid(5) or subgid(5) file
 * gives to this user, by name (NULL: he has none) or by number, as ids of the container from
 * list's end on. Lines that make no sense, and ranges that overlap what is in the list, are passed
 * over, as newuidmap(1) does. Pure. */
int subid_add_ranges(struct id_mapping_list *list, const char *text, const char *name, uint32_t uid,
		     struct arena *arena, struct error *err);

/* list = the ids that the text of a uid_map or gid_map has, each mapped onto itself. Pure. */
int subid_identity(struct id_mapping_list *list, const char *text, struct arena *arena,
		   struct error *err);

#endif
