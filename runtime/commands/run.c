/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun run. minirun-run(8)
 *
 * syscalls: none of its own
 */
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/string.h"
#include "runtime/commands/command.h"
#include "runtime/commands/create.h"

#define ROW(member) .offset = offsetof(struct create_options, member)

static const struct option rows[] = {
	CREATE_OPTION_ROWS,
	{ .name = "detach",
	  .letter = 'd',
	  .kind = OPTION_FLAG,
	  ROW(detach),
	  .help = "return when the program runs instead of waiting for its end" },
	{ .name = "keep",
	  .kind = OPTION_FLAG,
	  ROW(keep),
	  .help = "don't delete the container when its program has ended" },
	{ .name = "no-subreaper",
	  .kind = OPTION_FLAG,
	  ROW(no_subreaper),
	  .help = "don't adopt the container's orphaned processes" },
};

static const struct create_options defaults = { .bundle = ".", .run = true };

/* Where there is no such directory, an id may have been meant. */
static int name_choice(struct error *err)
{
	const struct error missing = *err;

	if (err->code != ENOENT || !string_starts_with(err->text, "bundle "))
		return -1;
	(void)error_set(err,
			"%s (a word with a slash names a bundle; the ID of a container is made of "
			"letters, digits and _+.-)",
			missing.text);
	err->code = missing.code;
	return -1;
}

static int run(const struct invocation *invocation, const void *parsed, struct error *err)
{
	struct create_options options = *(const struct create_options *)parsed;
	char id[NAME_MAX + 1];
	int exit_code = 0;

	options.id = invocation->arguments[0];
	if (strchr(options.id, '/') && strcmp(options.bundle, defaults.bundle) == 0) {
		options.bundle = options.id;
		create_name_after(options.bundle, id, sizeof(id));
		options.id = id;
	}
	if (container_create(invocation->settings, &options, &exit_code, err) == 0)
		return exit_code;
	return options.id == id ? name_choice(err) : -1;
}

const struct command run_command = {
	.name = "run",
	.usage = "ID | BUNDLE/",
	.help = "create, start, wait and delete in one go",
	.description =
		"Makes the container that the bundle's config.json describes and starts it. "
		"Without\n"
		"--detach it waits for the program's end, forwards signals and the terminal, "
		"deletes\n"
		"the container and ends with the program's exit status (128 + n for signal n).\n"
		"\n"
		"An argument with a slash is the bundle itself; the container is then named after\n"
		"it and this process: web-4711.\n"
		"\n"
		"Examples:\n"
		"  minirun run bundle/\n"
		"  minirun run --bundle /srv/web web1\n"
		"  minirun run --detach --pid-file /run/web1.pid web1\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(defaults),
	.arguments_min = 1,
	.arguments_max = 1,
	.failure = "minirun run failed: ",
	.failure_status = 1,
	.enters_container = true,
	.run = run,
};
