/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun delete. minirun-delete(8)
 *
 * syscalls: none of its own
 */
#include <stddef.h>

#include "runtime/commands/command.h"

struct delete_options {
	bool force;
};

static const struct option rows[] = {
	{ .name = "force",
	  .letter = 'f',
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct delete_options, force),
	  .help = "kill what runs; no error if there is nothing" },
};

static int run(const struct invocation *invocation, const void *parsed, struct error *err)
{
	const struct delete_options *options = parsed;

	return container_delete(invocation->settings, invocation->arguments[0], options->force,
				err);
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
		       "  minirun delete --force web1\n",
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
