/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun state: runtime.md#query-state. minirun-state(8)
 *
 * syscalls: write
 */
#include "spec/state.h"
#include "runtime/commands/command.h"
#include "runtime/commands/usage.h"
#include "spec/json_out.h"

static int run(const struct invocation *invocation, const void *options, struct error *err)
{
	autobuffer out = { 0 };
	struct json_out json = json_out(&out, 2);
	struct state_document document;
	struct container_info info;

	(void)options; /* there are none */
	if (container_load(invocation->settings, invocation->arguments[0], &info, err) < 0)
		return -1;
	container_state_document(&info, &document);
	state_write(&json, &document);
	container_info_free(&info);
	return usage_print(&out, err);
}

const struct command state_command = {
	.name = "state",
	.usage = "ID",
	.help = "print a container's state as JSON",
	.description = "The status is creating, created, running, paused or stopped; a stopped\n"
		       "container's pid is 0.\n"
		       "\n"
		       "Example:\n"
		       "  minirun state web1\n",
	.arguments_min = 1,
	.arguments_max = 1,
	.failure = "",
	.failure_status = 1,
	.run = run,
};
