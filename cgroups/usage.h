/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_USAGE_H
#define CGROUPS_USAGE_H

#include <stdint.h>

#include "base/error.h"
#include "cgroups/convert.h"
#include "spec/spec.h"

/*
 * Whether what a container uses fits in the limits that it is to get. A number of processes or of
 * huge pages below what is there would hold nobody back from what they have; a limit of memory is
 * one that the kernel enforces by killing. What isn't a change is no question. Runs in: update,
 * before anything is written.
 *
 * memory.checkBeforeUpdate true: memory (and memory with swap) must be above all that is used,
 * caches included. false: whatever it costs. Absent: above what can't be given back.
 */
int usage_check(const char *mount, const char *path, int cgroup,
		const struct resources_spec *resources, const struct cgroup_writes *writes,
		struct error *err);

/* Memory that can't be given back, and memory that only swap could take, in bytes. */
struct memory_need {
	uint64_t fixed, swappable;
};

/* Pure: a memory.stat text. Caches don't count, whatever their state. */
struct memory_need usage_memory_need(const char *stat);

/* Pure: the bytes that must stay where swap takes at most swap bytes. */
uint64_t usage_must_stay(const struct memory_need *need, uint64_t swap);

#endif
