/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_VARIANT_H
#define CGROUPS_VARIANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

/*
 * A value with a D-Bus type (D-Bus specification, "Type system"): what systemd's properties and
 * the arguments of its methods are made of. Plain data: systemd_bus.c puts it on the wire.
 */
struct variant {
	const char *type; /* one complete type: "b", "t", "s", "as", "a(st)", "v" */
	uint64_t number;  /* y b n q i u x t; signed ones as two's complement of 64 bits */
	double real;	  /* d */
	const char *text; /* s o g */
	/* a: the elements; ( and {: the members; v: one, what is inside */
	const struct variant *items;
	size_t count;
};

#define VARIANT_BOOL(value) ((struct variant){ .type = "b", .number = (value) })
#define VARIANT_UINT32(value) ((struct variant){ .type = "u", .number = (value) })
#define VARIANT_UINT64(value) ((struct variant){ .type = "t", .number = (value) })
#define VARIANT_STRING(value) ((struct variant){ .type = "s", .text = (value) })

/* The end of the one complete type that text begins with; NULL: it begins with none that D-Bus
 * has. Descriptors (h) count as none: nothing here could pass one. */
const char *variant_type_end(const char *text);

/* A list that grows in an arena. failed is sticky: memory ran out. */
struct variant_list {
	struct arena *arena;
	struct variant *items;
	size_t count, capacity;
	bool failed;
};

void variant_add(struct variant_list *list, struct variant item);

#endif
