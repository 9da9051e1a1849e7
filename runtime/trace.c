/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The record of a walk of the step tables, and its printing.
 *
 * The clock is CLOCK_REALTIME since it is the one that no time namespace shifts: init's and the
 * parent's times must be comparable.
 *
 * syscalls: mmap, munmap, clock_gettime, openat, fcntl, write
 */
#include "runtime/trace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/string.h"
#include "spec/json_out.h"

struct trace {
	atomic_uint count; /* of entries taken; may run beyond their number */
	struct trace_entry entries[TIMELINE_MAX];
};

struct trace *trace_make(struct error *err)
{
	void *page = mmap(NULL, sizeof(struct trace), PROT_READ | PROT_WRITE,
			  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (page != MAP_FAILED)
		return page;
	(void)error_errno(err, "--trace: memory for %d steps", TIMELINE_MAX);
	return NULL;
}

void trace_free(struct trace *trace)
{
	if (trace)
		(void)munmap(trace, sizeof(*trace));
}

static uint64_t now(void)
{
	struct timespec time = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

struct trace_entry *trace_begin(struct trace *trace, const struct step_table *table,
				const struct step *step)
{
	const unsigned number = atomic_fetch_add(&trace->count, 1);
	struct trace_entry *entry;

	if (number >= TIMELINE_MAX)
		return NULL;
	entry = &trace->entries[number];
	entry->table = table;
	entry->step = step;
	entry->begin = now();
	return entry;
}

void trace_end(struct trace_entry *entry, int result, const struct error *err)
{
	if (!entry)
		return;
	entry->result = result;
	entry->code = result < 0 ? err->code : 0;
	entry->end = now();
}

int trace_open_output(const char *where, struct error *err)
{
	uint64_t number = STDERR_FILENO;
	int fd;

	if (*where && !string_to_uint(where, INT_MAX, &number)) {
		fd = open(where, O_WRONLY | O_CREAT | O_APPEND | O_NOCTTY | O_CLOEXEC, 0644);
		return fd < 0 ? error_errno(err, "--trace=%s", where) : fd;
	}
	fd = fcntl((int)number, F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? error_errno(err, "--trace: descriptor %d", (int)number) : fd;
}

/* --- printing -----------------------------------------------------------------------------------
 */

/* The entries as they are now, of our own memory. init may have put them there while processes of a
 * joined pid namespace could trace it: what isn't a row of the tables is left out. */
struct snapshot {
	size_t count;
	struct trace_entry entries[TIMELINE_MAX];
};

static bool is_row(const struct step_table *table, const struct step *step)
{
	if (table != &parent_table && table != &init_table)
		return false;
	for (size_t i = 0; i < table->count; i++)
		if (step == &table->steps[i])
			return true;
	return false;
}

static void take_snapshot(struct snapshot *snapshot, const struct trace *trace)
{
	const unsigned count = atomic_load(&trace->count);

	snapshot->count = 0;
	for (size_t i = 0; i < count && i < TIMELINE_MAX; i++) {
		struct trace_entry *entry = &snapshot->entries[snapshot->count];

		memcpy(entry, &trace->entries[i], sizeof(*entry));
		/* without those taken by a process that was killed a moment later, too */
		snapshot->count += is_row(entry->table, entry->step);
	}
}

static uint64_t microseconds(const struct trace_entry *entry)
{
	return entry->end > entry->begin ? (entry->end - entry->begin) / 1000 : 0;
}

static const char *errno_name(int code)
{
	const char *name = strerrorname_np(code);

	return name ? name : "failed";
}

/* Over, or, for exec, as good as over. */
static bool is_done(const struct trace_entry *entry, bool executed)
{
	return entry->end != 0 || (executed && strcmp(entry->step->name, "exec") == 0);
}

static void print_line(struct buffer *out, size_t number, const struct trace_entry *entry,
		       bool executed, bool start)
{
	buffer_format(out, "%-6s %2zu %-6s  %-24.24s ", start ? "start" : "create", number,
		      entry->table->actor, entry->step->name);
	if (!is_done(entry, executed))
		buffer_add(out, "... waits     ");
	else if (entry->result < 0)
		buffer_format(out, "= -1 %-9s", errno_name(entry->code));
	else
		buffer_add(out, "= 0           ");
	if (entry->end)
		buffer_format(out, "%8llu us", (unsigned long long)microseconds(entry));
	else
		buffer_add(out, "          -");
	buffer_format(out, "  %s\n", entry->step->calls);
}

static void print_object(struct buffer *out, size_t number, const struct trace_entry *entry,
			 bool executed, bool start)
{
	const struct timeline_row row = { entry->table, entry->step, start };
	struct json_out json = json_out(out, 0);
	char id[64];

	step_id(&row, id, sizeof(id));
	json_begin_object(&json, NULL);
	json_string(&json, "schema", "minirun.trace/1");
	json_uint(&json, "n", number);
	json_string(&json, "id", id);
	json_string(&json, "phase", start ? "start" : "create");
	json_string(&json, "who", entry->table->actor);
	json_string(&json, "call", entry->step->calls);
	if (entry->step->pointer)
		json_string(&json, "config", entry->step->pointer);
	if (!is_done(entry, executed))
		json_null(&json, "ret");
	else
		json_int(&json, "ret", entry->result);
	if (entry->result < 0)
		json_string(&json, "errno", errno_name(entry->code));
	if (entry->end)
		json_uint(&json, "us", microseconds(entry));
	json_end_object(&json);
	buffer_add(out, "\n");
}

/* When its own work was done: that of a row that waits for the other process comes at its end. */
static uint64_t moment(const struct trace_entry *entry)
{
	return entry->step->after && entry->end ? entry->end : entry->begin;
}

/* In the order of time. */
static void sort(const struct snapshot *snapshot, const struct trace_entry **sorted)
{
	for (size_t i = 0; i < snapshot->count; i++) {
		const struct trace_entry *entry = &snapshot->entries[i];
		size_t place = i;

		for (; place > 0 && moment(sorted[place - 1]) > moment(entry); place--)
			sorted[place] = sorted[place - 1];
		sorted[place] = entry;
	}
}

/* The parent's waiting is init's work, so the totals are of the clock on the wall. */
static void print_totals(struct buffer *out, const struct trace_entry **sorted, size_t count,
			 uint64_t created)
{
	uint64_t last = 0;

	for (size_t i = 0; i < count; i++)
		if (sorted[i]->end > last)
			last = sorted[i]->end;
	if (last == 0)
		return;
	if (!created)
		created = last;
	buffer_format(out, "create %llu us",
		      (unsigned long long)((created - sorted[0]->begin) / 1000));
	if (last > created)
		buffer_format(out, ", start %llu us",
			      (unsigned long long)((last - created) / 1000));
	buffer_format(out, ", %zu steps\n", count);
}

int trace_print(const struct trace *trace, int fd, bool json, bool executed, struct error *err)
{
	const struct trace_entry *sorted[TIMELINE_MAX];
	struct snapshot snapshot;
	size_t count;
	uint64_t created = 0;
	autobuffer out = { 0 };

	take_snapshot(&snapshot, trace);
	sort(&snapshot, sorted);
	count = snapshot.count;
	for (size_t i = 0; i < count; i++)
		if (strcmp(sorted[i]->step->name, "created") == 0)
			created = sorted[i]->end;
	for (size_t i = 0; i < count; i++) {
		const struct trace_entry *entry = sorted[i];
		const bool start = created && entry->begin >= created &&
				   strcmp(entry->table->actor, init_table.actor) == 0;

		(json ? print_object : print_line)(&out, i + 1, entry, executed, start);
	}
	if (!json)
		print_totals(&out, sorted, count, created);
	if (out.failed)
		return error_code(err, ENOMEM, "--trace");
	return fd_write_all(fd, out.text, out.length) < 0 ? error_errno(err, "write --trace") : 0;
}
