/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent's half of create, as a table. Whatever the world can see is named in the journal
 * before it is made.
 *
 * Rows that talk to init have their counterpart in init.c; runtime/README.md shows both sides.
 *
 * syscalls: clone3, socket, bind, listen, socketpair, pidfd_open, prctl
 */
#include "runtime/parent.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/procfs.h"
#include "base/sys.h"
#include "base/table.h"
#include "cgroups/convert.h"
#include "namespaces/time.h"
#include "runtime/child.h"
#include "runtime/console.h"
#include "runtime/hooks.h"
#include "runtime/id_maps.h"
#include "runtime/init.h"
#include "runtime/journal.h"
#include "runtime/notify_socket.h"
#include "runtime/stage.h"
#include "runtime/step.h"
#include "runtime/sync.h"
#include "spec/annotations.h"

static int reserve(struct creation *creation, struct error *err)
{
	return store_reserve(&creation->store, creation->settings, creation->options->id, err);
}

static int write_journal(struct creation *creation, struct error *err)
{
	return journal_write(creation->store.dir, JOURNAL_CREATING, &creation->record, err);
}

static int freeze_config(struct creation *creation, struct error *err)
{
	return file_replace_at(creation->store.dir, JOURNAL_CONFIG, creation->config_text,
			       creation->config_length, 0600, 0, err);
}

static bool wants_notify(const struct creation *creation)
{
	return creation->settings->notify_socket != NULL;
}

static int make_notify_socket(struct creation *creation, struct error *err)
{
	creation->notify_socket = notify_socket_create(creation->store.dir, err);
	return creation->notify_socket < 0 ? -1 : 0;
}

static bool wants_start_socket(const struct creation *creation)
{
	return !creation->options->run;
}

static int make_start_socket(struct creation *creation, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	autofd listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (listener < 0)
		return error_errno(err, "make %s", START_SOCKET_NAME);
	/* the state root's path may be longer than sun_path: docker's has 109 bytes */
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s",
		       creation->store.dir, START_SOCKET_NAME);
	if (bind(listener, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return error_errno(err, "bind %s in the state directory", START_SOCKET_NAME);
	if (listen(listener, 4) < 0)
		return error_errno(err, "listen on %s", START_SOCKET_NAME);
	creation->start_socket = fd_take(&listener);
	return 0;
}

static bool wants_cgroup(const struct creation *creation)
{
	return creation->cgroup_plan.place.path != NULL;
}

static int make_cgroup(struct creation *creation, struct error *err)
{
	bool none = false;

	creation->cgroup = cgroup_create(&creation->cgroup_plan, &none, err);
	/* what isn't ours must not be undone: it may be that of a container that was faster;
	 * without permission nobody need look for it later */
	if (creation->cgroup < 0)
		creation->record.cgroup_path = NULL;
	if (creation->cgroup < 0 && !none)
		return -1;
	creation->rootfs.cgroup = creation->cgroup;
	return 0;
}

static bool wants_limits(const struct creation *creation)
{
	return creation->cgroup_plan.place.path != NULL; /* without limits, too: accounting */
}

static int apply_limits(struct creation *creation, struct error *err)
{
	return cgroup_apply_limits(&creation->cgroup_plan, creation->cgroup, err);
}

static bool wants_cgroup_owner(const struct creation *creation)
{
	uid_t owner;

	return creation->cgroup_plan.place.path && cgroup_delegate_owner(&creation->spec, &owner) &&
	       owner != 0;
}

static int give_cgroup(struct creation *creation, struct error *err)
{
	uid_t owner;

	if (creation->cgroup < 0 || !cgroup_delegate_owner(&creation->spec, &owner))
		return 0;
	return cgroup_delegate(creation->cgroup, owner, err);
}

static bool wants_devices(const struct creation *creation)
{
	return creation->cgroup_plan.place.path && creation->cgroup_plan.devices;
}

static int attach_devices(struct creation *creation, struct error *err)
{
	if (creation->cgroup < 0)
		return 0;
	return cgroup_attach_devices(&creation->cgroup_plan, creation->cgroup, err);
}

static int open_sources(struct creation *creation, struct error *err)
{
	return rootfs_open_sources(&creation->rootfs, err);
}

static bool wants_locks(const struct creation *creation)
{
	return rootfs_locks_sources(&creation->rootfs);
}

static int lock_sources(struct creation *creation, struct error *err)
{
	return rootfs_lock_sources(&creation->rootfs, err);
}

static int open_console_socket(struct creation *creation, struct error *err)
{
	return console_open_receiver(creation->options->console_socket, &creation->console_socket,
				     &creation->console_parent, err);
}

/* Everything of the namespaces that clone3 can make at once. */
static uint64_t clone_flags(const struct creation *creation)
{
	uint64_t flags = creation->namespaces.create;

	if (creation->cgroup_late) /* its root must become the container's cgroup: init unshares it
				    */
		flags &= ~(uint64_t)CLONE_NEWCGROUP;
	if (time_is_offset(&creation->spec.linux)) /* init unshares it, offsets and all */
		flags &= ~(uint64_t)CLONE_NEWTIME;
	return flags;
}

static pid_t clone_child(const struct creation *creation, uint64_t flags, int *pidfd)
{
	struct clone_args args = {
		.flags = flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};

	if (creation->cgroup >= 0 && !creation->cgroup_late) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)creation->cgroup;
	}
	return sys_clone3(&args);
}

