/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun ps. minirun-ps(8), ps(1)
 *
 * The table is the host's own ps with the caller's options: we only keep the lines of the
 * container's processes, and show which numbers they have inside.
 *
 * syscalls: access pipe2 vfork execve read waitpid write
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/process.h"
#include "base/table.h"
#include "runtime/commands/command.h"
#include "runtime/commands/process_table.h"
#include "runtime/commands/usage.h"
#include "spec/json_out.h"

#define STATUS_MAX ((size_t)1 << 16)  /* of /proc/PID/status */
#define OUTPUT_MAX ((size_t)64 << 20) /* of ps: far more than 4 million processes need */

struct ps_options {
	const char *format;
};

static const struct option rows[] = {
	{ .name = "format",
	  .letter = 'f',
	  .kind = OPTION_TEXT,
	  .offset = offsetof(struct ps_options, format),
	  .value = "FORMAT",
	  .help = "table or json (default: table)",
	  .choices = "table json" },
};

static const struct ps_options defaults = { .format = "table" };

static const char *const programs[] = { "/bin/ps", "/usr/bin/ps" };

static const char *find_program(void)
{
	table_for_each (program, programs) {
		if (access(*program, X_OK) == 0)
			return *program;
	}
	return NULL;
}

/* argv for ps: the caller's options, -ef without any. */
static char **program_arguments(const struct invocation *invocation, struct error *err)
{
	size_t given = invocation->argument_count - 1;
	char **argv = arena_array(invocation->arena, given + 3, sizeof(*argv));

	if (!argv) {
		(void)error_set(err, "out of memory");
		return NULL;
	}
	argv[0] = arena_string(invocation->arena, "ps");
	argv[1] = arena_string(invocation->arena, "-ef");
	for (size_t i = 0; i < given; i++)
		argv[i + 1] = arena_string(invocation->arena, invocation->arguments[i + 1]);
	for (size_t i = 0; i < (given ? given : 1) + 1; i++) {
		if (!argv[i]) {
			(void)error_set(err, "out of memory");
			return NULL;
		}
	}
	return argv;
}

/* What main() ignores for itself is not for ps: it must end when nobody reads on. */
static int default_signals(posix_spawnattr_t *attributes)
{
	sigset_t signals;

	(void)sigemptyset(&signals); /* fails only for an invalid pointer */
	(void)sigaddset(&signals, SIGPIPE);
	(void)sigaddset(&signals, SIGXFSZ);
	(void)posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF); /* a known flag */
	return posix_spawnattr_setsigdefault(attributes, &signals);
}

/* Starts program with its standard output going to output. */
static int spawn_program(const char *program, char **argv, int output, pid_t *pid,
			 struct error *err)
{
	char *const environment[] = { NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int code;

	/* these three allocate nothing that could fail on Linux, but POSIX lets them */
	code = posix_spawn_file_actions_init(&actions);
	if (code)
		return error_code(err, code, "run %s", program);
	code = posix_spawnattr_init(&attributes);
	if (code == 0)
		code = default_signals(&attributes);
	if (code == 0)
		code = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
	if (code == 0)
		code = posix_spawn(pid, program, &actions, &attributes, argv, environment);
	(void)posix_spawn_file_actions_destroy(&actions); /* frees memory, can't fail */
	(void)posix_spawnattr_destroy(&attributes);	  /* as above */
	return code ? error_code(err, code, "run %s", program) : 0;
}

/* Reads what program prints into the pipe, which is closed, and waits for its end. */
static int read_program(const char *program, int pipe_end, pid_t pid, char **text,
			struct error *err)
{
	autofd in = pipe_end;
	int result = fd_read_all(in, OUTPUT_MAX, text, NULL);
	int status = 0;
	struct error ignored;

