/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec: one more process in a live container. Plan (exec_plan.c, exec_process.c), make the process
 * (exec_child.c), wait for it.
 *
 * syscalls: clone3
 */
#include "runtime/exec.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/process.h"
#include "base/sys.h"
#include "runtime/child.h"
#include "runtime/creation.h"
#include "runtime/journal.h"
#include "runtime/monitor.h"
#include "runtime/self_exe.h"
#include "runtime/sync.h"
#include "spec/load.h"

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
	struct error why = { 0 };
	autofd cgroup = cgroup_open_of_process(execution->info.record.cgroup_path,
					       execution->cgroup, execution->info.pid, &why);

	if (cgroup < 0 || process_wait_end(execution->init, 0) != 0) {
		log_debug("exec: init's cgroup isn't entered: %s", why.text);
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
	if (execution_forks(execution) && sync_know_sender(execution->sync, true, err) < 0)
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
	log_debug("exec: process %d", pid);
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
	const struct limits limits = execution_limits(execution);
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
	const struct limits limits = execution_limits(execution);
	pid_t pid = execution_forks(execution) ? 0 : execution->pid;
	int result;

	if (execution->console_parent >= 0 && open_relay(execution, relay, err) < 0)
		return -1;
	result = start_exchange(execution->sync, false, &limits, &execution->agent, &pid, err);
	listener_close(&execution->agent);
	if (execution_forks(execution) && pid > 0) {
		struct error lost;

		if (follow_fork(execution, pid, result < 0 ? &lost : err) < 0)
			return -1;
	}
	return result < 0 ? -1 : hand_over(execution, err);
}

/* A pointer into the document that was given: for --process, whose top is the process. */
static void name_error(const struct exec_options *options, struct error *err)
{
	const struct error inner = *err;

	if (!options->process_file || strncmp(inner.text, "/process/", 9) != 0) {
		(void)spec_name_error(JOURNAL_CONFIG, err);
		return;
	}
	(void)error_set(err, "--process: %s: %s", options->process_file,
			inner.text + strlen("/process"));
	err->code = inner.code;
	err->kind = inner.kind;
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
		name_error(execution->options, err);
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
		result = exec_plan(&execution, err);
	if (result < 0)
		name_error(options, err);
	if (result == 0)
		result = run(&execution, exit_code, err);
	execution_free(&execution);
	return result;
}
