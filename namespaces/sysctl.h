/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_SYSCTL_H
#define NAMESPACES_SYSCTL_H

#include <stdbool.h>

#include "base/error.h"
#include "namespaces/namespace.h"
#include "spec/report.h"
#include "spec/spec.h"

/*
 * Refuses keys that aren't namespaced, whose namespace isn't the container's own, or that are no
 * proper names; values with newline. Pure: no system call except those that compare a joined
 * network namespace with ours. Runs in: parent.
 */
int sysctl_check(const struct string_map *sysctl, const struct namespace_plan *plan,
		 struct report *report, struct error *err);

/* Whether the kernel has it, as far as our own /proc/sys tells. Runs in: commands. */
int sysctl_find(const char *name, struct error *err);

/* Writes them through a private, non-subset procfs. Runs in: init (or, for a joined pid namespace,
 * wherever the namespaces are already entered). */
int sysctl_apply(const struct string_map *sysctl, struct error *err);

/* Whether the kernel takes the values: they are written in a child with new namespaces of the kinds
 * that the container gets anew, and go with it. Those of a user namespace, of one that is joined
 * and of a device aren't tried, nor anything by who can't make namespaces. A congestion control of
 * TCP is looked up instead: writing its name has the kernel load a module. Names that
 * sysctl_find() doesn't find are left to it. Runs in: check. */
int sysctl_try(const struct string_map *sysctl, const struct namespace_plan *plan,
	       struct report *report, struct error *err);

/* Whether a list of words, as /proc/sys has it, names this one. Pure. */
bool sysctl_list_has(const char *list, const char *word);

#endif
