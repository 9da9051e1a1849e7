/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HOST rules of `process`. What the kernel alone knows it is asked in a child that ends.
 *
 * syscalls: those of the checks; openat read prlimit; of a child for each of three rules, those of
 * the members' steps
 */
#include "runtime/process/host_rules.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/probe.h"
#include "base/procfs.h"
#include "base/table.h"
#include "runtime/process/process.h"

#define CPU_LIST_MAX 65536 /* more than a list of 8192 CPUs that alternate */

static int check_rlimits(const struct host *host, struct report *report, struct error *err)
{
	if (rlimits_check(&host->spec->process, report, err) < 0)
		return -1;
	return rlimits_permitted(&host->spec->process, report, err);
}

static int check_scheduling(const struct host *host, struct report *report, struct error *err)
{
	return scheduling_check(&host->spec->process, report, err);
}

static int check_label(const struct host *host, struct report *report, struct error *err)
{
	if (lsm_check(&host->spec->process, err) < 0 && !report_tell(report, err))
		return -1;
	return lsm_check_mounts(host->spec->linux.mount_label, err);
}

static int check_profile(const struct host *host, struct report *report, struct error *err)
{
	(void)report; /* there is one */
	return lsm_check_profile(&host->spec->process, err);
}

static int check_memory_policy(const struct host *host, struct report *report, struct error *err)
{
	(void)report; /* they depend on each other */
	return memory_policy_check(&host->spec->linux.memory_policy, err);
}

/* ---- what create doesn't need: warnings ---- */

static void ask_affinity(const char *list, const char *member, const char *online,
			 struct report *report)
{
	struct error warning;

	if (!list || affinity_meets(list, online))
		return;
	(void)error_set(&warning,
			"/process/execCPUAffinity/%s: exec will fail: none of the CPUs %.64s is "
			"online (%.64s)",
			member, list, online);
	report_warn(report, &warning);
}

static int find_cpus(const struct host *host, struct report *report, struct error *err)
{
	const struct cpu_affinity_spec *affinity = &host->spec->process.exec_cpu_affinity;
	autofree char *online = NULL;

	if ((!affinity->initial && !affinity->final) || !report ||
	    file_read_at(AT_FDCWD, "/sys/devices/system/cpu/online", CPU_LIST_MAX, &online, NULL,
			 err) < 0)
		return 0;
	online[strcspn(online, "\n")] = '\0';
	ask_affinity(affinity->initial, "initial", online, report);
	ask_affinity(affinity->final, "final", online, report);
	return 0;
}

static int check_arguments(const struct host *host, struct report *report, struct error *err)
{
	const struct process_spec *process = &host->spec->process;
	struct rlimit stack = { .rlim_cur = RLIM_INFINITY };
	const char *const *env;

	if (!process->present || !report)
		return 0;
	env = env_plan(process, 0, host->arena, err);
	if (!env)
		return 0;		       /* another rule's */
	(void)getrlimit(RLIMIT_STACK, &stack); /* can't fail */
	if (arguments_check(process, env, stack.rlim_cur, err) < 0)
		report_warn(report, err);
	return 0;
}

/* ---- by a child ---- */

static int set_memory_policy(const void *data, struct error *err)
{
	const struct container_spec *spec = data;

	return memory_policy_apply(&spec->linux.memory_policy, err);
}

static int try_memory_policy(const struct host *host, struct report *report, struct error *err)
{
	const struct memory_policy_spec *policy = &host->spec->linux.memory_policy;

	(void)report;
	if (!policy->present || memory_policy_check(policy, err) < 0)
		return 0;
	return probe_in_child(set_memory_policy, host->spec, err);
}

static int set_scheduling(const void *data, struct error *err)
{
	const struct container_spec *spec = data;

	return scheduling_apply(&spec->process, spec->linux.resources.cpu.cpus, 0, err);
}

static int try_scheduling(const struct host *host, struct report *report, struct error *err)
{
	const struct process_spec *process = &host->spec->process;

	(void)report;
	if ((!process->scheduler.present && !process->io_priority.present) ||
	    scheduling_check(process, NULL, err) < 0)
		return 0;
	return probe_in_child(set_scheduling, host->spec, err);
}

static int set_oom_score(const void *data, struct error *err)
{
	const struct container_spec *spec = data;
	autofd procfs = procfs_open(PROCFS_PROCESSES, err);

	if (procfs < 0)
		return 0; /* a user has none of his own: the container's is another matter */
	return oom_score_apply(&spec->process, procfs, 0, err);
}

static int try_oom_score(const struct host *host, struct report *report, struct error *err)
{
	(void)report;
	if (!host->spec->process.oom_score_adj.present)
		return 0;
	return probe_in_child(set_oom_score, host->spec, err);
}

static const struct host_rule rows[] = {
	{ "HOST-arguments", "execve(2)", "the kernel takes only so much of args and env",
	  "hand over less, by a file for instance, or raise RLIMIT_STACK", false, check_arguments },
	{ "HOST-rlimits", "getrlimit(2)",
	  "the limits must be ones of this kernel, and not above what we may hand on",
	  "correct the type or the numbers", true, check_rlimits },
	{ "HOST-scheduling", "sched(7)", "scheduler and ioPriority must be ones of this kernel",
	  "correct the values", true, check_scheduling },
	{ "HOST-scheduler", "sched_setattr(2), ioprio_set(2)",
	  "the kernel must grant the policy and the priority to whom we are",
	  "leave them out, or have CAP_SYS_NICE on the host", false, try_scheduling },
	{ "HOST-exec-affinity", "sched_setaffinity(2)",
	  "one of the CPUs that exec is to use must be there", "lscpu lists them; correct the list",
	  false, find_cpus },
	{ "HOST-oom-score", "proc_pid_oom_score_adj(5)",
	  "only CAP_SYS_RESOURCE makes the score lower than our own",
	  "a higher score, or leave it out", false, try_oom_score },
	{ "HOST-label", "apparmor(7), selinux(8)",
	  "a label needs the security module that it is for",
	  "leave the label out on a host without it", true, check_label },
	{ "HOST-apparmor-profile", "apparmor(7)", "the profile must be loaded",
	  "apparmor_parser -r FILE loads it; aa-status lists them", false, check_profile },
	{ "HOST-memory-policy", "set_mempolicy(2)", "the mode and flags must be known",
	  "minirun features lists them", true, check_memory_policy },
	{ "HOST-memory-nodes", "set_mempolicy(2), numa(7)",
	  "the nodes must have memory, and the kernel know the mode",
	  "numactl --hardware lists the nodes", false, try_memory_policy },
};
const struct host_rules process_host_rules = { rows, ARRAY_SIZE(rows) };
