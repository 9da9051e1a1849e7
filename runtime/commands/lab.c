/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun lab: hands over to the script that runs the labs. minirun-lab(8), minirun-labs(7)
 *
 * The runtime carries no code of theirs: it finds the script and the files, and executes it with
 * an environment of this file's making.
 *
 * syscalls: readlink access rt_sigaction execve
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/table.h"
#include "runtime/commands/command.h"
#include "runtime/commands/global.h"

/* Of both, seen from the program's directory: as installed, and in a build tree (build/PRESET). */
static const struct {
	const char *script, *labs;
} places[] = {
	{ LABS_RUNNER, LABS_FILES },
	{ "../../integration/labs/lab", "../../integration/labs" },
};

static const char standard_path[] =
	"/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"; /* with the sbin, always */

struct found {
	const char *program; /* this one */
	const char *script, *labs;
};

/* Our own path. Its directory's end is found by the last slash: the kernel gives absolute paths. */
static char *own_path(struct arena *arena, struct error *err)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path) - 1);
	char *copy;

	if (length < 0) {
		(void)error_errno(err, "/proc/self/exe");
		return NULL;
	}
	path[length] = '\0';
	copy = arena_string(arena, path);
	if (!copy)
		(void)error_set(err, "out of memory");
	return copy;
}

static int find_in(const struct invocation *invocation, const char *labs, struct found *found,
		   struct error *err)
{
	found->labs = labs;
	found->script = arena_format(invocation->arena, "%s/lab", labs);
	if (!found->script)
		return error_set(err, "out of memory");
	if (access(found->script, R_OK) < 0)
		return error_errno(err, "%s (from MINIRUN_LABS)", found->script);
	return 0;
}

static int find(const struct invocation *invocation, struct found *found, struct error *err)
{
	const char *given = invocation->environment->minirun_labs;
	int directory;

	found->program = own_path(invocation->arena, err);
	if (!found->program)
		return -1;
	if (given && *given)
		return find_in(invocation, given, found, err);
	directory = (int)(strrchr(found->program, '/') - found->program);
	table_for_each (place, places) {
		found->script = arena_format(invocation->arena, "%.*s/%s", directory,
					     found->program, place->script);
		found->labs = arena_format(invocation->arena, "%.*s/%s", directory, found->program,
					   place->labs);
		if (!found->script || !found->labs)
			return error_set(err, "out of memory");
		if (access(found->script, R_OK) == 0)
			return 0;
	}
	return error_set(err,
			 "the labs aren't installed with %s; MINIRUN_LABS names the directory "
			 "that holds them (integration/labs of the source)",
			 found->program);
}

/* "NAME=value", or NULL where memory is out. */
static char *variable(const struct invocation *invocation, const char *name, const char *value)
{
	return arena_format(invocation->arena, "%s=%s", name, value);
}

static char **environment_of(const struct invocation *invocation, const struct found *found,
			     struct error *err)
{
	const struct environment *given = invocation->environment;
	const char *path = given->path ? given->path : "";
	char **environment = arena_array(invocation->arena, 6, sizeof(*environment));
	size_t count = 0;

	if (!environment) {
		(void)error_set(err, "out of memory");
		return NULL;
	}
	path = arena_format(invocation->arena, "%s%s%s", path, *path ? ":" : "", standard_path);
	environment[count++] = path ? variable(invocation, "PATH", path) : NULL;
	environment[count++] = variable(invocation, "MINIRUN", found->program);
	environment[count++] = variable(invocation, "MINIRUN_LABS", found->labs);
	environment[count++] = variable(invocation, "HOME", given->home ? given->home : "/");
	if (given->minirun_lab_dir)
		environment[count++] =
			variable(invocation, "MINIRUN_LAB_DIR", given->minirun_lab_dir);
	for (size_t i = 0; i < count; i++) {
		if (!environment[i]) {
			(void)error_set(err, "out of memory");
			return NULL;
		}
	}
	return environment;
}

static int run(const struct invocation *invocation, const void *options, struct error *err)
{
	char **argv = arena_array(invocation->arena, invocation->argument_count + 3, sizeof(*argv));
	struct found found = { 0 };
	char **environment;

	(void)options; /* there are none */
	if (!argv)
		return error_set(err, "out of memory");
	if (find(invocation, &found, err) < 0)
		return -1;
	environment = environment_of(invocation, &found, err);
	argv[0] = arena_string(invocation->arena, "sh");
	argv[1] = arena_string(invocation->arena, found.script);
	for (size_t i = 0; i < invocation->argument_count; i++)
		argv[i + 2] = arena_string(invocation->arena, invocation->arguments[i]);
	if (!environment)
		return -1;
	for (size_t i = 0; i < invocation->argument_count + 2; i++) {
		if (!argv[i])
			return error_set(err, "out of memory");
	}
	/* what main() ignores for itself is not for the labs; these signals exist */
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGXFSZ, SIG_DFL);
	(void)execve("/bin/sh", argv, environment);
	return error_errno(err, "execute /bin/sh");
}

const struct command lab_command = {
	.name = "lab",
	.knows_no_container = true,
	.usage = "ACTION [N [ANSWER...]]",
	.help = "learn containers by doing: twenty exercises",
	.description =
		"Exercises in namespaces, cgroups, capabilities, seccomp and container runtimes,\n"
		"with the tools that every Linux has. The actions:\n"
		"  list               all labs, and what this machine lacks for them\n"
		"  show N             the text: what to do, and what you will see\n"
		"  start N            prepare lab N in a directory of its own\n"
		"  check N [ANSWER]   has it been solved? Some labs ask for an answer\n"
		"  hint N, answer N   a hint; the answers to the questions\n"
		"  clean N            take away everything that the lab has made\n"
		"  play N             do the steps and compare, as the project's tests do\n"
		"\n"
		"Exit status: 0 solved or done, 1 not solved, 2 usage or trouble.\n"
		"\n"
		"Examples:\n"
		"  minirun lab list\n"
		"  minirun lab start 1 && minirun lab show 1\n"
		"  minirun lab check 3 time user\n",
	.arguments_min = 1,
	.arguments_max = ANY_NUMBER,
	.order = ORDER_FIRST,
	.failure = "minirun lab: ",
	.failure_status = 2,
	.usage_status = 2,
	.run = run,
};
