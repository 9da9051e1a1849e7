/* SPDX-License-Identifier: Apache-2.0 */
/*
 * pause and resume: the cgroup's freezer (cgroups(7), cgroup.freeze). That a container is paused is
 * nowhere stored: cgroup.events says so.
 *
 * syscalls: flock, openat, read, write, poll
 */
#include "base/cleanup.h"
#include "runtime/container.h"
#include "runtime/info.h"
#include "runtime/store.h"

#define LOCK_TIMEOUT 10000 /* ms */

static int check_pausable(const struct container_info *info, struct error *err)
{
	switch (info->status) {
	case STATUS_CREATED:
	case STATUS_RUNNING:
		return 0;
	case STATUS_PAUSED:
		return error_of_kind(err, ERROR_CONTAINER_PAUSED,
				     "container not running: it is paused already");
	case STATUS_CREATING:
		return error_of_kind(err, ERROR_CONTAINER_CREATING,
				     "container not running: it is still being created");
	case STATUS_STOPPED:
		break;
	}
	return error_of_kind(err, ERROR_CONTAINER_STOPPED, "container not running");
}

static int pause_locked(const struct container_info *info, int cgroup, struct error *err)
{
	if (check_pausable(info, err) < 0)
		return -1;
	if (cgroup < 0)
		return error_of_kind(err, ERROR_CGROUP_NONE,
				     "container %s has no cgroup: without one its processes can't "
				     "be frozen",
				     info->record.id);
	return cgroup_freeze(cgroup, true, err);
}

/* Also what somebody else, or a pause that was killed, has left half frozen. */
static int resume_locked(const struct container_info *info, int cgroup, struct error *err)
{
	if (info->status == STATUS_STOPPED)
		return error_of_kind(err, ERROR_CONTAINER_STOPPED, "container not running");
	if (cgroup < 0 || (info->status != STATUS_PAUSED && !cgroup_asked_to_freeze(cgroup)))
		return error_of_kind(err, ERROR_CONTAINER_NOT_PAUSED, "container not paused");
	return cgroup_freeze(cgroup, false, err);
}

static int set_frozen(const struct settings *settings, const char *id,
		      int (*change)(const struct container_info *info, int cgroup,
				    struct error *err),
		      struct error *err)
{
	struct store store = STORE_INIT;
	struct container_info info = { 0 };
	autofd cgroup = -1;
	int result = -1;

	/* locked: a delete or start that is at work must not meet a cgroup that freezes */
	if (store_open(&store, settings, id, err) == 0 &&
	    store_lock(&store, id, LOCK_TIMEOUT, err) == 0 &&
	    container_read(&store, &info, err) == 0 &&
	    container_open_cgroup(&info, &cgroup, err) == 0)
		result = change(&info, cgroup, err);
	container_info_free(&info);
	store_close(&store);
	return result;
}

int container_pause(const struct settings *settings, const char *id, struct error *err)
{
	return set_frozen(settings, id, pause_locked, err);
}

int container_resume(const struct settings *settings, const char *id, struct error *err)
{
	return set_frozen(settings, id, resume_locked, err);
}
