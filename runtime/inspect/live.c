/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading a process that may not like it, and that may end at any moment. proc(5), pidfd_open(2)
 *
 * syscalls: pidfd_open pidfd_send_signal openat openat2 read readlinkat
 */
#include "runtime/inspect/live.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/string.h"
#include "base/table.h"

#define STATUS_MAX ((size_t)1 << 20) /* 65536 groups of ten digits at most */

pid_t live_process_of(int procfs, pid_t pid)
{
	struct live thread = { .pid = pid, .pidfd = -1, .dir = -1 };
	struct arena arena = { 0 };
	struct status_facts status;
	struct error ignored;
	char name[16];

	(void)snprintf(name, sizeof(name), "%d", pid);
	thread.dir = procfs_open_file(procfs, name, O_PATH | O_DIRECTORY, &ignored);
	if (thread.dir < 0)
		return 0;
	live_read_status(&thread, &status, &arena);
	live_close(&thread);
	arena_free(&arena);
	return fact_is_known(&status.fact) ? status.tgid : 0;
}

/* The pid's process is another one's thread, or there is none. */
static int explain_missing(int procfs, pid_t pid, struct error *err)
{
	const pid_t process = live_process_of(procfs, pid);

	if (process > 0 && process != pid)
		return error_set(err, "%d is a thread of process %d: say %d", pid, process,
				 process);
	return error_set(err, "process %d doesn't exist", pid);
}

static bool is_gone(const struct live *live)
{
	return live->pidfd >= 0 && pidfd_send_signal(live->pidfd, 0, NULL, 0) < 0 && errno == ESRCH;
}

int live_open(struct live *live, int procfs, pid_t pid, struct error *err)
{
	char name[16];

	*live = (struct live){ .pid = pid, .pidfd = pidfd_open(pid, 0), .dir = -1 };
	if (live->pidfd < 0 && errno != EPERM && errno != ENOSYS) /* a filter round us: go on */
		return explain_missing(procfs, pid, err);
	(void)snprintf(name, sizeof(name), "%d", pid);
	live->dir = procfs_open_file(procfs, name, O_PATH | O_DIRECTORY, err);
	if (live->dir < 0 || is_gone(live)) {
		bool missing = live->dir >= 0 || err->code == ENOENT || err->code == ESRCH;

		live_close(live);
		/* hidepid makes other users' processes invisible in /proc only */
		return missing ? error_set(err, "process %d can't be seen in /proc", pid) : -1;
	}
	return 0;
}

int live_check(const struct live *live, struct error *err)
{
	if (!is_gone(live))
		return 0;
	return error_set(err, "process %d ended while it was being read", live->pid);
}

void live_close(struct live *live)
{
	fd_close(&live->pidfd);
	fd_close(&live->dir);
}

