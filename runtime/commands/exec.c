/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun exec. minirun-exec(8)
 *
 * syscalls: none of its own
 */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/string.h"
#include "base/table.h"
#include "runtime/commands/command.h"
#include "runtime/process/process.h"

struct exec_arguments {
	struct exec_options exec;
	struct option_list env, caps, additional_gids;
};

#define ROW(member) .offset = offsetof(struct exec_arguments, member)

static const struct option rows[] = {
	{ .name = "process",
	  .letter = 'p',
	  .kind = OPTION_TEXT,
	  ROW(exec.process_file),
	  .value = "FILE",
	  .help = "process as JSON instead of COMMAND (config.json's \"process\")" },
	{ .name = "tty",
	  .letter = 't',
	  .kind = OPTION_FLAG,
	  ROW(exec.tty),
	  .help = "give it a terminal" },
	{ .name = "detach",
	  .letter = 'd',
	  .kind = OPTION_FLAG,
	  ROW(exec.detach),
	  .help = "return when it runs instead of waiting for its end" },
	{ .name = "cwd",
	  .kind = OPTION_TEXT,
	  ROW(exec.cwd),
	  .value = "DIR",
	  .help = "working directory in the container" },
	{ .name = "env",
	  .letter = 'e',
	  .kind = OPTION_LIST,
	  ROW(env),
	  .value = "NAME=VALUE",
	  .help = "set an environment variable (repeatable)",
	  .choices = "" },
	{ .name = "user",
	  .letter = 'u',
	  .kind = OPTION_TEXT,
	  ROW(exec.user),
	  .value = "UID[:GID]",
	  .help = "numeric user and group in the container",
	  .choices = "" },
	{ .name = "additional-gids",
	  .letter = 'g',
	  .kind = OPTION_LIST,
	  ROW(additional_gids),
	  .value = "GID",
	  .help = "add a supplementary group (repeatable)",
	  .choices = "" },
	{ .name = "cap",
	  .letter = 'c',
	  .kind = OPTION_LIST,
	  ROW(caps),
	  .value = "CAP",
	  .help = "add a capability, e.g. CAP_SYS_PTRACE (repeatable)",
	  .choices = "" },
	{ .name = "no-new-privs",
	  .kind = OPTION_FLAG,
	  ROW(exec.no_new_privs),
	  .help = "forbid gaining privileges by executing programs" },
	{ .name = "apparmor",
	  .kind = OPTION_TEXT,
	  ROW(exec.apparmor),
	  .value = "PROFILE",
	  .help = "AppArmor profile",
	  .choices = "" },
	{ .name = "process-label",
	  .kind = OPTION_TEXT,
	  ROW(exec.process_label),
	  .value = "LABEL",
	  .help = "SELinux label",
	  .choices = "" },
	{ .name = "cgroup",
	  .kind = OPTION_TEXT,
	  ROW(exec.cgroup),
	  .value = "PATH",
	  .help = "run in this cgroup below the container's",
	  .choices = "" },
	{ .name = "ignore-paused",
	  .kind = OPTION_FLAG,
	  ROW(exec.ignore_paused),
	  .help = "no error if the container is paused" },
	{ .name = "pid-file",
	  .kind = OPTION_TEXT,
	  ROW(exec.pid_file),
	  .value = "FILE",
	  .help = "file to write the process's pid to" },
	{ .name = "console-socket",
	  .kind = OPTION_TEXT,
	  ROW(exec.console_socket),
	  .value = "PATH",
	  .help = "Unix socket that is sent the terminal's master" },
	{ .name = "pidfd-socket",
	  .kind = OPTION_TEXT,
	  ROW(exec.pidfd_socket),
	  .value = "PATH",
	  .help = "Unix socket that is sent a pidfd of the process" },
	{ .name = "preserve-fds",
	  .kind = OPTION_NUMBER,
	  ROW(exec.preserve_fds),
	  .value = "N",
	  .help = "pass N descriptors from 3 on (after those of LISTEN_FDS)",
	  .choices = "" },
};

/* (gid_t)-1 means "leave it" to the kernel and is no group. */
#define GID_MAX (UINT32_MAX - 1)

