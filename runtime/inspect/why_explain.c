/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why one call of a program that was watched failed. Only seccomp's answer, a read-only mount and a
 * count that has reached its limit are certain; what a missing capability would explain is likely,
 * since the kernel doesn't tell which of its checks refused.
 *
 * syscalls: openat, read
 */
#include <errno.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/table.h"
#include "runtime/inspect/why.h"

#define FORMAT(facts, ...) arena_format(&(facts)->document->arena, __VA_ARGS__)
#define MOUNTINFO_MAX ((size_t)4 << 20)

/* Calls that take ids, and which of their arguments those are. */
static const struct {
	const char *call;
	int first, last;
	const char *map; /* the first one's; owner and group alternate where it is NULL */
} id_calls[] = {
	{ "chown", 1, 2, NULL },	  { "fchown", 1, 2, NULL },
	{ "fchownat", 2, 3, NULL },	  { "lchown", 1, 2, NULL },
	{ "setgid", 0, 0, "gid_map" },	  { "setregid", 0, 1, "gid_map" },
	{ "setresgid", 0, 2, "gid_map" }, { "setresuid", 0, 2, "uid_map" },
	{ "setreuid", 0, 1, "uid_map" },  { "setuid", 0, 0, "uid_map" },
};

bool why_is_refusal(const char *call, int code)
{
	static const int codes[] = { EPERM,  EACCES, EROFS,  EAGAIN, EMFILE,
				     ENOMEM, ENOSPC, ENOSYS, ENODEV };

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i] == code)
			return true;
	if (code == EINVAL)
		table_for_each (row, id_calls)
			if (strcmp(row->call, call) == 0)
				return true;
	return code == EOVERFLOW && (call_effect_find(call)->flags & CALL_CHANGES_FILES);
}

static void say(struct why_reason *reason, enum why_sureness sure, const char *layer,
		const char *text, const char *pointer)
{
	*reason = (struct why_reason){ sure, layer, text ? text : "(out of memory)", pointer };
}

