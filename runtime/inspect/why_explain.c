/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why one call of a program that was watched failed. Only seccomp's answer, a read-only mount and a
 * count that has reached its limit are certain; what a missing capability would explain is likely,
 * since the kernel doesn't tell which of its checks refused.
 *
 * syscalls: openat, read
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/table.h"
#include "runtime/inspect/why.h"

#define FORMAT(facts, ...) arena_format(&(facts)->document->arena, __VA_ARGS__)
#define MOUNTINFO_MAX ((size_t)4 << 20)

bool why_is_refusal(int code)
{
	static const int codes[] = { EPERM,  EACCES, EROFS,  EAGAIN, EMFILE,
				     ENOMEM, ENOSPC, ENOSYS, ENODEV };

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i] == code)
			return true;
	return false;
}

static void say(struct why_reason *reason, enum why_sureness sure, const char *layer,
		const char *text, const char *pointer)
{
	*reason = (struct why_reason){ sure, layer, text ? text : "(out of memory)", pointer };
}

static bool by_filter(const struct why_facts *facts, const struct why_failure *failure,
		      struct why_reason *reason)
{
	struct seccomp_data data = { .nr = (int)failure->number, .arch = failure->arch };
	autobuffer text = { 0 };
	struct error ignored;
	struct why why;
	uint32_t result;

	if (!facts->filters || facts->filters->stack.count == 0)
		return false;
	memcpy(data.args, failure->arguments, sizeof(data.args));
	if (explain_verdict(&facts->filters->stack, &data, &result, NULL, &ignored) < 0)
		return false;
	if ((result & SECCOMP_RET_ACTION_FULL) != SECCOMP_RET_ERRNO ||
	    (int)(result & SECCOMP_RET_DATA) != failure->code)
		return false;
	explain_result(&text, result);
	/* for the member of config.json */
	if (why_call(&why, facts, failure->call, failure->arguments, 6, &ignored) < 0)
		why.count = 0;
	say(reason, SURE_CERTAIN, "seccomp", FORMAT(facts, "%s", text.text),
	    why.count ? why.layers[0].pointer : NULL);
	return true;
}

/* --- mounts -------------------------------------------------------------------------------------
 */

static bool is_below(const char *path, const char *mount)
{
	const size_t length = strlen(mount);

	return strcmp(mount, "/") == 0 ||
	       (strncmp(path, mount, length) == 0 && (path[length] == '/' || path[length] == '\0'));
}

/* The member that makes what is mounted there read-only. */
static const char *readonly_pointer(const struct why_facts *facts, const char *mount)
{
	const struct container_spec *config = facts->document->target->config;

	if (!config)
		return NULL;
	for (size_t i = 0; i < config->linux.readonly_paths.count; i++)
		if (strcmp(config->linux.readonly_paths.items[i], mount) == 0)
			return FORMAT(facts, "/linux/readonlyPaths/%zu", i);
	for (size_t i = config->mounts.count; i > 0; i--)
		if (strcmp(config->mounts.items[i - 1].destination, mount) == 0)
			return FORMAT(facts, "/mounts/%zu/options", i - 1);
	return strcmp(mount, "/") == 0 && config->root.readonly ? "/root/readonly" : NULL;
}

