/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listing and signalling what lives in a cgroup (cgroups(7), pidfd_open(2), pidfd_send_signal(2)).
 *
 * syscalls: openat read getdents64 pidfd_open pidfd_send_signal
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/process.h"
#include "base/string.h"
#include "base/table.h"
#include "cgroups/processes.h"
#include "cgroups/subtree.h"

#define PROCS_MAX                                                                                  \
	((size_t)64 << 20) /* eight bytes each for the kernel's 4 million pids, and room */
#define BATCH 64	   /* pidfds held at once, well below any limit on descriptors */

static bool add_pid(struct process_set *set, pid_t pid)
{
	/* grows at powers of two, so the count alone tells when the room is used up */
	if ((set->count & (set->count - 1)) == 0) {
		size_t room = set->count ? set->count * 2 : 1;
		pid_t *grown = reallocarray(set->pids, room, sizeof(*grown));

		if (!grown)
			return false;
		set->pids = grown;
	}
	set->pids[set->count++] = pid;
	return true;
}

bool process_set_add(struct process_set *set, const char *procs)
{
	while (*procs) {
		char *end;
		long pid = strtol(procs, &end, 10);

		if (end == procs)
			break;
		if (pid > 0 && !add_pid(set, (pid_t)pid))
			return false;
		procs = end + strspn(end, "\n");
	}
	return true;
}

static int compare_pids(const void *a, const void *b)
{
	pid_t left = *(const pid_t *)a, right = *(const pid_t *)b;

	return (left > right) - (left < right);
}

void process_set_sort(struct process_set *set)
{
	size_t kept = 0;

	if (set->count == 0)
		return;
	qsort(set->pids, set->count, sizeof(*set->pids), compare_pids);
	/* cgroups(7): the same pid may come twice when it moves while the file is read */
	for (size_t i = 0; i < set->count; i++) {
		if (kept == 0 || set->pids[kept - 1] != set->pids[i])
			set->pids[kept++] = set->pids[i];
	}
	set->count = kept;
}

static int add_directory(int directory, int parent, const char *name, void *data, struct error *err)
{
	struct process_set *set = data;
	autofd file = openat(directory, "cgroup.procs", O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	autofree char *text = NULL;
	size_t length;

	(void)parent;
	if (file >= 0 && fd_read_all(file, PROCS_MAX, &text, &length) == 0)
		return process_set_add(set, text) ? 0 : error_set(err, "out of memory");
	/* gone meanwhile; or threaded: its processes are listed by the domain above it */
	if (errno == ENOENT || errno == ENODEV || errno == EOPNOTSUPP)
		return 0;
	return error_errno(err, "cgroup %s: cgroup.procs", name ? name : "directory");
}

int process_set_read(int cgroup, struct process_set *set, struct error *err)
{
	*set = (struct process_set){ NULL, 0 };
	if (subtree_walk(cgroup, add_directory, set, err) < 0) {
		process_set_free(set);
		return -1;
	}
	process_set_sort(set);
	return 0;
}

void process_set_free(struct process_set *set)
{
	free(set->pids);
	*set = (struct process_set){ NULL, 0 };
}

static bool contains(const struct process_set *set, pid_t pid)
{
	return set->count > 0 &&
	       bsearch(&pid, set->pids, set->count, sizeof(pid), compare_pids) != NULL;
}

/* pids[0..count) were listed before; count <= BATCH. */
static ssize_t signal_batch(int cgroup, const pid_t *pids, size_t count, int signal,
			    struct error *err)
{
	autoset now = { NULL, 0 };
	int pidfds[BATCH];
	ssize_t sent = 0;

	for (size_t i = 0; i < count; i++)
		pidfds[i] = pidfd_open(pids[i], 0);
	if (process_set_read(cgroup, &now, err) < 0)
		sent = -1;
	for (size_t i = 0; i < count; i++) {
		if (sent >= 0 && pidfds[i] >= 0 && contains(&now, pids[i])) {
			if (process_signal(pidfds[i], signal) == 0)
				sent++;
			else if (errno != ESRCH)
				sent = error_errno(err, "signal %d to process %d", signal, pids[i]);
		}
		fd_close(&pidfds[i]);
	}
	return sent;
}

ssize_t process_set_signal(int cgroup, int signal, struct error *err)
{
	autoset set = { NULL, 0 };
	ssize_t total = 0;

	if (process_set_read(cgroup, &set, err) < 0)
		return -1;
	for (size_t i = 0; i < set.count; i += BATCH) {
		size_t count = set.count - i < BATCH ? set.count - i : BATCH;
		ssize_t sent = signal_batch(cgroup, set.pids + i, count, signal, err);

		if (sent < 0)
			return -1;
		total += sent;
	}
	return total;
}
