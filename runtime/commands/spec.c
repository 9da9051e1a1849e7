/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun spec. minirun-spec(8)
 *
 * syscalls: open openat write unlinkat
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "runtime/commands/command.h"
#include "runtime/commands/usage.h"
#include "spec/defaults.h"

struct spec_options {
	const char *bundle, *file;
	struct option_list settings;
	bool rootless;
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

static int run(const struct invocation *invocation, const void *parsed, struct error *err)
{
	const struct spec_options *options = parsed;
	autobuffer text = { 0 };

	(void)invocation; /* no arguments, no container */
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
		       "part of the pointer appends to an array. The result is checked before it "
		       "is written.\n"
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
	.run = run,
};