static int parse_gids(const struct option_list *texts, struct exec_options *options,
		      struct arena *arena, struct error *err)
{
	uint32_t *gids = arena_array(arena, texts->count, sizeof(*gids));

	if (!gids)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < texts->count; i++) {
		uint64_t gid;

		if (!string_to_uint(texts->items[i], GID_MAX, &gid))
			return error_set(err,
					 "invalid value \"%s\" for flag --additional-gids: "
					 "expected a group's number",
					 texts->items[i]);
		gids[i] = (uint32_t)gid;
	}
	options->additional_gids = gids;
	options->additional_gids_count = texts->count;
	return 0;
}

/* "exec ID -- COMMAND" is how many are used to write it. */
static const char *const *program_of(const struct invocation *invocation)
{
	const char *const *args = invocation->arguments + 1;

	return *args && strcmp(*args, "--") == 0 ? args + 1 : args;
}

/* The document says all of the process; --tty is what conmon adds. */
static int check_document_alone(const struct exec_arguments *arguments, struct error *err)
{
	const struct exec_options *exec = &arguments->exec;
	const struct {
		const char *name;
		bool given;
	} members[] = {
		{ "cwd", exec->cwd },
		{ "env", arguments->env.count > 0 },
		{ "user", exec->user },
		{ "additional-gids", arguments->additional_gids.count > 0 },
		{ "cap", arguments->caps.count > 0 },
		{ "no-new-privs", exec->no_new_privs },
		{ "apparmor", exec->apparmor },
		{ "process-label", exec->process_label },
	};

	table_for_each (member, members) {
		if (member->given)
			return error_set(err,
					 "--%s and --process FILE are given: the file alone says "
					 "what runs",
					 member->name);
	}
	return 0;
}

static int check(const struct invocation *invocation, const void *parsed, struct error *err)
{
	const struct exec_arguments *arguments = parsed;
	const char *file = arguments->exec.process_file;
	const char *program = *program_of(invocation);
	struct exec_options ignored;
	struct user_spec user = { 0 };

	if (!program && !file)
		return error_set(err, "neither a command nor --process FILE is given");
	if (program && file)
		return error_set(err, "both a command and --process FILE are given");
	if (file && check_document_alone(arguments, err) < 0)
		return -1;
	if (arguments->exec.user && user_parse(arguments->exec.user, &user, err) < 0)
		return error_context(err, "flag --user");
	return parse_gids(&arguments->additional_gids, &ignored, invocation->arena, err);
}

static int run(const struct invocation *invocation, const void *parsed, struct error *err)
{
	const struct exec_arguments *arguments = parsed;
	struct exec_options options = arguments->exec;
	int exit_code = 0;

	options.id = invocation->arguments[0];
	options.env = arguments->env.items;
	options.env_count = arguments->env.count;
	options.caps = arguments->caps.items;
	options.caps_count = arguments->caps.count;
	options.args = options.process_file ? NULL : program_of(invocation);
	if (parse_gids(&arguments->additional_gids, &options, invocation->arena, err) < 0 ||
	    container_exec(invocation->settings, &options, &exit_code, err) < 0)
		return -1;
	return exit_code;
}

const struct command exec_command = {
	.name = "exec",
	.usage = "ID COMMAND [ARGUMENTS] | --process FILE ID",
	.help = "run another program in a container",
	.description =
		"Starts a process with the namespaces, cgroup, capabilities and filter of the "
		"container.\n"
		"Without --detach it waits for the end and ends with the program's exit status\n"
		"(128 + n for signal n); 255 is a failure of minirun's own. Options stand before "
		"the\n"
		"id: what follows it is the program's.\n"
		"\n"
		"Examples:\n"
		"  minirun exec -t web1 sh\n"
		"  minirun exec --user 1000:1000 --env A=b web1 env\n"
		"  minirun exec --process process.json --detach --pid-file pid web1\n",
	.options = OPTION_TABLE(rows),
	.options_size = sizeof(struct exec_arguments),
	.arguments_min = 1,
	.arguments_max = ANY_NUMBER,
	.order = ORDER_FIRST,
	.failure = "exec failed: ",
	.failure_status = 255,
	.usage_status = 255,
	.enters_container = true,
	.check = check,
	.run = run,
};
