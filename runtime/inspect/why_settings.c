/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a setting of the kernel refuses: proc_sys_kernel(5), proc_sys_user(5), ptrace(2), sched(7).
 *
 * syscalls: those of why_common.c, why_limits.c
 */
#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>

#include "base/table.h"
#include "runtime/inspect/why_reason.h"

#define PROTOCOL_ICMP 1
#define PROTOCOL_ICMP6 58
#define PTRACE_SCOPE "kernel/yama/ptrace_scope"
#define ANY INT64_MIN

/* ---- beforehand ---- */

/* Settings that calls run into, whatever the caller's rights where always is the value. Where the
 * file isn't there, or says harmless, nothing is said. */
static const struct setting {
	const char *call, *file;
	int64_t harmless, always;
	bool user_namespace; /* only of a call that makes one */
	const char *text;
} settings[] = {
	{ "finit_module", "kernel/modules_disabled", 0, 1, false, "nobody loads modules any more" },
	{ "init_module", "kernel/modules_disabled", 0, 1, false, "nobody loads modules any more" },
	{ "io_uring_setup", "kernel/io_uring_disabled", 0, 2, false,
	  "2 allows io_uring to nobody, 1 to cap_sys_admin and the group kernel.io_uring_group" },
	{ "kexec_file_load", "kernel/kexec_load_disabled", 0, 1, false, "nobody loads a kernel" },
	{ "kexec_load", "kernel/kexec_load_disabled", 0, 1, false, "nobody loads a kernel" },
	{ "ptrace", PTRACE_SCOPE, 0, ANY, false,
	  "1 allows only descendants and who has asked for it (PR_SET_PTRACER), 2 only "
	  "cap_sys_ptrace, 3 nobody to attach" },
	{ NULL, "user/max_user_namespaces", ANY, 0, true,
	  "ENOSPC if the user has as many; each user namespace on the way up counts its own" },
	{ NULL, "kernel/unprivileged_userns_clone", 1, ANY, true,
	  "EPERM without cap_sys_admin (Debian's setting)" },
	{ NULL, "kernel/apparmor_restrict_unprivileged_userns", 0, ANY, true,
	  "without cap_sys_admin AppArmor's profile has to allow it (userns)" },
};

/* What a call's arguments say of CLONE_NEWUSER; true where they aren't known. */
static bool may_make_user_namespace(const char *call, const uint64_t *arguments, size_t count)
{
	if (strcmp(call, "unshare") == 0 || strcmp(call, "clone") == 0)
		return !arguments || count < 1 || (arguments[0] & CLONE_NEWUSER);
	return strcmp(call, "clone3") == 0;
}

/* RLIMIT_RTPRIO doesn't help where the cgroup has no time to give: sched(7), "Realtime group
 * scheduling" of the kernel's documentation. Only version 1 has it. */
static bool has_no_realtime(const struct why_facts *facts)
{
	const struct cgroup_where *where = &facts->document->cgroup.where[CONTROLLER_CPU];
	uint64_t runtime;

	return where->version == 1 &&
	       why_read_cgroup(where->path, "cpu.rt_runtime_us", NULL, &runtime) && runtime == 0;
}

#define NO_REALTIME                                                                                \
	"cpu.rt_runtime_us of its cgroup (version 1) is 0: no realtime policy for its processes, " \
	"whatever their capabilities"

static bool sets_policy(const char *call)
{
	return strcmp(call, "sched_setscheduler") == 0 || strcmp(call, "sched_setattr") == 0;
}

void why_settings_judge(struct why *why, const struct why_facts *facts, const uint64_t *arguments,
			size_t count)
{
	const bool user_namespace = may_make_user_namespace(why->call, arguments, count);

	table_for_each (row, settings) {
		const int64_t value = why_setting(facts, row->file);
		const bool meant =
			row->user_namespace ? user_namespace : strcmp(row->call, why->call) == 0;

		if (!meant || value < 0 || value == row->harmless)
			continue;
		why_add(why, "sysctl", value == row->always ? WHY_DENIED : WHY_DEPENDS,
			FORMAT(facts, "%s%s", row->text, why_setting_words(facts, row->file)),
			NULL);
	}
	if (sets_policy(why->call) && has_no_realtime(facts))
		why_add(why, "limits", WHY_DEPENDS, NO_REALTIME, NULL);
}

/* ---- of a call that has failed ---- */

/* Unprivileged ICMP sockets: icmp(7). */
static bool is_ping(const struct why_failure *failure)
{
	return why_is_call(failure, "socket") && failure->code == EACCES &&
	       (failure->arguments[0] == AF_INET || failure->arguments[0] == AF_INET6) &&
	       (failure->arguments[1] & 0xF) == SOCK_DGRAM &&
	       (failure->arguments[2] == PROTOCOL_ICMP || failure->arguments[2] == PROTOCOL_ICMP6);
}

static bool makes_user_namespace(const struct why_failure *failure)
{
	const uint64_t flags = why_is_call(failure, "clone3")
				       ? failure->has_structure ? failure->structure[0] : 0
			       : why_is_call(failure, "unshare") || why_is_call(failure, "clone")
				       ? failure->arguments[0]
				       : 0;

	return failure->code == EPERM && (flags & CLONE_NEWUSER);
}

