/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun kill. minirun-kill(8)
 *
 * syscalls: none of its own
 */
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "base/log.h"
#include "runtime/commands/command.h"
#include "runtime/commands/matching.h"
#include "runtime/commands/signal_name.h"

#define STOP_SIGNAL "org.opencontainers.image.stopSignal"

struct kill_options {
	bool all, regex;
};

/* What is the same for each of the containers. */
struct kill_request {
	bool all;
	int signal; /* -1: what the container asks for */
};

static const struct option rows[] = {
	{ .name = "all",
	  .letter = 'a',
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct kill_options, all),
	  .help = "send it to every process; no error if none runs" },
	{ .name = "regex",
	  .letter = 'r',
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct kill_options, regex),
	  .help = "ID is a regular expression: all that match" },
};

/*
 * What the image's author asked for (the specification's SHOULD), else SIGTERM. A name that nobody
 * knows must not keep a caller from stopping the container: it is a warning.
 */
static int default_signal(const struct settings *settings, const char *id, int *signal,
			  struct error *err)
{
	struct container_info info;
	const struct string_map *annotations = &info.record.annotations;

	*signal = SIGTERM;
	if (container_load(settings, id, &info, err) < 0)
		return -1;
	for (size_t i = 0; i < annotations->count; i++) {
		int asked;

		if (strcmp(annotations->items[i].name, STOP_SIGNAL) != 0)
			continue;
		asked = signal_from_name(annotations->items[i].value);
		if (asked <= 0)
			log_warning("annotation " STOP_SIGNAL
				    ": unknown signal \"%s\", sending SIGTERM",
				    annotations->items[i].value);
		else
			*signal = asked;
	}
	container_info_free(&info);
	return 0;
}

static int kill_one(const struct invocation *invocation, const char *id, const void *data,
		    struct error *err)
{
	const struct kill_request *request = data;
	int signal = request->signal;

	if (signal < 0 && default_signal(invocation->settings, id, &signal, err) < 0)
		return -1;
	return container_kill(invocation->settings, id, signal, request->all, err);
}

static int run(const struct invocation *invocation, const void *parsed, struct error *err)
{
	const struct kill_options *options = parsed;
	const char *name = invocation->arguments[1];
	struct kill_request request = { .all = options->all, .signal = -1 };
	const struct matching matching = { kill_one, &request, .skip_stopped = true };

	if (name) {
		request.signal = signal_from_name(name);
		if (request.signal < 0)
			return error_of_kind(err, ERROR_USAGE, "unknown signal \"%s\"", name);
	}
	if (options->regex)
		return matching_each(invocation, invocation->arguments[0], &matching, err);
	return kill_one(invocation, invocation->arguments[0], &request, err);
}

const struct command kill_command = {
	.name = "kill",
	.usage = "ID [SIGNAL]",
	.help = "send a signal to a container's first process",
	.description =
		"SIGNAL is a number or a name, with or without SIG, in any case; RTMIN+3 and "
		"RTMAX-1\n"
		"work as well. Without it the container gets what its annotation\n" STOP_SIGNAL
		" asks for, or TERM.\n"
		"\n"
		"Examples:\n"
		"  minirun kill web1\n"
		"  minirun kill web1 HUP\n"
		"  minirun kill --all web1 9\n"
		"  minirun kill --regex '^web' HUP\n",
	.options = OPTION_TABLE(rows),
	.options_size = sizeof(struct kill_options),
	.arguments_min = 1,
	.arguments_max = 2,
	.failure = "",
	.failure_status = 1,
	.run = run,
};
