/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec's processes: into the container, and out of all rights.
 *
 * Two processes of ours take part. The first is cloned into the container's cgroup (before any
 * setns: after joining the cgroup namespace the kernel answers ENOENT where cgroup2 is mounted with
 * nsdelegate), enters the namespaces, and there loses everything: descriptors, groups, ids,
 * capabilities. Only then it forks into the pid namespace, where the container's processes can see
 * and, with CAP_SYS_PTRACE, touch the child: it finds nothing there that it hasn't itself
 * (safety.md R11, CVE-2016-9962, CVE-2024-21626).
 *
 * syscalls: setns, chroot, prctl, setsid, close_range, sendmsg, recvmsg, execve
 */
#include "runtime/exec.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/procfs.h"
#include "base/table.h"
#include "cgroups/mark.h"
#include "cgroups/resctrl.h"
#include "runtime/child.h"
#include "runtime/console.h"
#include "runtime/fault.h"
#include "runtime/info.h"
#include "runtime/signals.h"
#include "runtime/sync.h"

static int join(const struct execution *execution, struct error *err)
{
	if (execution->namespaces && setns(execution->init, (int)execution->namespaces) < 0)
		return error_errno(err, "enter the container's namespaces");
	if (execution->root < 0)
		return 0;
	if (fchdir(execution->root) < 0 || chroot(".") < 0)
		return error_errno(err, "enter the container's root");
	return 0;
}

static int close_descriptors(const struct execution *execution, struct error *err)
{
	const int keep[] = { execution->sync, execution->console_socket, execution->label };

	log_detach();
	return child_close_others(execution->preserved_fds, keep, ARRAY_SIZE(keep), err);
}

static bool filter_needs_rights(const struct execution *execution)
{
	return execution->seccomp.length > 0 && !execution->process.no_new_privileges;
}

