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
 * with CLONE_NEWTIME is too late for them; and a new user namespace shall own it. So init is cloned
 * WITHOUT CLONE_NEWTIME and does it by itself, in three steps: the file is opened while we are who
 * owns it (a change of user makes us non-dumpable), the namespace is made with rights over the user
 * namespace that shall own it, and entered. Where the user namespace is joined, the process that
 * joins it does the first before and the second after; its children are born in the new one.
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

/* Our own timens_offsets, for the next one. Source of all three: time_namespaces(7); a failure
 * names /linux/timeOffsets. Runs in: init, stage. */
int time_open(struct error *err);

/* A new time namespace for our children, with offsets. On failure the process must end. */
int time_make(int file, const struct linux_spec *linux, struct error *err);

/* Into the namespace that our children would get. */
int time_enter(struct error *err);

#endif
