/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The child as a table: from clone3 to execve. The order of the rows is the security argument; each
 * row's `why` defends its place.
 *
 * Rows that talk to the parent or to `start` have their counterparts in parent.c and start.c.
 *
 * syscalls: prctl, setsid, unshare, setns, clone, accept4, close_range, sendmsg, recvmsg,
 * rt_sigprocmask
 */
#include "runtime/init.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/table.h"
#include "namespaces/network.h"
#include "namespaces/sysctl.h"
#include "namespaces/time.h"
#include "namespaces/user.h"
#include "namespaces/uts.h"
#include "runtime/child.h"
#include "runtime/console.h"
#include "runtime/hooks.h"
#include "runtime/listener.h"
#include "runtime/signals.h"
#include "runtime/start.h"
#include "runtime/step.h"
#include "runtime/sync.h"

/* --- what is asked for --------------------------------------------------------------------- */

static bool has_process(const struct creation *creation)
{
	return creation->spec.process.present;
}

static bool has_terminal(const struct creation *creation)
{
	return creation->spec.process.present && creation->spec.process.terminal;
}

static bool has_no_terminal(const struct creation *creation)
{
	return creation->spec.process.present && !creation->spec.process.terminal;
}

static bool joins(const struct creation *creation)
{
	return !creation_needs_stage(creation) &&
	       (creation->namespaces.join & ~(uint64_t)CLONE_NEWPID);
}

static bool makes_user_namespace(const struct creation *creation)
{
	return (creation->namespaces.create & CLONE_NEWUSER) != 0;
}

