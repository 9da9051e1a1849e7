/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent's half of create, as a table. Whatever the world can see is named in the journal
 * before it is made.
 *
 * The rows' functions are in parent_host.c and parent_clone.c. Rows that talk to init have their
 * counterpart in init's table; runtime/README.md shows both sides.
 */
#include "runtime/parent.h"

#include <string.h>

#include "base/table.h"
#include "runtime/parent_rows.h"
#include "runtime/rehearsal.h"
#include "runtime/step.h"
#include "spec/annotations.h"

static bool wants_notify(const struct creation *creation)
{
	return creation->settings->notify_socket != NULL;
}

static bool wants_start_socket(const struct creation *creation)
{
	return !creation->options->run;
}

static bool wants_cgroup(const struct creation *creation)
{
	return creation->cgroup_plan.place.path != NULL;
}

static bool wants_limits(const struct creation *creation)
{
	return creation->cgroup_plan.place.path != NULL; /* without limits, too: accounting */
}

static bool wants_cgroup_owner(const struct creation *creation)
{
	uid_t owner;

	return creation->cgroup_plan.place.path && cgroup_delegate_owner(&creation->spec, &owner) &&
	       owner != 0;
}

static bool wants_devices(const struct creation *creation)
{
	return creation->cgroup_plan.place.path && creation->cgroup_plan.devices;
}

static bool wants_locks(const struct creation *creation)
{
	return rootfs_locks_sources(&creation->rootfs);
}

static bool has_cgroup_keeper(const struct creation *creation)
{
	return creation->cgroup_plan.keeper > 0;
}

static bool wants_late_cgroup(const struct creation *creation)
{
	return creation->cgroup_late;
}

/* Where the cgroup and the lifeline don't already lead `delete` to init, and where hooks may ask
 * for the container's state. */
static bool wants_identity(const struct creation *creation)
{
	return creation->cgroup < 0 || creation_has_runtime_hooks(creation);
}

static bool wants_oom_score(const struct creation *creation)
{
	return creation->spec.process.present && creation->spec.process.oom_score_adj.present;
}

static bool wants_resctrl(const struct creation *creation)
{
	return creation->spec.linux.intel_rdt.present;
}

static bool wants_net_devices(const struct creation *creation)
{
	return creation->spec.linux.net_devices.count > 0;
}

static bool wants_id_mapped_mounts(const struct creation *creation)
{
	return rootfs_maps_by_parent(&creation->rootfs);
}

static bool wants_pidfd_socket(const struct creation *creation)
{
	return creation->options->pidfd_socket != NULL ||
	       annotation_value(&creation->spec, PIDFD_RECEIVER) != NULL;
}

static bool wants_pid_file(const struct creation *creation)
{
	return creation->options->pid_file != NULL;
}

