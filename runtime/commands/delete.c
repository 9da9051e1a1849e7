/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun delete. minirun-delete(8)
 *
 * syscalls: none of its own
 */
#include <stddef.h>

#include "runtime/commands/command.h"
#include "runtime/commands/matching.h"

struct delete_options {
	bool force, regex;
};

static const struct option rows[] = {
	{ .name = "force",
	  .letter = 'f',
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct delete_options, force),
	  .help = "kill what runs; no error if there is nothing" },
	{ .name = "regex",
	  .letter = 'r',
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct delete_options, regex),
	  .help = "ID is a regular expression: all that match" },
};

static int delete_one(const struct invocation *invocation, const char *id, const void *data,
		      struct error *err)
{
	const struct delete_options *options = data;

	return container_delete(invocation->settings, id, options->force, err);
}

static int run(const struct invocation *invocation, const void *parsed, struct error *err)
{
	const struct delete_options *options = parsed;
	const struct matching matching = { .act = delete_one, .data = options };

	if (options->regex)
		return matching_each(invocation, invocation->arguments[0], &matching, err);
	return delete_one(invocation, invocation->arguments[0], options, err);
}

const struct command delete_command = {
	.name = "delete",
	.usage = "ID",
	.help = "remove a stopped container and everything it left",
	.description = "Removes what belongs to the container: processes, cgroup, state. The "
		       "program must have\n"
		       "ended or never been started, unless --force is given, which also clears up "
		       "what an\n"
		       "interrupted 'create' left. It succeeds only when nothing is left.\n"
		       "\n"
		       "Examples:\n"
		       "  minirun delete web1\n"
		       "  minirun delete --force web1\n"
		       "  minirun delete --regex '^web'\n",
	.options = OPTION_TABLE(rows),
	.options_size = sizeof(struct delete_options),
	.arguments_min = 1,
	.arguments_max = 1,
	.failure = "",
	.failure_status = 1,
	/* a shim that cleans up names a log in a directory that is already gone */
	.log_may_be_missing = true,
	.run = run,
};
