/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init's rows in calls and in the words of a shell: the process itself, until execve(2).
 *
 * syscalls: none
 */
#include <string.h>

#include "runtime/commands/explain_rows.h"

void detail_working_directory(const struct creation *creation, struct details *details)
{
	detail_add(details, FORMAT(details, "chdir(\"%s\")", creation->spec.process.cwd), NULL,
		   NULL);
}

void detail_limits(const struct creation *creation, struct details *details)
{
	const struct process_spec *process = &creation->spec.process;

	for (size_t i = 0; i < process->rlimits.count; i++) {
		const struct rlimit_spec *item = &process->rlimits.items[i];
		char option[32];
		size_t length = 0;

		for (const char *byte = item->type + strlen("RLIMIT_");
		     *byte && length < sizeof(option) - 1; byte++)
			option[length++] =
				(char)(*byte >= 'A' && *byte <= 'Z' ? *byte + 32 : *byte);
		option[length] = '\0';
		detail_add(
			details,
			FORMAT(details, "prlimit(%s, %llu, %llu)", item->type,
			       (unsigned long long)item->soft, (unsigned long long)item->hard),
			FORMAT(details, "/process/rlimits/%zu", i),
			FORMAT(details, "prlimit --pid $$ --%s=%s:%s", option,
			       item->soft == UINT64_MAX
				       ? "unlimited"
				       : FORMAT(details, "%llu", (unsigned long long)item->soft),
			       item->hard == UINT64_MAX
				       ? "unlimited"
				       : FORMAT(details, "%llu", (unsigned long long)item->hard)));
	}
	if (process->scheduler.present)
		detail_add(details, FORMAT(details, "sched_setattr(%s)", process->scheduler.policy),
			   "/process/scheduler", NULL);
	if (process->io_priority.present)
		detail_add(details,
			   FORMAT(details, "ioprio_set(IOPRIO_WHO_PGRP, %s, %lld)",
				  process->io_priority.class,
				  (long long)process->io_priority.priority.value),
			   "/process/ioPriority", NULL);
}

static int bits(uint64_t set)
{
	int count = 0;

	for (; set; set &= set - 1)
		count++;
	return count;
}

void detail_user(const struct creation *creation, struct details *details)
{
	const struct process_spec *process = &creation->spec.process;
	const uint64_t *set = creation->capabilities.set;
	const uint64_t all = (UINT64_C(1) << capability_count()) - 1;

	detail_add(details,
		   FORMAT(details, "prctl(PR_CAPBSET_DROP) x %d",
			  bits(all & ~set[CAPABILITY_BOUNDING])),
		   "/process/capabilities/bounding", NULL);
	detail_add(details, FORMAT(details, "setgroups(%zu)", process->user.additional_gids.count),
		   "/process/user/additionalGids", NULL);
	detail_add(details,
		   FORMAT(details, "setresgid(%u, %u, %u)", process->user.gid, process->user.gid,
			  process->user.gid),
		   "/process/user/gid", NULL);
	detail_add(details,
		   FORMAT(details, "setresuid(%u, %u, %u)", process->user.uid, process->user.uid,
			  process->user.uid),
		   "/process/user/uid", NULL);
	detail_add(details,
		   FORMAT(details, "umask(%04o)",
			  process->user.umask.present ? (unsigned)process->user.umask.value : 022),
		   "/process/user/umask", NULL);
	detail_add(details,
		   FORMAT(details, "capset(permitted %#llx, effective %#llx, inheritable %#llx)",
			  (unsigned long long)set[CAPABILITY_PERMITTED],
			  (unsigned long long)set[CAPABILITY_EFFECTIVE],
			  (unsigned long long)set[CAPABILITY_INHERITABLE]),
		   "/process/capabilities", NULL);
	if (set[CAPABILITY_AMBIENT])
		detail_add(details,
			   FORMAT(details, "prctl(PR_CAP_AMBIENT_RAISE) x %d",
				  bits(set[CAPABILITY_AMBIENT])),
			   "/process/capabilities/ambient", NULL);
	if (process->no_new_privileges)
		detail_add(details, "prctl(PR_SET_NO_NEW_PRIVS)", "/process/noNewPrivileges", NULL);
}

void detail_filter(const struct creation *creation, struct details *details)
{
	detail_add(details,
		   FORMAT(details, "seccomp(SECCOMP_SET_MODE_FILTER, %#x, %u instructions)",
			  creation->seccomp.flags, creation->seccomp.length),
		   NULL, NULL);
}

void detail_start_container_hooks(const struct creation *creation, struct details *details)
{
	detail_hooks(creation, HOOK_START_CONTAINER, details);
}

void detail_execute(const struct creation *creation, struct details *details)
{
	const struct string_list *args = &creation->spec.process.args;

	detail_add(details,
		   FORMAT(details, "execve(\"%s\", [\"%s])", args->items[0],
			  detail_joined(details, args, "\", \"", "\"")),
		   NULL, NULL);
}