static int explain_clone(const struct creation *creation, struct error *err)
{
	const int code = errno;

	if (code == EPERM || code == EACCES) {
		(void)error_set(err,
				creation->namespaces.create & CLONE_NEWUSER
					? "a new user namespace is not permitted"
					: "new namespaces are not permitted: needs CAP_SYS_ADMIN");
		err->code = code;
		return user_explain_refusal(err);
	}
	if (code == ENOSPC || code == EUSERS)
		return error_set(err,
				 "new namespaces: the limit of /proc/sys/user/max_*_namespaces or "
				 "of nesting is reached");
	if (code == EAGAIN && creation->cgroup >= 0)
		return error_set(err, "clone3: no process more is allowed: pids.max of the "
				      "container's cgroup or of a parent, or RLIMIT_NPROC");
	return error_code(err, code, "clone3 (flags %#llx)",
			  (unsigned long long)creation->namespaces.create);
}

/* The process that clone3 makes: closes what only the parent needs and goes its way. */
static _Noreturn void child_main(struct creation *creation, int sync)
{
	store_close(&creation->store); /* first: it carries the lock */
	fd_close(&creation->sync);
	fd_close(&creation->console_parent);
	fd_close(&creation->pidfd);
	(void)umask(022); /* the caller's decides about the pid file, not about the container */
	creation->sync = sync;
	if (creation_needs_stage(creation))
		stage_main(creation);
	init_main(creation);
}

static int clone_init(struct creation *creation, struct error *err)
{
	const bool stage = creation_needs_stage(creation);
	autofd child_end = -1;
	int pair[2];
	pid_t pid;

	if (sync_pair(pair, err) < 0)
		return -1;
	creation->sync = pair[0];
	child_end = pair[1];
	if (creation_joins_pid(creation) && sync_know_sender(creation->sync, true, err) < 0)
		return -1;
	pid = clone_child(creation, stage ? 0 : clone_flags(creation), &creation->pidfd);
	/* the cgroup's manager may have a process in it that uses up pids.max; entering isn't
	 * limited, and init does nothing before that one is gone */
	if (pid < 0 && !creation->cgroup_late &&
	    (creation_may_enter_late(creation->cgroup, errno) ||
	     (errno == EAGAIN && creation->cgroup_plan.keeper > 0))) {
		log_debug("clone3 into the cgroup is refused (errno %d): cgroup.procs instead",
			  errno);
		creation->cgroup_late = true;
		pid = clone_child(creation, stage ? 0 : clone_flags(creation), &creation->pidfd);
	}
	if (pid == 0)
		child_main(creation, fd_take(&child_end));
	if (pid < 0)
		return explain_clone(creation, err);
	if (stage)
		creation->stage = pid;
	else
		creation->pid = pid;
	/* init has its copies; the console's reader must see end of file when init dies */
	fd_close(&creation->console_socket);
	rootfs_close(&creation->rootfs);
	return 0;
}

