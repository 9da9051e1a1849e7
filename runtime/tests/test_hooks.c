/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hooks: what reaches them, in which order, and what their failures read like. The hooks are this
 * program itself, called with the name of a role; no shell takes part.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/file.h"
#include "base/process.h"
#include "runtime/hooks.h"

static char directory[] = "/tmp/minirun-hooks-XXXXXX";
static char self[PATH_MAX], record[PATH_MAX];
static struct error err;

/* --- the roles -------------------------------------------------------------------------------- */

static void say(int fd, const char *text)
{
	if (fd_write_all(fd, text, strlen(text)) < 0)
		_exit(90);
}

/* Everything that a hook can see of its surroundings, into the file that is its last argument. */
static int role_report(int argc, char **argv)
{
	FILE *file = fopen(argv[argc - 1], "a");
	char text[4096], cwd[PATH_MAX];
	struct dirent *entry;
	ssize_t length;
	int status;
	DIR *dir;

	if (!file)
		return 91;
	for (int i = 0; i < argc - 1; i++)
		(void)fprintf(file, "arg %s\n", argv[i]);
	for (char **variable = environ; *variable; variable++)
		(void)fprintf(file, "env %s\n", *variable);
	(void)fprintf(file, "cwd %s\n", getcwd(cwd, sizeof(cwd)));
	while ((length = read(0, text, sizeof(text) - 1)) > 0) {
		text[length] = '\0';
		(void)fprintf(file, "state %s\n", text);
	}
	(void)fprintf(file, "group %s\n", getpgrp() == getpid() ? "own" : "other");
	if (write(0, "x", 1) >= 0 || ftruncate(0, 0) >= 0)
		(void)fprintf(file, "the state could be changed\n");
	dir = opendir("/proc/self/fd");
	while (dir && (entry = readdir(dir))) {
		int fd = (int)strtol(entry->d_name, NULL, 10);

		if (fd > 2 && fd != dirfd(dir) && fd != fileno(file))
			(void)fprintf(file, "fd %d\n", fd);
	}
	if (dir)
		(void)closedir(dir);
	status = open("/proc/self/status", O_RDONLY);
	length = read(status, text, sizeof(text) - 1);
	text[length < 0 ? 0 : length] = '\0';
	(void)fprintf(file, "%.24s\n%.24s\n", strstr(text, "SigBlk"), strstr(text, "SigIgn"));
	return fclose(file) == 0 ? 0 : 92;
}

static int role_fail(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	say(1, "\n  some output\n\n");
	say(2, "first\tline\nsecond \x1b[31mred\x07\n");
	return 3;
}

static int role_append(int argc, char **argv)
{
	int fd = open(argv[argc - 1], O_WRONLY | O_APPEND | O_CREAT, 0600);

	say(fd, argv[argc - 2]);
	return argv[argc - 2][1] == '!';
}

static int role_signal(int argc, char **argv)
{
	(void)argc;
	return raise((int)strtol(argv[2], NULL, 10));
}

/* A daemon that keeps the standard streams. */
static int role_daemon(int argc, char **argv)
{
	(void)argc;
	(void)argv;
	say(1, "before");
	if (fork() == 0) {
		(void)setsid();
		(void)sleep(20);
		_exit(0);
	}
	return 4;
}

static int role_flood(int argc, char **argv)
{
	static char block[1 << 16];

	(void)argc;
	(void)argv;
	memset(block, 'x', sizeof(block));
	for (int i = 0; i < 256; i++) {
		if (fd_write_all(1, block, sizeof(block)) < 0)
			return 93;
	}
	say(1, "the end");
	return 5;
}

/* Two processes that don't end; the second one's pid goes into the file. */
static int role_hang(int argc, char **argv)
{
	pid_t pid = fork();
	char text[32];

	if (pid != 0) {
		int fd = open(argv[argc - 1], O_WRONLY | O_CREAT | O_TRUNC, 0600);

		(void)snprintf(text, sizeof(text), "%d", (int)pid);
		say(fd, text);
		say(2, "waiting");
	}
	(void)sleep(60);
	return 0;
}

