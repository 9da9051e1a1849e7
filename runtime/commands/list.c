/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun list. minirun-list(8)
 *
 * syscalls: open read write
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/passwd.h"
#include "base/table.h"
#include "runtime/commands/command.h"
#include "runtime/commands/table_out.h"
#include "runtime/commands/usage.h"
#include "runtime/store.h"
#include "spec/json_out.h"
#include "spec/state.h"

#define PASSWD_SIZE_MAX ((size_t)1 << 20)

struct list_options {
	const char *format;
	bool quiet;
};

#define ROW(member) .offset = offsetof(struct list_options, member)

static const struct option rows[] = {
	{ .name = "format",
	  .letter = 'f',
	  .kind = OPTION_TEXT,
	  ROW(format),
	  .value = "FORMAT",
	  .help = "table or json (default: table)",
	  .choices = "table json" },
	{ .name = "quiet",
	  .letter = 'q',
	  .kind = OPTION_FLAG,
	  ROW(quiet),
	  .help = "print only ids" },
};

static const struct list_options defaults = { .format = "table" };

/* The containers of a listing, and whose strings they borrow. */
struct listing {
	struct container_info *containers;
	struct state_document *documents;
	size_t count;
	char *passwd; /* /etc/passwd, NULL: not readable */
	struct arena *arena;
};

static const char *owner_of(const struct listing *listing, uint32_t uid)
{
	char *name = passwd_name(listing->passwd, uid, listing->arena);

	return name ? name : arena_format(listing->arena, "#%u", (unsigned)uid);
}

/* A container that can't be read must not hide the others, nor stay unseen itself. */
static void say_unreadable(const char *id, const struct error *why)
{
	autobuffer line = { 0 };

	if (why->code == ENOENT)
		return; /* deleted since the directory was read, or only being created */
	buffer_format(&line, "minirun: container %s can't be read: %s\n", id, why->text);
	if (!line.failed)
		(void)fd_write_all(STDERR_FILENO, line.text, line.length); /* it is only a hint */
}

static int load_all(struct listing *listing, const struct settings *settings, char **ids,
		    size_t count, struct error *err)
{
	autofd root = count > 0 ? store_open_root(settings, false, err) : -1;

	if (count > 0 && root < 0)
		return -1;
	listing->containers = arena_array(listing->arena, count, sizeof(*listing->containers));
	listing->documents = arena_array(listing->arena, count, sizeof(*listing->documents));
	if (!listing->containers || !listing->documents)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < count; i++) {
		struct container_info *container = &listing->containers[listing->count];
		struct state_document *document = &listing->documents[listing->count];
		struct error why;

		if (container_load_below(root, settings, ids[i], container, &why) < 0) {
			say_unreadable(ids[i], &why);
			continue;
		}
		container_state_document(container, document);
		document->owner = owner_of(listing, container->record.owner);
		listing->count++;
		if (!document->owner)
			return error_set(err, "out of memory");
	}
	return 0;
}

static void write_ids(struct buffer *out, const struct listing *listing)
{
	for (size_t i = 0; i < listing->count; i++)
		buffer_format(out, "%s\n", listing->documents[i].id);
}

/* An empty list is null, as go-runc's callers know it from runc. */
static void write_json(struct buffer *out, const struct listing *listing)
{
	struct json_out json = json_out(out, 0);

	if (listing->count == 0) {
		json_null(&json, NULL);
	} else {
		json_begin_array(&json, NULL);
		for (size_t i = 0; i < listing->count; i++)
			state_write(&json, &listing->documents[i]);
		json_end_array(&json);
	}
	buffer_add(out, "\n");
}

static void write_table(struct buffer *out, const struct listing *listing)
{
	static const char *const header[] = { "ID", "PID", "STATUS", "BUNDLE", "CREATED", "OWNER" };
	const size_t columns = ARRAY_SIZE(header);
	const char **cells =
		arena_array(listing->arena, (listing->count + 1) * columns, sizeof(*cells));

	if (!cells) {
		out->failed = true;
		return;
	}
	memcpy(cells, header, sizeof(header));
	for (size_t i = 0; i < listing->count; i++) {
		const struct state_document *document = &listing->documents[i];
		const char **row = &cells[(i + 1) * columns];

		row[0] = document->id;
		row[1] = arena_format(listing->arena, "%d", (int)document->pid);
		row[2] = document->status;
		row[3] = document->bundle;
		row[4] = document->created;
		row[5] = document->owner;
	}
	table_write(out, cells, listing->count + 1, columns);
}

static int print(const struct listing *listing, const struct list_options *options,
		 struct error *err)
{
	autobuffer out = { 0 };

	if (options->quiet)
		write_ids(&out, listing);
	else if (strcmp(options->format, "json") == 0)
		write_json(&out, listing);
	else
		write_table(&out, listing);
	return usage_print(&out, err);
}

static void free_ids(char **ids, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(ids[i]);
	free(ids);
}

static int check(const struct invocation *invocation, const void *parsed, struct error *err)
{
	const struct list_options *options = parsed;

	(void)invocation; /* takes no arguments */
	if (strcmp(options->format, "table") == 0 || strcmp(options->format, "json") == 0)
		return 0;
	return error_set(err, "invalid format option \"%s\": expected table or json",
			 options->format);
}

static int run(const struct invocation *invocation, const void *parsed, struct error *err)
{
	const struct list_options *options = parsed;
	struct listing listing = { .arena = invocation->arena };
	autofree char *passwd = NULL;
	struct error ignored;
	size_t count;
	char **ids;
	int result;

	if (container_list_ids(invocation->settings, &ids, &count, err) < 0)
		return -1;
	/* without it the owners are numbers */
	if (count &&
	    file_read_at(AT_FDCWD, "/etc/passwd", PASSWD_SIZE_MAX, &passwd, NULL, &ignored) == 0)
		listing.passwd = passwd;
	result = load_all(&listing, invocation->settings, ids, count, err);
	free_ids(ids, count);
	if (result == 0)
		result = print(&listing, options, err);
	for (size_t i = 0; i < listing.count; i++)
		container_info_free(&listing.containers[i]);
	return result;
}

const struct command list_command = {
	.name = "list",
	.usage = "",
	.help = "list the containers",
	.description =
		"Lists the containers below the state root (see --root), the caller's or all.\n"
		"\n"
		"Examples:\n"
		"  minirun list\n"
		"  minirun list --format json\n"
		"  minirun --root /run/containerd/runc/k8s.io list -q\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(defaults),
	.failure = "",
	.failure_status = 1,
	.check = check,
	.run = run,
};
