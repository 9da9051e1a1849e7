/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why one call of a program that was watched failed. Only seccomp's answer, a read-only mount, a
 * count that has reached its limit and the like are certain; what a missing capability would
 * explain is likely, since the kernel doesn't tell which of its checks refused.
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
#include "runtime/inspect/why_reason.h"

#define MAP_MAX ((size_t)1 << 20)

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
	static const int codes[] = { EPERM,  EACCES, EROFS,  EMFILE, ENFILE,
				     ENOMEM, ENOSPC, EDQUOT, ENOSYS };
	const unsigned flags = call_effect_find(call)->flags;

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++)
		if (codes[i] == code)
			return true;
	if (why_is_known(call, code) || why_lookup_is_refusal(call, code) ||
	    why_network_is_refusal(call, code))
		return true;
	if (code == EAGAIN) /* of others it says: nothing there yet */
		return flags & (CALL_MAKES_PROCESSES | CALL_TAKES_MEMORY | CALL_EXECUTES);
	if (code == ENOENT)
		return flags & CALL_EXECUTES;
	if (code == EBUSY)
		return strcmp(call, "write") == 0; /* of a cgroup */
	if (code == EINVAL && strcmp(call, "umount2") == 0)
		return true;
	if (code == EINVAL)
		table_for_each (row, id_calls)
			if (strcmp(row->call, call) == 0)
				return true;
	return code == EOVERFLOW && (flags & CALL_CHANGES_FILES);
}

bool why_is_ordinary(const struct why_failure *failure)
{
	return why_lookup_is_ordinary(failure) || why_network_is_ordinary(failure);
}

static bool is_killing(uint32_t result)
{
	const uint32_t action = result & SECCOMP_RET_ACTION_FULL;

	return action == SECCOMP_RET_KILL_PROCESS || action == SECCOMP_RET_KILL_THREAD ||
	       action == SECCOMP_RET_TRAP;
}

