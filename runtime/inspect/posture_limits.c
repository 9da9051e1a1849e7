/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits and devices: cgroups(7), config-linux.md#control-groups.
 *
 * syscalls: none
 */
#include "runtime/inspect/posture_rules.h"

#include <string.h>

#include "base/table.h"

static bool is_limit(const struct opt_int *limit)
{
	return limit->present && limit->value >= 0;
}

static void no_pids_limit(const struct posture *posture)
{
	if (!is_limit(&posture->spec->linux.resources.pids.limit))
		posture_found(posture,
			      "/linux/resources: no pids limit: one fork bomb fills the host");
}

static void no_memory_limit(const struct posture *posture)
{
	const struct opt_int *limit = &posture->spec->linux.resources.memory.limit;

	if (!limit->present || limit->value <= 0)
		posture_found(
			posture,
			"/linux/resources: no memory limit: it takes what there is, and others "
			"are killed for it");
}

static void no_cpu_limit(const struct posture *posture)
{
	const struct resources_spec *resources = &posture->spec->linux.resources;

	if (!is_limit(&resources->cpu.quota) && !resources->cpu.shares.present &&
	    !resources->cpu.cpus)
		posture_found(
			posture,
			"/linux/resources: no cpu quota, shares or set: all cores, as much as "
			"anybody");
}

static void swap_beside_memory(const struct posture *posture)
{
	const struct resources_spec *resources = &posture->spec->linux.resources;

	if (resources->memory.limit.present && resources->memory.limit.value > 0 &&
	    !resources->memory.swap.present)
		posture_found(posture,
			      "/linux/resources/memory/swap: not limited: what doesn't fit goes to "
			      "the host's swap");
}

static void all_devices(const struct posture *posture)
{
	const struct resources_spec *resources = &posture->spec->linux.resources;
	const size_t count = resources->devices.count;
	const struct device_rule *last = count ? &resources->devices.items[count - 1] : NULL;

	if (!last)
		posture_found(posture,
			      "/linux/resources/devices: no list: every device node can be used");
	else if (last->allow && (!last->type || strcmp(last->type, "a") == 0) &&
		 !last->major.present && !last->minor.present)
		posture_found(posture,
			      "/linux/resources/devices/%zu: allows every device: disks and memory "
			      "of the host by mknod",
			      count - 1);
}

static void block_devices(const struct posture *posture)
{
	const struct resources_spec *resources = &posture->spec->linux.resources;

	for (size_t i = 0; i < resources->devices.count; i++) {
		const struct device_rule *rule = &resources->devices.items[i];

		if (rule->allow && rule->type && strcmp(rule->type, "b") == 0 &&
		    (!rule->access || strpbrk(rule->access, "rw")))
			posture_found(
				posture,
				"/linux/resources/devices/%zu: a disk can be read or written past "
				"its "
				"file system",
				i);
	}
}

static void never_killed(const struct posture *posture)
{
	const struct opt_int *score = &posture->spec->process.oom_score_adj;

	if (score->present && score->value < 0)
		posture_found(posture, "/process/oomScoreAdj: %lld: others are killed in its place",
			      (long long)score->value);
}

static void no_descriptor_limit(const struct posture *posture)
{
	const struct process_spec *process = &posture->spec->process;

	for (size_t i = 0; i < process->rlimits.count; i++)
		if (strcmp(process->rlimits.items[i].type, "RLIMIT_NOFILE") == 0)
			return;
	if (process->present)
		posture_found(posture, "/process/rlimits: no RLIMIT_NOFILE: that of who starts it");
}

static const struct posture_rule rules[] = {
	{ "RES01", W, no_pids_limit, "process ids are the host's", "linux.resources.pids.limit",
	  "cgroups(7)" },
	{ "RES02", W, no_memory_limit, "memory is the host's", "linux.resources.memory.limit",
	  "cgroups(7)" },
	{ "RES03", N, no_cpu_limit, "a noisy neighbour", "linux.resources.cpu", "cgroups(7)" },
	{ "RES04", N, swap_beside_memory, "swap is apart from memory in cgroup v2",
	  "memory.swap = memory.limit for none", "config-linux.md#memory" },
	{ "RES05", W, all_devices, "only the device filter stands between mknod and the disk",
	  "deny all, then allow what is needed", "config-linux.md#allowed-device-list" },
	{ "RES06", W, block_devices, "permissions of files don't count there", "mount it instead",
	  "config-linux.md#allowed-device-list" },
	{ "RES07", W, never_killed, "the score is for what the host needs most", "0, or above",
	  "proc_pid_oom_score_adj(5)" },
	{ "RES08", N, no_descriptor_limit, "open files take kernel memory",
	  "process.rlimits with RLIMIT_NOFILE", "getrlimit(2)" },
};

const struct posture_group posture_limits = { rules, ARRAY_SIZE(rules) };