static bool wants_stage(const struct creation *creation)
{
	return creation_needs_stage(creation);
}

static int await_stage(struct creation *creation, struct error *err)
{
	const pid_t stage = creation->stage;
	int status;
	pid_t pid;

	if (sync_wait(creation->sync, SYNC_FORKED, "the stage process", &pid, err) < 0 ||
	    child_follow(pid, "the stage process", &creation->pid, &creation->pidfd, err) < 0)
		return -1;
	creation->stage = 0;
	return process_reap(stage, &status, err);
}

/* init may go on by itself unless something of ours must come first. */
static bool wants_host_ready(const struct creation *creation)
{
	return creation_waits_for_host(creation);
}

static int enter_cgroup(struct creation *creation, struct error *err)
{
	return cgroup_enter(&creation->cgroup_plan.place, creation->cgroup, creation->pid, err);
}

static bool has_cgroup_keeper(const struct creation *creation)
{
	return creation->cgroup_plan.keeper > 0;
}

static int settle_cgroup(struct creation *creation, struct error *err)
{
	(void)err;
	cgroup_settle(&creation->cgroup_plan);
	return 0;
}

static bool wants_late_cgroup(const struct creation *creation)
{
	return creation->cgroup_late;
}

static bool runtime_hooks(const struct creation *creation)
{
	return creation->spec.hooks[HOOK_PRESTART].count > 0 ||
	       creation->spec.hooks[HOOK_CREATE_RUNTIME].count > 0;
}

/* Where the cgroup and the lifeline don't already lead `delete` to init, and where hooks may ask
 * for the container's state. */
static bool wants_identity(const struct creation *creation)
{
	return creation->cgroup < 0 || runtime_hooks(creation);
}

static int write_identity(struct creation *creation, enum journal_entry entry, struct error *err)
{
	struct process_identity init;
	struct stat cgroup;

	if (process_identify(creation->pid, creation->pidfd, &init, err) < 0)
		return error_context(err, "init");
	creation->record.pid = init.pid;
	creation->record.start_time = init.start_time;
	creation->record.pidfs_id = init.pidfs_id;
	/* from here on the cgroup's mark may be the container's to change */
	if (creation->cgroup >= 0 && fstat(creation->cgroup, &cgroup) == 0)
		creation->record.cgroup_inode = cgroup.st_ino;
	return journal_write(creation->store.dir, entry, &creation->record, err);
}

static int record_identity(struct creation *creation, struct error *err)
{
	return write_identity(creation, JOURNAL_IDENTITY, err);
}

static bool wants_id_maps(const struct creation *creation)
{
	return (creation->namespaces.create & CLONE_NEWUSER) != 0;
}

static int write_id_maps(struct creation *creation, struct error *err)
{
	return id_maps_write(creation->pid, &creation->user_maps, err);
}

static bool wants_oom_score(const struct creation *creation)
{
	return creation->spec.process.present && creation->spec.process.oom_score_adj.present;
}

static int write_oom_score(struct creation *creation, struct error *err)
{
	autofd procfs = procfs_open(PROCFS_PROCESSES, err);

	if (procfs < 0)
		return -1;
	return oom_score_apply(&creation->spec.process, procfs, creation->pid, err);
}

static bool wants_resctrl(const struct creation *creation)
{
	return creation->spec.linux.intel_rdt.present;
}