	if (result < 0) {
		(void)error_errno(err, "read what %s prints", program);
		(void)close(in);			    /* so that it ends */
		(void)process_reap(pid, &status, &ignored); /* the first cause is what counts */
		return -1;
	}
	if (process_reap(pid, &status, err) < 0)
		return -1;
	if (process_exit_code(status) != 0)
		return error_set(err, "%s failed with exit status %d", program,
				 process_exit_code(status));
	return 0;
}

static int run_program(const struct invocation *invocation, char **text, struct error *err)
{
	const char *program = find_program();
	char **argv = program_arguments(invocation, err);
	pid_t pid = 0;
	int ends[2];

	if (!argv)
		return -1;
	if (!program)
		return error_set(err, "there is no /bin/ps: use --format json");
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(err, "run %s: make a pipe", program);

	autofd in = ends[0], out = ends[1];

	if (spawn_program(program, argv, out, &pid, err) < 0)
		return -1;
	fd_close(&out);
	return read_program(program, fd_take(&in), pid, text, err);
}

/* The container's processes, and how deep its pid namespace lies. */
struct container_table {
	struct process_table table;
	size_t depth;
};

static bool read_status(pid_t pid, char **text)
{
	struct error ignored;
	char name[32];

	(void)snprintf(name, sizeof(name), "/proc/%d/status", pid);
	return file_read_at(AT_FDCWD, name, STATUS_MAX, text, NULL, &ignored) == 0;
}

static size_t namespace_depth(pid_t init)
{
	autofree char *text = NULL;
	size_t levels = 0;

	if (init > 0 && read_status(init, &text))
		(void)process_table_inner_pid(text, 0, &levels);
	return levels;
}

/* What the host's ps can't tell: which number the process has inside. */
static void add_inner_columns(struct buffer *out, pid_t pid, const void *data)
{
	const struct container_table *container = data;
	struct process_status status;
	autofree char *text = NULL;
	pid_t inner = 0;

	if (pid == 0) {
		buffer_add(out, "   CPID STATE ");
		return;
	}
	if (read_status(pid, &text))
		inner = process_table_inner_pid(text, container->depth, NULL);
	if (inner > 0)
		buffer_format(out, "%7d", inner);
	else
		buffer_format(out, "%7s", "-");
	buffer_format(out, " %-5c ", process_read_status(pid, &status) == 0 ? status.state : '-');
}

static int print_table(const struct invocation *invocation, const pid_t *pids, size_t count,
		       pid_t init, struct buffer *out, struct error *err)
{
	struct container_table container = { .table = { .pids = pids, .count = count } };
	autofree char *text = NULL;

	if (run_program(invocation, &text, err) < 0)
		return -1;
	if (invocation->argument_count == 1) { /* with options the columns are the caller's */
		container.depth = namespace_depth(init);
		container.table.prefix = add_inner_columns;
		container.table.data = &container;
	}
	if (!process_table_filter(out, text, &container.table))
		return error_set(err, "ps prints no PID column with these options");
	return 0;
}

static void print_json(const pid_t *pids, size_t count, struct buffer *out)
{
	struct json_out json = json_out(out, 0);

	if (count == 0) {
		json_null(&json, NULL);
	} else {
		json_begin_array(&json, NULL);
		for (size_t i = 0; i < count; i++)
			json_int(&json, NULL, pids[i]);
		json_end_array(&json);
	}
	buffer_add(out, "\n");
}

static int check(const struct invocation *invocation, const void *parsed, struct error *err)
{
	const struct ps_options *options = parsed;

	(void)invocation; /* any id will do */
	if (strcmp(options->format, "table") == 0 || strcmp(options->format, "json") == 0)
		return 0;
	return error_set(err, "invalid format option \"%s\": expected table or json",
			 options->format);
}

static int init_pid(const struct invocation *invocation, pid_t *pid, struct error *err)
{
	struct container_info info;

	if (container_load(invocation->settings, invocation->arguments[0], &info, err) < 0)
		return -1;
	*pid = info.pid;
	container_info_free(&info);
	return 0;
}

static int run(const struct invocation *invocation, const void *parsed, struct error *err)
{
	const struct ps_options *options = parsed;
	bool json = strcmp(options->format, "json") == 0;
	autofree pid_t *pids = NULL;
	autobuffer out = { 0 };
	size_t count = 0;
	pid_t init;

	if (init_pid(invocation, &init, err) < 0 ||
	    container_processes(invocation->settings, invocation->arguments[0], &pids, &count,
				err) < 0)
		return -1;
	if (json)
		print_json(pids, count, &out);
	else if (print_table(invocation, pids, count, init, &out, err) < 0)
		return -1;
	return usage_print(&out, err);
}

const struct command ps_command = {
	.name = "ps",
	.usage = "ID [PS OPTIONS]",
	.help = "show a container's processes",
	.description =
		"What follows the id goes to the host's ps(1), -ef if there is nothing; its lines\n"
		"for the container's processes are printed. Without options each has two columns\n"
		"more: the pid in the container and the state. As JSON: the pids on the host.\n"
		"\n"
		"Examples:\n"
		"  minirun ps web1\n"
		"  minirun ps web1 -o pid,stat,args -e\n"
		"  minirun ps --format json web1\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(defaults),
	.arguments_min = 1,
	.arguments_max = ANY_NUMBER,
	.order = ORDER_FIRST,
	.failure = "",
	.failure_status = 1,
	.check = check,
	.run = run,
};
