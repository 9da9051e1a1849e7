/* SPDX-License-Identifier: Apache-2.0 */
/*
 * checkpoint: what CRIU is to be asked, from the frozen config.json and from what the container has
 * mounted by now.
 *
 * syscalls: openat, statx, fstat, poll; those of the plans
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/path.h"
#include "base/process.h"
#include "runtime/creation.h"
#include "runtime/criu/checkpoint.h"
#include "runtime/criu/dumped.h"
#include "runtime/criu/mounts.h"
#include "runtime/deadline.h"
#include "runtime/destroy.h"
#include "runtime/journal.h"
#include "spec/annotations.h"
#include "spec/load.h"

#define MOUNTINFO_MAX ((size_t)16 << 20)

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

int checkpoint_check_init(const struct checkpoint *work, struct error *err)
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

		return checkpoint_check_init(work, err) < 0
			       ? -1
			       : error_code(err, code, "root directory of process %d",
					    work->info.pid);
	}
	(void)snprintf(name, sizeof(name), "/proc/%d/mountinfo", work->info.pid);
	if (file_read_at(AT_FDCWD, name, MOUNTINFO_MAX, &mountinfo, NULL, err) < 0)
		return -1;
	if (checkpoint_check_init(work, err) < 0)
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
	if (criu_check_joined(work->version, kind, err) < 0)
		return -1;
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

int checkpoint_plan(struct checkpoint *work, struct error *err)
{
	if (check_status(&work->info, err) < 0 || open_init(work, err) < 0 ||
	    read_frozen_config(work, err) < 0 || criu_check_spec(&work->spec, err) < 0 ||
	    container_open_cgroup(&work->info, &work->cgroup, err) < 0)
		return -1;
	work->paused = work->info.status == STATUS_PAUSED;
	criu_leave_network(&work->spec, &work->namespaces, &work->options);
	if (criu_prepare(work->settings->criu, work->program, &work->version, err) < 0 ||
	    check_features(work, err) < 0)
		return -1;
	return plan_dump(work, err);
}