static int enter_locked_resctrl(struct creation *creation, struct error *err)
{
	const struct intel_rdt_spec *rdt = &creation->spec.linux.intel_rdt;
	struct resctrl_plan *plan = &creation->resctrl;
	const int made = resctrl_make_group(plan, rdt, err);

	if (made < 0 || !plan->make) /* somebody else's */
		creation->record.resctrl_group = NULL;
	if (made < 0)
		creation->record.resctrl_monitor = NULL;
	if (made < 0 || resctrl_write_schemata(plan, rdt, err) < 0)
		return -1;
	if (resctrl_make_monitor(plan, err) < 0) {
		creation->record.resctrl_monitor = NULL;
		return -1;
	}
	return resctrl_add(plan->root, plan->group, plan->monitor, creation->pid, err);
}

static int enter_resctrl(struct creation *creation, struct error *err)
{
	const int root = creation->resctrl.root;
	int result;

	if (resctrl_lock(root, err) < 0) {
		creation->record.resctrl_group = NULL; /* nothing was made */
		creation->record.resctrl_monitor = NULL;
		return -1;
	}
	result = enter_locked_resctrl(creation, err);
	resctrl_unlock(root);
	return result;
}

static bool wants_net_devices(const struct creation *creation)
{
	return creation->spec.linux.net_devices.count > 0;
}

static int move_net_devices(struct creation *creation, struct error *err)
{
	const int joined = creation->namespaces.fd[NAMESPACE_NETWORK];

	return net_devices_move(&creation->net_devices, &creation->spec.linux,
				joined >= 0 ? joined : creation->pidfd, err);
}

static int send_host_ready(struct creation *creation, struct error *err)
{
	return sync_send(creation->sync, SYNC_HOST_READY, creation->pid, err);
}

static bool wants_id_mapped_mounts(const struct creation *creation)
{
	return rootfs_maps_by_parent(&creation->rootfs);
}

static int map_mount_ids(struct creation *creation, struct error *err)
{
	while (rootfs_maps_by_parent(&creation->rootfs)) {
		bool joins = creation_joins_pid(creation);
		autofd mount = -1;

		if (sync_wait(creation->sync, SYNC_MAP_IDS, "init", NULL, err) < 0 ||
		    (joins && sync_know_sender(creation->sync, false, err) < 0))
			return -1;
		mount = fd_receive(creation->sync, err); /* would trip over credentials */
		if (joins && sync_know_sender(creation->sync, true, err) < 0)
			return -1;
		if (mount < 0 || rootfs_map_next(&creation->rootfs, &mount, err) < 0)
			return -1;
		if (sync_send(creation->sync, SYNC_IDS_MAPPED, 0, err) < 0)
			return -1;
	}
	rootfs_close(&creation->rootfs);
	return 0;
}

static bool wants_runtime_hooks(const struct creation *creation)
{
	return runtime_hooks(creation);
}

static int run_runtime_hooks(struct creation *creation, struct error *err)
{
	struct state_document state;

	if (sync_wait(creation->sync, SYNC_ROOTFS_READY, "init", NULL, err) < 0)
		return error_context(err, "error during container init");
	creation->hooks_begun = true;
	creation_state(creation, "creating", creation->pid, &state);
	for (enum hook_point point = HOOK_PRESTART; point <= HOOK_CREATE_RUNTIME; point++)
		if (hooks_run(point, &creation->spec.hooks[point], &state, creation->bundle, NULL,
			      err) < 0)
			return -1;
	return sync_send(creation->sync, SYNC_HOOKS_DONE, creation->pid, err);
}

/* With a joined pid namespace the one that says CREATED is a child of the one that we cloned. */
static int follow_into_pid_namespace(struct creation *creation, pid_t pid, struct error *err)
{
	const pid_t builder = creation->pid;
	int result = child_follow(pid, "init", &creation->pid, &creation->pidfd, err);
	struct error reaping;
	int status;

	/* it ends by itself as soon as it has forked */
	if (creation->pid != builder && process_reap(builder, &status, &reaping) < 0 && result == 0)
		*err = reaping, result = -1;
	return result;
}

