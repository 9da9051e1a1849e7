/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_RESOURCES_H
#define CGROUPS_RESOURCES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "spec/report.h"
#include "spec/spec.h"

/*
 * linux.resources as a table: one row per member but devices, which is cgroups/device_filter.h's.
 * A member asks for something or it doesn't: absent, 0 where that means "unset", -1 where that
 * means "no limit", cpu.shares 1024 (every cgroup's weight to begin with) don't. What doesn't is
 * accepted everywhere, with or without the controller; what does is refused by name.
 */
enum resource_support {
	RESOURCE_HAS_NO_EFFECT, /* nothing to do on v2 whatever the value; the row's text says why
				 */
	RESOURCE_HAS_FILES,	/* convert.h says which */
	RESOURCE_NEVER,		/* v1 only: there is nothing to write it to */
};

struct resource_row {
	const char *member; /* below /linux/resources */
	enum resource_support support;
	const char *what; /* what is limited, for the error text */
	size_t offset;	  /* of what asks() is given; 0: the whole struct, for lists */
	bool (*asks)(const void *member);
};

#define RESOURCES_SHARES_DEFAULT 1024 /* what a cgroup without cpu.shares has */

extern const struct resource_row resource_rows[];
extern const size_t resource_row_count;

/* A row that asks for what can't be given is an error. Pure. Runs in: parent. */
int resources_check(const struct resources_spec *resources, struct report *report,
		    struct error *err);

#endif
