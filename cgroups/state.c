/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup.events: reading it and waiting for it to change (cgroups(7), "cgroup.events file":
 * the file becomes readable with POLLPRI after every change).
 *
 * syscalls: openat faccessat read pread poll clock_gettime
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/string.h"
#include "cgroups/state.h"

#define EVENTS_SIZE 256 /* two lines of 12 bytes today */

static bool has_line(const char *text, const char *line)
{
	size_t length = strlen(line);

	while (text) {
		if (strncmp(text, line, length) == 0 && (!text[length] || text[length] == '\n'))
			return true;
		text = strchr(text, '\n');
		if (text)
			text++;
	}
	return false;
}

void state_parse(const char *events, struct cgroup_state *state)
{
	state->populated = has_line(events, "populated 1");
	state->frozen = has_line(events, "frozen 1");
}

/* In a directory that was removed the kernel finds no file at all; every other has this one. */
static bool is_removed(int cgroup)
{
	return cgroup >= 0 && faccessat(cgroup, "cgroup.procs", F_OK, 0) < 0 && errno == ENOENT;
}

static int open_file(int cgroup, const char *name)
{
	const int file = openat(cgroup, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (file < 0 && errno == ENOENT)
		errno = is_removed(cgroup) ? ENODEV : ENOENT;
	return file;
}

int state_read_file(int cgroup, const char *name, char *text, size_t size)
{
	autofd file = open_file(cgroup, name);
	ssize_t length;

	if (file < 0)
		return -1;
	length = read(file, text, size - 1);
	if (length < 0)
		return -1;
	text[length] = '\0';
	return 0;
}

int state_read(int cgroup, struct cgroup_state *state)
{
	char text[EVENTS_SIZE];

	if (state_read_file(cgroup, "cgroup.events", text, sizeof(text)) < 0)
		return -1;
	state_parse(text, state);
	return 0;
}

static bool fact_of(const struct cgroup_state *state, enum state_fact fact)
{
	return fact == STATE_POPULATED ? state->populated : state->frozen;
}

int state_wait(int cgroup, enum state_fact fact, bool wanted, int milliseconds)
{
	autofd file = open_file(cgroup, "cgroup.events");
	int64_t deadline = clock_milliseconds() + milliseconds;

	if (file < 0)
		return !wanted && errno == ENODEV ? 1 : -1;
	for (;;) {
		struct pollfd change = { .fd = file, .events = POLLPRI };
		struct cgroup_state state;
		char text[EVENTS_SIZE];
		/* reading from the start also rearms the notification */
		ssize_t length = pread(file, text, sizeof(text) - 1, 0);

		if (length < 0)
			return !wanted && errno == ENODEV ? 1 : -1;
		text[length] = '\0';
		state_parse(text, &state);
		if (fact_of(&state, fact) == wanted)
			return 1;

		int64_t left = deadline - clock_milliseconds();

		if (left <= 0)
			return 0;
		if (poll(&change, 1, (int)left) < 0 && errno != EINTR)
			return -1;
	}
}