/* Whether this is what the filter's result looks like from outside. */
static bool is_result(uint32_t result, const struct why_failure *failure)
{
	switch (result & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ERRNO:
		return failure->code && (int)(result & SECCOMP_RET_DATA) == failure->code;
	case SECCOMP_RET_TRACE:
		return failure->code == ENOSYS; /* nobody answers */
	default:
		return is_killing(result) && failure->signal == SIGSYS;
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

	if (!facts->filters || facts->filters->stack.count == 0 || failure->number > UINT32_MAX)
		return false; /* a message is no call */
	memcpy(data.args, failure->arguments, sizeof(data.args));
	if (explain_verdict(&facts->filters->stack, &data, &result, NULL, &ignored) < 0)
		return false;
	if ((result & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_USER_NOTIF && failure->code) {
		why_say(reason, SURE_LIKELY, "seccomp",
			"NOTIFY: the program that listens for the filter has answered for the "
			"kernel, or has let the kernel decide",
			facts->document->target->config ? "/linux/seccomp/listenerPath" : NULL);
		return true;
	}
	if (failure->code == ENOSYS && is_killing(result)) {
		reason->layer = NULL; /* User-mode Linux shows a return before the signal */
		return true;
	}
	if (!is_result(result, failure))
		return false;
	explain_result(&text, result);
	/* for the member of config.json */
	if (why_call(&why, facts, failure->call, failure->arguments, 6, &ignored) < 0)
		why.count = 0;
	why_say(reason, SURE_CERTAIN, "seccomp", FORMAT(facts, "%s", text.text),
		why.count ? why.layers[0].pointer : NULL);
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
			autofree char *map = live_read(&live, name, MAP_MAX, NULL);

			if (id == UINT32_MAX || !map || is_mapped(map, id))
				continue;
			why_say(reason, SURE_CERTAIN, "user namespace",
				FORMAT(facts, "id %u isn't mapped in it (/proc/PID/%s)", id, name),
				name[0] == 'u' || !why_pointer_of_ids(facts)
					? why_pointer_of_ids(facts)
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

	if (failure->number > UINT32_MAX)
		why_message(&why, facts);
	else if (why_call(&why, facts, failure->call, failure->arguments, 6, &ignored) < 0)
		return false;
	for (size_t i = 0; i < why.count; i++) {
		const struct why_layer *layer = &why.layers[i];

		if (strcmp(layer->name, "capability") != 0 || layer->verdict == WHY_ALLOWED)
			continue;
		why_say(reason, layer->verdict == WHY_UNKNOWN ? SURE_POSSIBLE : SURE_LIKELY,
			"capability", layer->text, layer->pointer);
		return true;
	}
	return false;
}

/* The capability is there, and the kernel's own rules have no other reason for EPERM. */
static bool by_named_capability(const struct why_facts *facts, const struct why_failure *failure,
				struct why_reason *reason)
{
	const unsigned flags = call_effect_find(failure->call)->flags;
	const struct privilege *row;
	size_t n = 0;

	row = privilege_find(failure->call, &n);
	if (failure->code != EPERM || !row || (flags & CALL_OPENS_DEVICES) ||
	    strcmp(failure->call, "mount") == 0)
		return false;
	return why_by_label(facts,
			    FORMAT(facts, "%s is effective, but the policy has to name it, too",
				   row->capability),
			    reason);
}

/* Ports below 1024 are refused with EACCES, not EPERM. */
static bool is_capability_error(const struct why_failure *failure)
{
	return failure->code == EPERM || (failure->code == EACCES &&
					  ((strcmp(failure->call, "bind") == 0 && !failure->path) ||
					   strcmp(failure->call, "setpriority") == 0 ||
					   strcmp(failure->call, "perf_event_open") == 0));
}

/* A filter that isn't the container's: its own, or one round the runtime. */
static bool has_further_filter(const struct why_facts *facts)
{
	const struct fact_uint *filters = &facts->document->seccomp.filters;

	return facts->filters && fact_is_known(&filters->fact) &&
	       filters->value > facts->filters->stack.count;
}

static void by_kernel(const struct why_facts *facts, const struct why_failure *failure,
		      struct why_reason *reason)
{
	if (strcmp(failure->call, "rseq") == 0)
		return; /* glibc tries it in every program, and does without */
	if (!facts->filters || has_further_filter(facts))
		why_say(reason, SURE_POSSIBLE, "kernel",
			facts->filters ? "this kernel doesn't have it, or a filter beside the "
					 "container's (Seccomp_filters of /proc/PID/status)"
				       : "this kernel doesn't have it, or a filter that can't be "
					 "read",
			NULL);
	else
		why_say(reason, SURE_CERTAIN, "kernel", "this kernel doesn't have it", NULL);
}

/* What another filter could have said as well isn't certain. */
static void doubt(const struct why_facts *facts, const struct why_failure *failure,
		  struct why_reason *reason)
{
	if ((failure->code != EPERM && failure->code != EACCES) || !reason->layer ||
	    !has_further_filter(facts))
		return;
	if (reason->sure == SURE_CERTAIN)
		reason->sure = SURE_LIKELY;
	reason->text =
		FORMAT(facts, "%s; or a seccomp filter beside the container's", reason->text);
}

/* EPERM and EACCES: what the arguments say at once, then rights, then files. */
static void by_refusal(const struct why_facts *facts, const struct why_failure *failure,
		       struct why_reason *reason)
{
	if (!why_by_setting(facts, failure, reason) && !why_by_tracer(facts, failure, reason) &&
	    !why_by_attribute(facts, failure, reason) &&
	    !why_by_kernel_file(facts, failure, reason) &&
	    !why_by_process_file(facts, failure, reason) &&
	    !why_by_protected(facts, failure, reason) && !why_by_owner(facts, failure, reason) &&
	    !why_by_own_file(facts, failure, reason) &&
	    (!is_capability_error(failure) || !by_capability(facts, failure, reason)) &&
	    !by_named_capability(facts, failure, reason))
		why_by_permission(facts, failure, reason);
	doubt(facts, failure, reason);
}

void why_explain(const struct why_facts *facts, const struct why_failure *failure,
		 struct why_reason *reason)
{
	const unsigned flags = call_effect_find(failure->call)->flags;

	*reason = (struct why_reason){ .layer = NULL };
	if (by_filter(facts, failure, reason) || why_by_call(facts, failure, reason) ||
	    why_by_lookup(facts, failure, reason) || why_by_network(facts, failure, reason))
		return;
	if (failure->signal) {
		why_by_signal(facts, reason);
		return;
	}
	switch (failure->code) {
	case EROFS:
		why_by_mount(facts, failure, reason);
		return;
	case ENOSYS:
		by_kernel(facts, failure, reason);
		return;
	case ENOENT:
		if (flags & CALL_EXECUTES)
			(void)why_by_interpreter(facts, failure, reason);
		return;
	case EBUSY:
		(void)why_by_kernel_file(facts, failure, reason);
		return;
	case EINVAL:
	case EOVERFLOW:
		if (strcmp(failure->call, "umount2") == 0)
			why_by_lock(facts, failure, reason);
		else if (failure->code == EOVERFLOW)
			why_say(reason, SURE_LIKELY, "user namespace",
				"the caller's id has no number in the file system's user namespace",
				why_pointer_of_ids(facts));
		else if (!by_id(facts, failure, reason))
			why_say(reason, SURE_UNEXPLAINED, "-", "its ids are mapped", NULL);
		return;
	case EPERM:
	case EACCES:
		by_refusal(facts, failure, reason);
		return;
	case ENOSPC:
	case EDQUOT:
		if (!(flags & CALL_MAKES_NAMESPACES) && why_by_space(facts, failure, reason))
			return;
		break;
	default:
		break;
	}
	why_by_limit(facts, failure, flags, reason);
}

void why_explain_program(const struct why_facts *facts, const struct why_failure *failure,
			 struct why_reason *reason)
{
	why_by_program(facts, failure, reason);
}