static void by_user_namespace(const struct why_facts *facts, struct why_reason *reason)
{
	const char *apparmor = "kernel/apparmor_restrict_unprivileged_userns";
	const char *debian = "kernel/unprivileged_userns_clone";
	const bool admin = why_counts_on_host(facts, CAP_SYS_ADMIN);

	if (!admin && why_setting(facts, debian) == 0)
		why_say(reason, SURE_CERTAIN, "sysctl",
			"kernel.unprivileged_userns_clone is 0: only cap_sys_admin in the initial "
			"user namespace makes user namespaces",
			NULL);
	else
		why_say(reason, SURE_LIKELY,
			!admin && why_setting(facts, apparmor) > 0 ? "lsm" : "user namespace",
			FORMAT(facts,
			       "a caller whose root directory was changed by chroot(2) or whose "
			       "ids aren't mapped makes no user namespace%s%s%s",
			       !admin ? why_setting_words(facts, debian) : "",
			       !admin ? why_setting_words(facts, apparmor) : "",
			       why_or_label(facts)),
			NULL);
}

static bool by_io_uring(const struct why_facts *facts, const struct why_failure *failure,
			struct why_reason *reason)
{
	const int64_t value = why_setting(facts, "kernel/io_uring_disabled");

	if (!why_is_call(failure, "io_uring_setup") || failure->code != EPERM || value < 1)
		return false;
	why_say(reason, value == 2 ? SURE_CERTAIN : SURE_LIKELY, "sysctl",
		value == 2 ? "kernel.io_uring_disabled is 2: nobody on this host has io_uring"
			   : "kernel.io_uring_disabled is 1: only cap_sys_admin in the initial "
			     "user namespace and the group kernel.io_uring_group have io_uring",
		NULL);
	return true;
}

static bool by_realtime(const struct why_facts *facts, const struct why_failure *failure,
			struct why_reason *reason)
{
	if (!sets_policy(failure->call) || failure->code != EPERM || !has_no_realtime(facts) ||
	    (why_is_call(failure, "sched_setscheduler") && failure->arguments[1] != SCHED_FIFO &&
	     failure->arguments[1] != SCHED_RR))
		return false;
	why_say(reason, why_is_call(failure, "sched_setscheduler") ? SURE_CERTAIN : SURE_LIKELY,
		"limits",
		FORMAT(facts, "%s%s", NO_REALTIME,
		       why_counts_on_host(facts, CAP_SYS_NICE)
			       ? ""
			       : "; nor is cap_sys_nice effective in the initial user namespace"),
		NULL);
	return true;
}

/* Yama: the same ids and rights aren't enough. */
static bool by_ptrace_scope(const struct why_facts *facts, const struct why_failure *failure,
			    struct why_reason *reason)
{
	static const char *const calls[] = { "pidfd_getfd", "process_vm_readv", "process_vm_writev",
					     "ptrace" };
	const int64_t scope = why_setting(facts, PTRACE_SCOPE);

	if (failure->code != EPERM || scope < 1)
		return false;
	table_for_each (call, calls) {
		if (!why_is_call(failure, *call))
			continue;
		if (scope < 3 && why_has_capability(facts, CAP_SYS_PTRACE))
			return false;
		why_say(reason, SURE_LIKELY, "sysctl",
			FORMAT(facts, "kernel.yama.ptrace_scope is %d: %s%s", (int)scope,
			       scope == 1 ? "without cap_sys_ptrace only one's descendants can be "
					    "traced, and who has asked for it (PR_SET_PTRACER)"
			       : scope == 2 ? "only cap_sys_ptrace traces"
					    : "nobody attaches to a process until the next boot",
			       why_or_label(facts)),
			scope < 3 ? why_pointer_if(facts, "/process/capabilities") : NULL);
		return true;
	}
	return false;
}

static bool maps_low(const struct why_facts *facts, const struct why_failure *failure)
{
	const int64_t lowest = why_setting(facts, "vm/mmap_min_addr");

	return why_is_call(failure, "mmap") && failure->code == EPERM &&
	       (failure->arguments[3] & MAP_FIXED) && lowest > 0 &&
	       failure->arguments[0] < (uint64_t)lowest;
}

bool why_by_setting(const struct why_facts *facts, const struct why_failure *failure,
		    struct why_reason *reason)
{
	if (by_io_uring(facts, failure, reason) || by_realtime(facts, failure, reason) ||
	    by_ptrace_scope(facts, failure, reason))
		return true;
	if (is_ping(failure))
		why_say(reason, SURE_LIKELY, "sysctl",
			FORMAT(facts,
			       "net.ipv4.ping_group_range of its network namespace has none of the "
			       "caller's groups (none at all by default); ping(8) then tries a raw "
			       "socket, which needs cap_net_raw%s",
			       why_or_label(facts)),
			why_pointer_if(facts, "/linux/sysctl"));
	else if (makes_user_namespace(failure))
		by_user_namespace(facts, reason);
	else if (why_is_call(failure, "setgroups") && why_has_capability(facts, CAP_SETGID) &&
		 !facts->document->process.userns_is_ours)
		why_say(reason, SURE_LIKELY, "user namespace",
			"/proc/PID/setgroups says \"deny\", as for every user namespace that "
			"somebody without cap_setgid mapped, or its gid_map isn't written yet",
			why_pointer_of_ids(facts));
	else if (maps_low(facts, failure) && !why_counts_on_host(facts, CAP_SYS_RAWIO))
		why_say(reason, SURE_CERTAIN, "sysctl",
			FORMAT(facts,
			       "an address below vm.mmap_min_addr needs cap_sys_rawio in the "
			       "initial user namespace%s",
			       why_setting_words(facts, "vm/mmap_min_addr")),
			NULL);
	else
		return false;
	return true;
}
