/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why another process is closed: ptrace(2), "a tracee has one tracer" and "Ptrace access mode
 * checking"; proc(5), hidepid.
 *
 * syscalls: those of live.c; openat, getdents64, stat
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/procfs.h"
#include "runtime/inspect/namespaces.h"
#include "runtime/inspect/why_object.h"
#include "runtime/inspect/why_reason.h"

static uint64_t pid_namespace(const struct live *live, struct arena *arena)
{
	struct fact_uint inode;

	ns_read_inode(live, NAMESPACE_PID, &inode, arena);
	return fact_is_known(&inode.fact) ? inode.value : 0;
}

/* Whether the process has this number in that pid namespace: the tracer's, in tracer. */
static bool is_process(int procfs, pid_t pid, uint64_t space, pid_t inside, struct arena *arena,
		       pid_t *tracer)
{
	struct live live = LIVE_INIT;
	struct status_facts status = { .nspid_count = 0 };
	struct error ignored;
	bool found = false;

	if (live_open(&live, procfs, pid, &ignored) == 0) {
		live_read_status(&live, &status, arena);
		found = fact_is_known(&status.fact) && status.nspid_count > 0 &&
			status.nspid[status.nspid_count - 1] == inside &&
			pid_namespace(&live, arena) == space;
	}
	live_close(&live);
	if (found)
		*tracer = status.tracer;
	return found;
}

static uint64_t pid_namespace_of(int procfs, pid_t pid, struct arena *arena)
{
	struct live live = LIVE_INIT;
	struct error ignored;
	uint64_t space = 0;

	if (live_open(&live, procfs, pid, &ignored) == 0)
		space = pid_namespace(&live, arena);
	live_close(&live);
	return space;
}

/* The tracer of the process that the caller calls inside; 0: none, -1: there is no such process. */
static pid_t find_tracer(const struct why_facts *facts, pid_t caller, pid_t inside)
{
	struct arena *arena = &facts->document->arena;
	struct error ignored;
	autofd procfs = procfs_open(PROCFS_PROCESSES, &ignored);
	int fd = procfs < 0 ? -1 : openat(procfs, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autodir dir = fd < 0 ? NULL : fdopendir(fd);
	const uint64_t space = procfs < 0 ? 0 : pid_namespace_of(procfs, caller, arena);
	const struct dirent *entry;
	pid_t tracer = -1;

	if (!dir && fd >= 0)
		fd_close(&fd);
	while (dir && space && tracer < 0 && (entry = readdir(dir)) != NULL) {
		const pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);

		if (pid > 0)
			(void)is_process(procfs, pid, space, inside, arena, &tracer);
	}
	return tracer;
}

bool why_by_tracer(const struct why_facts *facts, const struct why_failure *failure,
		   struct why_reason *reason)
{
	const uint64_t request = failure->arguments[0];
	pid_t tracer;

	if (failure->code != EPERM || !why_is_call(failure, "ptrace"))
		return false;
	if (request == PTRACE_TRACEME)
		tracer = getpid();
	else if (request == PTRACE_ATTACH || request == PTRACE_SEIZE)
		tracer = find_tracer(facts, failure->pid, (pid_t)failure->arguments[1]);
	else
		return false;
	if (tracer <= 0)
		return false;
	why_say(reason, SURE_CERTAIN, "process",
		tracer == getpid()
			? "a process has one tracer, and minirun why is that of this one: "
			  "debuggers "
			  "and strace don't work below it"
			: FORMAT(facts,
				 "a process has one tracer, and that of this one is process "
				 "%d of the host",
				 tracer),
		NULL);
	return true;
}

/* Below a mount of proc: "/12/environ", "/self/exe" */
static bool is_of_process(const char *path, const char *point)
{
	const size_t length = strcmp(point, "/") == 0 ? 0 : strlen(point);
	const char *name = path + length + 1;

	return strncmp(path, point, length) == 0 && path[length] == '/' &&
	       (isdigit((unsigned char)*name) || string_starts_with(name, "self/") ||
		string_starts_with(name, "thread-self/"));
}

bool why_by_process_file(const struct why_facts *facts, const struct why_failure *failure,
			 struct why_reason *reason)
{
	const struct status_facts *caller = &facts->document->process.status;
	struct why_object object;

	if (!failure->path)
		return false;
	why_object_find(facts, failure, &object);
	if (!string_equal(object.type, "proc") || !object.point ||
	    !is_of_process(failure->path, object.point))
		return false;
	if (failure->code == EPERM && object.super_options &&
	    strstr(object.super_options, "hidepid="))
		why_say(reason, SURE_LIKELY, "mounts",
			FORMAT(facts,
			       "mount %s is a proc with hidepid (%s): other users' processes are "
			       "closed to all but cap_sys_ptrace and the group of its option gid=",
			       object.point, object.super_options),
			why_mount_pointer(facts, object.point));
	else if (failure->code == EACCES && (why_has_capability(facts, CAP_DAC_OVERRIDE) ||
					     object.attributes.st_uid == caller->uid[3]))
		why_say(reason, SURE_LIKELY, "process",
			FORMAT(facts,
			       "such files ask for the right to trace the process: the same ids, "
			       "no "
			       "more rights than the caller's and no set-user-ID program, or "
			       "cap_sys_ptrace in its user namespace%s",
			       why_or_label(facts)),
			NULL);
	else
		return false;
	return true;
}
