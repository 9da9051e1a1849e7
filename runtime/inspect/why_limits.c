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
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/procfs.h"
#include "base/table.h"
#include "cgroups/stat_file.h"
#include "runtime/inspect/why_reason.h"

#define FILE_MAX ((size_t)64 << 10)
#define PROTOCOL_ICMP 1
#define PROTOCOL_ICMP6 58

/* The soft limit of a line of /proc/PID/limits, as text; NULL: none, or not known. */
static const char *soft_limit(const struct why_facts *facts, pid_t pid, const char *line)
{
	struct live live = LIVE_INIT;
	struct error ignored;
	autofd procfs = procfs_open(PROCFS_PROCESSES, &ignored);
	autofree char *text = NULL;
	const char *found;

	if (procfs >= 0 && live_open(&live, procfs, pid, &ignored) == 0)
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

/* A file of a cgroup, now: one number, or that of a key. */
static bool read_cgroup(const char *path, const char *name, const char *key, uint64_t *number)
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
	       !(process->userns_is_ours && (why_has_capability(facts, CAP_SYS_ADMIN) ||
					     why_has_capability(facts, CAP_SYS_RESOURCE)));
}

static void by_process_count(const struct why_facts *facts, const struct why_failure *failure,
			     struct why_reason *reason)
{
	const struct cgroup_number *pids = &facts->document->cgroup.pids;
	const char *path = facts->document->cgroup.where[CONTROLLER_PIDS].path;
	const char *limit = soft_limit(facts, failure->pid, "Max processes");
	uint64_t used = 0;

	if (fact_is_known(&pids->limit.fact) && read_cgroup(path, "pids.current", NULL, &used) &&
	    used >= pids->limit.value)
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
	const char *limit =
		soft_limit(facts, failure->pid, locks ? "Max locked memory" : "Max address space");

	if (locks && limit && !why_has_capability(facts, CAP_IPC_LOCK))
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

	return read_cgroup(where->path,
			   where->version == 2 ? "memory.events" : "memory.oom_control", "oom_kill",
			   kills);
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
	const char *limit = soft_limit(facts, failure->pid, "Max open files");

	if (begins(failure, "inotify_init"))
		why_say(reason, SURE_LIKELY, "limits",
			"fs.inotify.max_user_instances of the user (in its user namespace, too), "
			"or RLIMIT_NOFILE",
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
		by_process_count(facts, failure, reason);
	else if (failure->code == ENOSPC && (flags & CALL_MAKES_NAMESPACES))
		why_say(reason, SURE_LIKELY, "limits",
			"user.max_*_namespaces of a user namespace on the way up, or 32 levels of "
			"nesting",
			NULL);
	else if (failure->code == ENOSPC && begins(failure, "inotify_add_watch"))
		why_say(reason, SURE_LIKELY, "limits", "fs.inotify.max_user_watches of the user",
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

/* ---- settings ---- */

/* Unprivileged ICMP sockets: icmp(7). */
static bool is_ping(const struct why_failure *failure)
{
	return strcmp(failure->call, "socket") == 0 && failure->code == EACCES &&
	       (failure->arguments[0] == AF_INET || failure->arguments[0] == AF_INET6) &&
	       (failure->arguments[1] & 0xF) == SOCK_DGRAM &&
	       (failure->arguments[2] == PROTOCOL_ICMP || failure->arguments[2] == PROTOCOL_ICMP6);
}

static bool makes_user_namespace(const struct why_failure *failure)
{
	return (strcmp(failure->call, "unshare") == 0 || strcmp(failure->call, "clone") == 0) &&
	       failure->code == EPERM && (failure->arguments[0] & CLONE_NEWUSER);
}

bool why_by_setting(const struct why_facts *facts, const struct why_failure *failure,
		    struct why_reason *reason)
{
	if (is_ping(failure))
		why_say(reason, SURE_LIKELY, "sysctl",
			FORMAT(facts,
			       "net.ipv4.ping_group_range of its network namespace has none of the "
			       "caller's groups (none at all by default); ping(8) then tries a raw "
			       "socket, which needs cap_net_raw%s",
			       why_or_label(facts)),
			why_pointer_if(facts, "/linux/sysctl"));
	else if (makes_user_namespace(failure))
		why_say(reason, SURE_LIKELY, "user namespace",
			"a caller whose root directory was changed by chroot(2) or whose ids "
			"aren't mapped makes no user namespace; or "
			"kernel.unprivileged_userns_clone, "
			"kernel.apparmor_restrict_unprivileged_userns",
			NULL);
	else if (strcmp(failure->call, "setgroups") == 0 && why_has_capability(facts, CAP_SETGID) &&
		 !facts->document->process.userns_is_ours)
		why_say(reason, SURE_LIKELY, "user namespace",
			"/proc/PID/setgroups says \"deny\", as for every user namespace that "
			"somebody without cap_setgid mapped, or its gid_map isn't written yet",
			why_pointer_of_ids(facts));
	else
		return false;
	return true;
}
