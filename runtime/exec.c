/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec: one more process in a live container.
 *
 * Two processes of ours take part. The first is cloned into the container's cgroup (before any
 * setns: after joining the cgroup namespace the kernel answers ENOENT where cgroup2 is mounted with
 * nsdelegate), enters the namespaces, and there loses everything: descriptors, groups, ids,
 * capabilities. Only then it forks into the pid namespace, where the container's processes can see
 * and, with CAP_SYS_PTRACE, touch the child: it finds nothing there that it hasn't itself
 * (safety.md R11, CVE-2016-9962, CVE-2024-21626).
 *
 * syscalls: pidfd_open, clone3, setns, clone, prctl, setsid, close_range, sendmsg, recvmsg, execve
 */
#include "runtime/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/process.h"
#include "base/procfs.h"
#include "base/sys.h"
#include "cgroups/mark.h"
#include "cgroups/resctrl.h"
#include "runtime/child.h"
#include "runtime/console.h"
#include "runtime/creation.h"
#include "runtime/fault.h"
#include "runtime/info.h"
#include "runtime/journal.h"
#include "runtime/listener.h"
#include "runtime/monitor.h"
#include "runtime/self_exe.h"
#include "runtime/signals.h"
#include "runtime/start.h"
#include "runtime/store.h"
#include "runtime/sync.h"

/* --- the parent: what is to be done ----------------------------------------------------------- */

/* Joining a pid namespace moves only children: then the process that we clone forks once more. */
static bool forks(const struct execution *execution)
{
	return (execution->namespaces & CLONE_NEWPID) != 0;
}

static int check_status(const struct container_info *info, const struct exec_options *options,
			struct error *err)
{
	switch (info->status) {
	case STATUS_CREATED:
	case STATUS_RUNNING:
		return 0;
	case STATUS_PAUSED:
		if (options->ignore_paused)
			return 0;
		return error_of_kind(err, ERROR_CONTAINER_PAUSED,
				     "cannot exec in a paused container (use --ignore-paused to "
				     "override)");
	case STATUS_STOPPED:
		return error_of_kind(err, ERROR_CONTAINER_STOPPED,
				     "cannot exec in a stopped container");
	case STATUS_CREATING:
		break;
	}
	return error_of_kind(err, ERROR_CONTAINER_CREATING,
			     "cannot exec in a container that is still being created");
}

/* Which namespaces of init to enter: those that config.json names. A user namespace that is ours
 * already can't be entered again (EINVAL). */
static int plan_namespaces(struct execution *execution, struct error *err)
{
	const struct linux_spec *linux = &execution->spec.linux;
	struct stat ours, theirs;
	char path[64];

	for (size_t i = 0; i < linux->namespaces.count; i++)
		for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
			if (strcmp(namespace_types[kind].type, linux->namespaces.items[i].type) ==
			    0)
				execution->namespaces |= namespace_types[kind].flag;
	if (!(execution->namespaces & CLONE_NEWUSER))
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", execution->info.pid);
	if (stat("/proc/self/ns/user", &ours) < 0 || stat(path, &theirs) < 0)
		return error_errno(err, "compare our user namespace with the container's");
	if (ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino)
		execution->namespaces &= ~(uint64_t)CLONE_NEWUSER;
	return 0;
}

/* Without a mount namespace of its own the container has only changed its root. */
static int open_root(struct execution *execution, struct error *err)
{
	char path[64];

	if (execution->namespaces & CLONE_NEWNS)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/root", execution->info.pid);
	execution->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return execution->root < 0 ? error_errno(err, "open the container's root") : 0;
}

/* "[controller:]PATH" of --cgroup: below the container's cgroup, in the one hierarchy of v2. */
static int open_sub_cgroup(struct execution *execution, const char *wanted, struct error *err)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	const char *path = wanted;
	int fd;

	if (strchr(path, ':'))
		return error_set(err,
				 "--cgroup %s: cgroup v2 has one hierarchy, give the path alone",
				 wanted);
	if (execution->cgroup < 0)
		return error_set(err, "--cgroup %s: the container has no cgroup", wanted);
	while (*path == '/')
		path++;
	fd = sys_openat2(execution->cgroup, *path ? path : ".", &how);
	if (fd < 0 && errno == EXDEV)
		return error_set(err, "--cgroup %s: bad sub cgroup path", wanted);
	if (fd < 0)
		return error_errno(err, "--cgroup %s", wanted);
	fd_close(&execution->cgroup);
	execution->cgroup = fd;
	return 0;
}