static const struct {
	const char *name;
	int (*play)(int argc, char **argv);
} roles[] = {
	{ "report", role_report }, { "fail", role_fail },     { "append", role_append },
	{ "signal", role_signal }, { "daemon", role_daemon }, { "flood", role_flood },
	{ "hang", role_hang },
};

/* --- the tests -------------------------------------------------------------------------------- */

static int set_up(void **state)
{
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

	(void)state;
	if (length < 0 || !mkdtemp(directory))
		return -1;
	(void)snprintf(record, sizeof(record), "%s/record", directory);
	return 0;
}

static int tear_down(void **state)
{
	struct error ignored;
	int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = file_remove_tree_at(tmp, strrchr(directory, '/') + 1, &ignored);

	(void)state;
	(void)close(tmp);
	return result;
}

static int forget(void **state)
{
	(void)state;
	(void)unlink(record);
	return 0;
}

static const char *recorded(void)
{
	static char text[65536];
	int fd = open(record, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	text[length < 0 ? 0 : length] = '\0';
	(void)close(fd);
	return text;
}

static struct string_list list(const char **items, size_t count)
{
	return (struct string_list){ .items = items, .count = count, .present = true };
}

#define LIST(...)                                                                                  \
	list((const char *[]){ __VA_ARGS__, NULL },                                                \
	     sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *))

static int run(enum hook_point point, struct hook_spec *hooks, size_t count)
{
	static const char *const inherited[] = { "PATH=/bin", "FROM=process", NULL };
	struct string_pair annotation = { "a.b/c", "d" };
	struct string_map annotations = { .items = &annotation, .count = 1 };
	const struct hook_list hook_list = { .items = hooks, .count = count };
	const struct state_document state = {
		.oci_version = "1.3.0",
		.id = "c1",
		.status = "creating",
		.pid = 42,
		.bundle = "/b",
		.annotations = &annotations,
	};

	err = (struct error){ 0 };
	return hooks_run(point, &hook_list, &state, directory, inherited, &err);
}

static double seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void no_hooks_are_no_work(void **state)
{
	(void)state;
	assert_int_equal(run(HOOK_PRESTART, NULL, 0), 0);
}

static void success_is_silent(void **state)
{
	struct hook_spec hooks[] = { { .path = "/bin/true" }, { .path = "/bin/true" } };

	(void)state;
	assert_int_equal(run(HOOK_CREATE_RUNTIME, hooks, 2), 0);
}

static void a_hook_gets_exactly_what_the_document_says(void **state)
{
	struct hook_spec hook = {
		.path = self,
		.args = LIST("argv0", "report", "x y", record),
		.env = LIST("A=1", "B=two words"),
	};
	int leaked = open("/", O_RDONLY | O_DIRECTORY);
	char expected[PATH_MAX + 64];

	(void)state;
	assert_true(leaked > 2);
	if (run(HOOK_CREATE_RUNTIME, &hook, 1) != 0)
		fail_msg("%s", err.text);
	(void)close(leaked);
	(void)snprintf(expected, sizeof(expected),
		       "arg argv0\narg report\narg x y\nenv A=1\nenv B=two words\ncwd %s\nstate ",
		       directory);
	assert_memory_equal(recorded(), expected, strlen(expected));
	assert_non_null(strstr(recorded(), "state {\"ociVersion\":\"1.3.0\",\"id\":\"c1\","
					   "\"status\":\"creating\",\"pid\":42,\"bundle\":\"/b\","
					   "\"annotations\":{\"a.b/c\":\"d\"}}\n"));
	assert_non_null(strstr(recorded(), "group own\n"));
	assert_null(strstr(recorded(), "\nfd "));
	assert_null(strstr(recorded(), "could be changed"));
}

