/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watching a cgroup. Reading a file from its start rearms poll(2)'s notification, and is done after
 * every wake-up, so that a change between the two is seen by the next poll.
 *
 * syscalls: openat pread
 */
#include "cgroups/events.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "cgroups/stat_file.h"
#include "cgroups/state.h"

#define EVENTS_SIZE 512 /* memory.events has six lines, cgroup.events two */

static int open_file(int cgroup, const char *name)
{
	return openat(cgroup, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

static bool read_again(int file, char *text)
{
	ssize_t length = pread(file, text, EVENTS_SIZE - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	return length > 0;
}

int cgroup_watch_open(struct cgroup_watch *watch, int cgroup, struct error *err)
{
	watch->events = open_file(cgroup, "cgroup.events");
	if (watch->events < 0)
		return error_errno(err, "cgroup.events");
	watch->memory = open_file(cgroup, "memory.events");
	if (watch->memory < 0 && errno != ENOENT)
		return error_errno(err, "memory.events");
	(void)cgroup_watch_oom_kills(watch); /* from here on */
	return 0;
}

void cgroup_watch_close(struct cgroup_watch *watch)
{
	fd_close(&watch->memory);
	fd_close(&watch->events);
}

void cgroup_watch_poll(const struct cgroup_watch *watch, struct pollfd entries[static 2])
{
	entries[0] = (struct pollfd){ .fd = watch->memory, .events = POLLPRI };
	entries[1] = (struct pollfd){ .fd = watch->events, .events = POLLPRI };
}

uint64_t cgroup_watch_oom_kills(struct cgroup_watch *watch)
{
	char text[EVENTS_SIZE];
	uint64_t before = watch->oom_kills, now;

	if (watch->memory < 0)
		return 0;
	if (!read_again(watch->memory, text)) {
		/* the controller was taken away from above: poll(2) wouldn't wait for this any more
		 */
		fd_close(&watch->memory);
		return 0;
	}
	if (!stat_find(text, "oom_kill", &now))
		return 0;
	watch->oom_kills = now;
	return now - before;
}

bool cgroup_watch_is_empty(const struct cgroup_watch *watch)
{
	struct cgroup_state state;
	char text[EVENTS_SIZE];

	if (!read_again(watch->events, text))
		return true;
	state_parse(text, &state);
	return !state.populated;
}