static int open_cgroup(struct execution *execution, struct error *err)
{
	const char *path = execution->info.record.cgroup_path;

	if (path) {
		if (container_open_cgroup(&execution->info, &execution->cgroup, err) < 0)
			return -1;
		if (execution->cgroup < 0)
			return error_errno(err, "cgroup %s of the container", path);
	}
	if (execution->options->cgroup)
		return open_sub_cgroup(execution, execution->options->cgroup, err);
	return 0;
}

static int read_frozen_config(struct execution *execution, struct store *store, struct error *err)
{
	autofree char *text = NULL;
	size_t length;

	if (file_read_at(store->dir, JOURNAL_CONFIG, SPEC_SIZE_MAX, &text, &length, err) < 0)
		return -1;
	return spec_load(&execution->spec, JOURNAL_CONFIG, text, length, err);
}

static int plan_terminal(struct execution *execution, struct error *err)
{
	const struct exec_options *options = execution->options;
	const bool terminal = execution->process.terminal;

	if (console_check(terminal, options->detach, options->console_socket, "--tty", err) < 0)
		return -1;
	return terminal ? console_open_receiver(options->console_socket, &execution->console_socket,
						&execution->console_parent, err)
			: 0;
}

/* The container is what runs; the pid will be the new process's. */
static int connect_agent(struct execution *execution, struct error *err)
{
	const struct record *record = &execution->info.record;

	if (!execution->process.no_new_privileges &&
	    listener_check_early(&execution->spec.linux.seccomp, err) < 0)
		return -1;
	execution->agent.state = (struct state_document){
		.oci_version = record->oci_version,
		.id = record->id,
		.status = "running",
		.bundle = record->bundle,
		.annotations = &record->annotations,
	};
	return listener_connect(&execution->agent, &execution->spec.linux.seccomp, err);
}

static int plan_process(struct execution *execution, struct error *err)
{
	const struct process_spec *process = &execution->process;

	if (spec_validate_process(process, err) < 0 ||
	    capabilities_plan(&process->capabilities, has_user_namespace(&execution->spec),
			      &execution->capabilities, err) < 0 ||
	    rlimits_check(process, err) < 0 || scheduling_check(process, err) < 0 ||
	    lsm_check(process, err) < 0 ||
	    seccomp_plan(execution->settings, &execution->spec, &execution->seccomp, err) < 0)
		return -1;
	execution->env = env_plan(process, execution->settings->listen_fds, &execution->arena, err);
	return execution->env ? 0 : -1;
}

/* The identity is checked again after the pidfd is open: from there on it can't be another's. */
static int open_init(struct execution *execution, struct error *err)
{
	const struct process_identity init = {
		.pid = (pid_t)execution->info.record.pid,
		.start_time = execution->info.record.start_time,
		.pidfs_id = execution->info.record.pidfs_id,
	};

	execution->init = process_open(&init);
	if (execution->init >= 0)
		return 0;
	if (errno == ESRCH)
		return error_of_kind(err, ERROR_CONTAINER_STOPPED,
				     "cannot exec in a stopped container");
	return error_errno(err, "open the container's init, process %d", init.pid);
}

static int plan(struct execution *execution, struct error *err)
{
	struct store store = STORE_INIT;
	int result;

	result = store_open(&store, execution->settings, execution->options->id, err);
	if (result == 0)
		result = container_read(&store, &execution->info, err);
	if (result == 0)
		result = check_status(&execution->info, execution->options, err);
	if (result == 0)
		result = read_frozen_config(execution, &store, err);
	store_close(&store);
	if (result == 0)
		result = spec_add_user_namespace(&execution->spec, err);
	if (result < 0 || open_init(execution, err) < 0 || exec_process_plan(execution, err) < 0 ||
	    plan_process(execution, err) < 0 || plan_namespaces(execution, err) < 0 ||
	    open_root(execution, err) < 0 || open_cgroup(execution, err) < 0 ||
	    child_check_preserved(execution->options->preserve_fds, execution->settings->listen_fds,
				  &execution->preserved_fds, err) < 0 ||
	    plan_terminal(execution, err) < 0)
		return -1;
	return connect_agent(execution, err);
}

