/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_SYSTEMD_UNIT_H
#define CGROUPS_SYSTEMD_UNIT_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

/*
 * linux.cgroupsPath as the systemd manager reads it: "slice:prefix:name", all three parts, of which
 * the first and the second may be empty.
 *
 *   "machine.slice:libpod:4711"   libpod-4711.scope in machine.slice
 *   ":libpod:4711"                … in system.slice, or user.slice of a user's instance
 *   "machine.slice::4711"         4711.scope
 *   "machine.slice::pod.slice"    pod.slice, a slice instead of a scope
 *   absent                        as "<system or user>.slice:minirun:<id>"
 *
 * A slice's name is its place, too: a-b.slice lies in a.slice (systemd.slice(5)). A directory has
 * its unit's name, with "_" before one that the kernel could have for a file: memory.slice.
 */
struct systemd_unit {
	const char *name;  /* "libpod-4711.scope" */
	const char *slice; /* what it is put into: "machine.slice", "-.slice" the root */
	const char *path;  /* below the instance's own cgroup: "/machine.slice/libpod-4711.scope" */
	bool is_slice;	   /* holds no process of its own accord: no PIDs=, no Delegate= */
};

/* cgroups_path NULL: absent. user: the unit is for a user's instance. Strings live in arena. Pure.
 */
int systemd_unit_plan(struct systemd_unit *unit, const char *cgroups_path, const char *id,
		      bool user, struct arena *arena, struct error *err);

/* The path of a slice: "/a.slice/a-b.slice" for a-b.slice, "" for -.slice. NULL with err for what
 * can't be the name of one. */
const char *systemd_slice_path(const char *slice, struct arena *arena, struct error *err);

/* False for an answer that is no path of a cgroup: not absolute, or with "..", "//", a newline.
 * What it names will be written to, and removed. */
bool systemd_is_cgroup(const char *answer);

#endif
