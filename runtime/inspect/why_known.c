/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Failures that the call, its errno and the name of the file explain: tables only. Nothing of this
 * is certain, since the kernel has other reasons for the same errno, too.
 *
 * syscalls: none
 */
#include <errno.h>
#include <string.h>

#include "base/table.h"
#include "runtime/inspect/why_object.h"
#include "runtime/inspect/why_reason.h"

#define NO_ROUTE                                                                                   \
	"its network namespace has no route there (ip route): a new one has nothing but lo, "      \
	"which doesn't lead out"
#define FIREWALL "the output chain of the firewall (nft, iptables), or a BPF program of the cgroup"
#define KEYS                                                                                       \
	"kernel.keys.maxkeys or maxbytes (root_maxkeys, root_maxbytes of uid 0): the keys of "     \
	"all containers of that uid count together"
#define NO_FILE_SYSTEM                                                                             \
	"the kernel has no such file system, or its module isn't loaded (/proc/filesystems): a "   \
	"container can't load it, modprobe(8) on the host can"

static const struct known {
	const char *call;
	int code;
	enum why_sureness sure;
	const char *layer, *text, *pointer;
	const char *setting; /* below /proc/sys, whose value is told; NULL */
} calls[] = {
	{ "add_key", EDQUOT, SURE_LIKELY, "limits", KEYS, NULL, "kernel/keys/maxkeys" },
	{ "bind", EADDRNOTAVAIL, SURE_LIKELY, "network namespace",
	  "no interface of its network namespace has this address (ip address): the host's are "
	  "others",
	  NULL, NULL },
	{ "connect", ENETUNREACH, SURE_LIKELY, "network namespace", NO_ROUTE, NULL, NULL },
	{ "connect", EPERM, SURE_LIKELY, "network", FIREWALL, NULL, NULL },
	{ "epoll_ctl", ENOSPC, SURE_LIKELY, "limits", "fs.epoll.max_user_watches of the user", NULL,
	  "fs/epoll/max_user_watches" },
	{ "execve", ENOEXEC, SURE_LIKELY, "kernel",
	  "a program for another architecture, or a script that doesn't begin with #!", NULL,
	  NULL },
	{ "fanotify_init", EMFILE, SURE_LIKELY, "limits", "fs.fanotify.max_user_groups of the user",
	  NULL, NULL },
	{ "fsopen", ENODEV, SURE_LIKELY, "kernel", NO_FILE_SYSTEM, NULL, NULL },
	{ "io_uring_setup", ENOMEM, SURE_LIKELY, "limits",
	  "RLIMIT_MEMLOCK (before Linux 5.12), or memory", "/process/rlimits", NULL },
	{ "keyctl", EDQUOT, SURE_LIKELY, "limits", KEYS, NULL, "kernel/keys/maxkeys" },
	{ "mount", EINVAL, SURE_POSSIBLE, "mounts",
	  "an option that this file system doesn't have; an overlay whose upperdir is on an "
	  "overlay; in a user namespace a bind mount that would uncover what a locked mount "
	  "hides (MS_REC takes it along); dmesg often says more",
	  NULL, NULL },
	{ "mount", ENODEV, SURE_LIKELY, "kernel", NO_FILE_SYSTEM, NULL, NULL },
	{ "mq_open", EMFILE, SURE_LIKELY, "limits", "RLIMIT_MSGQUEUE, or RLIMIT_NOFILE",
	  "/process/rlimits", NULL },
	{ "mq_open", ENOSPC, SURE_LIKELY, "limits", "fs.mqueue.queues_max of its ipc namespace",
	  "/linux/sysctl", NULL },
	{ "msgget", ENOSPC, SURE_LIKELY, "limits", "kernel.msgmni of its ipc namespace",
	  "/linux/sysctl", NULL },
	{ "pivot_root", EINVAL, SURE_LIKELY, "mounts",
	  "the new root is no mount point, or it or its parent is a shared mount", NULL, NULL },
	{ "semget", ENOSPC, SURE_LIKELY, "limits", "kernel.sem of its ipc namespace",
	  "/linux/sysctl", NULL },
	{ "sendmsg", ENETUNREACH, SURE_LIKELY, "network namespace", NO_ROUTE, NULL, NULL },
	{ "sendmsg", EPERM, SURE_LIKELY, "network", FIREWALL, NULL, NULL },
	{ "sendto", ENETUNREACH, SURE_LIKELY, "network namespace", NO_ROUTE, NULL, NULL },
	{ "sendto", EPERM, SURE_LIKELY, "network", FIREWALL, NULL, NULL },
	{ "setns", EINVAL, SURE_POSSIBLE, "namespace",
	  "the flags are of another kind of namespace; a user namespace that the caller is in, or "
	  "that a program with threads wants; a pid namespace that isn't below the caller's",
	  NULL, NULL },
	{ "socket", EAFNOSUPPORT, SURE_LIKELY, "kernel",
	  "the kernel has no such family, or its module isn't loaded: a container can't load it",
	  NULL, NULL },
	{ "setgroups", EINVAL, SURE_LIKELY, "user namespace",
	  "one of the groups isn't mapped in it (/proc/PID/gid_map)", "/linux/gidMappings", NULL },
	{ "shmget", ENOSPC, SURE_LIKELY, "limits", "kernel.shmmni or shmall of its ipc namespace",
	  "/linux/sysctl", NULL },
};