/* --- the first process: into the container, and out of all rights -------------------------------
 */

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
	return fd_close_from(3 + execution->preserved_fds, keep, sizeof(keep) / sizeof(keep[0]),
			     err);
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
	/* a change of credentials sets this to fs.suid_dumpable, which may be 1 */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, "stay out of reach of ptrace");
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
	return capabilities_drop_kept(&execution->capabilities, err);
}

static struct limits limits_of(const struct execution *execution)
{
	return (struct limits){ &execution->process, execution->spec.linux.resources.cpu.cpus };
}

/* The agent is told the last child's pid, so this has to wait for the fork. */
static int announce_listener(const struct execution *execution, struct error *err)
{
	if (!filter_needs_rights(execution) || !seccomp_program_listens(&execution->seccomp))
		return 0;
	return listener_announce(execution->listener, execution->sync, err);
}

/* --- the last child -----------------------------------------------------------------------------
 */

static int verify(const struct execution *execution, struct error *err)
{
	if (capabilities_verify(&execution->capabilities, err) < 0)
		return -1;
	return user_verify(&execution->process.user, execution->groups_stay, err);
}

static int execute(struct execution *execution, struct error *err)
{
	const struct process_spec *process = &execution->process;
	const struct limits limits = limits_of(execution);

	if (verify(execution, err) < 0)
		return -1;
	if (limits_wanted(process) && limits_take(&limits, execution->sync, err) < 0)
		return -1;
	if (process->no_new_privileges && execution->seccomp.length > 0 &&
	    listener_load(&execution->seccomp, execution->sync, err) < 0)
		return -1;
	if (child_preserve(execution->preserved_fds, err) < 0 ||
	    sync_send(execution->sync, SYNC_EXECUTING, 0, err) < 0 || signals_reset(err) < 0)
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
	    executable_find(process, execution->env, execution->executable, err) < 0 ||
	    load_filter(execution, err) < 0 ||
	    (forks(execution) && child_enter_pid_namespace(err) < 0) ||
	    announce_listener(execution, err) < 0 || new_session(execution, err) < 0 ||
	    child_untie(err) < 0)
		return -1;
	return execute(execution, err);
}

static _Noreturn void exec_main(struct execution *execution, int sync)
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

/* --- the parent: doing it ------------------------------------------------------------------------
 */

static pid_t clone_into(int cgroup, int *pidfd)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};

	if (cgroup >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup;
	}
	return sys_clone3(&args);
}

/* A container may have moved its init into a sub-cgroup and enabled controllers above: the leaf is
 * then where its init is (cgroups(7), "no internal processes"). */
static pid_t clone_beside_init(struct execution *execution, int *pidfd)
{
	struct error ignored;
	autofd cgroup = cgroup_open_of_process(execution->info.pid, &ignored);

	if (cgroup < 0) {
		errno = EBUSY;
		return -1;
	}
	return clone_into(cgroup, pidfd);
}

/* Before the cgroup is entered; the child inherits it. Where the configuration has nothing to say,
 * the process gets all CPUs of its cgroup and not those that our caller was bound to. */
static int set_initial_affinity(const struct execution *execution, struct error *err)
{
	const struct cpu_affinity_spec *affinity = &execution->process.exec_cpu_affinity;

	if (!affinity->initial && !affinity->final)
		affinity_reset();
	if (!affinity->initial)
		return 0;
	return affinity_set(affinity->initial, "/process/execCPUAffinity/initial", err);
}

static int make_process(struct execution *execution, struct error *err)
{
	autofd child_end = -1;
	int pair[2];
	pid_t pid;

	if (set_initial_affinity(execution, err) < 0 || sync_pair(pair, err) < 0)
		return -1;
	execution->sync = pair[0];
	child_end = pair[1];
	if (forks(execution) && sync_know_sender(execution->sync, true, err) < 0)
		return -1;
	pid = clone_into(execution->cgroup, &execution->pidfd);
	if (pid < 0 && errno == EBUSY && !execution->options->cgroup)
		pid = clone_beside_init(execution, &execution->pidfd);
	if (pid < 0 && creation_may_enter_late(execution->cgroup, errno)) {
		execution->cgroup_late = true;
		pid = clone_into(-1, &execution->pidfd);
	}
	if (pid == 0)
		exec_main(execution, fd_take(&child_end));
	if (pid < 0)
		return errno == EAGAIN
			       ? error_set(err, "no process more is allowed: pids.max of the "
						"container's cgroup, or RLIMIT_NPROC")
			       : error_errno(err, "clone3 into the container's cgroup");
	execution->pid = pid;
	fd_close(&execution->console_socket);
	return 0;
}

