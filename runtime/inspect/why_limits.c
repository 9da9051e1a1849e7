/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a count refuses: resource limits, the cgroup's, and settings of the kernel. getrlimit(2),
 * proc_sys_kernel(5), cgroups(7)
 *
 * syscalls: openat, read
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/procfs.h"
#include "base/table.h"
#include "cgroups/stat_file.h"
#include "runtime/inspect/why_reason.h"

#define FILE_MAX ((size_t)64 << 10)

static const struct {
	const char *name, *line; /* of /proc/PID/limits */
} resources[] = {
	{ "RLIMIT_AS", "Max address space" },	      { "RLIMIT_FSIZE", "Max file size" },
	{ "RLIMIT_MEMLOCK", "Max locked memory" },    { "RLIMIT_NICE", "Max nice priority" },
	{ "RLIMIT_NOFILE", "Max open files" },	      { "RLIMIT_NPROC", "Max processes" },
	{ "RLIMIT_RTPRIO", "Max realtime priority" },
};

/* Of the process, by the line's name. */
static const char *live_limit(const struct why_facts *facts, const char *line)
{
	struct live live = LIVE_INIT;
	struct error ignored;
	autofd procfs = procfs_open(PROCFS_PROCESSES, &ignored);
	autofree char *text = NULL;
	const char *found;

	if (procfs >= 0 && live_open(&live, procfs, facts->document->target->pid, &ignored) == 0)
		text = live_read(&live, "limits", FILE_MAX, NULL);
	live_close(&live);
	found = text ? strstr(text, line) : NULL;
	if (!found)
		return NULL;
	found += strlen(line);
	found += strspn(found, " ");
	if (strncmp(found, "unlimited", 9) == 0)
		return NULL;
	return FORMAT(facts, "%.*s", (int)strcspn(found, " \n"), found);
}

static const char *planned_limit(const struct why_facts *facts, const char *name)
{
	const struct process_spec *process = &facts->document->target->config->process;

	for (size_t i = 0; i < process->rlimits.count; i++) {
		const struct rlimit_spec *item = &process->rlimits.items[i];

		if (strcmp(item->type, name) == 0 && item->soft != UINT64_MAX)
			return FORMAT(facts, "%llu", (unsigned long long)item->soft);
	}
	return NULL;
}

const char *why_limit_text(const struct why_facts *facts, const char *name)
{
	if (facts->document->planned)
		return facts->document->target->config ? planned_limit(facts, name) : NULL;
	table_for_each (row, resources)
		if (strcmp(row->name, name) == 0)
			return live_limit(facts, row->line);
	return NULL;
}

bool why_read_cgroup(const char *path, const char *name, const char *key, uint64_t *number)
{
	autofd directory = path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	autofree char *text = NULL;
	struct error ignored;

	if (directory < 0 || file_read_at(directory, name, FILE_MAX, &text, NULL, &ignored) < 0)
		return false;
	if (key)
		return stat_find(text, key, number);
	text[strcspn(text, "\n")] = '\0';
	return stat_number(text, number);
}

/* ---- processes ---- */

/* RLIMIT_NPROC isn't asked of uid 0 of the host, nor of who has one of two capabilities there. */
static bool counts_processes(const struct why_facts *facts)
{
	const struct process_facts *process = &facts->document->process;

	return !(fact_is_known(&process->status.fact) && process->status.uid[0] == 0) &&
	       !why_counts_on_host(facts, CAP_SYS_ADMIN) &&
	       !why_counts_on_host(facts, CAP_SYS_RESOURCE);
}

static void by_process_count(const struct why_facts *facts, struct why_reason *reason)
{
	const struct cgroup_number *pids = &facts->document->cgroup.pids;
	const char *path = facts->document->cgroup.where[CONTROLLER_PIDS].path;
	const char *limit = why_limit_text(facts, "RLIMIT_NPROC");
	uint64_t used = 0;

	if (fact_is_known(&pids->limit.fact) &&
	    why_read_cgroup(path, "pids.current", NULL, &used) && used >= pids->limit.value)
		why_say(reason, SURE_CERTAIN, "limits",
			FORMAT(facts,
			       "pids.max: the cgroup has %llu of %llu processes; zombies that "
			       "nobody waits for count",
			       (unsigned long long)used, (unsigned long long)pids->limit.value),
			why_pointer_if(facts, "/linux/resources/pids/limit"));
	else if (limit && counts_processes(facts))
		why_say(reason, SURE_LIKELY, "limits",
			FORMAT(facts,
			       "RLIMIT_NPROC is %s: all processes of the user on this host "
			       "count%s",
			       limit,
			       fact_is_known(&pids->effective.fact)
				       ? "; or pids.max of a cgroup above"
				       : ""),
			why_pointer_if(facts, "/process/rlimits"));
	else if (fact_is_known(&pids->effective.fact))
		why_say(reason, SURE_LIKELY, "limits",
			FORMAT(facts, "pids.max of %s: %llu processes", pids->effective_from,
			       (unsigned long long)pids->effective.value),
			why_pointer_if(facts, "/linux/resources/pids/limit"));
	else
		why_say(reason, SURE_LIKELY, "limits",
			"pids.max of a cgroup above, or kernel.pid_max, kernel.threads-max", NULL);
}

/* ---- memory ---- */

static void by_memory(const struct why_facts *facts, const struct why_failure *failure,
		      struct why_reason *reason)
{
	const bool locks = strncmp(failure->call, "mlock", 5) == 0 || failure->code == EAGAIN;
	const char *limit = why_limit_text(facts, locks ? "RLIMIT_MEMLOCK" : "RLIMIT_AS");

