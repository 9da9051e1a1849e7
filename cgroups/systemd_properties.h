/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_SYSTEMD_PROPERTIES_H
#define CGROUPS_SYSTEMD_PROPERTIES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "cgroups/systemd_unit.h"
#include "cgroups/variant.h"
#include "spec/spec.h"

/*
 * What systemd is told about a container's unit (systemd.resource-control(5)). Limits are taken
 * from the texts of the cgroup's files, so that what systemd believes and what is in the files
 * can't differ in meaning: a daemon-reload or a set-property of somebody else must not undo a
 * limit. Pure.
 */
struct systemd_property {
	const char *name;
	struct variant value;
	bool optional; /* a limit: it stands in the cgroup's file anyway, so a systemd that doesn't
			  know the property may go without it */
};

struct systemd_properties {
	struct arena *arena;
	struct systemd_property *items;
	size_t count, capacity;
	bool failed; /* sticky: memory ran out */
};

/* Description, slice, process, delegation, accounting: what every unit of ours has. */
void systemd_properties_add_basics(struct systemd_properties *properties,
				   const struct systemd_unit *unit, const char *id, pid_t process);

/* One file of the cgroup and what is or will be written to it ("memory.max", "1048576"). Files that
 * systemd has no property for, and texts that it can't express, add nothing. */
void systemd_properties_add_file(struct systemd_properties *properties, const char *file,
				 const char *text);

/* A disk's line of io.max, whose text is given; without such a line the limits are lifted. device:
 * "8:0". */
void systemd_properties_add_throttle(struct systemd_properties *properties, const char *device,
				     const char *text);

/* All weights, from the texts of io.bfq.weight and io.weight (NULL: not there), in place of those
 * that systemd has. BFQ's numbers become those that systemd makes them of again. */
void systemd_properties_add_weights(struct systemd_properties *properties, const char *bfq,
				    const char *iocost);

/* The text of cpu.max as systemd can keep it: the quota rounded up to hundredths of a second per
 * second. text itself where nothing is to be rounded; NULL: out of memory. */
const char *systemd_quota(const char *text, struct arena *arena);

/* Annotations org.systemd.property.NAME: a value as variant_text.h reads it. NAME…Sec is a number
 * of seconds and becomes NAME…USec. They win over what was added before, but for limits, which
 * they may not contradict. */
int systemd_properties_add_annotations(struct systemd_properties *properties,
				       const struct string_map *annotations, struct error *err);

/* The a(sv) that StartTransientUnit and SetUnitProperties take. */
struct variant systemd_properties_value(struct systemd_properties *properties);

/* Takes away the optional property that message names; false: it names none. */
bool systemd_properties_drop_named(struct systemd_properties *properties, const char *message);

#endif