/* The last child has made itself known by its first word: it takes the first process's place. */
static int follow_fork(struct execution *execution, pid_t pid, struct error *err)
{
	const pid_t first = execution->pid;
	int end;

	if (child_follow(pid, "the joining process", &execution->pid, &execution->pidfd, err) < 0)
		return -1;
	return process_reap(first, &end, err);
}

static int hand_over(const struct execution *execution, struct error *err)
{
	const struct exec_options *options = execution->options;

	if (options->pidfd_socket &&
	    child_send_pidfd(options->pidfd_socket, execution->pidfd, "setns", err) < 0)
		return error_context(err, "--pidfd-socket");
	/* after execve has worked: conmon takes the file's existence for it */
	return options->pid_file ? child_write_pid_file(options->pid_file, execution->pid, err) : 0;
}

static void end_process(struct execution *execution)
{
	struct error ignored;
	int status;

	if (execution->pid <= 0)
		return;
	(void)kill(execution->pid, SIGKILL); /* our unreaped child: the pid can't be another's */
	(void)process_reap(execution->pid, &status, &ignored);
	execution->pid = 0;
}

static int open_relay(struct execution *execution, struct relay *relay, struct error *err)
{
	const struct limits limits = limits_of(execution);
	int master;

	if (execution->console_parent < 0)
		return 0;
	master = fd_receive(execution->console_parent, err);
	if (master >= 0)
		return relay_start(relay, master, err);
	/* the process ended instead of sending it: it has said why */
	(void)start_exchange(execution->sync, false, &limits, &execution->agent, &execution->pid,
			     err);
	return -1;
}

static int start_process(struct execution *execution, struct relay *relay, struct error *err)
{
	const struct limits limits = limits_of(execution);
	pid_t pid = forks(execution) ? 0 : execution->pid;
	int result;

	if (execution->console_parent >= 0 && open_relay(execution, relay, err) < 0)
		return -1;
	result = start_exchange(execution->sync, false, &limits, &execution->agent, &pid, err);
	listener_close(&execution->agent);
	if (forks(execution) && pid > 0) {
		struct error lost;

		if (follow_fork(execution, pid, result < 0 ? &lost : err) < 0)
			return -1;
	}
	return result < 0 ? -1 : hand_over(execution, err);
}

static int run(struct execution *execution, int *exit_code, struct error *err)
{
	struct relay relay = { .master = -1 };
	const bool foreground = !execution->options->detach;
	int result;

	if (foreground && monitor_block_signals(err) < 0)
		return -1;
	result = make_process(execution, err);
	if (result == 0)
		result = start_process(execution, &relay, err);
	if (result < 0) {
		(void)error_context(err, "unable to start container process");
		end_process(execution);
	} else if (foreground) {
		result = monitor_wait(execution->pid, execution->pidfd, &relay, NULL, exit_code,
				      err);
	}
	relay_stop(&relay);
	return result;
}

static void execution_free(struct execution *execution)
{
	fd_close(&execution->init);
	fd_close(&execution->root);
	fd_close(&execution->cgroup);
	fd_close(&execution->label);
	fd_close(&execution->console_socket);
	fd_close(&execution->console_parent);
	fd_close(&execution->sync);
	fd_close(&execution->pidfd);
	listener_close(&execution->agent);
	seccomp_program_free(&execution->seccomp);
	spec_free(&execution->document);
	spec_free(&execution->spec);
	container_info_free(&execution->info);
	arena_free(&execution->arena);
}

int container_exec(const struct settings *settings, const struct exec_options *options,
		   int *exit_code, struct error *err)
{
	struct execution execution = {
		.settings = settings,
		.options = options,
		.init = -1,
		.root = -1,
		.cgroup = -1,
		.label = -1,
		.console_socket = -1,
		.console_parent = -1,
		.console = -1,
		.sync = -1,
		.pidfd = -1,
		.agent = LISTENER_NONE,
	};
	int result;

	*exit_code = 0;
	result = self_protect_process(err);
	if (result == 0)
		result = plan(&execution, err);
	if (result == 0)
		result = run(&execution, exit_code, err);
	execution_free(&execution);
	return result;
}
