/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The planned writes, done, and undone (cgroup-v2.rst).
 *
 * syscalls: openat read write
 */
#include "cgroups/limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/string.h"
#include "base/table.h"
#include "cgroups/state.h"

#define OLD_MAX ((size_t)64 << 10) /* bytes of a keyed file: a line per device */

/* What a number of the kernel's means for a file. */
static const struct {
	const char *prefix; /* of the file's name */
	int code;
	const char *why;
} reasons[] = {
	{ "io.", ENODEV, "there is no such disk, or it is a partition: whole disks only" },
	{ "io.", EINVAL, "it must be a whole disk and a value that the kernel takes" },
	{ "io.", EOPNOTSUPP,
	  "a disk of its own weight needs BFQ (/sys/block/DISK/queue/scheduler) or "
	  "iocost (io.cost.qos)" },
	{ "cpuset.", EINVAL, "it isn't a list of what this host has" },
	{ "cpuset.", ERANGE, "it isn't a list of what this host has" },
	{ "cpuset.", ENOSPC, "the processes in it would have none left" },
	{ "cpu.max", EINVAL,
	  "quota and period must be 1000 to 1000000 microseconds, the quota at "
	  "least the burst" },
	{ "cpu.weight", EINVAL, "the cgroup is idle (cpu.idle)" },
	{ "rdma.max", ENODEV, "there is no such RDMA device" },
	{ "rdma.max", EINVAL, "there is no such RDMA device" },
};

static int explain_missing(const struct cgroup_write *write, struct error *err)
{
	if (write->other_file)
		return error_set(err,
				 "neither %s nor %s is there: the kernel needs the BFQ I/O "
				 "scheduler or iocost",
				 write->file, write->other_file);
	if (strcmp(write->controller, "hugetlb") == 0)
		return error_set(err, "%s is missing: the host has no huge pages of this size",
				 write->file);
	return error_set(err, "%s is missing: this kernel doesn't have it", write->file);
}

int limits_name_member(const struct cgroup_write *write, struct error *err)
{
	return strcmp(write->member, "unified") == 0
		       ? error_context(err, "/linux/resources/unified: cannot set unified resource")
		       : error_context(err, "/linux/resources/%s", write->member);
}

int limits_explain(const struct cgroup_write *write, struct error *err)
{
	const int code = err->code;
	const char *why = error_reason(code);

	table_for_each (row, reasons) {
		if (row->code == code && string_starts_with(write->file, row->prefix)) {
			why = row->why;
			break;
		}
	}
	if (code == ENOENT)
		(void)explain_missing(write, err);
	else
		(void)error_set(err, "%s: \"%.100s\" is refused: %s", write->file, write->text,
				why);
	err->code = code;
	return limits_name_member(write, err);
}

/* The file isn't there; or it is, but the scheduler it belongs to doesn't run this disk. */
static bool is_for_other(const struct cgroup_write *write, int code)
{
	return write->other_file && (code == ENOENT || code == EOPNOTSUPP);
}

/* 1: what must come first may be a later write. */
static int write_one(int cgroup, const struct cgroup_write *write, bool again, struct error *err)
{
	/* of nothing at all the kernel wouldn't hear: an empty line clears, or is refused */
	if (file_write_at(cgroup, write->file, *write->text ? write->text : "\n", err) == 0)
		return 0;
	if (is_for_other(write, err->code) &&
	    (file_write_at(cgroup, write->other_file, write->other_text, err) == 0))
		return 0;
	if (err->code == ENOENT && !write->asks)
		return 0;
	if (err->code == EINVAL && write->needs_other && !again)
		return 1;
	return limits_explain(write, err);
}

/* Those that were put off, once more. */
static int write_rest(int cgroup, const struct cgroup_writes *writes, const bool *late,
		      struct error *err)
{
	for (size_t i = 0; i < writes->count; i++) {
		if (late[i] && write_one(cgroup, &writes->items[i], true, err) < 0)
			return -1;
	}
	return 0;
}

int limits_apply(int cgroup, const struct cgroup_writes *writes, struct error *err)
{
	bool *late = arena_array(writes->arena, writes->count + 1, sizeof(*late));

	if (!late)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < writes->count; i++) {
		int result = write_one(cgroup, &writes->items[i], false, err);

		if (result < 0)
			return -1;
		late[i] = result == 1;
	}
	return write_rest(cgroup, writes, late, err);
}

