/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.scheduler, process.ioPriority, process.execCPUAffinity: sched(7).
 *
 * Scheduler and priority are of the kernel's first user namespace: root of a container's own has no
 * CAP_SYS_NICE that counts. So they are set like the rlimits, by the process itself where it may,
 * else by pid from whoever started it.
 *
 * syscalls: sched_setattr ioprio_set sched_setaffinity getpgid
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/string.h"
#include "base/sys.h"
#include "base/table.h"
#include "runtime/process/process.h"

#define CPU_COUNT_MAX 8192 /* the kernel's largest CONFIG_NR_CPUS */

/* ioprio_set(2) has no header in glibc, and linux/ioprio.h came after Linux 5.15's. */
#define IO_PRIORITY_OF_THREAD 1 /* IOPRIO_WHO_PROCESS */
#define IO_PRIORITY_OF_GROUP 2	/* IOPRIO_WHO_PGRP */
#define IO_PRIORITY_CLASS_SHIFT 13

#define UTIL_CLAMP_RESET UINT32_MAX /* "what the system has", Linux 5.11 */

struct name {
	const char *name;
	int value;
};

/* Which members go with which policy is checked by spec/validate_scheduler.c. */
static const struct policy {
	const char *name;
	int value;
	bool nice; /* has an effect */
} policies[] = {
	{ .name = "SCHED_OTHER", .value = 0, .nice = true },
	{ .name = "SCHED_FIFO", .value = 1 },
	{ .name = "SCHED_RR", .value = 2 },
	{ .name = "SCHED_BATCH", .value = 3, .nice = true },
	{ .name = "SCHED_ISO", .value = 4 }, /* a number that no kernel has taken into use */
	{ .name = "SCHED_IDLE", .value = 5 },
	{ .name = "SCHED_DEADLINE", .value = 6 },
};

#define RESERVED_POLICY 4

static const struct name scheduler_flags[] = {
	/* linux/sched.h */
	{ "SCHED_FLAG_RESET_ON_FORK", 0x01 },  { "SCHED_FLAG_RECLAIM", 0x02 },
	{ "SCHED_FLAG_DL_OVERRUN", 0x04 },     { "SCHED_FLAG_KEEP_POLICY", 0x08 },
	{ "SCHED_FLAG_KEEP_PARAMS", 0x10 },    { "SCHED_FLAG_UTIL_CLAMP_MIN", 0x20 },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", 0x40 },
};

static const struct name io_classes[] = {
	/* linux/ioprio.h */
	{ "IOPRIO_CLASS_RT", 1 },
	{ "IOPRIO_CLASS_BE", 2 },
	{ "IOPRIO_CLASS_IDLE", 3 },
};

#define IO_CLASS_IDLE 3

static const struct policy *find_policy(const char *name)
{
	table_for_each (policy, policies) {
		if (strcmp(policy->name, name) == 0)
			return policy;
	}
	return NULL;
}

static int scheduler_flag(const struct string_list *flags, size_t i, uint64_t *value,
			  struct error *err)
{
	table_for_each (flag, scheduler_flags) {
		if (strcmp(flag->name, flags->items[i]) != 0)
			continue;
		*value |= (uint64_t)flag->value;
		return 0;
	}
	return error_set(err, "/process/scheduler/flags/%zu: unknown flag \"%.64s\"", i,
			 flags->items[i]);
}

/* process.scheduler as the kernel takes it. */
static int scheduler_attributes(const struct scheduler_spec *scheduler,
				struct sys_sched_attr *attributes, struct error *err)
{
	const struct policy *policy = find_policy(scheduler->policy);

	if (!policy)
		return error_set(err, "/process/scheduler/policy: unknown policy \"%.64s\"",
				 scheduler->policy);
	*attributes = (struct sys_sched_attr){
		.size = sizeof(*attributes),
		.sched_policy = (uint32_t)policy->value,
		.sched_nice = (int32_t)scheduler->nice.value,
		.sched_priority = (uint32_t)scheduler->priority.value,
		.sched_runtime = scheduler->runtime.value,
		.sched_deadline = scheduler->deadline.value,
		.sched_period = scheduler->period.value,
		/* the specification has the clamps' flags but no member for their values */
		.sched_util_min = UTIL_CLAMP_RESET,
		.sched_util_max = UTIL_CLAMP_RESET,
	};
	for (size_t i = 0; i < scheduler->flags.count; i++)
		if (scheduler_flag(&scheduler->flags, i, &attributes->sched_flags, err) < 0)
			return -1;
	if (policy->value == RESERVED_POLICY)
		return error_set(err, "/process/scheduler/policy: SCHED_ISO is reserved, no kernel "
				      "has it");
	if (scheduler->nice.value != 0 && !policy->nice)
		log_debug("/process/scheduler/nice: has no effect with %s", policy->name);
	return 0;
}

static int io_priority_value(const struct io_priority_spec *priority, int *value, struct error *err)
{
	table_for_each (class, io_classes) {
		if (strcmp(class->name, priority->class) != 0)
			continue;
		/* the idle class has no levels */
		if (!priority->priority.present && class->value != IO_CLASS_IDLE)
			return error_set(err,
					 "/process/ioPriority/priority: is required but missing");
		*value = class->value << IO_PRIORITY_CLASS_SHIFT | (int)priority->priority.value;
		return 0;
	}
	return error_set(err, "/process/ioPriority/class: unknown class \"%.64s\"",
			 priority->class);
}

