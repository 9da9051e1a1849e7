/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: the talk with CRIU, whose notifications are our steps.
 *
 * syscalls: pidfd_open, setns, unlinkat; those of the steps
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/probe.h"
#include "base/process.h"
#include "base/table.h"
#include "namespaces/network.h"
#include "runtime/criu/restore.h"
#include "runtime/parent.h"
#include "runtime/process/process.h"

/* From here on an undo ends this process, too. */
static int learn_pid(struct restore *work, const struct criu_reply *reply, struct error *err)
{
	struct creation *creation = &work->creation;
	struct process_status status;

	if (reply->pid <= 0)
		return 0;
	if (creation->pid == reply->pid)
		return 0;
	if (creation->pid > 0 || process_read_status(reply->pid, &status) < 0 ||
	    status.parent != getpid())
		return error_set(err, "criu named process %d, which isn't a child of ours",
				 reply->pid);
	creation->pid = reply->pid;
	creation->pidfd = pidfd_open(reply->pid, 0);
	if (creation->pidfd < 0)
		return error_errno(err, "open process %d", reply->pid);
	work->criu.needed = creation->pidfd;
	return parent_identify(creation, err);
}

static int raise_loopback(const void *data, struct error *err)
{
	const int *pidfd = data;

	if (setns(*pidfd, CLONE_NEWNET) < 0)
		return error_errno(err, "enter the restored network namespace");
	return network_loopback_up(err);
}

/* What is left empty is as new: the loopback device is down. */
static int on_setup_namespaces(struct restore *work, int *fd, struct error *err)
{
	(void)fd;
	if (work->options.empty_ns & work->creation.namespaces.create & CLONE_NEWNET &&
	    probe_in_child(raise_loopback, &work->creation.pidfd, err) < 0)
		return -1;
	if (restore_moves_net_devices(work) && parent_move_devices(&work->creation, err) < 0)
		return -1;
	return parent_call_runtime_hooks(&work->creation, err);
}

/* CRIU keeps schedulers, but no I/O priority. That of a process which had changed its own isn't
 * known. */
static int set_io_priority(struct restore *work, struct error *err)
{
	const struct creation *creation = &work->creation;
	const struct process_spec *process = &creation->spec.process;
	autofree pid_t *pids = NULL;
	size_t count = 0;

	if (!process->io_priority.present)
		return 0;
	if (creation->cgroup >= 0 && cgroup_processes(creation->cgroup, &pids, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) { /* criu and its helpers are in there, and end */
		struct error refused;

		if (pids[i] == work->criu.pid ||
		    scheduling_apply_io_priority(process, pids[i], &refused) == 0 ||
		    refused.code == ESRCH)
			continue;
		*err = refused;
		return -1;
	}
	return count > 0 ? 0 : scheduling_apply_io_priority(process, creation->pid, err);
}

/* All is restored and stands still: now the journal says that the container is there. */
static int on_post_restore(struct restore *work, int *fd, struct error *err)
{
	(void)fd;
	if (work->creation.pid == 0)
		return error_set(err, "criu doesn't name the process that it has restored");
	work->creation.hooks_begun = true;
	if (set_io_priority(work, err) < 0 || parent_adopt(&work->creation, err) < 0)
		return -1;
	/* the container's from here on: should CRIU fail now, they are named, not taken back */
	net_devices_free(&work->creation.net_devices);
	work->adopted = true;
	return 0;
}

static int on_terminal(struct restore *work, int *fd, struct error *err)
{
	if (*fd < 0)
		return error_set(err, "criu sent no terminal with its notification");
	if (work->console >= 0)
		return fd_send(work->console, *fd, "orphan-pts-master", err);
	if (work->create.detach)
		return error_of_kind(
			err, ERROR_USAGE,
			"the container has a terminal: --console-socket must say where "
			"it goes");
	fd_close(&work->master);
	work->master = fd_take(fd);
	return 0;
}

/* The notifications that something is to be done at. */
static const struct {
	const char *script;
	int (*act)(struct restore *work, int *fd, struct error *err);
} scripts[] = {
	{ "setup-namespaces", on_setup_namespaces },
	{ "post-restore", on_post_restore },
	{ "orphan-pts-master", on_terminal },
};

static int notified(struct restore *work, const struct criu_reply *reply, int *fd,
		    struct error *err)
{
	const struct criu_request go_on = { .type = CRIU_NOTIFY, .notify_success = true };

	log_debug("criu: %s", reply->script);
	if (learn_pid(work, reply, err) < 0)
		return -1;
	table_for_each (row, scripts)
		if (strcmp(row->script, reply->script) == 0 && row->act(work, fd, err) < 0)
			return -1;
	return criu_send(&work->criu, &go_on, err);
}

/* 1: done; 0: CRIU has said no, or nothing more; -1: something of ours has failed. */
static int converse(struct restore *work, struct error *err)
{
	const struct criu_request request = { .type = CRIU_RESTORE, .options = &work->options };

	if (criu_send(&work->criu, &request, err) < 0)
		return 0;
	for (;;) {
		struct criu_reply reply;
		autofd fd = -1;

		if (criu_receive(&work->criu, CRIU_WORK_TIMEOUT, &reply, &fd, err) < 0)
			return 0;
		if (!reply.success) {
			(void)criu_refused(&reply, err);
			return 0;
		}
		if (reply.type == CRIU_NOTIFY) {
			if (notified(work, &reply, &fd, err) < 0)
				return -1;
			continue;
		}
		if (reply.type != CRIU_RESTORE || !work->adopted) {
			(void)error_set(err, "criu answers something else than it was asked");
			return 0;
		}
		return 1;
	}
}

int restore_processes(struct restore *work, struct error *err)
{
	int result;

	if (restore_start_criu(work, err) < 0)
		return -1;
	result = converse(work, err);
	if (result < 0)
		return -1;
	if (result == 0 || criu_finish(&work->criu, false, err) < 0)
		return criu_images_explain(&work->images, err);
	/* else they go with the rest */
	(void)unlinkat(work->creation.store.dir, RESTORE_ROOT, AT_REMOVEDIR);
	(void)unlinkat(work->creation.store.dir, RESTORE_STAGE, AT_REMOVEDIR);
	return 0;
}