/* A file whose writing changes the other: the old text of the one alone doesn't bring back both. */
static const struct {
	const char *file, *other;
} coupled[] = {
	{ "cpu.idle", "cpu.weight" },	     /* no longer idle, it has the default */
	{ "cpu.weight.nice", "cpu.weight" }, /* which is finer */
};

/* What a write may change instead of its own file, or changes with it; NULL: nothing. */
static const char *other_file(const struct cgroup_write *write)
{
	table_for_each (row, coupled) {
		if (strcmp(row->file, write->file) == 0)
			return row->other;
	}
	return write->other_file;
}

static const char *read_file(int cgroup, const char *file, struct arena *arena)
{
	autofree char *text = NULL;
	struct error ignored;

	if (!file || file_read_at(cgroup, file, OLD_MAX, &text, NULL, &ignored) < 0)
		return NULL;
	/* an idle cgroup's weight reads 0, which can't be written */
	return strcmp(file, "cpu.weight") == 0 && strcmp(text, "0\n") == 0
		       ? NULL
		       : arena_string(arena, text);
}

/* A line at a time, as keyed files want it; an empty text is one, too (cpuset.cpus). */
static int write_lines(int cgroup, const char *file, const char *text, struct error *err)
{
	int result = 0;

	do {
		size_t length = strcspn(text, "\n");
		char line[4096];

		(void)snprintf(line, sizeof(line), "%.*s\n", (int)length, text);
		if (file_write_at(cgroup, file, line, err) < 0)
			result = -1;
		text += length + (text[length] == '\n');
	} while (*text);
	return result;
}

/* What was refused and hadn't been changed before needs no putting back. */
static bool is_unchanged(int cgroup, const char *file, const char *old)
{
	autofree char *text = NULL;
	struct error ignored;

	return file_read_at(cgroup, file, OLD_MAX, &text, NULL, &ignored) == 0 &&
	       strcmp(text, old) == 0;
}

static bool put_back_file(int cgroup, const char *file, const char *undo, const char *old)
{
	struct error error;

	if (!old) /* it wasn't there and so wasn't written */
		return true;
	if (undo && file_write_at(cgroup, file, undo, &error) < 0 && error.code == EOPNOTSUPP)
		return true; /* nor was this disk's line */
	return (undo && !*old) || write_lines(cgroup, file, old, &error) == 0 ||
	       is_unchanged(cgroup, file, old);
}

static bool put_back(int cgroup, const struct cgroup_write *write, const struct limits_old *old)
{
	bool done = put_back_file(cgroup, write->file, write->undo, old->text);

	return put_back_file(cgroup, other_file(write), write->undo, old->other_text) && done;
}

static void add_loss(const struct cgroup_write *write, struct error *err)
{
	size_t length = strlen(err->text);

	(void)snprintf(err->text + length, sizeof(err->text) - length, "; %s could not be put back",
		       write->file);
}

/* Backwards; and once more what depended on another one of them. */
void limits_put_back(int cgroup, const struct cgroup_writes *writes, const struct limits_old *old,
		     struct error *err)
{
	for (size_t i = writes->count; i-- > 0;) {
		if (!put_back(cgroup, &writes->items[i], &old[i]) && !writes->items[i].needs_other)
			add_loss(&writes->items[i], err);
	}
	for (size_t i = 0; i < writes->count; i++) {
		if (writes->items[i].needs_other && !put_back(cgroup, &writes->items[i], &old[i]))
			add_loss(&writes->items[i], err);
	}
}

struct limits_old *limits_read(int cgroup, const struct cgroup_writes *writes, struct error *err)
{
	struct limits_old *old = arena_array(writes->arena, writes->count + 1, sizeof(*old));

	if (!old)
		(void)error_set(err, "out of memory");
	for (size_t i = 0; old && i < writes->count; i++) {
		const struct cgroup_write *write = &writes->items[i];

		old[i].text = read_file(cgroup, write->file, writes->arena);
		old[i].other_text = read_file(cgroup, other_file(write), writes->arena);
	}
	return old;
}

int limits_change(int cgroup, const struct cgroup_writes *writes, struct error *err)
{
	struct limits_old *old = limits_read(cgroup, writes, err);

	if (!old)
		return -1;
	if (limits_apply(cgroup, writes, err) == 0)
		return 0;
	limits_put_back(cgroup, writes, old, err);
	return -1;
}
