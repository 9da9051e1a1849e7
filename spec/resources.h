/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_RESOURCES_H
#define SPEC_RESOURCES_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/string.h"
#include "spec/spec.h"

/*
 * linux.resources as a document of its own: what `update --resources` reads, and what a container's
 * limits have become. Strings live in arena. Runs in: parent.
 */

/* Keys match in any case: engines' structs have none that differ by it, and their JSON writers
 * aren't all the same. Types and ranges are checked, rules between members aren't. */
int resources_load(struct resources_spec *resources, const char *name, const char *text,
		   size_t length, struct arena *arena, struct error *err);

/* The same members, those that are present. */
void resources_write(struct buffer *out, const struct resources_spec *resources);

/*
 * What change asks for over what holds: absent members, and zeros that mean "unset", leave the old
 * value; lists are merged by their devices, page sizes and keys. A limit that is lifted lifts the
 * sum of memory and swap, and cpu.idle 1 takes the shares away, unless change gives them.
 * change->devices isn't looked at. The result shares memory with both.
 */
int resources_merge(struct resources_spec *result, const struct resources_spec *old,
		    const struct resources_spec *change, struct arena *arena, struct error *err);

#endif
