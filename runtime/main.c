/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program: makes its surroundings known ones, reads the global options, finds the command and
 * runs it. minirun(8)
 *
 * What a caller can leave us is dealt with here, before anything else: closed standard streams,
 * blocked and ignored signals, an environment that nobody but the variables below may influence
 * us by (safety.md R18).
 *
 * syscalls: fcntl open rt_sigprocmask rt_sigaction
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/string.h"
#include "runtime/blocked.h"
#include "runtime/commands/command.h"
#include "runtime/commands/global.h"
#include "runtime/commands/usage.h"
#include "runtime/self_exe.h"

/* The base directory specification: one that is empty is as one that isn't set. */
static const char *get_directory(const char *name)
{
	const char *value = getenv(name);

	return value && *value ? value : NULL;
}

/* Takes the variables that minirun(8) documents; the strings stay where the kernel put them. */
static struct environment read_environment(void)
{
	return (struct environment){
		.xdg_runtime_dir = get_directory("XDG_RUNTIME_DIR"),
		.dbus_session_bus_address = getenv("DBUS_SESSION_BUS_ADDRESS"),
		.notify_socket = getenv("NOTIFY_SOCKET"),
		.listen_fds = getenv("LISTEN_FDS"),
		.listen_pid = getenv("LISTEN_PID"),
		.no_color = getenv("NO_COLOR"),
		.path = getenv("PATH"),
		.home = getenv("HOME"),
		.minirun_labs = getenv("MINIRUN_LABS"),
		.minirun_lab_dir = getenv("MINIRUN_LAB_DIR"),
		.lc_all = getenv("LC_ALL"),
		.lc_ctype = getenv("LC_CTYPE"),
		.lang = getenv("LANG"),
	};
}

/*
 * Children must be waitable, and nothing may kill us half way through a create: a reader of our
 * messages that is gone (SIGPIPE) or a caller's file size limit (SIGXFSZ) is an error of write(2)
 * instead. The container's process gets default dispositions again.
 */
static void reset_signals(void)
{
	const struct sigaction standard = { .sa_handler = SIG_DFL };
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigset_t none;

	/* none of these can fail: the signals exist and may be changed */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
	(void)sigaction(SIGCHLD, &standard, NULL);
	(void)sigaction(SIGPIPE, &ignore, NULL);
	(void)sigaction(SIGXFSZ, &ignore, NULL);
}

static int usage_status(const struct command *command)
{
	return command && command->usage_status ? command->usage_status : 1;
}

static int usage_failure(const struct command *command, struct error *err)
{
	if (err->kind == ERROR_UNTOLD)
		(void)error_kind(err, ERROR_USAGE);
	if (command)
		log_failure_of(err, command->name, "", "minirun %s: %s (see 'minirun %s --help')",
			       command->name, err->text, command->name);
	else
		log_failure_of(err, "minirun", "", "minirun: %s (see 'minirun --help')", err->text);
	return usage_status(command);
}

static int print_and_end(struct buffer *out)
{
	struct error err;

	if (usage_print(out, &err) == 0)
		return 0;
	log_failure("minirun: %s", err.text);
	return 1;
}

/* --help, or else --version, with no command. */
static int describe_program(bool help)
{
	autobuffer out = { 0 };

	if (help)
		usage_of_program(&out);
	else
		usage_version(&out);
	return print_and_end(&out);
}

static int check_argument_count(const struct command *command, int count, struct error *err)
{
	size_t number = (size_t)count;

	if (number >= command->arguments_min && number <= command->arguments_max)
		return 0;
	if (command->arguments_max == 0)
		return error_set(err, "takes no arguments");
	if (command->arguments_min == command->arguments_max)
		return error_set(err, "requires exactly %zu argument: %s", command->arguments_min,
				 command->usage);
	return error_set(err, "requires %s arguments: %s",
			 number < command->arguments_min ? "more" : "fewer", command->usage);
}

/* An option that is known, but not behind the command. */
static void hint_at_global_option(struct error *err)
{
	static const char undefined[] = "flag provided but not defined: --";
	char name[64];

	if (!string_starts_with(err->text, undefined))
		return;
	(void)snprintf(name, sizeof(name), "%s", err->text + strlen(undefined));
	if (option_find(&global_options, name, strlen(name)))
		(void)error_set(err, "--%s is a global option: it stands before the command", name);
}

static int execute(const struct command *command, const struct invocation *invocation,
		   const void *options)
{
	struct error err;
	int status;

	status = command->run(invocation, options, &err);
	if (status >= 0)
		return status;
	blocked_explain(&err);
	log_failure_of(&err, command->name, command->failure, "%s", err.text);
	return command->failure_status;
}