/* Nor does one without a guard, in the container: descriptors that aren't close-on-exec are those
 * that --preserve-fds hands to the program. */
static void no_descriptor_reaches_a_hook_in_the_container(void **state)
{
	struct hook_spec hook = { .path = self, .args = LIST("argv0", "report", record) };
	int preserved = open("/", O_RDONLY | O_DIRECTORY);

	(void)state;
	assert_true(preserved > 2);
	if (run(HOOK_CREATE_CONTAINER, &hook, 1) != 0)
		fail_msg("%s", err.text);
	(void)close(preserved);
	assert_non_null(strstr(recorded(), "arg report\n"));
	assert_null(strstr(recorded(), "\nfd "));
}

static void arguments_default_to_the_path(void **state)
{
	struct hook_spec hook = { .path = "/bin/true", .args = { .present = true } };

	(void)state;
	assert_int_equal(run(HOOK_PRESTART, &hook, 1), 0);
}

/* decisions: no member env means an empty environment, but for startContainer */
static void only_start_container_inherits_an_environment(void **state)
{
	struct hook_spec hook = { .path = self, .args = LIST("argv0", "report", record) };

	(void)state;
	assert_int_equal(setenv("LEAKED", "from us", 1), 0);
	assert_int_equal(run(HOOK_START_CONTAINER, &hook, 1), 0);
	assert_non_null(strstr(recorded(), "env PATH=/bin\nenv FROM=process\ncwd "));
	(void)unlink(record);
	hook.env = LIST("A=1");
	assert_int_equal(run(HOOK_START_CONTAINER, &hook, 1), 0);
	assert_non_null(strstr(recorded(), "arg report\nenv A=1\ncwd "));
	(void)unlink(record);
	hook.env = (struct string_list){ .present = true };
	assert_int_equal(run(HOOK_START_CONTAINER, &hook, 1), 0);
	assert_non_null(strstr(recorded(), "arg report\ncwd "));
}

static int run_without_inherited(struct hook_spec *hook)
{
	const struct hook_list hook_list = { .items = hook, .count = 1 };
	const struct state_document state = {
		.oci_version = "1.3.0", .id = "c1", .status = "s", .bundle = "/b"
	};

	return hooks_run(HOOK_CREATE_RUNTIME, &hook_list, &state, directory, NULL, &err);
}

static void nothing_of_our_environment_leaks(void **state)
{
	struct hook_spec hook = { .path = self, .args = LIST("argv0", "report", record) };

	(void)state;
	assert_int_equal(setenv("LEAKED", "from us", 1), 0);
	assert_int_equal(run_without_inherited(&hook), 0);
	assert_non_null(strstr(recorded(), "arg report\ncwd "));
}

static void signals_are_as_a_new_program_expects_them(void **state)
{
	struct hook_spec hook = { .path = self, .args = LIST("argv0", "report", record) };
	sigset_t all, before;

	(void)state;
	(void)sigfillset(&all);
	assert_int_equal(sigprocmask(SIG_BLOCK, &all, &before), 0);
	(void)signal(SIGPIPE, SIG_IGN);
	(void)signal(SIGUSR1, SIG_IGN);
	assert_int_equal(run(HOOK_PRESTART, &hook, 1), 0);
	(void)signal(SIGPIPE, SIG_DFL);
	(void)signal(SIGUSR1, SIG_DFL);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
	assert_non_null(strstr(recorded(), "SigBlk:\t0000000000000000"));
	/* but for the two that glibc keeps for threads: its posix_spawn(3) ignores them */
	assert_true(strstr(recorded(), "SigIgn:\t0000000180000000") ||
		    strstr(recorded(), "SigIgn:\t0000000000000000"));
}

