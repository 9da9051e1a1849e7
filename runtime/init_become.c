/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rows of init's table (init.c) that make us the container's process: from the standard streams
 * to execve. The order is the table's; here they only stand in it.
 *
 * syscalls: prctl, accept4, close_range, sendmsg, recvmsg
 */
#include "runtime/init_rows.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "runtime/child.h"
#include "runtime/console.h"
#include "runtime/hooks.h"
#include "runtime/listener.h"
#include "runtime/signals.h"
#include "runtime/start.h"
#include "runtime/sync.h"

int init_fix_stdio(struct creation *creation, struct error *err)
{
	return console_fix_stdio(creation->spec.process.user.uid, err);
}

int init_enter_cwd(struct creation *creation, struct error *err)
{
	if (cwd_enter(creation->spec.process.cwd, &creation->cwd_entered, err) < 0)
		return error_context(err, "/process/cwd");
	return 0;
}

int init_find_executable(struct creation *creation, struct error *err)
{
	if (executable_find(&creation->spec.process, creation->env, -1, creation->executable, err) <
	    0)
		return error_context(err, "/process/args/0");
	return 0;
}

/* For the row above: needs CAP_SYS_ADMIN, which the rows between take away. */
int init_target_pid_namespace(struct creation *creation, struct error *err)
{
	return namespace_join(&creation->namespaces, CLONE_NEWPID, err);
}

int init_become_user(struct creation *creation, struct error *err)
{
	const struct process_spec *process = &creation->spec.process;
	const uint64_t keep =
		creation_filter_needs_rights(creation) ? UINT64_C(1) << CAP_SYS_ADMIN : 0;

	if (creation_has_label(creation) && lsm_label_exec(process, creation->label, err) < 0)
		return -1;
	if (process->no_new_privileges && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_errno(err, "set no_new_privs");
	if (capabilities_before_user(&creation->capabilities, err) < 0 ||
	    user_apply(&process->user, &creation->groups_stay, err) < 0 ||
	    capabilities_apply(&creation->capabilities, keep, err) < 0)
		return -1;
	if (child_set_dumpable(0, err) < 0)
		return -1;
	if (!creation->cwd_entered)
		return cwd_enter(process->cwd, NULL, err) < 0 ? error_context(err, "/process/cwd")
							      : 0;
	return 0;
}

int init_load_filter(struct creation *creation, struct error *err)
{
	return listener_load(&creation->seccomp, &creation->spec.linux.seccomp, creation->channel,
			     err);
}

/* Without no_new_privs loading needs CAP_SYS_ADMIN, so that one is kept over the change of user and
 * goes right after: the profile need not allow setuid and the like, only what sets and shows
 * capabilities. */
int init_load_filter_with_rights(struct creation *creation, struct error *err)
{
	if (listener_load(&creation->seccomp, &creation->spec.linux.seccomp, creation->channel,
			  err) < 0 ||
	    capabilities_drop_kept(&creation->capabilities, err) < 0)
		return -1;
	return capabilities_verify(&creation->capabilities, err);
}

int init_verify_user(struct creation *creation, struct error *err)
{
	const struct process_spec *process = &creation->spec.process;

	/* with one that is kept: when it has gone */
	if ((!creation_filter_needs_rights(creation) &&
	     capabilities_verify(&creation->capabilities, err) < 0) ||
	    user_verify(&process->user, creation->groups_stay, err) < 0)
		return -1;
	if (process->no_new_privileges && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return error_set(err, "verify: no_new_privs isn't set");
	return creation_has_label(creation) ? lsm_verify(process, creation->label, err) : 0;
}

/* Everything but the standard streams, what the caller asked to preserve, and the socket that we
 * wait on is really closed: a container that reaches this process finds nothing (CVE-2024-21626).
 */
int init_close_descriptors(struct creation *creation, struct error *err)
{
	int keep[3];
	size_t count = 0;

	keep[count++] = creation->sync;
	if (creation->start_socket >= 0)
		keep[count++] = creation->start_socket;
	if (creation->label >= 0)
		keep[count++] = creation->label;
	log_detach();
	return child_close_others(creation->preserved_fds, keep, count, err);
}

int init_enter_pid_namespace(struct creation *creation, struct error *err)
{
	if (child_enter_pid_namespace(err) < 0)
		return -1;
	return creation->spec.process.terminal ? console_control(STDIN_FILENO, err) : 0;
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

int init_await_start(struct creation *creation, struct error *err)
{
	/* from CREATED on the parent may end like any other process; never armed again */
	if (child_untie(err) < 0)
		return -1;
	/* a user's exec asks, as the owner, for our namespaces; nothing of the host's is left in us
	 */
	if (!creation_joins_pid(creation) && child_set_dumpable_of_user(1, err) < 0)
		return -1;
	if (creation->start_socket >= 0 && signals_end_us(err) < 0)
		return -1;
	if (sync_send(creation->sync, SYNC_CREATED, 0, err) < 0 ||
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

int init_set_limits(struct creation *creation, struct error *err)
{
	const struct limits limits = { &creation->spec.process,
				       creation->spec.linux.resources.cpu.cpus };

	return limits_take(&limits, creation->channel, err);
}

/* HOME is looked up with the container's rights: its password file may be anything (safety.md F3).
 */
int init_add_home(struct creation *creation, struct error *err)
{
	creation->env =
		env_add_home(creation->env, creation->spec.process.user.uid, &creation->arena, err);
	return creation->env ? 0 : -1;
}

int init_run_start_container_hooks(struct creation *creation, struct error *err)
{
	struct state_document state;

	creation_state(creation, "created", getpid(), &state);
	return hooks_run(HOOK_START_CONTAINER, &creation->spec.hooks[HOOK_START_CONTAINER], &state,
			 "/", creation->env, err);
}

int init_execute(struct creation *creation, struct error *err)
{
	fd_close(&creation->label);
	if (sync_send(creation->channel, SYNC_EXECUTING, 0, err) < 0 || signals_reset(err) < 0)
		return -1;
	(void)executable_exec(creation->executable, creation->spec.process.args.items,
			      creation->env, err);
	return error_context(err, "/process/args/0");
}
