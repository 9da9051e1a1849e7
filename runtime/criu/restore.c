/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: a container whose processes come from CRIU's images. The plan, the journal and the
 * cgroup are those of a create; then CRIU takes init's place.
 *
 * CRIU runs in the container's cgroup, so that whatever it makes is in there from birth and a
 * restore that fails is undone by the cgroup, and in a mount namespace of its own, so that the bind
 * mount that it needs of the root ends with it, whoever kills whom. The processes that it makes are
 * our children (rst_sibling).
 *
 * syscalls: prctl; connect, flock, waitid through others
 */
#include <errno.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "runtime/criu/restore.h"
#include "runtime/destroy.h"
#include "runtime/monitor.h"
#include "runtime/parent.h"
#include "runtime/self_exe.h"
#include "runtime/start.h"

#define LOCK_TIMEOUT 10000 /* ms */

static int connect_console(struct restore *work, struct error *err)
{
	const char *socket = work->create.console_socket;

	if (!work->creation.spec.process.terminal || !socket)
		return 0;
	work->console = fd_connect_unix(socket, SOCK_STREAM, err);
	return work->console < 0 ? error_context(err, "--console-socket") : 0;
}

static int run_poststart(struct restore *work, struct error *err)
{
	struct creation *creation = &work->creation;
	struct error lost;

	if (creation->spec.hooks[HOOK_POSTSTART].count == 0)
		return 0;
	store_unlock(&creation->store);
	if (start_poststart(&creation->spec, &creation->record, creation->pid, err) == 0)
		return 0;
	/* whoever has deleted it meanwhile has done what remains */
	if (store_lock(&creation->store, work->create.id, LOCK_TIMEOUT, &lost) < 0)
		store_close(&creation->store);
	return -1;
}

static int wait_and_delete(struct restore *work, int *exit_code, struct error *err)
{
	struct relay relay = { .master = -1 };
	struct creation *creation = &work->creation;
	struct error ignored;
	struct store store = STORE_INIT;
	int result = 0;

	store_close(&creation->store); /* with it the lock */
	if (work->master >= 0)
		result = relay_start(&relay, fd_take(&work->master), err);
	if (result == 0)
		result = monitor_wait(creation->pid, creation->pidfd, &relay, NULL, exit_code, err);
	relay_stop(&relay);
	creation->pid = 0; /* reaped, or ended below by its record */
	if (store_open(&store, &work->settings, work->create.id, &ignored) == 0 &&
	    store_lock(&store, work->create.id, LOCK_TIMEOUT, &ignored) == 0 &&
	    container_destroy(&store, &creation->record, &creation->spec, true, &ignored) < 0 &&
	    result == 0) {
		*err = ignored;
		result = -1;
	}
	store_close(&store);
	return result;
}

static int restore_planned(struct restore *work, int *exit_code, struct error *err)
{
	const bool foreground = !work->create.detach;

	if (foreground && !work->create.no_subreaper &&
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return error_errno(err, "become the container's subreaper");
	if (foreground && monitor_block_signals(err) < 0)
		return -1;
	if (connect_console(work, err) < 0)
		return -1;
	if (parent_prepare(&work->creation, err) < 0 || restore_apply_strict(work, err) < 0 ||
	    restore_processes(work, err) < 0 || run_poststart(work, err) < 0) {
		criu_kill(&work->criu);
		container_abort(&work->creation);
		return -1;
	}
	return foreground ? wait_and_delete(work, exit_code, err) : 0;
}

int container_restore(const struct settings *settings, const struct restore_options *given,
		      int *exit_code, struct error *err)
{
	struct restore work = {
		.given = given,
		.settings = *settings,
		.create = given->create,
		.images = CRIU_IMAGES_INIT,
		.criu = CRIU_PROGRAM_INIT,
		.console = -1,
		.master = -1,
	};
	int result;

	*exit_code = 0;
	work.create.run = true;		    /* no start follows, so there is no socket for one */
	work.settings.notify_socket = NULL; /* a program says READY=1 once, and has said it */
	work.settings.listen_fds = 0;
	work.images.path = given->common.image_path;
	work.images.work_path = given->common.work_path;
	work.images.log_name = "restore.log";
	if (self_protect_process(err) < 0)
		return -1;
	creation_clear(&work.creation);
	result = restore_plan(&work, err);
	if (result == 0)
		result = restore_planned(&work, exit_code, err);
	criu_images_close(&work.images);
	fd_close(&work.console);
	fd_close(&work.master);
	creation_free(&work.creation);
	return result;
}
