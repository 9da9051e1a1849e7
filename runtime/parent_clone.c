/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of the parent's table (parent.c) that make init and talk with it. Each has its
 * counterpart in init_build.c or init_become.c; runtime/README.md shows both sides.
 *
 * syscalls: clone3, socketpair, sendmsg, recvmsg
 */
#include "runtime/parent.h"
#include "runtime/parent_rows.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/process.h"
#include "base/sys.h"
#include "namespaces/time.h"
#include "runtime/child.h"
#include "runtime/hooks.h"
#include "runtime/init.h"
#include "runtime/stage.h"
#include "runtime/sync.h"

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

/* Within a chroot(2) the kernel refuses a user namespace, with the same number. */
static int explain_refusal(uint64_t namespaces, int code, struct error *err)
{
	if (!(namespaces & CLONE_NEWUSER)) {
		(void)error_set(err, "new namespaces are not permitted: needs CAP_SYS_ADMIN");
	} else {
		(void)error_set(err, "a new user namespace is not permitted");
		(void)user_explain_refusal(err);
		if (err->kind == ERROR_UNTOLD)
			(void)error_set(err, "a new user namespace is not permitted (in a chroot "
					     "it never is)");
	}
	err->code = code;
	return -1;
}

int creation_explain_namespaces(uint64_t namespaces, int code, struct error *err)
{
	const char *missing = code == EINVAL ? namespace_missing(namespaces) : NULL;

	if (missing)
		return error_code(err, code, "/linux/namespaces: the kernel has no %s namespaces",
				  missing);
	if (code == EPERM || code == EACCES)
		return explain_refusal(namespaces, code, err);
	if (code == ENOSPC || code == EUSERS)
		return error_set(err,
				 "new namespaces: the limit of /proc/sys/user/max_*_namespaces or "
				 "of nesting is reached");
	return error_code(err, code, "clone3 (flags %#llx)", (unsigned long long)namespaces);
}

static int explain_clone(const struct creation *creation, struct error *err)
{
	const int code = errno;

	if (code == EAGAIN && creation->cgroup >= 0)
		return error_set(err, "clone3: no process more is allowed: pids.max of the "
				      "container's cgroup or of a parent, or RLIMIT_NPROC");
	return creation_explain_namespaces(creation->namespaces.create, code, err);
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

int parent_clone_init(struct creation *creation, struct error *err)
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

int parent_await_stage(struct creation *creation, struct error *err)
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

int parent_map_mount_ids(struct creation *creation, struct error *err)
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

int parent_send_host_ready(struct creation *creation, struct error *err)
{
	return sync_send(creation->sync, SYNC_HOST_READY, creation->pid, err);
}

int parent_call_runtime_hooks(struct creation *creation, struct error *err)
{
	struct state_document state;

	creation->hooks_begun = true;
	creation_state(creation, "creating", creation->pid, &state);
	for (enum hook_point point = HOOK_PRESTART; point <= HOOK_CREATE_RUNTIME; point++)
		if (hooks_run(point, &creation->spec.hooks[point], &state, creation->bundle, NULL,
			      err) < 0)
			return -1;
	return 0;
}

int parent_run_runtime_hooks(struct creation *creation, struct error *err)
{
	if (sync_wait(creation->sync, SYNC_ROOTFS_READY, "init", NULL, err) < 0)
		return creation_init_failed(creation, err);
	if (parent_call_runtime_hooks(creation, err) < 0)
		return -1;
	if (sync_send(creation->sync, SYNC_HOOKS_DONE, creation->pid, err) == 0)
		return 0;
	return creation_has_runtime_hooks(creation)
		       ? error_context(err, "after the hooks of /hooks/prestart and createRuntime")
		       : -1;
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

int parent_await_created(struct creation *creation, struct error *err)
{
	pid_t pid;

	creation->hooks_begun |= creation->spec.hooks[HOOK_CREATE_CONTAINER].count > 0;
	if (sync_wait(creation->sync, SYNC_CREATED, "init", &pid, err) < 0)
		return creation_init_failed(creation, err);
	if (creation_joins_pid(creation))
		return follow_into_pid_namespace(creation, pid, err);
	return 0;
}

int parent_send_committed(struct creation *creation, struct error *err)
{
	return sync_send(creation->sync, SYNC_COMMITTED, creation->pid, err);
}
