/* SPDX-License-Identifier: Apache-2.0 */
/*
 * delete: from the journal alone, whatever became of the create.
 *
 * syscalls: flock, pidfd_open, pidfd_send_signal
 */
#include <errno.h>
#include <sys/stat.h>
#include <time.h>

#include "base/log.h"
#include "base/process.h"
#include "runtime/container.h"
#include "runtime/destroy.h"
#include "runtime/info.h"
#include "runtime/journal.h"
#include "runtime/store.h"

/* How long delete waits for a minirun that is at work on the container; with --force it then ends
 * that one: an engine that has given up on a create must still get rid of it. */
#define LOCK_TIMEOUT 10000 /* ms */
#define FORCE_TIMEOUT 2000 /* ms */

/* A create that hangs holds the lock: its identity is in the journal. */
static int break_lock(struct store *store, const char *id, struct error *err)
{
	struct container_info info = { 0 };
	struct process_identity runtime, init;
	int result = -1;

	if (container_read(store, &info, err) == 0) {
		runtime = (struct process_identity){
			.pid = (pid_t)info.record.runtime_pid,
			.start_time = info.record.runtime_start_time,
			.pidfs_id = info.record.runtime_pidfs_id,
		};
		/* a start or an exec that hangs waits for init: it fails when init is gone */
		init = record_init(&info.record);
		result = container_end_process(info.status == STATUS_CREATING ? &runtime : &init,
					       err);
	} else if (err->code == ENOENT) {
		err->code =
			EBUSY; /* not for container_delete() to take for "nothing of that name" */
	}
	container_info_free(&info);
	return result < 0 ? -1 : store_lock(store, id, LOCK_TIMEOUT, err);
}

static int lock_for_delete(struct store *store, const char *id, bool force, struct error *err)
{
	if (store_lock(store, id, force ? FORCE_TIMEOUT : LOCK_TIMEOUT, err) == 0)
		return 0;
	if (!force || err->code != EBUSY)
		return -1;
	return break_lock(store, id, err);
}

static int check_deletable(const struct container_info *info, struct error *err)
{
	const char *id = info->record.id;

	if (info->status == STATUS_RUNNING || info->status == STATUS_PAUSED ||
	    info->status == STATUS_CREATING)
		return error_of_kind(err, ERROR_CONTAINER_RUNNING,
				     "cannot delete container %s that is not stopped: %s", id,
				     container_status_name(info->status));
	return 0;
}

/* The directory is older than this boot: what its journal named has ended with the last one. */
static bool is_from_before_boot(const struct store *store)
{
	struct timespec now, up;
	struct stat st;

	return fstat(store->dir, &st) == 0 && clock_gettime(CLOCK_REALTIME, &now) == 0 &&
	       clock_gettime(CLOCK_BOOTTIME, &up) == 0 &&
	       st.st_mtim.tv_sec < now.tv_sec - up.tv_sec - 1;
}

/* Without a journal its create was ended before it made anything but this directory. A journal that
 * is there and can't be understood is a different thing: a power failure may have cut it, and then
 * nothing is left of what it named; else nobody knows. */
static int delete_without_journal(struct store *store, const char *id, bool force,
				  struct error *err)
{
	if (err->code == ENOENT)
		return store_remove(store, id, err);
	if (!force || err->code != 0 || !is_from_before_boot(store))
		return error_context(err, "journal of container %s", id);
	log_warning("journal of container %s: %s; it is older than this boot: removed", id,
		    err->text);
	return store_remove(store, id, err);
}

static int delete_locked(struct store *store, const char *id, bool force, struct error *err)
{
	struct container_info info = { 0 };
	int result = journal_read(store->dir, &info.record, err);

	if (result < 0)
		return delete_without_journal(store, id, force, err);
	if (!force) {
		container_info_free(&info);
		result = container_read(store, &info, err);
		if (result == 0)
			result = check_deletable(&info, err);
	}
	if (result == 0)
		result = container_destroy(store, &info.record, NULL, true, err);
	container_info_free(&info);
	return result;
}

int container_delete(const struct settings *settings, const char *id, bool force, struct error *err)
{
	struct store store = STORE_INIT;
	int result = store_open(&store, settings, id, err);

	if (result == 0)
		result = lock_for_delete(&store, id, force, err);
	if (result == 0)
		result = delete_locked(&store, id, force, err);
	else if (force && err->code == ENOENT)
		result = 0; /* nothing of that name: what the caller wants */
	store_close(&store);
	return result;
}
