/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun pause and minirun resume. minirun-pause(8), minirun-resume(8)
 *
 * syscalls: none of its own
 */
#include "runtime/commands/command.h"

static int run_pause(const struct invocation *invocation, const void *options, struct error *err)
{
	(void)options; /* there are none */
	return container_pause(invocation->settings, invocation->arguments[0], err);
}

static int run_resume(const struct invocation *invocation, const void *options, struct error *err)
{
	(void)options; /* there are none */
	return container_resume(invocation->settings, invocation->arguments[0], err);
}

const struct command pause_command = {
	.name = "pause",
	.usage = "ID",
	.help = "stop all of a container's processes for a while",
	.description =
		"Freezes the container's cgroup and returns when everything in it has stopped;\n"
		"'resume' lets it go on. A paused container can be killed and deleted.\n"
		"\n"
		"Example:\n"
		"  minirun pause web1\n",
	.arguments_min = 1,
	.arguments_max = 1,
	.failure = "",
	.failure_status = 1,
	.run = run_pause,
};

const struct command resume_command = {
	.name = "resume",
	.usage = "ID",
	.help = "let a paused container go on",
	.description = "Undoes 'pause'.\n"
		       "\n"
		       "Example:\n"
		       "  minirun resume web1\n",
	.arguments_min = 1,
	.arguments_max = 1,
	.failure = "",
	.failure_status = 1,
	.run = run_resume,
};