static int parse_cpus(const char *list, const char *where, uint64_t *cpus, struct error *err)
{
	if (string_to_set(list, CPU_COUNT_MAX, cpus))
		return 0;
	return error_set(err, "%s: \"%.64s\": not a list like 0-3,7 of CPUs below %d", where, list,
			 CPU_COUNT_MAX);
}

static int check_affinity(const struct cpu_affinity_spec *affinity, struct report *report,
			  struct error *err)
{
	uint64_t cpus[CPU_COUNT_MAX / 64];

	if (affinity->initial &&
	    parse_cpus(affinity->initial, "/process/execCPUAffinity/initial", cpus, err) < 0 &&
	    !report_tell(report, err))
		return -1;
	if (affinity->final)
		return parse_cpus(affinity->final, "/process/execCPUAffinity/final", cpus, err);
	return 0;
}

int scheduling_check(const struct process_spec *process, struct report *report, struct error *err)
{
	const struct scheduler_spec *scheduler = &process->scheduler;
	struct sys_sched_attr attributes;
	int value;

	if (scheduler->present && scheduler_attributes(scheduler, &attributes, err) < 0 &&
	    !report_tell(report, err))
		return -1;
	if (process->io_priority.present &&
	    io_priority_value(&process->io_priority, &value, err) < 0 && !report_tell(report, err))
		return -1;
	return check_affinity(&process->exec_cpu_affinity, report, err);
}

static int explain_scheduler(const struct scheduler_spec *scheduler, const char *cpus,
			     struct error *err)
{
	const int code = errno;

	if (code == EPERM && cpus)
		return error_code(err, code,
				  "/process/scheduler: process scheduler can't be used together "
				  "with AllowedCPUs (/linux/resources/cpu/cpus \"%.64s\")",
				  cpus);
	if (code == EPERM)
		return error_code(err, code,
				  "/process/scheduler: set %s (needs the host's CAP_SYS_NICE, and "
				  "for real-time policies a kernel that has them in cgroups)",
				  scheduler->policy);
	if (code == EINVAL)
		return error_code(err, code,
				  "/process/scheduler: set %s with priority %" PRId64
				  ", runtime %" PRIu64 ", deadline %" PRIu64 ", period %" PRIu64,
				  scheduler->policy, scheduler->priority.value,
				  scheduler->runtime.value, scheduler->deadline.value,
				  scheduler->period.value);
	return error_code(err, code, "/process/scheduler: set %s", scheduler->policy);
}

static int set_scheduler(const struct process_spec *process, const char *cpus, pid_t pid,
			 struct error *err)
{
	struct sys_sched_attr attributes;

	if (scheduler_attributes(&process->scheduler, &attributes, err) < 0)
		return -1;
	if (sys_sched_setattr(pid, &attributes) < 0)
		return explain_scheduler(&process->scheduler, cpus, err);
	return 0;
}

static int set_io_priority(const struct process_spec *process, int whose, pid_t id,
			   struct error *err)
{
	const struct io_priority_spec *priority = &process->io_priority;
	int value = 0;

	if (io_priority_value(priority, &value, err) < 0)
		return -1;
	if (sys_ioprio_set(whose, id, value) < 0)
		return error_errno(err, "/process/ioPriority: set %s %" PRId64 "%s",
				   priority->class, priority->priority.value,
				   errno == EPERM ? " (needs the host's CAP_SYS_NICE)" : "");
	return 0;
}

int scheduling_apply(const struct process_spec *process, const char *cpus, pid_t pid,
		     struct error *err)
{
	const pid_t group = pid > 0 && process->io_priority.present ? getpgid(pid) : 0;

	if (group < 0)
		return error_errno(err, "/process/ioPriority: process group of %d", pid);
	if (process->scheduler.present && set_scheduler(process, cpus, pid, err) < 0)
		return -1;
	return process->io_priority.present
		       ? set_io_priority(process, IO_PRIORITY_OF_GROUP, group, err)
		       : 0;
}

int scheduling_apply_io_priority(const struct process_spec *process, pid_t pid, struct error *err)
{
	return set_io_priority(process, IO_PRIORITY_OF_THREAD, pid, err);
}

void affinity_reset(void)
{
	uint64_t all[CPU_COUNT_MAX / 64];

	memset(all, 0xff, sizeof(all));
	if (sched_setaffinity(0, sizeof(all), (const cpu_set_t *)(const void *)all) < 0)
		log_debug("the caller's CPU affinity stays: %s", error_reason(errno));
}

bool affinity_meets(const char *list, const char *other)
{
	uint64_t ours[CPU_COUNT_MAX / 64], theirs[CPU_COUNT_MAX / 64];

	if (!string_to_set(list, CPU_COUNT_MAX, ours) ||
	    !string_to_set(other, CPU_COUNT_MAX, theirs))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(ours); i++)
		if (ours[i] & theirs[i])
			return true;
	return false;
}

int affinity_set(const char *list, const char *where, struct error *err)
{
	uint64_t cpus[CPU_COUNT_MAX / 64];

	if (parse_cpus(list, where, cpus, err) < 0)
		return -1;
	if (sched_setaffinity(0, sizeof(cpus), (const cpu_set_t *)(const void *)cpus) < 0)
		return error_errno(err, "%s: bind to CPUs %s%s", where, list,
				   errno == EINVAL ? " (none of them is there and in the cpuset)"
						   : "");
	log_debug("bound (runc says nsexec): affinity: %#" PRIx64, cpus[0]);
	return 0;
}
