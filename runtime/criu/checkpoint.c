/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checkpoint: asks CRIU to write a container's processes into files.
 *
 * syscalls: openat, statx, fstat; flock, sendto, recvmsg through others
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/process.h"
#include "runtime/creation.h"
#include "runtime/criu/criu.h"
#include "runtime/criu/dumped.h"
#include "runtime/criu/images.h"
#include "runtime/criu/mounts.h"
#include "runtime/criu/program.h"
#include "runtime/deadline.h"
#include "runtime/destroy.h"
#include "runtime/info.h"
#include "runtime/journal.h"
#include "spec/annotations.h"
#include "spec/load.h"

#define LOCK_TIMEOUT 10000 /* ms */
#define MOUNTINFO_MAX ((size_t)16 << 20)

struct checkpoint {
	const struct settings *settings;
	const struct checkpoint_options *given;
	const char *id;
	struct store store;
	struct container_info info;
	struct container_spec spec;
	struct namespace_plan namespaces;
	struct rootfs rootfs;
	struct arena arena;
	struct criu_options options;
	struct criu_images images;
	char program[PATH_MAX], page_server[256];
	int version;
	int status_fd; /* -1: none, or told */
	int cgroup;
	int init;    /* pidfd */
	bool paused; /* before we came */
};

/* --- the plan --------------------------------------------------------------------------------- */

static int refuse_status(enum container_status status, struct error *err)
{
	return error_of_kind(
		err, status == STATUS_STOPPED ? ERROR_CONTAINER_STOPPED : ERROR_CONTAINER_CREATING,
		"Container cannot be checkpointed in %s state", container_status_name(status));
}

static int check_status(const struct container_info *info, struct error *err)
{
	if (info->status == STATUS_RUNNING || info->status == STATUS_PAUSED)
		return 0;
	return refuse_status(info->status, err);
}

static int read_frozen_config(struct checkpoint *work, struct error *err)
{
	const struct record *record = &work->info.record;
	autofree char *text = NULL;
	size_t length;

	for (int i = 0; i < NAMESPACE_COUNT; i++)
		work->namespaces.fd[i] = -1;
	if (file_read_at(work->store.dir, JOURNAL_CONFIG, SPEC_SIZE_MAX, &text, &length, err) < 0 ||
	    spec_load(&work->spec, JOURNAL_CONFIG, text, length, err) < 0 ||
	    namespace_plan(&work->spec, &work->namespaces, NULL, err) < 0)
		return -1;
	return rootfs_plan(&work->rootfs, &work->spec, record->bundle, &work->namespaces, false,
			   &work->arena, err);
}

static int open_init(struct checkpoint *work, struct error *err)
{
	const struct process_identity init = record_init(&work->info.record);

	work->init = process_open(&init);
	if (work->init >= 0)
		return 0;
	return errno == ESRCH ? refuse_status(STATUS_STOPPED, err)
			      : error_errno(err, "open the container's init");
}

/* What is asked of /proc and of CRIU by init's number is about another process as soon as this one
 * is gone: CRIU would dump that, and end it. */
static int check_init(const struct checkpoint *work, struct error *err)
{
	return process_wait_end(work->init, 0) == 0 ? 0 : refuse_status(STATUS_STOPPED, err);
}

/* Looking for the mounts that aren't where config.json has them. */
struct mount_search {
	struct checkpoint *work;
	int root;
	const char *destination;
	struct error *err;
	bool failed; /* with *err */
};

/* The number of the mount there, 0 (which is one of the kernel's own) for none. */
static int look_up_mount(void *data, struct error *err)
{
	const struct mount_search *search = data;
	struct statx st;
	autofd fd = -1;

	(void)err;
	store_close(&search->work->store); /* this child may be held: not with the lock */
	fd = path_open_quiet(search->root, search->destination, O_PATH);
	if (fd < 0 || statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &st) < 0 ||
	    !(st.stx_mask & STATX_MNT_ID) || st.stx_mnt_id > INT_MAX)
		return 0;
	return (int)st.stx_mnt_id;
}

static int64_t find_mount(void *context, const char *destination)
{
	struct mount_search *search = context;
	int id;

	if (search->failed)
		return -1;
	search->destination = destination;
	id = deadline_run(look_up_mount, search, search->err);
	search->failed = id < 0;
	if (id < 0)
		(void)error_context(search->err, "mount point %s", destination);
	return id > 0 ? id : -1;
}

