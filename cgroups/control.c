/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup that is there: found by the journal's path, frozen, listed, signalled (cgroups(7)).
 * Names in it are only resolved from its descriptor, without following links.
 *
 * syscalls: open openat read write poll getpid
 */
#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "cgroups/cgroup.h"
#include "cgroups/mark.h"
#include "cgroups/processes.h"
#include "cgroups/state.h"
#include "cgroups/steps.h"

#define FREEZE_TIMEOUT 10000	  /* ms; a process in uninterruptible sleep freezes late or never */
#define SIGNAL_FREEZE_TIMEOUT 200 /* ms; without a complete freeze the signal still goes out */
#define ROUNDS 100		  /* of a kill without cgroup.kill against a fork bomb */

int cgroup_open(const struct cgroup_place *place, struct error *err)
{
	autofd cgroup = cgroup_open_directory(place->path);

	if (cgroup < 0 && errno != ENOENT)
		return error_errno(err, "cgroup %s", place->path);
	if (cgroup >= 0 && place->mark &&
	    mark_check(cgroup, place->mark, place->inode) != MARK_OURS) {
		errno = ENOENT;
		return -1;
	}
	return fd_take(&cgroup);
}

bool cgroup_is_frozen(int cgroup)
{
	struct cgroup_state state;

	return state_read(cgroup, &state) == 0 && state.frozen;
}

bool cgroup_asked_to_freeze(int cgroup)
{
	char text[8];

	return state_read_file(cgroup, "cgroup.freeze", text, sizeof(text)) == 0 && text[0] == '1';
}

bool cgroup_is_populated(int cgroup)
{
	struct cgroup_state state;

	return state_read(cgroup, &state) == 0 && state.populated;
}

static int write_freeze(int cgroup, bool freeze, struct error *err)
{
	return file_write_at(cgroup, "cgroup.freeze", freeze ? "1" : "0", err);
}

static bool contains_self(int cgroup)
{
	autoset set = { NULL, 0 };
	struct error ignored;
	pid_t self = getpid();

	if (process_set_read(cgroup, &set, &ignored) < 0)
		return true; /* then better no freeze */
	for (size_t i = 0; i < set.count; i++) {
		if (set.pids[i] == self)
			return true;
	}
	return false;
}

int cgroup_freeze(int cgroup, bool freeze, struct error *err)
{
	const bool by_parent = !freeze && !cgroup_asked_to_freeze(cgroup);
	struct error ignored;
	int reached;

	if (freeze && contains_self(cgroup)) /* nobody would be left to wait, nor to undo it */
		return error_set(err, "this process itself is in the container's cgroup: it can't "
				      "freeze it");
	if (!by_parent && write_freeze(cgroup, freeze, err) < 0)
		return -1;
	reached = state_wait(cgroup, STATE_FROZEN, freeze, by_parent ? 0 : FREEZE_TIMEOUT);
	if (reached == 1)
		return 0;
	if (reached < 0)
		return error_errno(err, "cgroup.events");
	if (!freeze)
		return error_set(err, "cgroup stays frozen: a parent of it is frozen");
	(void)write_freeze(cgroup, false, &ignored); /* half frozen is worse than the error */
	return error_set(err, "cgroup can't be frozen: a process in it doesn't stop within %d s",
			 FREEZE_TIMEOUT / 1000);
}

int cgroup_processes(int cgroup, pid_t **pids, size_t *count, struct error *err)
{
	struct process_set set;

	if (process_set_read(cgroup, &set, err) < 0)
		return -1;
	*pids = set.pids;
	*count = set.count;
	return 0;
}

/* Kernels before 5.14, and threaded cgroups: what forks between two looks is met in the next. */
static int kill_one_by_one(int cgroup, struct error *err)
{
	struct error ignored;
	ssize_t sent = 1;

	(void)write_freeze(cgroup, true,
			   &ignored); /* nothing forks; where that fails we are faster */
	for (int round = 0; sent > 0 && round < ROUNDS; round++)
		sent = process_set_signal(cgroup, SIGKILL, err);
	(void)write_freeze(cgroup, false, &ignored);
	return sent < 0 ? -1 : 0;
}

int cgroup_kill(int cgroup, struct error *err)
{
	if (file_write_at(cgroup, "cgroup.kill", "1", err) == 0 || err->code == ENODEV)
		return 0;
	if (err->code == ENOENT || err->code == EOPNOTSUPP)
		return kill_one_by_one(cgroup, err);
	return -1;
}

int cgroup_signal(int cgroup, int signal, struct error *err)
{
	struct error ignored;
	bool freeze;
	ssize_t sent;

	if (signal == SIGKILL)
		return cgroup_kill(cgroup, err);
	/* frozen, nobody forks between the listing and the signal, and each gets it exactly once */
	freeze = !cgroup_is_frozen(cgroup) && !contains_self(cgroup) &&
		 write_freeze(cgroup, true, &ignored) == 0;
	if (freeze)
		(void)state_wait(cgroup, STATE_FROZEN, true, SIGNAL_FREEZE_TIMEOUT);
	sent = process_set_signal(cgroup, signal, err);
	if (freeze)
		(void)write_freeze(cgroup, false, &ignored);
	return sent < 0 ? -1 : 0;
}
