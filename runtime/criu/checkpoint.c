/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checkpoint: asks CRIU to write a container's processes into files.
 *
 * syscalls: fcntl, faccessat, write; flock, sendto, recvmsg through others
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "runtime/criu/checkpoint.h"
#include "runtime/criu/dumped.h"
#include "runtime/destroy.h"
#include "spec/load.h"

#define LOCK_TIMEOUT 10000 /* ms */

static int check_status_fd(int fd, struct error *err)
{
	const int flags = fd < 0 ? O_WRONLY : fcntl(fd, F_GETFL);

	if (flags < 0)
		return error_errno(err, "--status-fd %d", fd);
	if ((flags & O_ACCMODE) == O_RDONLY)
		return error_of_kind(err, ERROR_USAGE, "--status-fd %d: isn't open for writing",
				     fd);
	return 0;
}

/* CRIU serves the pages now, until the other side has all of them. */
static int tell_ready(struct checkpoint *work)
{
	if (work->status_fd < 0)
		return 0;
	if (fd_write_all(work->status_fd, "", 1) < 0)
		log_warning("--status-fd: %s", error_reason(errno));
	fd_close(&work->status_fd);
	return 0;
}

/* CRIU tells of a step, and waits. When the one after the images fails, it lets the container go on
 * as for an error of its own. */
static int be_notified(struct checkpoint *work, const char *step, int *patience, struct error *err)
{
	log_debug("criu: %s", step);
	if (strcmp(step, "status-ready") == 0) {
		(void)tell_ready(work);
		*patience = -1; /* as long as it takes the other computer */
	}
	if (strcmp(step, "post-dump") == 0 && !work->given->pre_dump)
		return criu_write_dumped(&work->images, &work->namespaces, &work->options, err);
	return 0;
}

static int converse(struct checkpoint *work, struct criu_program *criu, struct error *err)
{
	const struct criu_request request = {
		.type = work->given->pre_dump ? CRIU_PRE_DUMP : CRIU_DUMP,
		.options = &work->options,
	};
	struct criu_request go_on = { .type = CRIU_NOTIFY };
	struct error failure;
	bool failed = false;
	int patience = CRIU_WORK_TIMEOUT;

	if (criu_send(criu, &request, err) < 0)
		return -1;
	for (;;) {
		struct criu_reply reply;
		autofd fd = -1;

		if (criu_receive(criu, patience, &reply, &fd, err) < 0)
			return -1;
		if (failed && reply.type == (uint32_t)request.type) {
			*err = failure;
			return -1;
		}
		if (!reply.success)
			return criu_refused(&reply, err);
		if (reply.type == (uint32_t)request.type)
			return 0;
		if (reply.type != CRIU_NOTIFY)
			return error_set(err, "criu answers something else than it was asked");
		go_on.notify_success =
			failed || be_notified(work, reply.script, &patience, err) == 0;
		if (!go_on.notify_success) {
			failed = true;
			failure = *err;
		}
		if (criu_send(criu, &go_on, err) < 0)
			return -1;
	}
}

static int dump(struct checkpoint *work, struct error *err)
{
	const int work_dir = work->images.work >= 0 ? work->images.work : work->images.dir;
	const int descriptors[] = { work->images.dir, work_dir };
	const struct criu_setting setting = {
		.quiet = true, .cgroup = -1, .descriptors = descriptors, .descriptor_count = 2
	};
	struct criu_program criu = CRIU_PROGRAM_INIT;

	criu.path = work->program;
	criu.log = work->options.log_file;
	criu.log_dir = work_dir;
	work->options.images_dir = CRIU_DESCRIPTORS;
	work->options.work_dir = CRIU_DESCRIPTORS + 1;
	if (criu_start(&criu, &setting, err) < 0)
		return -1;
	if (checkpoint_check_init(work, err) < 0) {
		criu_kill(&criu);
		return -1;
	}
	if (converse(work, &criu, err) < 0) {
		criu_kill(&criu);
		return criu_images_explain(&work->images, err);
	}
	/* after a pre-dump it waits for the next request, and takes our hanging up for a failure */
	if (criu_finish(&criu, work->given->pre_dump, err) < 0)
		return criu_images_explain(&work->images, err);
	return 0;
}

/* CRIU thaws what it has frozen, unless it dies. */
static void let_go_on(const struct checkpoint *work)
{
	struct error ignored;

	if (work->cgroup >= 0 && !work->paused && cgroup_asked_to_freeze(work->cgroup) &&
	    cgroup_freeze(work->cgroup, false, &ignored) < 0)
		log_warning("%s", ignored.text);
}

/* As runc does: an engine doesn't find a container any more whose processes are in files. */
static int delete_container(struct checkpoint *work, struct error *err)
{
	if (store_lock(&work->store, work->id, LOCK_TIMEOUT, err) < 0)
		return err->code == ENOENT ? 0 : -1;
	if (container_destroy(&work->store, &work->info.record, &work->spec, true, err) < 0)
		return error_context(err, "the checkpoint is complete, but not the deletion");
	return 0;
}

static int checkpoint_locked(struct checkpoint *work, struct error *err)
{
	const bool leave = work->given->leave_running || work->given->pre_dump;

	if (checkpoint_plan(work, err) < 0 || criu_images_open(&work->images, true, err) < 0)
		return -1;
	if (work->given->parent_path &&
	    faccessat(work->images.dir, work->given->parent_path, R_OK, 0) < 0)
		return error_errno(err, "invalid --parent-path %s", work->given->parent_path);
	if (!work->given->pre_dump &&
	    (criu_write_descriptors(&work->images, work->info.pid, err) < 0 ||
	     criu_forget_dumped(&work->images, err) < 0))
		return -1;
	/* it may take long, and `delete --force` must get in */
	store_unlock(&work->store);
	if (dump(work, err) < 0) {
		let_go_on(work);
		return -1;
	}
	return leave ? 0 : delete_container(work, err);
}

static void finish(struct checkpoint *work)
{
	criu_images_close(&work->images);
	fd_close(&work->cgroup);
	fd_close(&work->init);
	fd_close(&work->status_fd);
	namespace_plan_close(&work->namespaces);
	rootfs_close(&work->rootfs);
	container_info_free(&work->info);
	spec_free(&work->spec);
	arena_free(&work->arena);
	store_close(&work->store);
}

int container_checkpoint(const struct settings *settings, const char *id,
			 const struct checkpoint_options *given, struct error *err)
{
	struct checkpoint work = {
		.settings = settings,
		.given = given,
		.id = id,
		.store = STORE_INIT,
		.rootfs = { .root = -1, .null_device = -1, .cgroup = -1, .pid_namespace = -1 },
		.images = CRIU_IMAGES_INIT,
		.status_fd = -1,
		.cgroup = -1,
		.init = -1,
	};
	int result = -1;

	work.images.path = given->common.image_path;
	work.images.work_path = given->common.work_path;
	work.images.log_name = "dump.log";
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		work.namespaces.fd[i] = -1;
	if (criu_plan_checkpoint(given, &work.options, work.page_server, err) == 0 &&
	    check_status_fd(given->status_fd, err) == 0) {
		work.status_fd = given->status_fd;
		if (store_open(&work.store, settings, id, err) == 0 &&
		    store_lock(&work.store, id, LOCK_TIMEOUT, err) == 0 &&
		    container_read(&work.store, &work.info, err) == 0)
			result = checkpoint_locked(&work, err);
	}
	if (result < 0)
		criu_images_forget(&work.images);
	finish(&work);
	return result;
}