/* What is written to files that the kernel makes; code 0: EPERM and EACCES. */
static const struct known_file {
	const char *end;
	int code;
	const char *layer, *text, *pointer;
} files[] = {
	{ "/cgroup.procs", 0, "cgroup",
	  "a process is moved by who may also write cgroup.procs of the cgroup above both, "
	  "cgroups(7)",
	  NULL },
	{ "/cgroup.subtree_control", EBUSY, "cgroup",
	  "the cgroup has processes: they have to be in cgroups below it before it can give "
	  "controllers to those, cgroups(7)",
	  NULL },
	{ "/gid_map", 0, "user namespace",
	  "it is written once; without cap_setgid in the parent user namespace one's own group "
	  "only, and after \"deny\" was written to setgroups: user_namespaces(7)",
	  NULL },
	{ "/loginuid", 0, "capability", "cap_audit_control, or it is set and immutable", NULL },
	{ "/oom_score_adj", 0, "capability",
	  "a lower value than it had needs cap_sys_resource in the initial user namespace",
	  "/process/oomScoreAdj" },
	{ "/timens_offsets", 0, "time namespace",
	  "it needs cap_sys_time in the user namespace, and is written before a process is in the "
	  "time namespace: time_namespaces(7)",
	  "/linux/timeOffsets" },
	{ "/setgroups", 0, "user namespace",
	  "what the parent denies stays so, and after gid_map is written nothing changes", NULL },
	{ "/uid_map", 0, "user namespace",
	  "it is written once; without cap_setuid in the parent user namespace one's own id "
	  "only, and id 0 of the parent only by who had cap_setfcap there: user_namespaces(7)",
	  NULL },
};

static bool writes(const struct why_failure *failure)
{
	return strcmp(failure->call, "write") == 0 || strcmp(failure->call, "writev") == 0;
}

bool why_is_known(const char *call, int code)
{
	table_for_each (row, calls) {
		if (row->code == code && strcmp(row->call, call) == 0)
			return true;
	}
	return false;
}

bool why_by_call(const struct why_facts *facts, const struct why_failure *failure,
		 struct why_reason *reason)
{
	table_for_each (row, calls) {
		if (row->code != failure->code || strcmp(row->call, failure->call) != 0 ||
		    (failure->path && failure->code == EPERM)) /* a socket's path */
			continue;
		why_say(reason, row->sure, row->layer,
			FORMAT(facts, "%s%s", row->text, why_setting_words(facts, row->setting)),
			why_pointer_if(facts, row->pointer));
		return true;
	}
	return false;
}

bool why_by_kernel_file(const struct why_facts *facts, const struct why_failure *failure,
			struct why_reason *reason)
{
	const bool refused = failure->code == EPERM || failure->code == EACCES;
	const bool opens = failure->code == EACCES && (strcmp(failure->call, "open") == 0 ||
						       strcmp(failure->call, "openat") == 0);
	const char *path = failure->path;
	struct why_object object;

	if (!path || !(writes(failure) || opens))
		return false;
	why_object_find(facts, failure, &object);
	if (opens && (object.exists || !string_equal(object.type, "cgroup2")))
		return false;
	if (opens) {
		why_say(reason, SURE_LIKELY, "cgroup",
			"the cgroup has no such file, and none can be made: its controller isn't "
			"in cgroup.controllers, which the parent's cgroup.subtree_control gives",
			NULL);
		return true;
	}
	if (!string_equal(object.type, "proc") && !string_equal(object.type, "cgroup2"))
		return false;
	table_for_each (row, files) {
		if (!why_ends_in(path, row->end) ||
		    !(row->code ? row->code == failure->code : refused))
			continue;
		why_say(reason, SURE_LIKELY, row->layer, row->text,
			why_pointer_if(facts, row->pointer));
		return true;
	}
	if (!refused || !string_equal(object.type, "proc"))
		return false;
	why_say(reason, SURE_LIKELY, "sysctl",
		"this setting asks whoever writes it for a capability, mostly in the initial user "
		"namespace, whatever the file's mode",
		why_pointer_if(facts, "/linux/sysctl"));
	return true;
}
