/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child as a table: from clone3 to execve. The order of the rows is the security argument; each
 * row's `why` defends its place.
 *
 * Rows that talk to the parent or to `start` have their counterparts in parent.c and start.c.
 *
 * The rows' functions are in init_build.c and init_become.c.
 */
#include "runtime/init.h"

#include <unistd.h>

#include "base/table.h"
#include "namespaces/time.h"
#include "runtime/init_rows.h"
#include "runtime/rehearsal.h"
#include "runtime/start.h"
#include "runtime/step.h"
#include "runtime/sync.h"

static bool has_no_terminal(const struct creation *creation)
{
	return creation->spec.process.present && !creation->spec.process.terminal;
}

static bool joins(const struct creation *creation)
{
	return !creation_needs_stage(creation) &&
	       (creation->namespaces.join & ~(uint64_t)CLONE_NEWPID);
}

static bool has_time_offsets(const struct creation *creation)
{
	return time_is_offset(&creation->spec.linux) &&
	       !(creation->namespaces.join & CLONE_NEWUSER); /* the stage has done it */
}

static bool has_user_namespace_of_its_own(const struct creation *creation)
{
	return ((creation->namespaces.create | creation->namespaces.join) & CLONE_NEWUSER) != 0;
}

static bool has_late_cgroup_namespace(const struct creation *creation)
{
	return creation->cgroup_late && (creation->namespaces.create & CLONE_NEWCGROUP);
}

static bool wants_keyring(const struct creation *creation)
{
	return !creation->options->no_new_keyring;
}

static bool has_names(const struct creation *creation)
{
	return creation->spec.hostname || creation->spec.domainname;
}

static bool has_new_network(const struct creation *creation)
{
	return (creation->namespaces.create & CLONE_NEWNET) != 0;
}

static bool has_create_container_hooks(const struct creation *creation)
{
	return creation->spec.hooks[HOOK_CREATE_CONTAINER].count > 0;
}

static bool has_start_container_hooks(const struct creation *creation)
{
	return creation->spec.hooks[HOOK_START_CONTAINER].count > 0;
}

static bool has_readonly_root(const struct creation *creation)
{
	return creation_has_process(creation) && creation->spec.root.readonly;
}

static bool has_sysctl(const struct creation *creation)
{
	return creation->spec.linux.sysctl.count > 0;
}

static bool has_limits(const struct creation *creation)
{
	return creation_has_process(creation) && limits_wanted(&creation->spec.process);
}

static bool has_memory_policy(const struct creation *creation)
{
	return creation->spec.linux.memory_policy.present;
}

static bool has_personality(const struct creation *creation)
{
	return creation->spec.linux.personality.domain != NULL;
}

/* With a joined pid namespace the container's other processes can see ours as soon as it is in
 * there, so it must have lost its rights by then; elsewhere it keeps them until start, when the
 * filter is loaded. Each of these rows stands twice, and exactly one of the two is wanted. */
static bool early(const struct creation *creation)
{
	return creation_has_process(creation) && creation_joins_pid(creation);
}

static bool late(const struct creation *creation)
{
	return creation_has_process(creation) && !creation_joins_pid(creation);
}

static bool early_filter(const struct creation *creation)
{
	return early(creation) && creation_filter_needs_rights(creation);
}

static bool late_filter(const struct creation *creation)
{
	return late(creation) && creation_filter_needs_rights(creation);
}

static bool last_filter(const struct creation *creation)
{
	return creation->seccomp.length > 0 && creation->spec.process.no_new_privileges;
}