static const struct step parent_steps[] = {
	{
		.name = "state directory",
		.calls = "mkdirat, flock",
		.manual = "runtime.md#create",
		.why = "the id is taken from here on; the lock is held until create has ended",
		.shell = "mkdir -m 700 /run/minirun/$ID",
		.run = parent_reserve,
	},
	{
		.name = "journal",
		.calls = "openat, write, renameat",
		.manual = "rename(2)",
		.why = "names everything that is made below before it is made: delete works from "
		       "this",
		.run = parent_write_journal,
	},
	{
		.name = "config copy",
		.calls = "openat, write, renameat",
		.manual = "runtime.md#create",
		.why = "later edits of the bundle must not change this container",
		.shell = "cp config.json /run/minirun/$ID/",
		.run = parent_freeze_config,
	},
	{
		.name = "notify socket",
		.calls = "mkdirat, socket, bind",
		.manual = "sd_notify(3)",
		.why = "is a mount source of the container",
		.wanted = wants_notify,
		.run = parent_make_notify_socket,
	},
	{
		.name = "start socket",
		.calls = "socket, bind, listen",
		.manual = "unix(7)",
		.why = "init inherits it and waits there for start",
		.wanted = wants_start_socket,
		.run = parent_make_start_socket,
	},
	{
		.name = "cgroup",
		.pointer = "/linux/cgroupsPath",
		.calls = "mkdirat, openat",
		.manual = "cgroups(7)",
		.why = "init is born in it, so that no process of the container is ever outside",
		.shell = "mkdir $CGROUP",
		.wanted = wants_cgroup,
		.run = parent_make_cgroup,
	},
	{
		.name = "limits",
		.pointer = "/linux/resources",
		.calls = "openat, write",
		.manual = "cgroup-v2.rst",
		.why = "they hold from the container's first process on, and for hooks that look",
		.shell = "echo $BYTES >$CGROUP/memory.max",
		.wanted = wants_limits,
		.run = parent_apply_limits,
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
		.run = parent_give_cgroup,
	},
	{
		.name = "device filter",
		.pointer = "/linux/resources/devices",
		.calls = "bpf",
		.manual = "bpf(2)",
		.why = "before any process of the container; hooks may replace it, we never do "
		       "again",
		.wanted = wants_devices,
		.run = parent_attach_devices,
	},
	{
		.name = "mount sources",
		.pointer = "/mounts",
		.calls = "openat, open_tree, mount_setattr",
		.manual = "mount_setattr(2)",
		.why = "host paths are resolved on the host's side, once, into detached mounts",
		.run = parent_open_sources,
		.rehearse = rehearse_sources,
	},
	{
		.name = "mount locks",
		.pointer = "/mounts",
		.calls = "clone3, move_mount, unshare, open_tree",
		.manual = "mount_namespaces(7)",
		.why = "root of a user namespace must not make writable what the host has "
		       "read-only, nor look below a mount",
		.wanted = wants_locks,
		.run = parent_lock_sources,
		.rehearse = parent_lock_sources,
	},
	{
		.name = "console socket",
		.pointer = "/process/terminal",
		.calls = "socket, connect | socketpair",
		.manual = "unix(7)",
		.why = "init can't reach the host's path any more",
		.wanted = creation_has_terminal,
		.run = parent_open_console_socket,
		.rehearse = parent_open_console_socket,
	},
	{
		.name = "clone",
		.pointer = "/linux/namespaces",
		.calls = "socketpair, clone3",
		.manual = "clone(2), namespaces(7)",
		.why = "one call makes init, its namespaces and its place in the cgroup",
		.shell = "unshare --fork --pid --mount --uts --ipc --net --cgroup",
		.run = parent_clone_init,
		.rehearse = parent_clone_init,
	},
	{
		.name = "stage",
		.pointer = "/linux/namespaces",
		.calls = "recvmsg, pidfd_open",
		.manual = "setns(2)",
		.why = "only for a joined user namespace, or a new one beside other joined "
		       "namespaces: init comes from a process inside of these",
		.shell = "nsenter --user=$PATH",
		.wanted = creation_needs_stage,
		.run = parent_await_stage,
		.rehearse = parent_await_stage,
	},
	{
		.name = "identity",
		.calls = "openat, write, renameat",
		.manual = "pidfd_open(2)",
		.why = "so that delete finds init also where no cgroup leads to it",
		.wanted = wants_identity,
		.run = parent_record_identity,
	},
	{
		.name = "late cgroup",
		.calls = "write cgroup.procs",
		.manual = "cgroups(7)",
		.why = "the fallback for kernels and filters that refuse CLONE_INTO_CGROUP",
		.shell = "echo $PID >$CGROUP/cgroup.procs",
		.wanted = wants_late_cgroup,
		.run = parent_enter_cgroup,
	},
	{
		.name = "cgroup keeper",
		.calls = "kill, waitid",
		.manual = "systemd.scope(5)",
		.why = "a scope isn't made without a process; init is in it by now",
		.wanted = has_cgroup_keeper,
		.run = parent_settle_cgroup,
	},
	{
		.name = "id maps",
		.pointer = "/linux/uidMappings",
		.calls = "write uid_map, write gid_map | newuidmap, newgidmap",
		.manual = "user_namespaces(7)",
		.why = "only a process outside of the new user namespace may map more than itself",
		.shell = "echo '0 100000 65536' >/proc/$PID/uid_map",
		.wanted = creation_makes_user_namespace,
		.run = parent_write_id_maps,
		.rehearse = parent_write_id_maps,
	},
	{
		.name = "oom score",
		.pointer = "/process/oomScoreAdj",
		.calls = "write oom_score_adj",
		.manual = "proc(5)",
		.why = "lowering it needs the host's CAP_SYS_RESOURCE",
		.shell = "echo $N >/proc/$PID/oom_score_adj",
		.wanted = wants_oom_score,
		.run = parent_write_oom_score,
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
		.run = parent_enter_resctrl,
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
		.run = parent_move_net_devices,
	},
	{
		.name = "host ready",
		.calls = "sendmsg",
		.why = "init waits where it needs what the rows above did",
		.wanted = creation_waits_for_host,
		.run = parent_send_host_ready,
		.rehearse = parent_send_host_ready,
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
		.run = parent_map_mount_ids,
		.rehearse = parent_map_mount_ids,
	},
	{
		.name = "runtime hooks",
		.pointer = "/hooks/createRuntime",
		.calls = "clone3, execve, waitid",
		.manual = "config.md#posix-platform-hooks",
		.why = "the namespaces and mounts are there, pivot_root hasn't happened",
		.after = "runtime hooks",
		.wanted = creation_has_runtime_hooks,
		.run = parent_run_runtime_hooks,
	},
	{
		.name = "await created",
		.calls = "recvmsg",
		.manual = "runtime.md#lifecycle",
		.why = "from here on only exec itself can fail in start",
		.after = "created",
		.run = parent_await_created,
		.rehearse = rehearse_await,
	},
	{
		.name = "pidfd socket",
		.calls = "connect, sendmsg",
		.manual = "pidfd_open(2)",
		.why = "the caller gets the process that was checked",
		.wanted = wants_pidfd_socket,
		.run = parent_send_pidfd,
	},
	{
		.name = "pid file",
		.calls = "openat, write, renameat",
		.why = "engines read it as soon as create has ended",
		.wanted = wants_pid_file,
		.run = parent_write_pid_file,
	},
	{
		.name = "commit",
		.calls = "openat, write, renameat",
		.manual = "runtime.md#lifecycle",
		.why = "the container is created when the journal says so; init listens only then",
		.run = parent_commit,
	},
	{
		.name = "committed",
		.calls = "sendmsg",
		.why = "until this, end of file on the pair ends init",
		.run = parent_send_committed,
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
	return run_part("state directory", "mount locks", creation, err);
}

int parent_add_to_resctrl(struct creation *creation, pid_t pid, struct error *err)
{
	int result;

	creation->pid = pid;
	result = run_part("resctrl", "resctrl", creation, err);
	creation->pid = 0;
	return result;
}

int parent_identify(struct creation *creation, struct error *err)
{
	return run_part("identity", "identity", creation, err);
}

int parent_move_devices(struct creation *creation, struct error *err)
{
	return run_part("network devices", "network devices", creation, err);
}

int parent_adopt(struct creation *creation, struct error *err)
{
	return run_part("pidfd socket", "commit", creation, err);
}