static int plan_mounts(struct checkpoint *work, struct error *err)
{
	char name[48];
	autofd root = -1;
	autofree char *mountinfo = NULL;
	struct mount_search search = { .work = work, .err = err };
	struct criu_dump_source source = {
		.spec = &work->spec,
		.rootfs = &work->rootfs,
		.find = find_mount,
		.context = &search,
		.cgroup = work->cgroup >= 0,
	};

	if (work->info.record.mounts.count > 0)
		return error_of_kind(
			err, ERROR_UNSUPPORTED,
			"mount at %s: was added by 'minirun mounts add', and a restore "
			"knows config.json only: remove it first",
			work->info.record.mounts.items[0].destination);
	(void)snprintf(name, sizeof(name), "/proc/%d/root", work->info.pid);
	root = open(name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0) {
		const int code = errno;

		return check_init(work, err) < 0
			       ? -1
			       : error_code(err, code, "root directory of process %d",
					    work->info.pid);
	}
	(void)snprintf(name, sizeof(name), "/proc/%d/mountinfo", work->info.pid);
	if (file_read_at(AT_FDCWD, name, MOUNTINFO_MAX, &mountinfo, NULL, err) < 0)
		return -1;
	if (check_init(work, err) < 0)
		return -1;
	source.mountinfo = mountinfo;
	search.root = root;
	if (criu_dump_mounts(&source, &work->options.ext_mounts, &work->arena, err) < 0)
		return -1;
	return search.failed ? -1 : 0;
}

/* A namespace that was there before the container is so when it is restored. */
static int plan_namespace(struct checkpoint *work, enum namespace_kind kind, const char *key,
			  const char **external, struct error *err)
{
	struct stat st;

	if (work->namespaces.fd[kind] < 0)
		return 0;
	if (work->version < 31600)
		return error_of_kind(err, ERROR_UNSUPPORTED,
				     "/linux/namespaces: criu 3.16 or newer is needed for a joined "
				     "%s namespace",
				     namespace_types[kind].type);
	if (fstat(work->namespaces.fd[kind], &st) < 0)
		return error_errno(err, "joined %s namespace", namespace_types[kind].type);
	*external = arena_format(&work->arena, "%s[%llu]:%s", namespace_types[kind].proc_name,
				 (unsigned long long)st.st_ino, key);
	return *external ? 0 : error_code(err, ENOMEM, "plan of the namespaces");
}

static int plan_dump(struct checkpoint *work, struct error *err)
{
	struct criu_options *options = &work->options;

	options->pid = (int32_t)work->info.pid;
	options->root = work->rootfs.path;
	if (criu_config_file(annotation_value(&work->spec, "org.criu.config"),
			     &options->config_file, err) < 0)
		return -1;
	if (work->cgroup >= 0)
		options->freeze_cgroup = work->info.record.cgroup_path;
	if (work->given->pre_dump) /* only memory is written */
		return 0;
	if (plan_namespace(work, NAMESPACE_NETWORK, "extRootNetNS", &options->external[0], err) <
		    0 ||
	    plan_namespace(work, NAMESPACE_PID, "extRootPidNS", &options->external[1], err) < 0)
		return -1;
	if (!options->external[0]) {
		options->external[0] = options->external[1];
		options->external[1] = NULL;
	}
	return plan_mounts(work, err);
}

static int check_features(struct checkpoint *work, struct error *err)
{
	const bool pre_dump = work->given->pre_dump, lazy = work->given->common.lazy_pages;
	struct criu_reply reply;

	if (!pre_dump && !lazy)
		return 0;
	if (criu_features(work->program, pre_dump, lazy, &reply, err) < 0)
		return -1;
	if (pre_dump && !reply.mem_track)
		return error_of_kind(err, ERROR_UNSUPPORTED,
				     "--pre-dump: this kernel doesn't track changed memory "
				     "(CONFIG_MEM_SOFT_DIRTY)");
	if (lazy && !reply.lazy_pages)
		return error_of_kind(err, ERROR_UNSUPPORTED,
				     "--lazy-pages: this kernel or criu has no userfaultfd for it");
	return 0;
}

/* --- the dump --------------------------------------------------------------------------------- */

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
	if (check_init(work, err) < 0) {
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

	if (check_status(&work->info, err) < 0 || open_init(work, err) < 0 ||
	    read_frozen_config(work, err) < 0 || criu_check_spec(&work->spec, err) < 0 ||
	    container_open_cgroup(&work->info, &work->cgroup, err) < 0)
		return -1;
	work->paused = work->info.status == STATUS_PAUSED;
	criu_leave_network(&work->spec, &work->namespaces, &work->options);
	if (criu_prepare(work->settings->criu, work->program, &work->version, err) < 0 ||
	    check_features(work, err) < 0 || plan_dump(work, err) < 0 ||
	    criu_images_open(&work->images, true, err) < 0)
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