static const struct step init_steps[] = {
	{
		.name = "lifeline",
		.calls = "prctl",
		.manual = "PR_SET_PDEATHSIG(2const)",
		.why = "first: until the container is committed, the parent's death ends init",
		.run = init_tie_to_parent,
		.rehearse = init_tie_to_parent,
	},
	{
		.name = "join namespaces",
		.pointer = "/linux/namespaces",
		.calls = "setns",
		.manual = "setns(2)",
		.why = "what follows must happen inside of them",
		.shell = "nsenter --net=$PATH --ipc=$PATH --uts=$PATH",
		.wanted = joins,
		.run = init_join_namespaces,
		.rehearse = init_join_namespaces,
	},
	{
		.name = "await host",
		.calls = "recvmsg",
		.why = "id maps and a late cgroup come from the parent",
		.wanted = creation_waits_for_host,
		.run = init_await_host,
		.rehearse = init_await_host,
	},
	{
		.name = "time offsets",
		.pointer = "/linux/timeOffsets",
		.calls = "unshare, openat2, write, setns",
		.manual = "time_namespaces(7)",
		.why = "possible only while nobody is in the namespace, with rights over the user "
		       "namespace that owns it, and before a change of user takes our /proc files "
		       "away",
		.shell = "unshare --time --monotonic $SECONDS --boottime $SECONDS",
		.wanted = has_time_offsets,
		.run = init_offset_time,
		.rehearse = init_offset_time,
	},
	{
		.name = "become root",
		.pointer = "/linux/uidMappings",
		.calls = "setresgid, setresuid, prctl",
		.manual = "user_namespaces(7)",
		.why = "files that init makes must belong to an id that the namespace maps",
		.shell = "unshare --map-root-user",
		.wanted = creation_makes_user_namespace,
		.run = init_become_root,
		.rehearse = init_become_root,
	},
	{
		.name = "out of reach",
		.calls = "prctl",
		.manual = "PR_SET_DUMPABLE(2const)",
		.why = "nobody may trace us or open what we have open, from here to exec; the maps "
		       "had "
		       "to be written first",
		.wanted = has_user_namespace_of_its_own,
		.run = init_get_out_of_reach,
		.rehearse = init_get_out_of_reach,
	},
	{
		.name = "cgroup namespace",
		.pointer = "/linux/namespaces",
		.calls = "unshare",
		.manual = "cgroup_namespaces(7)",
		.why = "only in the fallback: its root is the cgroup that we are in now",
		.shell = "unshare --cgroup",
		.wanted = has_late_cgroup_namespace,
		.run = init_unshare_cgroup,
	},
	{
		.name = "cpu affinity",
		.calls = "sched_setaffinity",
		.manual = "sched_setaffinity(2), cpuset(7)",
		.why = "the CPUs that the caller is bound to aren't the container's; those of its "
		       "cgroup are, which we are in by now",
		.shell = "taskset --all-tasks --cpu-list --pid 0-1023 $PID",
		.run = init_free_affinity,
	},
	{
		.name = "memory policy",
		.pointer = "/linux/memoryPolicy",
		.calls = "set_mempolicy",
		.manual = "set_mempolicy(2)",
		.why = "in the cgroup, whose cpuset.mems bounds it",
		.shell = "numactl --interleave=0,1",
		.wanted = has_memory_policy,
		.run = init_set_memory_policy,
		.rehearse = init_set_memory_policy,
	},
	{
		.name = "personality",
		.pointer = "/linux/personality",
		.calls = "personality",
		.manual = "personality(2)",
		.why = "before a filter could forbid the call",
		.shell = "setarch linux32",
		.wanted = has_personality,
		.run = init_set_personality,
		.rehearse = init_set_personality,
	},
	{
		.name = "session",
		.calls = "setsid",
		.manual = "setsid(2)",
		.why = "no controlling terminal of the caller: nothing may be typed into it "
		       "(TIOCSTI)",
		.shell = "setsid",
		.run = init_new_session,
		.rehearse = init_new_session,
	},
	{
		.name = "keyring",
		.calls = "keyctl",
		.manual = "keyrings(7)",
		.why = "the caller's session keys aren't the container's",
		.shell = "keyctl session _ses.$ID",
		.wanted = wants_keyring,
		.run = init_join_keyring,
	},
	{
		.name = "hostname",
		.pointer = "/hostname",
		.calls = "sethostname, setdomainname",
		.manual = "uts_namespaces(7)",
		.why = "needs CAP_SYS_ADMIN in the owner of the namespace",
		.shell = "hostname $NAME",
		.wanted = has_names,
		.run = init_set_names,
	},
	{
		.name = "loopback",
		.pointer = "/linux/namespaces",
		.calls = "socket, ioctl SIOCSIFFLAGS",
		.manual = "netdevice(7)",
		.why = "a new network namespace has its lo down",
		.shell = "ip link set lo up",
		.wanted = has_new_network,
		.run = init_loopback_up,
	},
	{
		.name = "isolate mounts",
		.pointer = "/linux/rootfsPropagation",
		.calls = "mount_setattr, open_tree, move_mount",
		.manual = "mount_namespaces(7)",
		.why = "before the first mount, or it would appear on the host",
		.shell = "mount --make-rslave /; mount --rbind rootfs rootfs",
		.run = init_isolate_mounts,
		.rehearse = rehearse_isolate,
	},
	{
		.name = "mounts",
		.pointer = "/mounts",
		.calls = "fsopen, fsconfig, fsmount, move_mount",
		.manual = "mount(8), config.md#mounts",
		.why = "in listed order; each gets all its attributes before it is attached",
		.shell = "mount -t proc proc rootfs/proc",
		.run = init_make_mounts,
		.rehearse = rehearse_mounts,
	},
	{
		.name = "devices",
		.pointer = "/linux/devices",
		.calls = "mknodat, symlinkat",
		.manual = "mknod(2), config-linux.md#devices",
		.why = "after the mounts, since /dev is usually one of them",
		.shell = "mknod rootfs/dev/null c 1 3",
		.run = init_make_devices,
		.rehearse = init_make_devices,
	},
	{
		.name = "runtime hooks",
		.pointer = "/hooks/createRuntime",
		.calls = "sendmsg, recvmsg",
		.manual = "config.md#posix-platform-hooks",
		.why = "the parent runs them now: namespaces and mounts exist, the host's root is "
		       "there",
		.wanted = creation_has_runtime_hooks,
		.run = init_await_runtime_hooks,
	},
	{
		.name = "createContainer hooks",
		.pointer = "/hooks/createContainer",
		.calls = "clone3, execve, waitid",
		.manual = "config.md#posix-platform-hooks",
		.why = "the last moment at which container namespaces and host paths both exist",
		.wanted = has_create_container_hooks,
		.run = init_run_create_container_hooks,
	},
	{
		.name = "console",
		.pointer = "/process/terminal",
		.calls = "openat2, ioctl TIOCGPTPEER, sendmsg, move_mount, dup3",
		.manual = "pty(7), pts(4)",
		.why = "the pty comes from the container's devpts; /dev/console is still writable",
		.wanted = creation_has_terminal,
		.run = init_open_console,
		.rehearse = init_open_console,
	},
	{
		.name = "sysctl",
		.pointer = "/linux/sysctl",
		.calls = "fsopen, openat2, write",
		.manual = "sysctl(8)",
		.why = "before /proc/sys becomes read-only, through a procfs that nobody else sees",
		.shell = "sysctl -w net.ipv4.ip_forward=1",
		.wanted = has_sysctl,
		.run = init_write_sysctl,
		.rehearse = rehearse_sysctl,
	},
	{
		.name = "label file",
		.pointer = "/process/apparmorProfile",
		.calls = "fsopen, openat2",
		.manual = "apparmor(7), selinux(8)",
		.why = "opened while no one of the container can stand between us and procfs",
		.wanted = creation_has_label,
		.run = init_open_label,
		.rehearse = init_open_label,
	},
	{
		.name = "working directory, read-only root",
		.pointer = "/process/cwd",
		.calls = "openat2, mkdirat",
		.manual = "config.md#process",
		.why = "one that is missing can't be made any more when the root is read-only",
		.shell = "mkdir -p rootfs$CWD",
		.wanted = has_readonly_root,
		.run = init_make_cwd,
		.rehearse = init_make_cwd,
	},
	{
		.name = "masked paths",
		.pointer = "/linux/maskedPaths",
		.calls = "openat2, open_tree, move_mount",
		.manual = "config-linux.md#masked-paths",
		.why = "after the hooks, which may still have to see what lies below",
		.shell = "mount --bind /dev/null rootfs/proc/kcore",
		.run = init_mask_paths,
		.rehearse = init_mask_paths,
	},
	{
		.name = "read-only paths",
		.pointer = "/linux/readonlyPaths",
		.calls = "openat2, open_tree, mount_setattr, move_mount",
		.manual = "config-linux.md#readonly-paths",
		.why = "read-only before they are attached: there is no moment in between",
		.shell = "mount --bind -o ro rootfs/proc/sys rootfs/proc/sys",
		.run = init_protect_paths,
		.rehearse = init_protect_paths,
	},
	{
		.name = "seal",
		.pointer = "/root/readonly",
		.calls = "mount_setattr",
		.manual = "mount_setattr(2)",
		.why = "the last row that needs to write; nothing is deferred past pivot_root",
		.shell = "mount -o remount,bind,ro rootfs",
		.run = init_seal_root,
		.rehearse = init_seal_root,
	},
	{
		.name = "pivot",
		.pointer = "/root/path",
		.calls = "pivot_root, umount2",
		.manual = "pivot_root(2)",
		.why = "the host is gone below this row; a chroot alone would leave it reachable",
		.shell = "pivot_root . . ; umount -l .",
		.run = init_pivot,
		.rehearse = init_pivot,
	},
	{
		.name = "verify mounts",
		.calls = "openat2, statx, fstatvfs",
		.why = "what was asked is read back by fresh look-ups; a difference ends the "
		       "create",
		.shell = "findmnt",
		.run = init_verify_mounts,
		.rehearse = init_verify_mounts,
	},
	{
		.name = "standard streams",
		.pointer = "/process/user",
		.calls = "fstat, fchown",
		.manual = "runtime-linux.md#file-descriptors",
		.why = "/dev/null is reopened inside the container",
		.wanted = has_no_terminal,
		.run = init_fix_stdio,
	},
	{
		.name = "working directory",
		.pointer = "/process/cwd",
		.calls = "mkdirat, chdir, getcwd",
		.manual = "chdir(2)",
		.why = "the executable's name may be relative to it",
		.wanted = creation_has_process,
		.run = init_enter_cwd,
		.rehearse = rehearse_cwd,
	},
	{
		.name = "executable",
		.pointer = "/process/args",
		.calls = "setfsuid, openat2, faccessat2",
		.manual = "execve(2), path_resolution(7)",
		.why = "a missing program ends create, not start: engines rely on it",
		.shell = "command -v $ARG0",
		.wanted = creation_has_process,
		.run = init_find_executable,
		.rehearse = init_find_executable,
	},
	{
		.name = "pid namespace",
		.pointer = "/linux/namespaces",
		.calls = "setns",
		.manual = "pid_namespaces(7)",
		.why = "for the children that we make below; needs the rights that go next",
		.shell = "nsenter --pid=$PATH",
		.wanted = creation_joins_pid,
		.run = init_target_pid_namespace,
	},
	{
		.name = "descriptors",
		.calls = "close_range",
		.manual = "close_range(2)",
		.why = "no descriptor of the host may be in a process that the container can "
		       "reach; "
		       "before a filter that may not know the call",
		.run = init_close_descriptors,
	},
	{
		.name = "user, joined pid namespace",
		.pointer = "/process/user",
		.calls = "prctl, setgroups, setresgid, setresuid, capset",
		.manual = "credentials(7), capabilities(7)",
		.why = "nothing with rights may ever be visible to the namespace's other processes",
		.wanted = early,
		.run = init_become_user,
		.rehearse = init_become_user,
	},
	{
		.name = "home, joined pid namespace",
		.pointer = "/process/env",
		.calls = "openat, read",
		.why = "the password file is the image's: it is read with the container's rights "
		       "only",
		.wanted = early,
		.run = init_add_home,
	},
	{
		.name = "verify user, joined pid namespace",
		.calls = "capget, prctl, getresuid, getgroups",
		.why = "read back before anyone can see us, and before a filter that may know none "
		       "of these calls",
		.wanted = early,
		.run = init_verify_user,
	},
	{
		.name = "filter, joined pid namespace",
		.pointer = "/linux/seccomp",
		.calls = "seccomp, capset, capget, prctl",
		.manual = "seccomp(2)",
		.why = "without no_new_privs loading needs CAP_SYS_ADMIN, kept until here and "
		       "dropped now",
		.wanted = early_filter,
		.run = init_load_filter_with_rights,
	},
	{
		.name = "enter pid namespace",
		.pointer = "/linux/namespaces",
		.calls = "clone",
		.manual = "pid_namespaces(7)",
		.why = "the child is in the joined namespace, without rights or descriptors",
		.wanted = creation_joins_pid,
		.run = init_enter_pid_namespace,
	},
	{
		.name = "created",
		.calls = "prctl, rt_sigaction, sendmsg, accept4, recvmsg",
		.manual = "runtime.md#lifecycle",
		.why = "create ends here; start comes by the socket",
		.run = init_await_start,
	},
	{
		.name = "limits",
		.pointer = "/process/rlimits",
		.calls = "sched_setattr, ioprio_set, prlimit | sendmsg, recvmsg",
		.manual = "getrlimit(2), sched(7), ioprio_set(2)",
		.why = "an earlier NOFILE of 3 would have made accept fail; what init may not "
		       "give itself, start does by pid",
		.shell = "prlimit --pid $PID --nofile=1024; chrt --pid --fifo 1 $PID; ionice "
			 "-c2 -n0 -P $PID",
		.wanted = has_limits,
		.run = init_set_limits,
	},
	{
		.name = "user",
		.pointer = "/process/user",
		.calls = "prctl, setgroups, setresgid, setresuid, capset",
		.manual = "credentials(7), capabilities(7)",
		.why = "bounding set while we may, groups before gid before uid, then the other "
		       "sets",
		.shell = "capsh --drop=... --uid=... --",
		.wanted = late,
		.run = init_become_user,
		.rehearse = init_become_user,
	},
	{
		.name = "home",
		.pointer = "/process/env",
		.calls = "openat, read",
		.why = "the password file is the image's: it is read with the container's rights "
		       "only",
		.wanted = late,
		.run = init_add_home,
	},
	{
		.name = "verify user",
		.calls = "capget, prctl, getresuid, getgroups",
		.why = "read back; a difference ends it before exec",
		.shell = "grep -E 'Cap|Uid|Groups|NoNewPrivs' /proc/self/status",
		.wanted = late,
		.run = init_verify_user,
	},
	{
		.name = "filter without no_new_privs",
		.pointer = "/linux/seccomp",
		.calls = "seccomp, capset, capget, prctl",
		.manual = "seccomp(2)",
		.why = "loading needs CAP_SYS_ADMIN then, kept until here and dropped now; it need "
		       "not allow anything else of the rows above",
		.wanted = late_filter,
		.run = init_load_filter_with_rights,
	},
	{
		.name = "filter",
		.pointer = "/linux/seccomp",
		.calls = "seccomp",
		.manual = "seccomp(2)",
		.why = "last: it need not allow anything of the rows above",
		.wanted = last_filter,
		.run = init_load_filter,
	},
	{
		.name = "startContainer hooks",
		.pointer = "/hooks/startContainer",
		.calls = "clone3, execve, waitid",
		.manual = "config.md#posix-platform-hooks",
		.why = "as the container: the image's program gets nothing that the container "
		       "hasn't",
		.wanted = has_start_container_hooks,
		.run = init_run_start_container_hooks,
		.rehearse = rehearse_start_hooks,
	},
	{
		.name = "exec",
		.pointer = "/process/args",
		.calls = "write, rt_sigaction, rt_sigprocmask, execve",
		.manual = "execve(2)",
		.why = "end of file on the close-on-exec connection tells start that it worked",
		.shell = "exec \"$@\"",
		.wanted = creation_has_process,
		.run = init_execute,
	},
};
const struct step_table init_table = {
	.actor = "init",
	.steps = init_steps,
	.count = ARRAY_SIZE(init_steps),
};

_Noreturn void init_main(struct creation *creation)
{
	struct error err;

	if (creation->rehearsal)
		rehearsal_main(creation);
	if (steps_run(&init_table, creation, &err) < 0) {
		const int peer = creation->channel >= 0 ? creation->channel : creation->sync;

		if (peer >= 0)
			sync_send_error(peer, &err);
	}
	_exit(1);
}