/* Field 5 of the line is the mount point, field 6 its flags: proc_pid_mountinfo(5). */
static const char *find_mount(const struct why_facts *facts, const char *mountinfo,
			      const char *path, bool *readonly)
{
	const char *best = NULL;

	for (const char *line = mountinfo; line && *line;) {
		char point[4096], flags[512];

		if (sscanf(line, "%*s %*s %*s %*s %4095s %511s", point, flags) == 2 &&
		    is_below(path, point) && (!best || strlen(point) >= strlen(best))) {
			best = FORMAT(facts, "%s", point);
			*readonly = strcmp(flags, "ro") == 0 || strncmp(flags, "ro,", 3) == 0;
		}
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return best;
}

static void by_mount(const struct why_facts *facts, const struct why_failure *failure,
		     struct why_reason *reason)
{
	const char *mount = NULL;
	struct live live = LIVE_INIT;
	struct error ignored;
	bool readonly = false;
	autofd procfs = procfs_open(PROCFS_PROCESSES, &ignored);
	autofree char *text = NULL;

	if (procfs >= 0 && live_open(&live, procfs, failure->pid, &ignored) == 0)
		text = live_read(&live, "mountinfo", MOUNTINFO_MAX, NULL);
	live_close(&live);
	if (text && failure->path && failure->path[0] == '/')
		mount = find_mount(facts, text, failure->path, &readonly);
	if (mount && readonly)
		say(reason, SURE_CERTAIN, "mounts", FORMAT(facts, "mount %s is read-only", mount),
		    readonly_pointer(facts, mount));
	else
		say(reason, SURE_CERTAIN, "mounts", "the mount is read-only", NULL);
}

/* --- capabilities and the rest ------------------------------------------------------------------
 */

static bool by_capability(const struct why_facts *facts, const struct why_failure *failure,
			  struct why_reason *reason)
{
	struct error ignored;
	struct why why;

	if (why_call(&why, facts, failure->call, NULL, 0, &ignored) < 0)
		return false;
	for (size_t i = 0; i < why.count; i++) {
		const struct why_layer *layer = &why.layers[i];

		if (strcmp(layer->name, "capability") != 0 || layer->verdict == WHY_ALLOWED)
			continue;
		say(reason, layer->verdict == WHY_UNKNOWN ? SURE_POSSIBLE : SURE_LIKELY,
		    "capability", layer->text, layer->pointer);
		return true;
	}
	return false;
}

static bool is_device(const char *path)
{
	return path && is_below(path, "/dev");
}

static void by_permission(const struct why_facts *facts, const struct why_failure *failure,
			  unsigned flags, struct why_reason *reason)
{
	const struct container_spec *config = facts->document->target->config;

	if (failure->code == EPERM && (flags & CALL_OPENS_DEVICES))
		say(reason, is_device(failure->path) ? SURE_LIKELY : SURE_POSSIBLE, "devices",
		    "the cgroup's device filter, if it is a device node; else an immutable file",
		    config ? "/linux/resources/devices" : NULL);
	else if (failure->code == EACCES && strcmp(failure->call, "execve") == 0)
		say(reason, SURE_POSSIBLE, "permissions",
		    "no right to execute the file, a directory on the way, or a noexec mount",
		    NULL);
	else if (failure->code == EACCES)
		say(reason, SURE_LIKELY, "permissions",
		    "owner and mode of the file or of a directory on the way, or the LSM", NULL);
	else
		say(reason, SURE_UNEXPLAINED, "-",
		    "not explained by seccomp or capabilities: file permissions, the LSM (dmesg), "
		    "mount flags",
		    NULL);
}

static void by_limit(const struct why_facts *facts, const struct why_failure *failure,
		     unsigned flags, struct why_reason *reason)
{
	const struct cgroup_number *pids = &facts->document->cgroup.pids;
	const bool pids_known = fact_is_known(&pids->effective.fact);

	if (failure->code == EMFILE)
		say(reason, SURE_CERTAIN, "limits", "RLIMIT_NOFILE is reached", "/process/rlimits");
	else if (failure->code == EAGAIN && (flags & CALL_MAKES_PROCESSES) && pids_known)
		say(reason, SURE_LIKELY, "limits",
		    FORMAT(facts, "the cgroup's %llu processes, or RLIMIT_NPROC",
			   (unsigned long long)pids->effective.value),
		    "/linux/resources/pids/limit");
	else if (failure->code == EAGAIN && (flags & CALL_MAKES_PROCESSES))
		say(reason, SURE_LIKELY, "limits", "RLIMIT_NPROC, or pids.max of the cgroup", NULL);
	else if (failure->code == ENOSPC && (flags & CALL_MAKES_NAMESPACES))
		say(reason, SURE_LIKELY, "limits", "user.max_*_namespaces, or 32 levels of nesting",
		    NULL);
	else if (failure->code == ENOMEM)
		say(reason, SURE_POSSIBLE, "limits", "RLIMIT_AS, RLIMIT_MEMLOCK, or overcommit",
		    NULL);
	else
		say(reason, SURE_UNEXPLAINED, "-", "no limit that is known here", NULL);
}

void why_explain(const struct why_facts *facts, const struct why_failure *failure,
		 struct why_reason *reason)
{
	const unsigned flags = call_effect_find(failure->call)->flags;

	if (by_filter(facts, failure, reason))
		return;
	switch (failure->code) {
	case EROFS:
		by_mount(facts, failure, reason);
		return;
	case ENOSYS:
		say(reason, SURE_CERTAIN, "kernel", "this kernel doesn't have it", NULL);
		return;
	case EPERM:
	case EACCES:
		if (failure->code == EACCES || !by_capability(facts, failure, reason))
			by_permission(facts, failure, flags, reason);
		return;
	default:
		by_limit(facts, failure, flags, reason);
	}
}