static bool has_time_offsets(const struct creation *creation)
{
	return time_is_offset(&creation->spec.linux) &&
	       !(creation->namespaces.join & CLONE_NEWUSER); /* the stage has done it */
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

static bool has_runtime_hooks(const struct creation *creation)
{
	return creation->spec.hooks[HOOK_PRESTART].count > 0 ||
	       creation->spec.hooks[HOOK_CREATE_RUNTIME].count > 0;
}

static bool has_create_container_hooks(const struct creation *creation)
{
	return creation->spec.hooks[HOOK_CREATE_CONTAINER].count > 0;
}

static bool has_start_container_hooks(const struct creation *creation)
{
	return creation->spec.hooks[HOOK_START_CONTAINER].count > 0;
}

static bool has_sysctl(const struct creation *creation)
{
	return creation->spec.linux.sysctl.count > 0;
}

static bool has_label(const struct creation *creation)
{
	return creation->spec.process.apparmor_profile || creation->spec.process.selinux_label;
}

static bool has_limits(const struct creation *creation)
{
	return has_process(creation) && limits_wanted(&creation->spec.process);
}

static bool has_memory_policy(const struct creation *creation)
{
	return creation->spec.linux.memory_policy.present;
}

static bool has_personality(const struct creation *creation)
{
	return creation->spec.linux.personality.domain != NULL;
}

static bool filter_before_user(const struct creation *creation)
{
	return creation->seccomp.length > 0 && !creation->spec.process.no_new_privileges;
}

/* With a joined pid namespace the container's other processes can see ours as soon as it is in
 * there, so it must have lost its rights by then; elsewhere it keeps them until start, when the
 * filter is loaded. Each of these rows stands twice, and exactly one of the two is wanted. */
static bool early(const struct creation *creation)
{
	return has_process(creation) && creation_joins_pid(creation);
}

static bool late(const struct creation *creation)
{
	return has_process(creation) && !creation_joins_pid(creation);
}

static bool early_filter(const struct creation *creation)
{
	return early(creation) && filter_before_user(creation);
}

static bool late_filter(const struct creation *creation)
{
	return late(creation) && filter_before_user(creation);
}

static bool last_filter(const struct creation *creation)
{
	return creation->seccomp.length > 0 && creation->spec.process.no_new_privileges;
}

/* --- before pivot_root ----------------------------------------------------------------------- */

static int tie_to_parent(struct creation *creation, struct error *err)
{
	(void)creation;
	return child_tie(err);
}

static int join_namespaces(struct creation *creation, struct error *err)
{
	return namespace_join(&creation->namespaces,
			      creation->namespaces.join & ~(uint64_t)CLONE_NEWPID, err);
}

static int await_host(struct creation *creation, struct error *err)
{
	return sync_wait(creation->sync, SYNC_HOST_READY, "the parent", NULL, err);
}

static int become_root(struct creation *creation, struct error *err)
{
	/* a change of credentials cuts the lifeline */
	return user_become_root(&creation->user_maps, err) < 0 ? -1 : tie_to_parent(creation, err);
}

static int offset_time(struct creation *creation, struct error *err)
{
	autofd file = time_open(err);

	if (file < 0 || time_make(file, &creation->spec.linux, err) < 0)
		return -1;
	return time_enter(err);
}

static int free_affinity(struct creation *creation, struct error *err)
{
	(void)creation;
	(void)err; /* it may be denied: then the caller's stays */
	affinity_reset();
	return 0;
}

static int set_memory_policy(struct creation *creation, struct error *err)
{
	return memory_policy_apply(&creation->spec.linux.memory_policy, err);
}

static int set_personality(struct creation *creation, struct error *err)
{
	return personality_apply(&creation->spec.linux.personality, err);
}

static int unshare_cgroup(struct creation *creation, struct error *err)
{
	(void)creation;
	if (unshare(CLONE_NEWCGROUP) < 0)
		return error_errno(err, "new cgroup namespace");
	return 0;
}

static int new_session(struct creation *creation, struct error *err)
{
	(void)creation;
	if (setsid() < 0)
		return error_errno(err, "new session");
	return 0;
}

static int join_keyring(struct creation *creation, struct error *err)
{
	return keyring_join_labelled(creation->options->id, &creation->spec.process, err);
}

static int set_names(struct creation *creation, struct error *err)
{
	return uts_apply(creation->spec.hostname, creation->spec.domainname, err);
}

static int loopback_up(struct creation *creation, struct error *err)
{
	(void)creation;
	return network_loopback_up(err);
}

static int isolate_mounts(struct creation *creation, struct error *err)
{
	return rootfs_isolate(&creation->rootfs, err);
}

/* rootfs.map_ids; context: the creation. */
static int ask_for_map(void *context, int mount, struct error *err)
{
	const struct creation *creation = context;

	if (sync_send(creation->sync, SYNC_MAP_IDS, 0, err) < 0 ||
	    fd_send(creation->sync, mount, "m", err) < 0)
		return -1;
	return sync_wait(creation->sync, SYNC_IDS_MAPPED, "the parent", NULL, err);
}

static int make_mounts(struct creation *creation, struct error *err)
{
	if (rootfs_maps_by_parent(&creation->rootfs)) {
		creation->rootfs.map_ids = ask_for_map;
		creation->rootfs.map_context = creation;
	}
	return rootfs_mount(&creation->rootfs, err);
}

static int make_devices(struct creation *creation, struct error *err)
{
	return rootfs_devices(&creation->rootfs, err);
}

static int await_runtime_hooks(struct creation *creation, struct error *err)
{
	if (sync_send(creation->sync, SYNC_ROOTFS_READY, 0, err) < 0)
		return -1;
	return sync_wait(creation->sync, SYNC_HOOKS_DONE, "the parent", NULL, err);
}

static int run_create_container_hooks(struct creation *creation, struct error *err)
{
	struct state_document state;

	creation_state(creation, "creating", getpid(), &state);
	return hooks_run(HOOK_CREATE_CONTAINER, &creation->spec.hooks[HOOK_CREATE_CONTAINER],
			 &state, creation->bundle, NULL, err);
}

static int open_console(struct creation *creation, struct error *err)
{
	const struct process_spec *process = &creation->spec.process;

	/* elsewhere the mount would be the host's, or another container's */
	const bool bind = (creation->namespaces.create & CLONE_NEWNS) != 0;

	creation->console = console_open(creation->rootfs.root, creation->console_socket,
					 &process->console_size, process->user.uid, bind, err);
	return creation->console < 0 ? -1 : console_attach(fd_take(&creation->console), err);
}

static int write_sysctl(struct creation *creation, struct error *err)
{
	return sysctl_apply(&creation->spec.linux.sysctl, err);
}

static int open_label(struct creation *creation, struct error *err)
{
	bool none = false;

	creation->label = lsm_open(&creation->spec.process, &none, err);
	return creation->label < 0 && !none ? -1 : 0;
}

static int mask_paths(struct creation *creation, struct error *err)
{
	return rootfs_masked_paths(&creation->rootfs, err);
}

static int protect_paths(struct creation *creation, struct error *err)
{
	return rootfs_readonly_paths(&creation->rootfs, err);
}

static int seal_root(struct creation *creation, struct error *err)
{
	return rootfs_seal(&creation->rootfs, err);
}

static int pivot(struct creation *creation, struct error *err)
{
	return rootfs_pivot(&creation->rootfs, err);
}

/* --- inside the container -------------------------------------------------------------------- */

static int verify_mounts(struct creation *creation, struct error *err)
{
	return rootfs_verify(&creation->rootfs, err);
}

static int fix_stdio(struct creation *creation, struct error *err)
{
	return console_fix_stdio(creation->spec.process.user.uid, err);
}

static int enter_cwd(struct creation *creation, struct error *err)
{
	return cwd_enter(creation->spec.process.cwd, &creation->cwd_entered, err);
}

static int find_executable(struct creation *creation, struct error *err)
{
	return executable_find(&creation->spec.process, creation->env, creation->executable, err);
}

static int load_filter(struct creation *creation, struct error *err)
{
	return listener_load(&creation->seccomp, creation->channel, err);
}

/* Without no_new_privs loading needs CAP_SYS_ADMIN, so that one is kept over the change of user and
 * goes right after: the profile need not allow setuid and the like, only capset. */
static int load_filter_with_rights(struct creation *creation, struct error *err)
{
	if (listener_load(&creation->seccomp, creation->channel, err) < 0)
		return -1;
	return capabilities_drop_kept(&creation->capabilities, err);
}

static int become_user(struct creation *creation, struct error *err)
{
	const struct process_spec *process = &creation->spec.process;
	const uint64_t keep = filter_before_user(creation) ? UINT64_C(1) << CAP_SYS_ADMIN : 0;

	if (has_label(creation) && lsm_label_exec(process, creation->label, err) < 0)
		return -1;
	if (process->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_errno(err, "set no_new_privs");
	if (capabilities_before_user(&creation->capabilities, err) < 0 ||
	    user_apply(&process->user, &creation->groups_stay, err) < 0 ||
	    capabilities_apply(&creation->capabilities, keep, err) < 0)
		return -1;
	/* a change of credentials sets this to fs.suid_dumpable, which may be 1 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, "stay out of reach of ptrace");
	if (!creation->cwd_entered)
		return cwd_enter(process->cwd, NULL, err);
	return 0;
}

/* HOME is looked up with the container's rights: its password file may be anything (safety.md F3).
 */
static int add_home(struct creation *creation, struct error *err)
{
	creation->env =
		env_add_home(creation->env, creation->spec.process.user.uid, &creation->arena, err);
	return creation->env ? 0 : -1;
}

static int verify_user(struct creation *creation, struct error *err)
{
	const struct process_spec *process = &creation->spec.process;

	if (capabilities_verify(&creation->capabilities, err) < 0 ||
	    user_verify(&process->user, creation->groups_stay, err) < 0)
		return -1;
	if (process->no_new_privileges && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return error_set(err, "verify: no_new_privs isn't set");
	return has_label(creation) ? lsm_verify(process, creation->label, err) : 0;
}

/* Everything but the standard streams, what the caller asked to preserve, and the socket that we
 * wait on is really closed: a container that reaches this process finds nothing (CVE-2024-21626).
 */
static int close_descriptors(struct creation *creation, struct error *err)
{
	const int first = 3 + creation->preserved_fds;
	int keep[3];
	size_t count = 0;

	keep[count++] = creation->sync;
	if (creation->start_socket >= 0)
		keep[count++] = creation->start_socket;
	if (creation->label >= 0)
		keep[count++] = creation->label;
	log_detach();
	return fd_close_from(first, keep, count, err);
}

static int enter_pid_namespace(struct creation *creation, struct error *err)
{
	(void)creation;
	return child_enter_pid_namespace(err);
}

/* For the row above: needs CAP_SYS_ADMIN, which the rows between take away. */
static int target_pid_namespace(struct creation *creation, struct error *err)
{
	return namespace_join(&creation->namespaces, CLONE_NEWPID, err);
}

/* Peers that connect and go away without a word are no reason to end. */
static int accept_start(struct creation *creation, struct error *err)
{
	for (;;) {
		enum sync_step step;
		struct error ignored;
		autofd peer = accept4(creation->start_socket, NULL, NULL, SOCK_CLOEXEC);

		if (peer < 0 && errno != EINTR && errno != ECONNABORTED)
			return error_errno(err, "wait for start");
		if (peer >= 0 && sync_receive(peer, &step, NULL, &ignored) == 1 &&
		    step == SYNC_START) {
			creation->channel = fd_take(&peer);
			return 0;
		}
	}
}

static int await_start(struct creation *creation, struct error *err)
{
	/* from CREATED on the parent may end like any other process; never armed again */
	if (child_untie(err) < 0 || sync_send(creation->sync, SYNC_CREATED, 0, err) < 0 ||
	    sync_wait(creation->sync, SYNC_COMMITTED, "the parent", NULL, err) < 0)
		return -1;
	if (creation->start_socket < 0) {
		creation->channel = creation->sync;
		return sync_wait(creation->sync, SYNC_START, "the parent", NULL, err);
	}
	fd_close(&creation->sync);
	if (accept_start(creation, err) < 0)
		return -1;
	fd_close(&creation->start_socket);
	return 0;
}

static int set_limits(struct creation *creation, struct error *err)
{
	const struct limits limits = { &creation->spec.process,
				       creation->spec.linux.resources.cpu.cpus };

	return limits_take(&limits, creation->channel, err);
}

static int run_start_container_hooks(struct creation *creation, struct error *err)
{
	struct state_document state;

	creation_state(creation, "created", getpid(), &state);
	return hooks_run(HOOK_START_CONTAINER, &creation->spec.hooks[HOOK_START_CONTAINER], &state,
			 "/", creation->env, err);
}

static int execute(struct creation *creation, struct error *err)
{
	if (child_preserve(creation->preserved_fds, err) < 0)
		return -1;
	fd_close(&creation->label);
	if (sync_send(creation->channel, SYNC_EXECUTING, 0, err) < 0 || signals_reset(err) < 0)
		return -1;
	return executable_exec(creation->executable, creation->spec.process.args.items,
			       creation->env, err);
}

static const struct step init_steps[] = {
	{
		.name = "lifeline",
		.calls = "prctl",
		.manual = "PR_SET_PDEATHSIG(2const)",
		.why = "first: until the container is committed, the parent's death ends init",
		.run = tie_to_parent,
	},
	{
		.name = "join namespaces",
		.pointer = "/linux/namespaces",
		.calls = "setns",
		.manual = "setns(2)",
		.why = "what follows must happen inside of them",
		.shell = "nsenter --net=$PATH --ipc=$PATH --uts=$PATH",
		.wanted = joins,
		.run = join_namespaces,
	},
	{
		.name = "await host",
		.calls = "recvmsg",
		.why = "id maps and a late cgroup come from the parent",
		.wanted = creation_waits_for_host,
		.run = await_host,
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
		.run = offset_time,
	},
	{
		.name = "become root",
		.pointer = "/linux/uidMappings",
		.calls = "setresgid, setresuid, prctl",
		.manual = "user_namespaces(7)",
		.why = "files that init makes must belong to an id that the namespace maps",
		.shell = "unshare --map-root-user",
		.wanted = makes_user_namespace,
		.run = become_root,
	},
	{
		.name = "cgroup namespace",
		.pointer = "/linux/namespaces",
		.calls = "unshare",
		.manual = "cgroup_namespaces(7)",
		.why = "only in the fallback: its root is the cgroup that we are in now",
		.shell = "unshare --cgroup",
		.wanted = has_late_cgroup_namespace,
		.run = unshare_cgroup,
	},
	{
		.name = "cpu affinity",
		.calls = "sched_setaffinity",
		.manual = "sched_setaffinity(2), cpuset(7)",
		.why = "the CPUs that the caller is bound to aren't the container's; those of its "
		       "cgroup are, which we are in by now",
		.shell = "taskset --all-tasks --cpu-list --pid 0-1023 $PID",
		.run = free_affinity,
	},
	{
		.name = "memory policy",
		.pointer = "/linux/memoryPolicy",
		.calls = "set_mempolicy",
		.manual = "set_mempolicy(2)",
		.why = "in the cgroup, whose cpuset.mems bounds it",
		.shell = "numactl --interleave=0,1",
		.wanted = has_memory_policy,
		.run = set_memory_policy,
	},
	{
		.name = "personality",
		.pointer = "/linux/personality",
		.calls = "personality",
		.manual = "personality(2)",
		.why = "before a filter could forbid the call",
		.shell = "setarch linux32",
		.wanted = has_personality,
		.run = set_personality,
	},
	{
		.name = "session",
		.calls = "setsid",
		.manual = "setsid(2)",
		.why = "no controlling terminal of the caller: nothing may be typed into it "
		       "(TIOCSTI)",
		.shell = "setsid",
		.run = new_session,
	},
	{
		.name = "keyring",
		.calls = "keyctl",
		.manual = "keyrings(7)",
		.why = "the caller's session keys aren't the container's",
		.shell = "keyctl session _ses.$ID",
		.wanted = wants_keyring,
		.run = join_keyring,
	},
	{
		.name = "hostname",
		.pointer = "/hostname",
		.calls = "sethostname, setdomainname",
		.manual = "uts_namespaces(7)",
		.why = "needs CAP_SYS_ADMIN in the owner of the namespace",
		.shell = "hostname $NAME",
		.wanted = has_names,
		.run = set_names,
	},
	{
		.name = "loopback",
		.pointer = "/linux/namespaces",
		.calls = "socket, ioctl SIOCSIFFLAGS",
		.manual = "netdevice(7)",
		.why = "a new network namespace has its lo down",
		.shell = "ip link set lo up",
		.wanted = has_new_network,
		.run = loopback_up,
	},
	{
		.name = "isolate mounts",
		.pointer = "/linux/rootfsPropagation",
		.calls = "mount_setattr, open_tree, move_mount",
		.manual = "mount_namespaces(7)",
		.why = "before the first mount, or it would appear on the host",
		.shell = "mount --make-rslave /; mount --rbind rootfs rootfs",
		.run = isolate_mounts,
	},
	{
		.name = "mounts",
		.pointer = "/mounts",
		.calls = "fsopen, fsconfig, fsmount, move_mount",
		.manual = "mount(8), config.md#mounts",
		.why = "in listed order; each gets all its attributes before it is attached",
		.shell = "mount -t proc proc rootfs/proc",
		.run = make_mounts,
	},
	{
		.name = "devices",
		.pointer = "/linux/devices",
		.calls = "mknodat, symlinkat",
		.manual = "mknod(2), config-linux.md#devices",
		.why = "after the mounts, since /dev is usually one of them",
		.shell = "mknod rootfs/dev/null c 1 3",
		.run = make_devices,
	},
	{
		.name = "runtime hooks",
		.pointer = "/hooks/createRuntime",
		.calls = "sendmsg, recvmsg",
		.manual = "config.md#posix-platform-hooks",
		.why = "the parent runs them now: namespaces and mounts exist, the host's root is "
		       "there",
		.wanted = has_runtime_hooks,
		.run = await_runtime_hooks,
	},
	{
		.name = "createContainer hooks",
		.pointer = "/hooks/createContainer",
		.calls = "clone3, execve, waitid",
		.manual = "config.md#posix-platform-hooks",
		.why = "the last moment at which container namespaces and host paths both exist",
		.wanted = has_create_container_hooks,
		.run = run_create_container_hooks,
	},
	{
		.name = "console",
		.pointer = "/process/terminal",
		.calls = "openat2, ioctl TIOCGPTPEER, sendmsg, move_mount, dup3",
		.manual = "pty(7), pts(4)",
		.why = "the pty comes from the container's devpts; /dev/console is still writable",
		.wanted = has_terminal,
		.run = open_console,
	},
	{
		.name = "sysctl",
		.pointer = "/linux/sysctl",
		.calls = "fsopen, openat2, write",
		.manual = "sysctl(8)",
		.why = "before /proc/sys becomes read-only, through a procfs that nobody else sees",
		.shell = "sysctl -w net.ipv4.ip_forward=1",
		.wanted = has_sysctl,
		.run = write_sysctl,
	},
	{
		.name = "label file",
		.pointer = "/process/apparmorProfile",
		.calls = "fsopen, openat2",
		.manual = "apparmor(7), selinux(8)",
		.why = "opened while no one of the container can stand between us and procfs",
		.wanted = has_label,
		.run = open_label,
	},
	{
		.name = "masked paths",
		.pointer = "/linux/maskedPaths",
		.calls = "openat2, open_tree, move_mount",
		.manual = "config-linux.md#masked-paths",
		.why = "after the hooks, which may still have to see what lies below",
		.shell = "mount --bind /dev/null rootfs/proc/kcore",
		.run = mask_paths,
	},
	{
		.name = "read-only paths",
		.pointer = "/linux/readonlyPaths",
		.calls = "openat2, open_tree, mount_setattr, move_mount",
		.manual = "config-linux.md#readonly-paths",
		.why = "read-only before they are attached: there is no moment in between",
		.shell = "mount --bind -o ro rootfs/proc/sys rootfs/proc/sys",
		.run = protect_paths,
	},
	{
		.name = "seal",
		.pointer = "/root/readonly",
		.calls = "mount_setattr",
		.manual = "mount_setattr(2)",
		.why = "the last row that needs to write; nothing is deferred past pivot_root",
		.shell = "mount -o remount,bind,ro rootfs",
		.run = seal_root,
	},
	{
		.name = "pivot",
		.pointer = "/root/path",
		.calls = "pivot_root, umount2",
		.manual = "pivot_root(2)",
		.why = "the host is gone below this row; a chroot alone would leave it reachable",
		.shell = "pivot_root . . ; umount -l .",
		.run = pivot,
	},
	{
		.name = "verify mounts",
		.calls = "openat2, statx, fstatvfs",
		.why = "what was asked is read back by fresh look-ups; a difference ends the "
		       "create",
		.shell = "findmnt",
		.run = verify_mounts,
	},
	{
		.name = "standard streams",
		.pointer = "/process/user",
		.calls = "fstat, fchown",
		.manual = "runtime-linux.md#file-descriptors",
		.why = "/dev/null is reopened inside the container",
		.wanted = has_no_terminal,
		.run = fix_stdio,
	},
	{
		.name = "working directory",
		.pointer = "/process/cwd",
		.calls = "mkdirat, chdir, getcwd",
		.manual = "chdir(2)",
		.why = "the executable's name may be relative to it",
		.wanted = has_process,
		.run = enter_cwd,
	},
	{
		.name = "executable",
		.pointer = "/process/args",
		.calls = "setfsuid, stat, faccessat2",
		.manual = "execve(2), path_resolution(7)",
		.why = "a missing program ends create, not start: engines rely on it",
		.shell = "command -v $ARG0",
		.wanted = has_process,
		.run = find_executable,
	},
	{
		.name = "pid namespace",
		.pointer = "/linux/namespaces",
		.calls = "setns",
		.manual = "pid_namespaces(7)",
		.why = "for the children that we make below; needs the rights that go next",
		.shell = "nsenter --pid=$PATH",
		.wanted = creation_joins_pid,
		.run = target_pid_namespace,
	},
	{
		.name = "user, joined pid namespace",
		.pointer = "/process/user",
		.calls = "prctl, setgroups, setresgid, setresuid, capset",
		.manual = "credentials(7), capabilities(7)",
		.why = "nothing with rights may ever be visible to the namespace's other processes",
		.wanted = early,
		.run = become_user,
	},
	{
		.name = "filter, joined pid namespace",
		.pointer = "/linux/seccomp",
		.calls = "seccomp, capset",
		.manual = "seccomp(2)",
		.why = "without no_new_privs loading needs CAP_SYS_ADMIN, kept until here and "
		       "dropped now",
		.wanted = early_filter,
		.run = load_filter_with_rights,
	},
	{
		.name = "verify user, joined pid namespace",
		.calls = "capget, prctl, getresuid, getgroups",
		.why = "read back before anyone can see us",
		.wanted = early,
		.run = verify_user,
	},
	{
		.name = "descriptors",
		.calls = "close_range",
		.manual = "close_range(2)",
		.why = "no descriptor of the host may be in a process that the container can reach",
		.run = close_descriptors,
	},
	{
		.name = "enter pid namespace",
		.pointer = "/linux/namespaces",
		.calls = "clone",
		.manual = "pid_namespaces(7)",
		.why = "the child is in the joined namespace, without rights or descriptors",
		.wanted = creation_joins_pid,
		.run = enter_pid_namespace,
	},
	{
		.name = "created",
		.calls = "prctl, sendmsg, accept4, recvmsg",
		.manual = "runtime.md#lifecycle",
		.why = "create ends here; start comes by the socket",
		.run = await_start,
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
		.run = set_limits,
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
		.run = become_user,
	},
	{
		.name = "filter without no_new_privs",
		.pointer = "/linux/seccomp",
		.calls = "seccomp, capset",
		.manual = "seccomp(2)",
		.why = "loading needs CAP_SYS_ADMIN then, kept until here and dropped now",
		.wanted = late_filter,
		.run = load_filter_with_rights,
	},
	{
		.name = "home",
		.pointer = "/process/env",
		.calls = "openat, read",
		.why = "the password file is the image's: it is read with the container's rights "
		       "only",
		.wanted = has_process,
		.run = add_home,
	},
	{
		.name = "verify user",
		.calls = "capget, prctl, getresuid, getgroups",
		.why = "read back; a difference ends it before exec",
		.shell = "grep -E 'Cap|Uid|Groups|NoNewPrivs' /proc/self/status",
		.wanted = late,
		.run = verify_user,
	},
	{
		.name = "filter",
		.pointer = "/linux/seccomp",
		.calls = "seccomp",
		.manual = "seccomp(2)",
		.why = "last: it need not allow anything of the rows above",
		.wanted = last_filter,
		.run = load_filter,
	},
	{
		.name = "startContainer hooks",
		.pointer = "/hooks/startContainer",
		.calls = "clone3, execve, waitid",
		.manual = "config.md#posix-platform-hooks",
		.why = "as the container: the image's program gets nothing that the container "
		       "hasn't",
		.wanted = has_start_container_hooks,
		.run = run_start_container_hooks,
	},
	{
		.name = "exec",
		.pointer = "/process/args",
		.calls = "sendmsg, rt_sigaction, rt_sigprocmask, execve",
		.manual = "execve(2)",
		.why = "end of file on the close-on-exec connection tells start that it worked",
		.shell = "exec \"$@\"",
		.wanted = has_process,
		.run = execute,
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

	if (steps_run(&init_table, creation, &err) < 0) {
		const int peer = creation->channel >= 0 ? creation->channel : creation->sync;

		if (peer >= 0)
			sync_send_error(peer, &err);
	}
	_exit(1);
}