	if (failure->code == ENOMEM && why_is_call(failure, "mmap") &&
	    (failure->arguments[3] & MAP_HUGETLB))
		why_say(reason, SURE_LIKELY, "limits",
			"no huge page is left (vm.nr_hugepages), or the hugetlb limit of a cgroup",
			why_pointer_if(facts, "/linux/resources/hugepageLimits"));
	else if (locks && limit && !why_counts_on_host(facts, CAP_IPC_LOCK))
		why_say(reason, SURE_LIKELY, "limits",
			FORMAT(facts,
			       "RLIMIT_MEMLOCK is %s bytes, and cap_ipc_lock isn't effective in "
			       "the first user namespace",
			       limit),
			why_pointer_if(facts, "/process/rlimits"));
	else if (limit && !locks)
		why_say(reason, SURE_LIKELY, "limits",
			FORMAT(facts, "RLIMIT_AS is %s bytes", limit),
			why_pointer_if(facts, "/process/rlimits"));
	else
		why_say(reason, SURE_POSSIBLE, "limits",
			"an address that isn't mapped, vm.max_map_count, or vm.overcommit_memory: "
			"not the cgroup, which kills instead",
			NULL);
}

static bool read_kills(const struct cgroup_facts *cgroup, uint64_t *kills)
{
	const struct cgroup_where *where = &cgroup->where[CONTROLLER_MEMORY];

	return why_read_cgroup(where->path,
			       where->version == 2 ? "memory.events" : "memory.oom_control",
			       "oom_kill", kills);
}

void why_by_signal(const struct why_facts *facts, struct why_reason *reason)
{
	const struct cgroup_facts *cgroup = &facts->document->cgroup;
	const struct fact_uint *before = &cgroup->event[EVENT_OOM_KILL];
	const bool limited = fact_is_known(&cgroup->memory.effective.fact);
	const bool own = limited && string_equal(cgroup->memory.effective_from,
						 cgroup->where[CONTROLLER_MEMORY].relative);
	uint64_t now = 0;

	if (fact_is_known(&before->fact) && read_kills(cgroup, &now) && now > before->value)
		why_say(reason, SURE_CERTAIN, "limits",
			limited ? FORMAT(facts,
					 "the out-of-memory killer: the cgroup %s may use %llu KiB "
					 "of memory%s",
					 cgroup->memory.effective_from,
					 (unsigned long long)cgroup->memory.effective.value >> 10,
					 own ? "" : ", or the host had none left")
				: "the out-of-memory killer: the host had no memory left",
			own ? why_pointer_if(facts, "/linux/resources/memory/limit") : NULL);
	else if (limited)
		why_say(reason, SURE_POSSIBLE, "limits",
			"the cgroup's memory limit (`minirun cgroup`: oom_kill), or somebody's "
			"kill(2)",
			why_pointer_if(facts, "/linux/resources/memory/limit"));
	else
		why_say(reason, SURE_UNEXPLAINED, "-", "somebody's kill(2)", NULL);
}

/* ---- descriptors and the rest ---- */

static bool begins(const struct why_failure *failure, const char *call)
{
	return strncmp(failure->call, call, strlen(call)) == 0;
}

static void by_descriptors(const struct why_facts *facts, const struct why_failure *failure,
			   struct why_reason *reason)
{
	const char *limit = why_limit_text(facts, "RLIMIT_NOFILE");

	if (begins(failure, "inotify_init"))
		why_say(reason, SURE_LIKELY, "limits",
			FORMAT(facts,
			       "fs.inotify.max_user_instances of the user (in its user namespace, "
			       "too), or RLIMIT_NOFILE%s",
			       why_setting_words(facts, "fs/inotify/max_user_instances")),
			NULL);
	else if (failure->code == ENFILE)
		why_say(reason, SURE_LIKELY, "limits",
			begins(failure, "pipe") ? "fs.file-max of the host, or "
						  "fs.pipe-user-pages-hard of the user"
						: "fs.file-max of the host is reached",
			NULL);
	else
		why_say(reason,
			call_effect_find(failure->call)->flags & CALL_MAKES_DESCRIPTORS
				? SURE_CERTAIN
				: SURE_LIKELY,
			"limits",
			FORMAT(facts, "RLIMIT_NOFILE is reached (%s)",
			       limit ? limit : "fs.nr_open"),
			why_pointer_if(facts, "/process/rlimits"));
}

void why_by_limit(const struct why_facts *facts, const struct why_failure *failure, unsigned flags,
		  struct why_reason *reason)
{
	if (failure->code == EMFILE || failure->code == ENFILE)
		by_descriptors(facts, failure, reason);
	else if (failure->code == EAGAIN && (flags & CALL_MAKES_PROCESSES))
		by_process_count(facts, reason);
	else if (failure->code == ENOSPC && (flags & CALL_MAKES_NAMESPACES))
		why_say(reason, SURE_LIKELY, "limits",
			FORMAT(facts,
			       "user.max_*_namespaces of a user namespace on the way up, or 32 "
			       "levels of nesting%s",
			       why_setting_words(facts, "user/max_user_namespaces")),
			NULL);
	else if (failure->code == ENOSPC && begins(failure, "inotify_add_watch"))
		why_say(reason, SURE_LIKELY, "limits",
			FORMAT(facts, "the watches of the user's processes%s",
			       why_setting_words(facts, "fs/inotify/max_user_watches")),
			NULL);
	else if (flags & CALL_TAKES_MEMORY)
		by_memory(facts, failure, reason);
	else if (failure->code == ENOMEM)
		why_say(reason, SURE_POSSIBLE, "limits",
			"the kernel had no memory for it; in a pid namespace: its first process "
			"has ended",
			NULL);
	else
		why_say(reason, SURE_UNEXPLAINED, "-", "no limit that is known here", NULL);
}
