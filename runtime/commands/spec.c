/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun spec. minirun-spec(8)
 *
 * syscalls: open openat fstat read write unlinkat rename
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "runtime/commands/command.h"
#include "runtime/commands/usage.h"
#include "spec/defaults.h"
#include "spec/load.h"

struct spec_options {
	const char *bundle, *file;
	struct option_list settings;
	bool rootless, edit;
};

#define ROW(member) .offset = offsetof(struct spec_options, member)

static const struct option rows[] = {
	{ .name = "bundle",
	  .letter = 'b',
	  .kind = OPTION_TEXT,
	  ROW(bundle),
	  .value = "DIR",
	  .help = "directory to write to (default: .)" },
	{ .name = "config",
	  .letter = 'f',
	  .kind = OPTION_TEXT,
	  ROW(file),
	  .value = "FILE",
	  .help = "file to write, - for standard output (default: config.json)" },
	{ .name = "edit",
	  .letter = 'e',
	  .kind = OPTION_FLAG,
	  ROW(edit),
	  .help = "change the file that is there, by --set" },
	{ .name = "rootless",
	  .kind = OPTION_FLAG,
	  ROW(rootless),
	  .help = "a configuration for a user without privileges" },
	{ .name = "set",
	  .kind = OPTION_LIST,
	  ROW(settings),
	  .value = "POINTER=JSON",
	  .help = "change a member, e.g. /process/args='[\"id\"]' (repeatable)",
	  .choices = "" },
};

static const struct spec_options defaults = { .bundle = ".", .file = "config.json" };

/* Never over an existing file, and no half of one. */
static int write_file(const struct spec_options *options, const struct buffer *text,
		      struct error *err)
{
	autofd dir = open(options->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	autofd fd = -1;

	if (dir < 0)
		return error_errno(err, "open directory %s", options->bundle);
	fd = openat(dir, options->file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0 && errno == EEXIST)
		return error_set(err, "File %s exists. Remove it first", options->file);
	if (fd < 0)
		return error_errno(err, "make file %s", options->file);
	if (fd_write_all(fd, text->text, text->length) < 0) {
		(void)error_errno(err, "write file %s", options->file);
		(void)unlinkat(dir, options->file, 0); /* the first cause is what counts */
		return -1;
	}
	return 0;
}

/* A link would be replaced by a file, which is not what who made it wants. */
static int read_file(int dir, const char *name, char **text, size_t *length, mode_t *mode,
		     struct error *err)
{
	autofd fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;

	if (fd < 0 && errno == ELOOP)
		return error_set(err, "file %s is a symbolic link: name the file it points to",
				 name);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, "open file %s", name);
	if (!S_ISREG(st.st_mode))
		return error_set(err, "file %s is no regular file", name);
	*mode = st.st_mode & 07777;
	if (fd_read_all(fd, SPEC_SIZE_MAX, text, length) == 0)
		return 0;
	if (errno == EFBIG)
		return error_set(err, "file %s has more than %zu bytes", name, SPEC_SIZE_MAX);
	return error_errno(err, "read file %s", name);
}

/* The whole new file in place of the old one, or the old one as it was. */
static int edit_file(const struct spec_options *options, struct error *err)
{
	autofd dir = open(options->bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct config_text config = { .name = options->file };
	autofree char *old = NULL;
	autobuffer text = { 0 };
	mode_t mode = 0;

	if (dir < 0)
		return error_errno(err, "open directory %s", options->bundle);
	if (read_file(dir, options->file, &old, &config.length, &mode, err) < 0)
		return -1;
	config.text = old;
	if (defaults_edit(&text, &config, options->settings.items, options->settings.count, err) <
	    0)
		return -1;
	return file_replace_at(dir, options->file, text.text, text.length, mode, 0, err);
}

static int check(const struct invocation *invocation, const void *parsed, struct error *err)
{
	const struct spec_options *options = parsed;

	(void)invocation;
	if (!options->edit)
		return 0;
	if (options->rootless)
		return error_set(err, "--rootless makes a new configuration, --edit changes one");
	if (strcmp(options->file, "-") == 0)
		return error_set(err, "--edit needs a file");
	if (options->settings.count == 0)
		return error_set(err, "--edit needs --set: what to change");
	return 0;
}

static int run(const struct invocation *invocation, const void *parsed, struct error *err)
{
	const struct spec_options *options = parsed;
	autobuffer text = { 0 };

	(void)invocation; /* no arguments, no container */
	if (options->edit)
		return edit_file(options, err);
	if (defaults_write(&text, options->rootless, geteuid(), getegid(), options->settings.items,
			   options->settings.count, err) < 0)
		return -1;
	if (strcmp(options->file, "-") == 0)
		return usage_print(&text, err);
	if (text.failed)
		return error_set(err, "out of memory");
	return write_file(options, &text, err);
}

const struct command spec_command = {
	.name = "spec",
	.knows_no_container = true,
	.usage = "",
	.help = "write a config.json to start from",
	.description = "Writes a configuration that runs 'sh' on a terminal in the root file "
		       "system rootfs/.\n"
		       "--set changes a member: a JSON pointer (RFC 6901), \"=\", a JSON value; "
		       "\"-\" as the last\n"
		       "part of the pointer appends to an array. --edit changes the file that is "
		       "there. The\n"
		       "result is checked before it is written.\n"
		       "\n"
		       "Examples:\n"
		       "  minirun spec\n"
		       "  minirun spec --bundle /srv/web --set /hostname='\"web\"' --set "
		       "/process/terminal=false\n"
		       "  minirun spec -f - --set /process/env/-='\"A=b\"'\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(defaults),
	.failure = "",
	.failure_status = 1,
	.check = check,
	.run = run,
};