static int lose_rights(struct execution *execution, struct error *err)
{
	const struct process_spec *process = &execution->process;
	const bool rights = filter_needs_rights(execution);
	bool entered = false;

	if (cwd_change(process->cwd, &entered, err) < 0)
		return -1;
	/* read back here: the file is this process's, not its child's */
	if (execution->label >= 0 && (lsm_label_exec(process, execution->label, err) < 0 ||
				      lsm_verify(process, execution->label, err) < 0))
		return -1;
	if (process->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_errno(err, "set no_new_privs");
	if (capabilities_before_user(&execution->capabilities, err) < 0 ||
	    user_apply(&process->user, &execution->groups_stay, err) < 0 ||
	    capabilities_apply(&execution->capabilities, rights ? UINT64_C(1) << CAP_SYS_ADMIN : 0,
			       err) < 0)
		return -1;
	if (child_set_dumpable(0, err) < 0)
		return -1;
	return entered ? 0 : cwd_change(process->cwd, NULL, err);
}

/* With the container's rights, whose names these are. */
static int open_console(struct execution *execution, struct error *err)
{
	const struct process_spec *process = &execution->process;
	autofd root = -1;
	autofd slave = -1;

	if (!process->terminal)
		return 0;
	root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_errno(err, "open the container's root");
	slave = console_open(root, execution->console_socket, &process->console_size,
			     process->user.uid, false, err);
	if (slave < 0)
		return -1;
	if (!execution->options->console_socket && console_clear_onlcr(slave) < 0)
		return error_errno(err, "console: set the pty's modes");
	fd_close(&execution->console_socket);
	execution->console = fd_take(&slave);
	return 0;
}

static int load_filter(struct execution *execution, struct error *err)
{
	if (!filter_needs_rights(execution))
		return 0;
	execution->listener = seccomp_program_load(&execution->seccomp, err);
	if (execution->listener < 0)
		return -1;
	if (capabilities_drop_kept(&execution->capabilities, err) < 0)
		return -1;
	return capabilities_verify(&execution->capabilities, err);
}

/* The agent is told the last child's pid, so this has to wait for the fork. */
static int announce_listener(const struct execution *execution, struct error *err)
{
	if (!filter_needs_rights(execution) || !seccomp_program_listens(&execution->seccomp))
		return 0;
	return listener_announce(execution->listener, &execution->spec.linux.seccomp,
				 execution->sync, err);
}

static int verify(const struct execution *execution, struct error *err)
{
	if (!filter_needs_rights(execution) &&
	    capabilities_verify(&execution->capabilities, err) < 0)
		return -1; /* with one that is kept: when it has gone, in load_filter() */
	return user_verify(&execution->process.user, execution->groups_stay, err);
}

static int execute(struct execution *execution, struct error *err)
{
	const struct process_spec *process = &execution->process;
	const struct limits limits = execution_limits(execution);

	if (limits_wanted(process) && limits_take(&limits, execution->sync, err) < 0)
		return -1;
	if (process->no_new_privileges && execution->seccomp.length > 0 &&
	    listener_load(&execution->seccomp, &execution->spec.linux.seccomp, execution->sync,
			  err) < 0)
		return -1;
	if (sync_send(execution->sync, SYNC_EXECUTING, 0, err) < 0 || signals_reset(err) < 0)
		return -1;
	return executable_exec(execution->executable, process->args.items, execution->env, err);
}

/* In the last child: when a session's leader ends, the kernel sends SIGHUP to whoever has the
 * terminal (tty_ioctl(4)). */
static int new_session(struct execution *execution, struct error *err)
{
	if (setsid() < 0)
		return error_errno(err, "new session");
	return execution->console < 0 ? 0 : console_attach(fd_take(&execution->console), err);
}

/* By the process itself, while it still has the host's rights; the last child inherits it. */
static int set_oom_score(const struct process_spec *process, struct error *err)
{
	autofd procfs = -1;

	if (!process->oom_score_adj.present)
		return 0;
	procfs = procfs_open(PROCFS_PROCESSES, err);
	return procfs < 0 ? -1 : oom_score_apply(process, procfs, getpid(), err);
}

static int enter_cgroup(const struct execution *execution, struct error *err)
{
	char mark[MARK_SIZE];
	const struct cgroup_place place = container_place(&execution->info.record, mark);

	return cgroup_enter(&place, execution->cgroup, getpid(), err);
}

/* What init got from linux and process for itself, set while nothing restrains us and inherited
 * from here on. */
static int set_attributes(const struct execution *execution, struct error *err)
{
	const struct cpu_affinity_spec *affinity = &execution->process.exec_cpu_affinity;

	if (affinity->final &&
	    affinity_set(affinity->final, "/process/execCPUAffinity/final", err) < 0)
		return -1;
	if (memory_policy_apply(&execution->spec.linux.memory_policy, err) < 0 ||
	    personality_apply(&execution->spec.linux.personality, err) < 0)
		return -1;
	return set_oom_score(&execution->process, err);
}

/* Into the class of service of init; the last child inherits it. */
static int enter_resctrl(const struct execution *execution, struct error *err)
{
	const struct intel_rdt_spec *rdt = &execution->spec.linux.intel_rdt;
	autofd root = -1;

	if (!rdt->present)
		return 0;
	root = resctrl_open(err);
	if (root < 0)
		return -1;
	return resctrl_add(root, resctrl_group(rdt, execution->options->id),
			   execution->info.record.resctrl_monitor, getpid(), err);
}

static int enter(struct execution *execution, struct error *err)
{
	const struct process_spec *process = &execution->process;
	bool none = false;

	if (child_tie(err) < 0)
		return -1;
	if ((execution->cgroup_late && enter_cgroup(execution, err) < 0) ||
	    enter_resctrl(execution, err) < 0)
		return -1;
	execution->label = lsm_open(process, &none, err);
	if ((execution->label < 0 && !none) || set_attributes(execution, err) < 0)
		return -1;
	if (fault_before("exec", "join", err) < 0 || join(execution, err) < 0 ||
	    close_descriptors(execution, err) < 0)
		return -1;
	if (execution->info.record.keyring &&
	    keyring_join_labelled(execution->options->id, &execution->process, err) < 0)
		return -1;
	if (!process->terminal && console_fix_stdio(process->user.uid, err) < 0)
		return -1;
	if (lose_rights(execution, err) < 0 || open_console(execution, err) < 0)
		return -1;
	execution->env = env_add_home(execution->env, process->user.uid, &execution->arena, err);
	if (!execution->env ||
	    executable_find(process, execution->env, -1, execution->executable, err) < 0 ||
	    verify(execution, err) < 0 || load_filter(execution, err) < 0 ||
	    (execution_forks(execution) && child_enter_pid_namespace(err) < 0) ||
	    announce_listener(execution, err) < 0 || new_session(execution, err) < 0 ||
	    child_untie(err) < 0)
		return -1;
	return execute(execution, err);
}

_Noreturn void exec_main(struct execution *execution, int sync)
{
	struct error err;

	fd_close(&execution->sync);
	fd_close(&execution->console_parent);
	listener_close(&execution->agent);
	execution->sync = sync;
	if (enter(execution, &err) < 0)
		sync_send_error(execution->sync, &err);
	_exit(255);
}