/* Whether this is what the filter's result looks like from outside. */
static bool is_result(uint32_t result, const struct why_failure *failure)
{
	switch (result & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ERRNO:
		return failure->code && (int)(result & SECCOMP_RET_DATA) == failure->code;
	case SECCOMP_RET_KILL_PROCESS:
	case SECCOMP_RET_KILL_THREAD:
	case SECCOMP_RET_TRAP:
		return failure->signal == SIGSYS;
	default:
		return false;
	}
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
	if (!is_result(result, failure))
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

/* The mount that a path is on, as its text says. */
struct mount_found {
	const char *point; /* in arena; NULL: none */
	char flags[512];
};

static bool has_flag(const struct mount_found *mount, const char *flag)
{
	const size_t length = strlen(flag);

	for (const char *word = mount->point ? mount->flags : ""; *word;) {
		const size_t size = strcspn(word, ",");

		if (size == length && strncmp(word, flag, size) == 0)
			return true;
		word += size + (word[size] == ',');
	}
	return false;
}

/* Field 5 of the line is the mount point, field 6 its flags: proc_pid_mountinfo(5). */
static void find_mount(const struct why_facts *facts, const struct why_failure *failure,
		       struct mount_found *found)
{
	struct live live = LIVE_INIT;
	struct error ignored;
	autofd procfs = procfs_open(PROCFS_PROCESSES, &ignored);
	autofree char *text = NULL;

	*found = (struct mount_found){ 0 };
	if (!failure->path || failure->path[0] != '/')
		return;
	if (procfs >= 0 && live_open(&live, procfs, failure->pid, &ignored) == 0)
		text = live_read(&live, "mountinfo", MOUNTINFO_MAX, NULL);
	live_close(&live);
	for (const char *line = text; line && *line;) {
		char point[4096], flags[sizeof(found->flags)];

		if (sscanf(line, "%*s %*s %*s %*s %4095s %511s", point, flags) == 2 &&
		    is_below(failure->path, point) &&
		    (!found->point || strlen(point) >= strlen(found->point))) {
			found->point = FORMAT(facts, "%s", point);
			(void)strcpy(found->flags, flags); /* the same size */
		}
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
}

static void by_mount(const struct why_facts *facts, const struct why_failure *failure,
		     struct why_reason *reason)
{
	struct mount_found mount;

	find_mount(facts, failure, &mount);
	if (has_flag(&mount, "ro"))
		say(reason, SURE_CERTAIN, "mounts",
		    FORMAT(facts, "mount %s is read-only", mount.point),
		    readonly_pointer(facts, mount.point));
	else
		say(reason, SURE_CERTAIN, "mounts", "the mount is read-only", NULL);
}

/* noexec and nodev refuse with EACCES. */
static bool by_mount_flag(const struct why_facts *facts, const struct why_failure *failure,
			  unsigned flags, struct why_reason *reason)
{
	struct mount_found mount;

	if (failure->code != EACCES || !(flags & (CALL_EXECUTES | CALL_OPENS_DEVICES)))
		return false;
	find_mount(facts, failure, &mount);
	if ((flags & CALL_EXECUTES) && has_flag(&mount, "noexec")) {
		say(reason, SURE_CERTAIN, "mounts",
		    FORMAT(facts, "mount %s is noexec: nothing on it can be executed", mount.point),
		    readonly_pointer(facts, mount.point));
		return true;
	}
	if (!(flags & CALL_OPENS_DEVICES) || !has_flag(&mount, "nodev"))
		return false;
	say(reason, SURE_POSSIBLE, "mounts",
	    FORMAT(facts,
		   "mount %s is nodev, if this is a device node; else the file's owner and "
		   "mode, or those of a directory on the way",
		   mount.point),
	    readonly_pointer(facts, mount.point));
	return true;
}

/* --- ids ----------------------------------------------------------------------------------------
 */

static bool is_mapped(const char *map, uint32_t id)
{
	struct id_range range;

	while (id_map_next(&map, &range))
		if (id >= range.inside && id - range.inside < range.count)
			return true;
	return false;
}

/* EINVAL: an id that the caller's user namespace has no number for. */
static bool by_id(const struct why_facts *facts, const struct why_failure *failure,
		  struct why_reason *reason)
{
	struct live live = LIVE_INIT;
	struct error ignored;
	autofd procfs = procfs_open(PROCFS_PROCESSES, &ignored);

	table_for_each (row, id_calls) {
		if (strcmp(row->call, failure->call) != 0 || procfs < 0 ||
		    live_open(&live, procfs, failure->pid, &ignored) < 0)
			continue;
		for (int i = row->first; i <= row->last; i++) {
			const uint32_t id = (uint32_t)failure->arguments[i];
			const char *name = row->map	     ? row->map
					   : i == row->first ? "uid_map"
							     : "gid_map";
			autofree char *map = live_read(&live, name, MOUNTINFO_MAX, NULL);

			if (id == UINT32_MAX || !map || is_mapped(map, id))
				continue;
			say(reason, SURE_CERTAIN, "user namespace",
			    FORMAT(facts, "id %u isn't mapped in it (/proc/PID/%s)", id, name),
			    !facts->document->target->config ? NULL
			    : name[0] == 'u'		     ? "/linux/uidMappings"
							     : "/linux/gidMappings");
			live_close(&live);
			return true;
		}
		live_close(&live);
	}
	return false;
}

/* --- capabilities and the rest ------------------------------------------------------------------
 */

static bool by_capability(const struct why_facts *facts, const struct why_failure *failure,
			  struct why_reason *reason)
{
	struct error ignored;
	struct why why;

	if (why_call(&why, facts, failure->call, failure->arguments, 6, &ignored) < 0)
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

static bool has_override(const struct why_facts *facts)
{
	const struct caps_facts *caps = &facts->document->caps;

	return fact_is_known(&caps->fact) &&
	       (caps->set[CAPABILITY_EFFECTIVE] & (UINT64_C(1) << CAP_DAC_OVERRIDE));
}

static void by_permission(const struct why_facts *facts, const struct why_failure *failure,
			  unsigned flags, struct why_reason *reason)
{
	const struct container_spec *config = facts->document->target->config;

	if (by_mount_flag(facts, failure, flags, reason))
		return;
	if (failure->code == EPERM && (flags & CALL_EXECUTES))
		say(reason, SURE_LIKELY, "capability",
		    "the file asks for capabilities (setcap(8), getcap(8)) that aren't all in the "
		    "bounding set",
		    config ? "/process/capabilities/bounding" : NULL);
	else if (failure->code == EPERM && strcmp(failure->call, "mount") == 0)
		say(reason, SURE_LIKELY, "mounts",
		    "a file system that user namespaces can't mount, flags that are locked, or "
		    "proc or sysfs while the present one is covered: mount_namespaces(7)",
		    NULL);
	else if (failure->code == EPERM && (flags & CALL_TAKES_MEMORY))
		say(reason, SURE_LIKELY, "limits", "RLIMIT_MEMLOCK is 0, and no cap_ipc_lock",
		    config ? "/process/rlimits" : NULL);
	else if (failure->code == EPERM && (flags & CALL_OPENS_DEVICES))
		say(reason, is_device(failure->path) ? SURE_LIKELY : SURE_POSSIBLE, "devices",
		    "the cgroup's device filter, if it is a device node; else an immutable file",
		    config ? "/linux/resources/devices" : NULL);
	else if (failure->code == EACCES && strcmp(failure->call, "execve") == 0)
		say(reason, SURE_POSSIBLE, "permissions",
		    "no right to execute the file, a directory on the way, or a noexec mount",
		    NULL);
	else if (failure->code == EACCES)
		say(reason, SURE_LIKELY, "permissions",
		    has_override(facts)
			    ? "the LSM, or ids that aren't mapped: cap_dac_override is effective"
			    : "owner and mode of the file or of a directory on the way, or the "
			      "LSM; cap_dac_override isn't effective",
		    NULL);
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

/* What ended it from outside. */
static void by_signal(const struct why_facts *facts, struct why_reason *reason)
{
	if (fact_is_known(&facts->document->cgroup.memory.effective.fact))
		say(reason, SURE_POSSIBLE, "limits",
		    "the cgroup's memory limit (`minirun cgroup`: oom_kill), or somebody's kill(2)",
		    "/linux/resources/memory/limit");
	else
		say(reason, SURE_UNEXPLAINED, "-", "somebody's kill(2)", NULL);
}

/* Ports below 1024 are refused with EACCES, not EPERM. */
static bool is_capability_error(const struct why_failure *failure)
{
	return failure->code == EPERM ||
	       (failure->code == EACCES &&
		(strcmp(failure->call, "bind") == 0 || strcmp(failure->call, "setpriority") == 0 ||
		 strcmp(failure->call, "perf_event_open") == 0));
}

void why_explain(const struct why_facts *facts, const struct why_failure *failure,
		 struct why_reason *reason)
{
	const unsigned flags = call_effect_find(failure->call)->flags;

	if (by_filter(facts, failure, reason))
		return;
	if (failure->signal) {
		by_signal(facts, reason);
		return;
	}
	switch (failure->code) {
	case EROFS:
		by_mount(facts, failure, reason);
		return;
	case ENOSYS:
		say(reason, facts->filters ? SURE_CERTAIN : SURE_POSSIBLE, "kernel",
		    facts->filters ? "this kernel doesn't have it"
				   : "this kernel doesn't have it, or a filter that can't be read",
		    NULL);
		return;
	case EINVAL:
	case EOVERFLOW:
		if (failure->code == EOVERFLOW)
			say(reason, SURE_LIKELY, "user namespace",
			    "the caller's id has no number in the file system's user namespace",
			    facts->document->target->config ? "/linux/uidMappings" : NULL);
		else if (!by_id(facts, failure, reason))
			say(reason, SURE_UNEXPLAINED, "-", "its ids are mapped", NULL);
		return;
	case EPERM:
	case EACCES:
		if (!is_capability_error(failure) || !by_capability(facts, failure, reason))
			by_permission(facts, failure, flags, reason);
		return;
	default:
		by_limit(facts, failure, flags, reason);
	}
}
