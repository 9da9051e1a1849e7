/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun start. minirun-start(8)
 *
 * syscalls: none of its own
 */
#include "runtime/commands/command.h"

static int run(const struct invocation *invocation, const void *options, struct error *err)
{
	(void)options; /* there are none */
	return container_start(invocation->settings, invocation->arguments[0], err);
}

const struct command start_command = {
	.name = "start",
	.usage = "ID",
	.help = "execute the program of a created container",
	.description =
		"Lets the process that 'create' made execute its program, and returns when it\n"
		"has done so. Where NOTIFY_SOCKET is set, it waits for the program's READY=1.\n"
		"\n"
		"Example:\n"
		"  minirun start web1\n",
	.arguments_min = 1,
	.arguments_max = 1,
	.failure = "",
	.failure_status = 1,
	.run = run,
};
