/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_TIME_H
#define NAMESPACES_TIME_H

#include <stdbool.h>

#include "base/error.h"
#include "base/string.h"
#include "namespaces/namespace.h"
#include "spec/spec.h"

/*
 * The offsets of a new time namespace can be written only while it has no process, so clone3(2)
 * with CLONE_NEWTIME is too late for them. The parent makes the namespace for its children, writes
 * the offsets, clones WITHOUT CLONE_NEWTIME (the child is born in it), and takes its children's
 * namespace back before it forks anything else, hooks above all:
 *
 *	if (time_is_offset(linux) && time_prepare(procfs, linux, &own, err) < 0) ...
 *	clone3(flags & ~CLONE_NEWTIME)
 *	time_restore(&own, err)
 *
 * Without offsets clone3(CLONE_NEWTIME) does it all.
 */

/* Does linux.timeOffsets ask for anything? */
bool time_is_offset(const struct linux_spec *linux);

/* Offsets without a new time namespace (listed without path): an error that names the member. Pure.
 * Runs in: parent, while planning. */
int time_check(const struct linux_spec *linux, const struct namespace_plan *plan,
	       struct error *err);

/* The text for timens_offsets. Pure. */
void time_format_offsets(const struct linux_spec *linux, struct buffer *text);

/* As above. *own becomes a descriptor of the time namespace that our children had; on failure it
 * is -1 and nothing has changed. procfs: from procfs_open(). Runs in: parent. */
int time_prepare(int procfs, const struct linux_spec *linux, int *own, struct error *err);

/* Goes back to *own and closes it; nothing if it is -1. Runs in: parent, right after clone3. */
int time_restore(int *own, struct error *err);

#endif