static void they_run_in_order_until_one_fails(void **state)
{
	struct hook_spec hooks[] = {
		{ .path = self, .args = LIST("argv0", "append", "a.", record) },
		{ .path = self, .args = LIST("argv0", "append", "b!", record) },
		{ .path = self, .args = LIST("argv0", "append", "c.", record) },
	};

	(void)state;
	assert_int_equal(run(HOOK_CREATE_CONTAINER, hooks, 3), -1);
	assert_string_equal(recorded(), "a.b!");
	assert_string_equal(
		err.text,
		"/hooks/createContainer/1: error running createContainer hook #1: exit status 1, "
		"stdout: , stderr: ");
}

static void poststop_goes_on_after_a_failure(void **state)
{
	struct hook_spec hooks[] = {
		{ .path = self, .args = LIST("argv0", "append", "a!", record) },
		{ .path = "/no/such/hook" },
		{ .path = self, .args = LIST("argv0", "append", "c.", record) },
	};

	(void)state;
	assert_int_equal(run(HOOK_POSTSTOP, hooks, 3), 0);
	assert_string_equal(recorded(), "a!c.");
}

static void a_failure_has_both_outputs(void **state)
{
	struct hook_spec hook = { .path = self, .args = LIST("argv0", "fail") };

	(void)state;
	assert_int_equal(run(HOOK_CREATE_RUNTIME, &hook, 1), -1);
	assert_string_equal(err.text, "/hooks/createRuntime/0: error running createRuntime hook "
				      "#0: exit status 3, stdout: some output, "
				      "stderr: first\tline\nsecond ?[31mred?");
}

static void a_signal_is_named(void **state)
{
	struct hook_spec hook = { .path = self, .args = LIST("argv0", "signal", "31") };

	(void)state;
	assert_int_equal(run(HOOK_START_CONTAINER, &hook, 1), -1);
	assert_non_null(
		strstr(err.text, "startContainer hook #0: signal: bad system call, stdout"));
	hook.args = LIST("argv0", "signal", "9");
	assert_int_equal(run(HOOK_START_CONTAINER, &hook, 1), -1);
	assert_non_null(strstr(err.text, "signal: killed, "));
}

static void what_can_t_be_executed_is_named(void **state)
{
	struct hook_spec hook = { .path = "/no/such/hook" };

	(void)state;
	assert_int_equal(run(HOOK_POSTSTART, &hook, 1), -1);
	assert_string_equal(err.text, "/hooks/poststart/0: error running poststart hook #0: start "
				      "/no/such/hook: is missing");
	hook.path = "/etc/passwd";
	assert_int_equal(run(HOOK_POSTSTART, &hook, 1), -1);
	/* podman would read its own exit code 126 into the literal text */
	assert_null(strstr(err.text, "ermission denied"));
}

static void a_working_directory_that_is_missing_is_named(void **state)
{
	struct hook_spec hook = { .path = "/bin/true" };
	const struct hook_list hook_list = { .items = &hook, .count = 1 };
	const struct state_document document = {
		.oci_version = "1.3.0", .id = "c1", .status = "s", .bundle = "/b"
	};

	(void)state;
	assert_int_equal(hooks_run(HOOK_PRESTART, &hook_list, &document, "/no/bundle", NULL, &err),
			 -1);
	assert_non_null(strstr(err.text, "/no/bundle"));
}

static void a_daemon_that_keeps_the_output_open_doesn_t_hold_us(void **state)
{
	struct hook_spec hook = { .path = self, .args = LIST("argv0", "daemon") };
	double from = seconds();

	(void)state;
	assert_int_equal(run(HOOK_PRESTART, &hook, 1), -1);
	assert_true(seconds() - from < 10);
	assert_string_equal(
		err.text,
		"/hooks/prestart/0: error running prestart hook #0: exit status 4, stdout: before, "
		"stderr: ");
}

