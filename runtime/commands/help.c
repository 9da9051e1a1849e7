/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun help [COMMAND]: the same as --help.
 *
 * syscalls: write
 */
#include "runtime/commands/command.h"
#include "runtime/commands/usage.h"

static int run(const struct invocation *invocation, const void *options, struct error *err)
{
	const char *name = invocation->arguments[0];
	const struct command *command = name ? command_find(name) : NULL;
	autobuffer out = { 0 };

	(void)options; /* there are none */
	if (name && !command)
		return usage_unknown_command(name, err);
	if (command)
		usage_of_command(&out, command);
	else
		usage_of_program(&out);
	return usage_print(&out, err);
}

const struct command help_command = {
	.name = "help",
	.knows_no_container = true,
	.usage = "[COMMAND]",
	.help = "explain minirun or a command",
	.description = "The same as --help.\n",
	.arguments_max = 1,
	.failure = "",
	.failure_status = 1,
	.hidden = true,
	.run = run,
};
