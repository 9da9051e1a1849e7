/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_RESCTRL_H
#define CGROUPS_RESCTRL_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "spec/spec.h"

/*
 * linux.intelRdt: shares of the last-level cache and of the memory's bandwidth, by the kernel's
 * resctrl file system (Documentation/arch/x86/resctrl.rst). A class of service is a
 * directory below its root; a group that is only watched is one below that class's mon_groups.
 *
 * Everything works on the descriptor of the root, so the tests have a directory of their own.
 */
struct resctrl_plan {
	int root;	     /* -1: linux.intelRdt is absent */
	const char *group;   /* below root: "." for closID "/" */
	const char *monitor; /* below root: "GROUP/mon_groups/ID"; NULL: none is asked for */
	bool make;	     /* the group isn't there yet */
	bool keep;	     /* made or not, it outlives the container: it has a closID */
};

#define RESCTRL_PLAN_INIT                                                                          \
	{                                                                                          \
		.root = -1                                                                         \
	}

/* The root of the mounted resctrl; without one an error that says how to get it.
 * Runs in: parent, exec's parent. */
int resctrl_open(struct error *err);

/* The group of a container of this id, below the root; "." for the root itself. Pure. */
const char *resctrl_group(const struct intel_rdt_spec *rdt, const char *id);

/* What is to be done for a container of this id; plan->root is given and stays the caller's.
 * Refused: a group that must be there and isn't, that is there with other shares, a monitoring
 * group that is there. Runs in: parent, before any side effect. */
int resctrl_plan(struct resctrl_plan *plan, const struct intel_rdt_spec *rdt, const char *id,
		 struct arena *arena, struct error *err);

/* The lock that all who change resctrl should hold (resctrl.rst, "Examples for RDT locking"): from
 * the making of a group to its first process nobody else may compare or remove it. Waits 10 s at
 * most. Runs in: parent. */
int resctrl_lock(int root, struct error *err);
void resctrl_unlock(int root);

/* mkdir of the group, if it has to be made. If another create has made the closID's since it was
 * planned, plan->make is false from then on, and its shares have to be the same. Locked.
 * Runs in: parent. */
int resctrl_make_group(struct resctrl_plan *plan, const struct intel_rdt_spec *rdt,
		       struct error *err);
/* Writes the shares into a group that was made: l3CacheSchema, memBwSchema, schemata, in order. */
int resctrl_write_schemata(const struct resctrl_plan *plan, const struct intel_rdt_spec *rdt,
			   struct error *err);
/* Writes them into the group of a container that lives: all, or as it was before. *old is the text
 * that the caller frees and can give to resctrl_put_back(). Runs in: update. */
int resctrl_change(int root, const char *group, const struct intel_rdt_spec *rdt, char **old,
		   struct error *err);
/* The lines of an earlier schemata text; what the kernel refuses is added to err. */
void resctrl_put_back(int root, const char *group, const char *old, struct error *err);
/* mkdir of the monitoring group, if one is asked for. */
int resctrl_make_monitor(const struct resctrl_plan *plan, struct error *err);
/* Process pid, and what it forks from here on. Runs in: parent, exec's parent. */
int resctrl_add(int root, const char *group, const char *monitor, pid_t pid, struct error *err);

/* rmdir of a group's directory; one that isn't there, nor any resctrl, is success. shared: others
 * may have joined it by its closID, and then it stays. Runs in: delete. */
int resctrl_remove(const char *group, bool shared, struct error *err);

/* Does a schemata file's text give what line asks for ("L3:0=f;1=f0")? What line doesn't name may
 * be anything. Pure. */
bool resctrl_line_holds(const char *line, const char *schemata);

#endif
