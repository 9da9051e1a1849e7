/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun completion bash|zsh|fish: completions out of the tables, for the package to install and
 * for anyone to source. Each shell has a file of its own.
 *
 * syscalls: write
 */
#include "runtime/commands/completion.h"

#include <string.h>

#include "base/table.h"
#include "runtime/commands/usage.h"

#define SIGNALS "HUP INT QUIT KILL USR1 USR2 TERM CONT STOP WINCH"
#define LABS "1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20"

/* create's and restore's id is one that isn't there yet. */
static const struct completion_places places[] = {
	{ "caps", { { COMPLETE_TARGETS, NULL }, { COMPLETE_TARGETS, NULL } }, false },
	{ "cgroup", { { COMPLETE_TARGETS, NULL } }, true },
	{ "check", { { COMPLETE_BUNDLES, NULL } }, false },
	{ "checkpoint", { { COMPLETE_IDS, NULL } }, false },
	{ "delete", { { COMPLETE_IDS, NULL } }, false },
	{ "diff", { { COMPLETE_TARGETS, NULL }, { COMPLETE_TARGETS, NULL } }, false },
	{ "events", { { COMPLETE_IDS, NULL } }, false },
	{ "exec", { { COMPLETE_IDS, NULL } }, false },
	{ "explain", { { COMPLETE_DIRECTORIES, NULL } }, false },
	{ "help", { { COMPLETE_COMMANDS, NULL } }, false },
	{ "inspect", { { COMPLETE_TARGETS, NULL } }, true },
	{ "kill", { { COMPLETE_IDS, NULL }, { COMPLETE_WORDS, SIGNALS } }, false },
	{ "lab",
	  { { COMPLETE_WORDS, "list show start check hint answer clean play" },
	    { COMPLETE_WORDS, LABS } },
	  false },
	{ "mounts",
	  { { COMPLETE_WORDS, "add remove" }, { COMPLETE_IDS, NULL }, { COMPLETE_FILES, NULL } },
	  false },
	{ "ns", { { COMPLETE_TARGETS, NULL } }, true },
	{ "pause", { { COMPLETE_IDS, NULL } }, false },
	{ "ps", { { COMPLETE_IDS, NULL } }, false },
	{ "resume", { { COMPLETE_IDS, NULL } }, false },
	{ "run", { { COMPLETE_DIRECTORIES, NULL } }, false },
	{ "seccomp", { { COMPLETE_TARGETS, NULL } }, false },
	{ "start", { { COMPLETE_IDS, NULL } }, false },
	{ "state", { { COMPLETE_IDS, NULL } }, false },
	{ "update", { { COMPLETE_IDS, NULL } }, false },
	{ "why", { { COMPLETE_TARGETS, NULL } }, false },
};

const struct completion_places *completion_places(const char *command)
{
	table_for_each (row, places) {
		if (strcmp(row->command, command) == 0)
			return row;
	}
	return NULL;
}

struct completion completion_of_value(const struct option *option)
{
	static const struct {
		const char *value;
		enum completion_kind kind;
	} kinds[] = {
		{ "DEST", COMPLETE_FILES },
		{ "DIR", COMPLETE_DIRECTORIES },
		{ "FILE", COMPLETE_FILES },
		{ "PATH", COMPLETE_FILES },
	};

	if (option->choices)
		return (struct completion){ COMPLETE_WORDS, option->choices };
	table_for_each (row, kinds) {
		if (strcmp(row->value, option->value) == 0)
			return (struct completion){ row->kind, NULL };
	}
	return (struct completion){ COMPLETE_NOTHING, NULL };
}

void completion_add_quoted(struct buffer *out, const char *text, const char *escaped)
{
	for (; *text; text++) {
		if (*text == '\'')
			buffer_add(out, "'\\''");
		else if (strchr(escaped, *text))
			buffer_format(out, "\\%c", *text);
		else
			buffer_add_bytes(out, text, 1);
	}
}

void completion_add_commands(struct buffer *out, const char *separator)
{
	const char *before = "";

	for (size_t i = 0; i < command_count; i++) {
		if (commands[i]->hidden)
			continue;
		buffer_format(out, "%s%s", before, commands[i]->name);
		before = separator;
	}
}

static const struct {
	const char *name;
	void (*write)(struct buffer *out);
} shells[] = {
	{ "bash", completion_write_bash },
	{ "zsh", completion_write_zsh },
	{ "fish", completion_write_fish },
};

static int run(const struct invocation *invocation, const void *options, struct error *err)
{
	const char *name = invocation->arguments[0];
	autobuffer out = { 0 };

	(void)options; /* there are none */
	table_for_each (shell, shells) {
		if (strcmp(shell->name, name) == 0) {
			shell->write(&out);
			return usage_print(&out, err);
		}
	}
	return error_set(err, "no completion for \"%s\": there are bash, zsh and fish", name);
}

const struct command completion_command = {
	.name = "completion",
	.knows_no_container = true,
	.usage = "bash|zsh|fish",
	.help = "print completions for a shell",
	.description = "Example:\n"
		       "  . <(minirun completion bash)\n",
	.arguments_min = 1,
	.arguments_max = 1,
	.failure = "",
	.failure_status = 1,
	.hidden = true,
	.run = run,
};
