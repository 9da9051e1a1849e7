/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container is doing now, derived from facts and never stored (runtime.md#state): the
 * journal's phase, whether the recorded process is alive, whether it has executed its program
 * (PF_FORKNOEXEC), whether its cgroup is frozen.
 *
 * syscalls: openat, read, pidfd_open, getdents64
 */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/process.h"
#include "cgroups/mark.h"
#include "runtime/container.h"
#include "runtime/destroy.h"
#include "runtime/family.h"
#include "runtime/info.h"
#include "runtime/journal.h"
#include "runtime/store.h"

static const char *const status_names[] = {
	[STATUS_CREATING] = "creating", [STATUS_CREATED] = "created", [STATUS_RUNNING] = "running",
	[STATUS_PAUSED] = "paused",	[STATUS_STOPPED] = "stopped",
};

const char *container_status_name(enum container_status status)
{
	return status_names[status];
}

/* The mark that the container's cgroup carries (cgroups/mark.h); MARK_SIZE bytes. */
static void format_mark(const struct record *record, char *mark)
{
	(void)snprintf(mark, MARK_SIZE, "%s %s", record->id, record->created);
}

bool container_is_of_this_boot(const struct record *record)
{
	char boot_id[37];
	struct error ignored;

	return process_boot_id(boot_id, &ignored) < 0 || strcmp(boot_id, record->boot_id) == 0;
}

struct cgroup_place container_place(const struct record *record, char *mark)
{
	format_mark(record, mark);
	return (struct cgroup_place){
		.manager = cgroup_manager_of(record->cgroup_manager),
		.path = record->cgroup_path,
		.mark = mark,
		.inode = container_is_of_this_boot(record) ? record->cgroup_inode : 0,
		.unit = record->cgroup_unit,
		.bus = record->cgroup_bus,
	};
}

static int open_cgroup(const struct record *record, struct error *err)
{
	char mark[MARK_SIZE];
	const struct cgroup_place place = container_place(record, mark);

	return cgroup_open(&place, err);
}

static bool is_frozen(const struct record *record)
{
	struct error ignored;
	autofd cgroup = record->cgroup_path ? open_cgroup(record, &ignored) : -1;

	return cgroup >= 0 && cgroup_is_frozen(cgroup);
}

/* Not to know is no status: whoever took it for "stopped" would delete what runs. */
static int unknown_status(const struct record *record, struct error *err)
{
	return error_errno(err, "find out what container %s is doing", record->id);
}

static int creating_status(const struct record *record, struct error *err)
{
	const struct process_identity runtime = {
		.pid = (pid_t)record->runtime_pid,
		.start_time = record->runtime_start_time,
		.pidfs_id = record->runtime_pidfs_id,
	};

	switch (process_probe(&runtime)) {
	case 1:
		return STATUS_CREATING;
	case 0:
		return STATUS_STOPPED;
	default:
		return unknown_status(record, err);
	}
}

/* A status, or -1. */
static int derive_status(const struct record *record, struct error *err)
{
	const struct process_identity init = record_init(record);
	struct process_status process = { 0 };
	char boot_id[37];
	int alive;

	if (process_boot_id(boot_id, err) < 0)
		return -1;
	if (strcmp(boot_id, record->boot_id) != 0)
		return STATUS_STOPPED;
	if (strcmp(record->phase, "creating") == 0)
		return creating_status(record, err);
	alive = process_look(&init, &process);
	if (alive < 0)
		return unknown_status(record, err);
	if (alive == 0 || (process.flags & PROCESS_EXITING))
		return STATUS_STOPPED;
	if (is_frozen(record))
		return STATUS_PAUSED;
	if (record->restored) /* CRIU makes processes without execve(2) */
		return STATUS_RUNNING;
	return process.flags & PROCESS_NOT_EXECUTED ? STATUS_CREATED : STATUS_RUNNING;
}

int container_read(const struct store *store, struct container_info *info, struct error *err)
{
	int status;

	if (journal_read(store->dir, &info->record, err) < 0) {
		if (err->code == ENOENT) {
			/* its create has taken the id and hasn't come to the journal yet */
			(void)error_of_kind(err, ERROR_CONTAINER_CREATING,
					    "container does not exist: it is only being created");
			err->code = ENOENT;
		}
		return -1;
	}
	status = derive_status(&info->record, err);
	if (status < 0)
		return -1;
	info->status = (enum container_status)status;
	info->pid = info->status == STATUS_STOPPED ? 0 : (pid_t)info->record.pid;
	return 0;
}

static int load(struct store *store, const struct settings *settings, const char *id,
		struct container_info *info, struct error *err)
{
	memset(info, 0, sizeof(*info));
	if (store_open(store, settings, id, err) < 0)
		return -1;
	return container_read(store, info, err);
}

int container_load(const struct settings *settings, const char *id, struct container_info *info,
		   struct error *err)
{
	struct store store = STORE_INIT;
	int result = load(&store, settings, id, info, err);

	store_close(&store);
	return result;
}

int container_load_below(int root, const struct settings *settings, const char *id,
			 struct container_info *info, struct error *err)
{
	struct store store = { .root = root, .dir = -1 };
	int result = load(&store, settings, id, info, err);

	fd_close(&store.dir);
	return result;
}

void container_info_free(struct container_info *info)
{
	record_free(&info->record);
}

void container_state_document(const struct container_info *info, struct state_document *document)
{
	const struct record *record = &info->record;

	*document = (struct state_document){
		.oci_version = record->oci_version,
		.id = record->id,
		.status = status_names[info->status],
		.pid = info->pid,
		.bundle = record->bundle,
		.annotations = &record->annotations,
		.rootfs = record->rootfs,
		.created = record->created,
		.owner = "",
		.mounts = &record->mounts,
	};
}

int container_open_cgroup(const struct container_info *info, int *cgroup, struct error *err)
{
	*cgroup = -1;
	if (!info->record.cgroup_path)
		return 0;
	*cgroup = open_cgroup(&info->record, err);
	return *cgroup >= 0 || errno == ENOENT ? 0 : -1;
}

int container_processes(const struct settings *settings, const char *id, pid_t **pids,
			size_t *count, struct error *err)
{
	struct container_info info;
	autofd cgroup = -1;
	int result;

	*pids = NULL;
	*count = 0;
	if (container_load(settings, id, &info, err) < 0)
		return -1;
	result = container_open_cgroup(&info, &cgroup, err);
	if (result == 0 && cgroup >= 0) {
		result = cgroup_processes(cgroup, pids, count, err);
	} else if (result == 0 && info.pid > 0) {
		result = family_read(info.pid, info.record.private_pid_namespace, pids, count, err);
	}
	container_info_free(&info);
	return result;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add_id(char ***ids, size_t *count, const char *id, struct error *err)
{
	char **longer = realloc(*ids, (*count + 1) * sizeof(*longer));
	char *copy = strdup(id);

	if (longer)
		*ids = longer;
	if (!longer || !copy) {
		free(copy);
		return error_code(err, ENOMEM, "list containers");
	}
	longer[(*count)++] = copy;
	return 0;
}

int container_list_ids(const struct settings *settings, char ***ids, size_t *count,
		       struct error *err)
{
	int root = store_open_root(settings, false, err);
	autodir dir = NULL;
	const struct dirent *entry;
	struct error ignored;

	*ids = NULL;
	*count = 0;
	if (root < 0)
		return settings->root_is_default && err->code == ENOENT ? 0 : -1;
	dir = fdopendir(root);
	if (!dir) {
		(void)close(root);
		return error_errno(err, "state root %s", settings->root);
	}
	while ((entry = readdir(dir)))
		if (entry->d_type == DT_DIR && store_check_id(entry->d_name, &ignored) == 0 &&
		    add_id(ids, count, entry->d_name, err) < 0)
			return -1;
	if (*count > 0)
		qsort(*ids, *count, sizeof(**ids), compare_ids);
	return 0;
}
