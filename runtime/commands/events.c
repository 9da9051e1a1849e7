/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun events. minirun-events(8)
 *
 * syscalls: none of its own
 */
#include "runtime/events.h"

#include <stddef.h>
#include <unistd.h>

#include "runtime/commands/command.h"
#include "runtime/commands/duration.h"

struct events_arguments {
	const char *interval;
	bool stats;
};

static const struct option rows[] = {
	{ .name = "interval",
	  .kind = OPTION_TEXT,
	  .offset = offsetof(struct events_arguments, interval),
	  .value = "TIME",
	  .help = "time between two statistics, e.g. 500ms (default: 5s)",
	  .choices = "" },
	{ .name = "stats",
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct events_arguments, stats),
	  .help = "print the statistics once, then end" },
};

static const struct events_arguments defaults = { .interval = "5s" };

static int check(const struct invocation *invocation, const void *parsed, struct error *err)
{
	const struct events_arguments *arguments = parsed;
	int64_t interval;

	(void)invocation; /* any id will do */
	if (!duration_parse(arguments->interval, &interval))
		return error_set(err,
				 "invalid value \"%s\" for flag --interval: expected a duration "
				 "such as 500ms or 1m30s",
				 arguments->interval);
	if (interval <= 0)
		return error_set(err, "duration interval must be greater than 0");
	return 0;
}

static int run(const struct invocation *invocation, const void *parsed, struct error *err)
{
	const struct events_arguments *arguments = parsed;
	struct events_options options = {
		.id = invocation->arguments[0],
		.stats = arguments->stats,
	};

	(void)duration_parse(arguments->interval, &options.interval); /* check() has been here */
	return container_events(invocation->settings, &options, STDOUT_FILENO, err);
}

const struct command events_command = {
	.name = "events",
	.usage = "ID",
	.help = "print a container's statistics and out-of-memory kills as JSON",
	.description =
		"One JSON object a line: \"stats\" every five seconds, or with --stats once, and "
		"\"oom\"\n"
		"for each process that the kernel kills for lack of memory. It ends when the\n"
		"container does.\n"
		"\n"
		"Examples:\n"
		"  minirun events --stats web1 | jq .data.memory.usage\n"
		"  minirun events --interval 1s web1\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(defaults),
	.arguments_min = 1,
	.arguments_max = 1,
	.failure = "",
	.failure_status = 1,
	.check = check,
	.run = run,
};