char *live_read(const struct live *live, const char *name, size_t limit, size_t *length)
{
	autofd fd = openat(live->dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	size_t used = 0, capacity = 4096;
	autofree char *text = fd < 0 ? NULL : malloc(capacity);

	if (!text)
		return NULL;
	while (true) {
		ssize_t got;

		if (used + 1 == capacity) {
			char *longer = realloc(text, capacity * 2);

			if (!longer)
				return NULL;
			text = longer;
			capacity *= 2;
		}
		got = read(fd, text + used, capacity - used - 1);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return NULL;
		used += (size_t)got;
		if (got == 0 || used >= limit)
			break;
	}
	text[used] = '\0';
	if (length)
		*length = used;
	return ptr_take(&text);
}

int live_link(const struct live *live, const char *name, char *text, size_t size)
{
	ssize_t length = readlinkat(live->dir, name, text, size - 1);

	if (length < 0) {
		/* links of a namespace say EACCES also of a process that is no more */
		const int code = errno;

		errno = code == EACCES && is_gone(live) ? ESRCH : code;
		return -1;
	}
	text[length] = '\0';
	return 0;
}

int live_open_file(const struct live *live, const char *name)
{
	return openat(live->dir, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

const char *live_source(const struct live *live, const char *name, struct arena *arena)
{
	return arena_format(arena, "/proc/%d/%s", live->pid, name);
}

/* The value behind "Name:" at the beginning of a line, NULL if there is no such line. */
static const char *find_line(const char *text, const char *name)
{
	size_t length = strlen(name);

	for (const char *line = text; *line; line = strchrnul(line, '\n')) {
		if (*line == '\n')
			line++;
		if (strncmp(line, name, length) == 0 && line[length] == ':')
			return line + length + 1 + strspn(line + length + 1, " \t");
		if (!*line)
			break;
	}
	return NULL;
}

static uint64_t read_number(const char *value, int base)
{
	return value ? strtoull(value, NULL, base) : 0;
}

static void read_ids(const char *value, uint32_t *ids)
{
	for (int i = 0; value && i < 4; i++) {
		char *end;

		ids[i] = (uint32_t)strtoul(value, &end, 10);
		value = end;
	}
}

static struct fact_uint number_fact(const char *text, const char *name)
{
	const char *value = find_line(text, name);

	if (!value)
		return (struct fact_uint){ .fact = fact_absent("this kernel doesn't tell it") };
	return (struct fact_uint){ .fact = fact_known(NULL), .value = read_number(value, 10) };
}

static void read_nspid(const char *value, struct status_facts *status)
{
	while (value && *value >= '0' && *value <= '9' && status->nspid_count < NSPID_MAX) {
		char *end;

		status->nspid[status->nspid_count++] = (pid_t)strtol(value, &end, 10);
		value = end + strspn(end, " \t");
	}
}

static const struct {
	const char *name;
	enum capability_set set;
} set_lines[] = {
	{ "CapInh", CAPABILITY_INHERITABLE }, { "CapPrm", CAPABILITY_PERMITTED },
	{ "CapEff", CAPABILITY_EFFECTIVE },   { "CapBnd", CAPABILITY_BOUNDING },
	{ "CapAmb", CAPABILITY_AMBIENT },
};

void status_parse(const char *text, struct status_facts *status, struct arena *arena)
{
	const char *value = find_line(text, "State");

	*status = (struct status_facts){ .state = value ? *value : '?' };
	status->tgid = (pid_t)read_number(find_line(text, "Tgid"), 10);
	status->ppid = (pid_t)read_number(find_line(text, "PPid"), 10);
	status->tracer = (pid_t)read_number(find_line(text, "TracerPid"), 10);
	status->threads = read_number(find_line(text, "Threads"), 10);
	status->rss_kib = read_number(find_line(text, "VmRSS"), 10);
	status->kernel_thread = read_number(find_line(text, "Kthread"), 10) == 1; /* Linux 6.9 */
	read_ids(find_line(text, "Uid"), status->uid);
	read_ids(find_line(text, "Gid"), status->gid);
	read_nspid(find_line(text, "NSpid"), status);
	value = find_line(text, "Groups");
	if (value)
		status->groups = arena_format(arena, "%.*s", (int)strcspn(value, "\n"), value);
	table_for_each (line, set_lines) {
		value = find_line(text, line->name);
		status->set[line->set] = read_number(value, 16);
		if (value && line->set == CAPABILITY_EFFECTIVE)
			status->has_capabilities = true;
	}
	status->no_new_privs = number_fact(text, "NoNewPrivs");
	status->seccomp = number_fact(text, "Seccomp");
	status->seccomp_filters = number_fact(text, "Seccomp_filters");
}

void live_read_status(const struct live *live, struct status_facts *status, struct arena *arena)
{
	autofree char *text = live_read(live, "status", STATUS_MAX, NULL);
	const char *source = live_source(live, "status", arena);

	if (!text) {
		*status = (struct status_facts){ .fact = fact_from_errno(errno, source) };
		return;
	}
	status_parse(text, status, arena);
	status->fact = fact_known(source);
}

bool id_map_next(const char **map, struct id_range *range)
{
	char *end;

	range->inside = strtoull(*map, &end, 10);
	if (end == *map)
		return false;
	range->outside = strtoull(end, &end, 10);
	range->count = strtoull(end, &end, 10);
	*map = end + strspn(end, "\n");
	return true;
}

bool id_map_inside(const char *map, uint32_t outside, uint32_t *inside)
{
	struct id_range range;

	while (id_map_next(&map, &range)) {
		if (outside >= range.outside && outside - range.outside < range.count) {
			*inside = (uint32_t)(range.inside + (outside - range.outside));
			return true;
		}
	}
	return false;
}