static int perform(const struct command *command, char **argv, int count,
		   const struct globals *globals, const struct environment *environment,
		   struct arena *arena)
{
	void *options = arena_alloc(arena, command->options_size);
	struct invocation invocation = { .arena = arena, .environment = environment };
	struct option_request request = {
		.table = &command->options,
		.order = command->order,
		.target = options,
		.arena = arena,
	};
	struct globals anywhere = *globals;
	struct settings settings;
	autobuffer out = { 0 };
	struct error err;

	if (!options) {
		log_failure("minirun: out of memory");
		return 1;
	}
	if (!anywhere.root)
		anywhere.root = DEFAULT_ROOT;
	if (command->defaults)
		memcpy(options, command->defaults, command->options_size);
	count = options_parse(&request, argv, count, &err);
	if (count < 0) {
		hint_at_global_option(&err);
		return usage_failure(command, &err);
	}
	if (request.help) {
		usage_of_command(&out, command);
		return print_and_end(&out);
	}
	invocation.settings = &settings;
	invocation.arguments = (const char *const *)argv;
	invocation.argument_count = (size_t)count;
	if (check_argument_count(command, count, &err) < 0 ||
	    (command->check && command->check(&invocation, options, &err) < 0))
		return usage_failure(command, &err);
	if (globals_settings(globals, environment, &settings, arena, &err) < 0 &&
	    (!command->state_is_optional ||
	     globals_settings(&anywhere, environment, &settings, arena, &err) < 0)) {
		(void)usage_failure(NULL, &err);
		return usage_status(command);
	}
	return execute(command, &invocation, options);
}

static int open_log(const struct globals *globals, const struct command *command, struct error *err)
{
	struct log_settings log;

	if (globals_log(globals, &log, err) < 0)
		return -1;
	if (log_open(globals->log, log.format, log.level, err) == 0)
		return 0;
	return command && command->log_may_be_missing ? 0 : -1;
}

static int name_missing_command(const char *name, struct error *err)
{
	return name ? usage_unknown_command(name, err) : error_set(err, "no command is given");
}

/* argv without the program's name; a copy, since parsing moves its elements and the program may
 * have to execute itself with the original. */
static char **copy_arguments(int count, char *const *argv, struct arena *arena)
{
	char **copy = arena_array(arena, (size_t)count + 1, sizeof(*copy));

	if (copy && count > 0)
		memcpy(copy, argv, (size_t)count * sizeof(*copy));
	return copy;
}

static int run(int argc, char **argv, struct arena *arena)
{
	struct environment environment = read_environment();
	char **arguments = copy_arguments(argc - 1, argv + 1, arena);
	const struct command *command;
	struct globals globals = { 0 };
	struct error err, unlogged, unprotected = { 0 };
	struct option_request request = {
		.table = &global_options,
		.order = ORDER_FIRST,
		.target = &globals,
		.arena = arena,
	};
	int count;

	if (!arguments) {
		log_failure("minirun: out of memory");
		return 1;
	}
	count = options_parse(&request, arguments, argc - 1, &err);
	if (count < 0) {
		(void)open_log(&globals, NULL, &unlogged); /* what stood before it */
		return usage_failure(NULL, &err);
	}
	if (request.help || globals.version)
		return describe_program(request.help);
	command = count > 0 ? command_find(arguments[0]) : NULL;
	if (command && command->enters_container)
		(void)self_exe_protect(argv, environ, &unprotected); /* looked at below */
	(void)clearenv(); /* fails only where environ can't be written */
	/* or glibc reads /etc/localtime for a time stamp: the host's, and in an exec the image's */
	(void)setenv("TZ", "UTC0", 1); /* out of memory: it does read it, then */

	if (open_log(&globals, command, &err) < 0) {
		(void)usage_failure(NULL, &err);
		return usage_status(command);
	}
	if (!command) {
		(void)name_missing_command(arguments[0], &err);
		return usage_failure(NULL, &err);
	}
	if (*unprotected.text) {
		log_failure("%s%s", command->failure, unprotected.text);
		return command->failure_status;
	}
	if (command->knows_no_container && !globals.root)
		globals.root = DEFAULT_ROOT; /* never looked at */
	return perform(command, arguments + 1, count - 1, &globals, &environment, arena);
}

int main(int argc, char **argv)
{
	struct arena arena = { 0 };
	struct error err;
	int status;

	if (getauxval(AT_SECURE)) {
		log_failure(
			"minirun doesn't run with more privileges than its caller has: remove the "
			"set-user-ID bit, the set-group-ID bit or the file capabilities");
		return 1;
	}
	if (argc < 1 || fd_reserve_stdio(&err) < 0) {
		log_failure("minirun: %s", argc < 1 ? "started without a name" : err.text);
		return 1;
	}
	reset_signals();
	status = run(argc, argv, &arena);
	arena_free(&arena);
	return status;
}