static void endless_output_is_read_and_its_end_is_shown(void **state)
{
	struct hook_spec hook = { .path = self, .args = LIST("argv0", "flood") };

	(void)state;
	assert_int_equal(run(HOOK_PRESTART, &hook, 1), -1);
	assert_non_null(strstr(err.text, "exit status 5, stdout: ...xxx"));
	assert_non_null(strstr(err.text, "xxxthe end, stderr: "));
}

static bool has_ended(pid_t pid)
{
	struct process_status status;

	for (int i = 0; i < 100; i++) {
		if (process_read_status(pid, &status) < 0 || status.state == 'Z')
			return true;
		(void)usleep(20000);
	}
	return false;
}

static void a_timeout_ends_the_whole_group(void **state)
{
	struct hook_spec hook = {
		.path = self,
		.args = LIST("argv0", "hang", record),
		.timeout = { .present = true, .value = 1 },
	};
	double from = seconds();
	pid_t child;

	(void)state;
	assert_int_equal(run(HOOK_CREATE_RUNTIME, &hook, 1), -1);
	assert_true(seconds() - from > 0.9 && seconds() - from < 10);
	assert_string_equal(err.text, "/hooks/createRuntime/0: error running createRuntime hook "
				      "#0: ran past its timeout of "
				      "1 s, stdout: , stderr: waiting");
	child = (pid_t)strtol(recorded(), NULL, 10);
	assert_true(child > 0);
	assert_true(has_ended(child));
}

static void a_timeout_that_isn_t_reached_changes_nothing(void **state)
{
	struct hook_spec hook = {
		.path = "/bin/true",
		.timeout = { .present = true, .value = INT64_MAX },
	};

	(void)state;
	assert_int_equal(run(HOOK_CREATE_RUNTIME, &hook, 1), 0);
	hook.timeout.value = 30;
	assert_int_equal(run(HOOK_CREATE_RUNTIME, &hook, 1), 0);
}

static void no_descriptor_and_no_child_is_left(void **state)
{
	struct hook_spec hooks[] = { { .path = "/bin/true" }, { .path = "/bin/false" } };
	int before = dup(0), after;

	(void)state;
	(void)close(before);
	for (int i = 0; i < 20; i++)
		assert_int_equal(run(HOOK_PRESTART, hooks, 2), -1);
	after = dup(0);
	(void)close(after);
	assert_int_equal(before, after);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_hooks_are_no_work),
		cmocka_unit_test(success_is_silent),
		cmocka_unit_test_teardown(a_hook_gets_exactly_what_the_document_says, forget),
		cmocka_unit_test_teardown(no_descriptor_reaches_a_hook_in_the_container, forget),
		cmocka_unit_test(arguments_default_to_the_path),
		cmocka_unit_test_teardown(only_start_container_inherits_an_environment, forget),
		cmocka_unit_test_teardown(nothing_of_our_environment_leaks, forget),
		cmocka_unit_test_teardown(signals_are_as_a_new_program_expects_them, forget),
		cmocka_unit_test_teardown(they_run_in_order_until_one_fails, forget),
		cmocka_unit_test_teardown(poststop_goes_on_after_a_failure, forget),
		cmocka_unit_test(a_failure_has_both_outputs),
		cmocka_unit_test(a_signal_is_named),
		cmocka_unit_test(what_can_t_be_executed_is_named),
		cmocka_unit_test(a_working_directory_that_is_missing_is_named),
		cmocka_unit_test(a_daemon_that_keeps_the_output_open_doesn_t_hold_us),
		cmocka_unit_test(endless_output_is_read_and_its_end_is_shown),
		cmocka_unit_test_teardown(a_timeout_ends_the_whole_group, forget),
		cmocka_unit_test(a_timeout_that_isn_t_reached_changes_nothing),
		cmocka_unit_test(no_descriptor_and_no_child_is_left),
	};

	for (size_t i = 0; argc > 1 && i < sizeof(roles) / sizeof(roles[0]); i++) {
		if (strcmp(argv[1], roles[i].name) == 0)
			return roles[i].play(argc, argv);
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