static int await_created(struct creation *creation, struct error *err)
{
	pid_t pid;

	creation->hooks_begun |= creation->spec.hooks[HOOK_CREATE_CONTAINER].count > 0;
	if (sync_wait(creation->sync, SYNC_CREATED, "init", &pid, err) < 0)
		return error_context(err, "error during container init");
	if (creation_joins_pid(creation))
		return follow_into_pid_namespace(creation, pid, err);
	return 0;
}

#define PIDFD_RECEIVER "run.oci.pidfd_receiver" /* crun's way to ask for the same */

static bool wants_pidfd_socket(const struct creation *creation)
{
	return creation->options->pidfd_socket != NULL ||
	       annotation_value(&creation->spec, PIDFD_RECEIVER) != NULL;
}

static int send_pidfd(struct creation *creation, struct error *err)
{
	const char *socket = creation->options->pidfd_socket;
	const char *receiver_name = annotation_value(&creation->spec, PIDFD_RECEIVER);

	if (child_send_pidfd(socket ? socket : receiver_name, creation->pidfd, "standard", err) < 0)
		return error_context(err, "%s",
				     socket ? "--pidfd-socket" : "/annotations/" PIDFD_RECEIVER);
	return 0;
}

static bool wants_pid_file(const struct creation *creation)
{
	return creation->options->pid_file != NULL;
}

static int write_pid_file(struct creation *creation, struct error *err)
{
	if (child_write_pid_file(creation->options->pid_file, creation->pid, err) < 0)
		return -1;
	creation->pid_file = true;
	return 0;
}

static int commit(struct creation *creation, struct error *err)
{
	creation->record.phase = "created";
	if (creation->resctrl.keep) /* only a create that fails takes away what has a closID */
		creation->record.resctrl_group = NULL;
	if (write_identity(creation, JOURNAL_CREATED, err) < 0)
		return -1;
	net_devices_free(&creation->net_devices); /* the container's from here on */
	return 0;
}

static int send_committed(struct creation *creation, struct error *err)
{
	return sync_send(creation->sync, SYNC_COMMITTED, creation->pid, err);
}

