/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a cgroup: all in it killed, waited for, removed leaf first (cgroups(7),
 * cgroup-v2.rst).
 *
 * syscalls: open openat read write poll rmdir unlinkat nanosleep
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroups/cgroup.h"
#include "cgroups/driver.h"
#include "cgroups/mark.h"
#include "cgroups/processes.h"
#include "cgroups/state.h"
#include "cgroups/steps.h"
#include "cgroups/subtree.h"

#define DESTROY_TIMEOUT 10000 /* ms until what was killed must be gone */

static int remove_child(int directory, int parent, const char *name, void *data, struct error *err)
{
	(void)directory;
	(void)data;
	if (!name || unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	return error_errno(err, "sub-cgroup %s", name);
}

static int name_survivors(int cgroup, const char *path, struct error *err)
{
	autoset set = { NULL, 0 };
	char pids[128] = "";

	if (process_set_read(cgroup, &set, err) < 0)
		return -1;
	for (size_t i = 0; i < set.count && strlen(pids) < sizeof(pids) - 16; i++)
		(void)snprintf(pids + strlen(pids), sizeof(pids) - strlen(pids), " %d",
			       set.pids[i]);
	return error_set(err, "cgroup %s: %zu process(es) survived SIGKILL for %d s:%s", path,
			 set.count, DESTROY_TIMEOUT / 1000, pids);
}

static int empty_cgroup(int cgroup, const char *path, struct error *err)
{
	int empty;

	if (cgroup_kill(cgroup, err) < 0)
		return error_context(err, "cgroup %s", path);
	empty = state_wait(cgroup, STATE_POPULATED, false, DESTROY_TIMEOUT);
	if (empty < 0)
		return error_errno(err, "cgroup %s: cgroup.events", path);
	return empty == 1 ? 0 : name_survivors(cgroup, path, err);
}

int cgroup_empty(const struct cgroup_place *place, struct error *err)
{
	autofd cgroup = cgroup_open(place, err);

	if (cgroup < 0)
		return errno == ENOENT ? 0 : -1;
	return empty_cgroup(cgroup, place->path, err);
}

/* EBUSY comes for a moment after the last process has left: 1, 2, 4 ... 512 ms, a second in all. */
static int remove_all(int cgroup, const char *path, struct error *err)
{
	for (int wait = 1; wait <= 512; wait *= 2) {
		const struct timespec pause = { .tv_nsec = wait * 1000000L };

		if (subtree_walk(cgroup, remove_child, NULL, err) == 0) {
			if (rmdir(path) == 0 || errno == ENOENT)
				return 0;
			(void)error_errno(err, "cgroup %s", path);
		}
		if (err->code != EBUSY)
			return -1;
		(void)nanosleep(&pause, NULL); /* cut short by a signal: only an earlier try */
	}
	return -1;
}

static int remove_directory(const struct cgroup_place *place, bool unmarked, struct error *err)
{
	const struct cgroup_driver *driver = cgroup_driver_of(place->manager);
	const bool forget = driver && driver->destroy;
	const char *path = place->path;
	autofd cgroup = cgroup_open_directory(path);
	enum mark_state state;

	if (cgroup < 0)
		return errno == ENOENT ? 0 : error_errno(err, "cgroup %s", path);
	state = place->mark ? mark_check(cgroup, place->mark, place->inode) : MARK_OURS;
	if (state == MARK_NONE && unmarked && rmdir(path) == 0) /* only while nobody uses it */
		return forget ? driver->destroy(place, err) : 0;
	if (state != MARK_OURS)
		return 0;
	if (forget && (empty_cgroup(cgroup, path, err) < 0 || driver->destroy(place, err) < 0))
		return -1;
	/* usually empty by now: one call, and its success is the proof that it is gone */
	if (rmdir(path) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY && errno != ENOTEMPTY)
		return error_errno(err, "cgroup %s", path);
	if (empty_cgroup(cgroup, path, err) < 0)
		return -1;
	return remove_all(cgroup, path, err);
}

int cgroup_destroy(const struct cgroup_place *place, bool unmarked, struct error *err)
{
	return place->path ? remove_directory(place, unmarked, err) : 0;
}
