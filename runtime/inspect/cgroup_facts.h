/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_CGROUP_FACTS_H
#define INSPECT_CGROUP_FACTS_H

#include <limits.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/string.h"
#include "runtime/inspect/fact.h"
#include "runtime/inspect/text.h"

/*
 * Where a process is in the cgroup hierarchies of either version, what it uses there, what limits
 * it, and which of its ancestors sets the tightest limit.
 */
enum cgroup_controller {
	CONTROLLER_MEMORY,
	CONTROLLER_PIDS,
	CONTROLLER_CPU,
	CONTROLLER_CPUACCT, /* v1 only */
	CONTROLLER_CPUSET,
	CONTROLLER_IO,
	CONTROLLER_HUGETLB,
	CONTROLLER_DEVICES, /* v1; on v2 a program */
	CONTROLLER_FREEZER, /* v1; on v2 each cgroup has it */
	CONTROLLER_UNIFIED, /* no controller: the place in the v2 tree */
	CONTROLLER_COUNT,
};
extern const char *const cgroup_controller_names[CONTROLLER_COUNT]; /* v2's where they differ */

struct cgroup_where {
	int version;	      /* 1, 2; 0: this host has no such controller */
	const char *mount;    /* mount point */
	const char *path;     /* absolute directory on this host */
	const char *relative; /* below the mount: "/web" */
	const char *why;      /* path NULL: the reason */
};

/* memory in bytes, pids in processes, cpu in thousandths of a core. */
struct cgroup_number {
	struct fact_uint used, limit, effective; /* absent limit: there is none */
	const char *effective_from;		 /* the cgroup that sets it, below the mount */
};

enum cgroup_event {
	EVENT_OOM_KILL,
	EVENT_MEMORY_MAX,
	EVENT_PIDS_MAX,
	EVENT_PERIODS,
	EVENT_THROTTLED,
	EVENT_THROTTLED_USEC,
	EVENT_COUNT,
};

struct cgroup_pressure {
	struct fact fact;
	double average[3]; /* some: 10, 60, 300 seconds, in percent */
};

struct cgroup_facts {
	struct fact fact;
	const char *mode; /* "v1", "v2", "hybrid", "none" */
	struct cgroup_where where[CONTROLLER_COUNT];
	struct cgroup_number memory, pids, cpu;
	struct fact_uint cpu_usec; /* used since the cgroup was made */
	struct fact_uint event[EVENT_COUNT];
	struct fact_text cpuset, cpuset_effective, mems_effective;
	struct fact_uint io_read, io_written; /* bytes, all devices together */
	struct fact_uint io_weight;
	struct fact_text io_max;       /* v2: the lines of io.max, joined by "; " */
	struct fact_uint devices_v1;   /* lines of devices.list */
	struct fact_uint device_count; /* programs */
	uint32_t device_programs[8];
	struct fact_uint device_rules; /* of config.json */
	struct fact_uint frozen, processes, zombies;
	struct cgroup_pressure pressure[3]; /* cpu, memory, io */
	const char *planned_path;	    /* planned: where create would put it */
};

/* Pure: the directories of a process, from the texts of its cgroup file and of the caller's
 * mountinfo. v2_controllers: cgroup.controllers of the v2 root, "" if unknown. */
void cgroup_where(struct cgroup_where *where, const char *cgroups, const char *mountinfo,
		  const char *v2_controllers, struct arena *arena);
/* "v1", "v2", "hybrid", "none". Pure. */
const char *cgroup_mode(const struct cgroup_where *where);

/* Reads everything below where[]. */
void cgroup_read(struct cgroup_facts *facts, struct arena *arena);

/* Index of a name in cgroup_controller_names or a v1 name; CONTROLLER_COUNT: unknown. */
enum cgroup_controller cgroup_find_controller(const char *name);

#endif