static const struct step parent_steps[] = {
	{
		.name = "state directory",
		.calls = "mkdirat, flock",
		.manual = "runtime.md#create",
		.why = "the id is taken from here on; the lock is held until create has ended",
		.shell = "mkdir -m 700 /run/minirun/$ID",
		.run = reserve,
	},
	{
		.name = "journal",
		.calls = "openat, write, renameat",
		.manual = "rename(2)",
		.why = "names everything that is made below before it is made: delete works from "
		       "this",
		.run = write_journal,
	},
	{
		.name = "config copy",
		.calls = "openat, write, renameat",
		.manual = "runtime.md#create",
		.why = "later edits of the bundle must not change this container",
		.shell = "cp config.json /run/minirun/$ID/",
		.run = freeze_config,
	},
	{
		.name = "notify socket",
		.calls = "mkdirat, socket, bind",
		.manual = "sd_notify(3)",
		.why = "is a mount source of the container",
		.wanted = wants_notify,
		.run = make_notify_socket,
	},
	{
		.name = "start socket",
		.calls = "socket, bind, listen",
		.manual = "unix(7)",
		.why = "init inherits it and waits there for start",
		.wanted = wants_start_socket,
		.run = make_start_socket,
	},
	{
		.name = "cgroup",
		.pointer = "/linux/cgroupsPath",
		.calls = "mkdirat, openat",
		.manual = "cgroups(7)",
		.why = "init is born in it, so that no process of the container is ever outside",
		.shell = "mkdir $CGROUP",
		.wanted = wants_cgroup,
		.run = make_cgroup,
	},
	{
		.name = "limits",
		.pointer = "/linux/resources",
		.calls = "openat, write",
		.manual = "cgroup-v2.rst",
		.why = "they hold from the container's first process on, and for hooks that look",
		.shell = "echo $BYTES >$CGROUP/memory.max",
		.wanted = wants_limits,
		.run = apply_limits,
	},
	{
		.name = "cgroup owner",
		.pointer = "/process/user/uid",
		.calls = "fchown, fchownat",
		.manual = "config-linux.md#cgroup-ownership",
		.why = "a container with a writable cgroup2 of its own may nest; after the limits, "
		       "whose files stay root's",
		.shell = "chown $UID $CGROUP $CGROUP/cgroup.procs",
		.wanted = wants_cgroup_owner,
		.run = give_cgroup,
	},
	{
		.name = "device filter",
		.pointer = "/linux/resources/devices",
		.calls = "bpf",
		.manual = "bpf(2)",
		.why = "before any process of the container; hooks may replace it, we never do "
		       "again",
		.wanted = wants_devices,
		.run = attach_devices,
	},
	{
		.name = "mount sources",
		.pointer = "/mounts",
		.calls = "openat, open_tree, mount_setattr",
		.manual = "mount_setattr(2)",
		.why = "host paths are resolved on the host's side, once, into detached mounts",
		.run = open_sources,
	},
	{
		.name = "mount locks",
		.pointer = "/mounts",
		.calls = "clone3, move_mount, unshare, open_tree",
		.manual = "mount_namespaces(7)",
		.why = "root of a user namespace must not make writable what the host has "
		       "read-only, nor look below a mount",
		.wanted = wants_locks,
		.run = lock_sources,
	},
	{
		.name = "console socket",
		.pointer = "/process/terminal",
		.calls = "socket, connect | socketpair",
		.manual = "unix(7)",
		.why = "init can't reach the host's path any more",
		.wanted = creation_has_terminal,
		.run = open_console_socket,
	},
	{
		.name = "clone",
		.pointer = "/linux/namespaces",
		.calls = "socketpair, clone3",
		.manual = "clone(2), namespaces(7)",
		.why = "one call makes init, its namespaces and its place in the cgroup",
		.shell = "unshare --fork --pid --mount --uts --ipc --net --cgroup",
		.run = clone_init,
	},
	{
		.name = "stage",
		.pointer = "/linux/namespaces",
		.calls = "recvmsg, pidfd_open",
		.manual = "setns(2)",
		.why = "only for a joined user namespace: init comes from a process inside of it",
		.shell = "nsenter --user=$PATH",
		.wanted = wants_stage,
		.run = await_stage,
	},
	{
		.name = "identity",
		.calls = "openat, write, renameat",
		.manual = "pidfd_open(2)",
		.why = "so that delete finds init also where no cgroup leads to it",
		.wanted = wants_identity,
		.run = record_identity,
	},
	{
		.name = "late cgroup",
		.calls = "write cgroup.procs",
		.manual = "cgroups(7)",
		.why = "the fallback for kernels and filters that refuse CLONE_INTO_CGROUP",
		.shell = "echo $PID >$CGROUP/cgroup.procs",
		.wanted = wants_late_cgroup,
		.run = enter_cgroup,
	},
	{
		.name = "cgroup keeper",
		.calls = "kill, waitid",
		.manual = "systemd.scope(5)",
		.why = "a scope isn't made without a process; init is in it by now",
		.wanted = has_cgroup_keeper,
		.run = settle_cgroup,
	},
	{
		.name = "id maps",
		.pointer = "/linux/uidMappings",
		.calls = "write uid_map, write gid_map | newuidmap, newgidmap",
		.manual = "user_namespaces(7)",
		.why = "only a process outside of the new user namespace may map more than itself",
		.shell = "echo '0 100000 65536' >/proc/$PID/uid_map",
		.wanted = wants_id_maps,
		.run = write_id_maps,
	},
	{
		.name = "oom score",
		.pointer = "/process/oomScoreAdj",
		.calls = "write oom_score_adj",
		.manual = "proc(5)",
		.why = "lowering it needs the host's CAP_SYS_RESOURCE",
		.shell = "echo $N >/proc/$PID/oom_score_adj",
		.wanted = wants_oom_score,
		.run = write_oom_score,
	},
	{
		.name = "resctrl",
		.pointer = "/linux/intelRdt",
		.calls = "mkdirat, write schemata, write tasks",
		.manual = "resctrl.rst of the kernel",
		.why = "init is in its class before it forks: children inherit it",
		.shell = "mkdir /sys/fs/resctrl/$ID; echo L3:0=f >/sys/fs/resctrl/$ID/schemata; "
			 "echo $PID >/sys/fs/resctrl/$ID/tasks",
		.wanted = wants_resctrl,
		.run = enter_resctrl,
	},
	{
		.name = "network devices",
		.pointer = "/linux/netDevices",
		.calls = "setns, sendto, recvmsg",
		.manual = "rtnetlink(7)",
		.why = "before hooks and sysctl, which may want to see them; only the host may "
		       "give its devices away",
		.shell = "ip link set dev $DEVICE netns $PID name $NAME",
		.wanted = wants_net_devices,
		.run = move_net_devices,
	},
	{
		.name = "host ready",
		.calls = "sendmsg",
		.why = "init waits where it needs what the rows above did",
		.wanted = wants_host_ready,
		.run = send_host_ready,
	},
	{
		.name = "id-mapped mounts",
		.pointer = "/mounts",
		.calls = "recvmsg, mount_setattr",
		.manual = "mount_setattr(2)",
		.why = "init can't map the ids of mounts from outside of its user namespace",
		.after = "mounts",
		.shell = "mount -o X-mount.idmap=$MAP --bind $SOURCE $TARGET",
		.wanted = wants_id_mapped_mounts,
		.run = map_mount_ids,
	},
	{
		.name = "runtime hooks",
		.pointer = "/hooks/createRuntime",
		.calls = "clone3, execve, waitid",
		.manual = "config.md#posix-platform-hooks",
		.why = "the namespaces and mounts are there, pivot_root hasn't happened",
		.after = "runtime hooks",
		.wanted = wants_runtime_hooks,
		.run = run_runtime_hooks,
	},
	{
		.name = "await created",
		.calls = "recvmsg",
		.manual = "runtime.md#lifecycle",
		.why = "from here on only exec itself can fail in start",
		.after = "created",
		.run = await_created,
	},
	{
		.name = "pidfd socket",
		.calls = "connect, sendmsg",
		.manual = "pidfd_open(2)",
		.why = "the caller gets the process that was checked",
		.wanted = wants_pidfd_socket,
		.run = send_pidfd,
	},
	{
		.name = "pid file",
		.calls = "openat, write, renameat",
		.why = "engines read it as soon as create has ended",
		.wanted = wants_pid_file,
		.run = write_pid_file,
	},
	{
		.name = "commit",
		.calls = "openat, write, renameat",
		.manual = "runtime.md#lifecycle",
		.why = "the container is created when the journal says so; init listens only then",
		.run = commit,
	},
	{
		.name = "committed",
		.calls = "sendmsg",
		.why = "until this, end of file on the pair ends init",
		.run = send_committed,
	},
};
const struct step_table parent_table = {
	.actor = "parent",
	.steps = parent_steps,
	.count = ARRAY_SIZE(parent_steps),
};

int parent_create(struct creation *creation, struct error *err)
{
	return steps_run(&parent_table, creation, err);
}

/* The rows from first to last. */
static int run_part(const char *first, const char *last, struct creation *creation,
		    struct error *err)
{
	struct step_table part = { .actor = "parent", .steps = parent_steps };
	size_t end = 0;

	while (strcmp(part.steps->name, first) != 0)
		part.steps++;
	while (strcmp(part.steps[end].name, last) != 0)
		end++;
	part.count = end + 1;
	return steps_run(&part, creation, err);
}

int parent_prepare(struct creation *creation, struct error *err)
{
	return run_part("state directory", "device filter", creation, err);
}

int parent_adopt(struct creation *creation, struct error *err)
{
	return run_part("pidfd socket", "commit", creation, err);
}
