/* SPDX-License-Identifier: Apache-2.0 */
/* process.env: one value a name, in order, in linear time; HOME from a password file. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "runtime/process/process.h"

static struct arena arena;

static int release(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct process_spec with(const char **items, size_t count)
{
	struct process_spec process = { .present = true };

	process.env = (struct string_list){ .items = items, .count = count, .present = true };
	return process;
}

#define WITH(...)                                                                                  \
	with((const char *[]){ __VA_ARGS__ },                                                      \
	     sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *))

static void is(const char *const *env, const char *const *expected)
{
	for (; *expected; expected++, env++) {
		assert_non_null(*env);
		assert_string_equal(*env, *expected);
	}
	assert_null(*env);
}

#define IS(env, ...) is(env, (const char *const[]){ __VA_ARGS__, NULL })

static void entries_keep_their_order(void **state)
{
	struct process_spec process = WITH("B=1", "A=2", "C=", "D=x=y", "E=two\nlines");
	struct error err;

	(void)state;
	IS(env_plan(&process, 0, &arena, &err), "B=1", "A=2", "C=", "D=x=y", "E=two\nlines");
}

static void no_entries_are_an_empty_environment(void **state)
{
	struct process_spec process = { .present = true };
	struct error err;
	const char **env = env_plan(&process, 0, &arena, &err);

	(void)state;
	assert_non_null(env);
	assert_null(env[0]);
}

static void the_last_of_equal_names_wins_at_the_place_of_the_first(void **state)
{
	struct process_spec process = WITH("A=1", "B=1", "A=2", "AB=1", "A=3", "B=2");
	struct error err;

	(void)state;
	IS(env_plan(&process, 0, &arena, &err), "A=3", "B=2", "AB=1");
}

static void entries_that_name_nothing_are_refused(void **state)
{
	static const char *const wrong[] = { "", "A", "=", "=1", "PATH" };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct process_spec process = WITH("A=1", wrong[i]);
		struct error err;

		assert_null(env_plan(&process, 0, &arena, &err));
		assert_non_null(strstr(err.text, "/process/env/1"));
	}
}

static void passed_sockets_are_announced(void **state)
{
	struct process_spec process = WITH("LISTEN_PID=77", "A=1");
	struct error err;

	(void)state;
	IS(env_plan(&process, 2, &arena, &err), "LISTEN_PID=1", "A=1", "LISTEN_FDS=2");
}

static void plan_many(size_t count, size_t names)
{
	const char **items = calloc(count, sizeof(*items));
	struct process_spec process;
	struct error err;
	const char **env;
	size_t got = 0;

	for (size_t i = 0; i < count; i++)
		items[i] = arena_format(&arena, "VARIABLE_NUMBER_%zu=%zu", i % names, i);
	process = with(items, count);
	env = env_plan(&process, 0, &arena, &err);
	assert_non_null(env);
	while (env[got])
		got++;
	assert_int_equal(got, names);
	free(items);
}

/* A search that looks at all earlier names for each would not come to an end within the timeout. */
static void many_entries_are_no_burden(void **state)
{
	(void)state;
	plan_many(300000, 300000);
	plan_many(100000, 3);
}

/* --- HOME ------------------------------------------------------------------------------------- */

static char directory[] = "/tmp/minirun-env-XXXXXX";
static char passwd[64];

static int make_directory(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	(void)snprintf(passwd, sizeof(passwd), "%s/passwd", directory);
	return 0;
}

static int remove_directory(void **state)
{
	(void)state;
	(void)unlink(passwd);
	return rmdir(directory);
}

static void write_passwd(const char *text)
{
	int fd;

	(void)unlink(passwd);
	fd = open(passwd, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(fd_write_all(fd, text, strlen(text)), 0);
	(void)close(fd);
}

static void home_is_found_by_number(void **state)
{
	(void)state;
	write_passwd("root:x:0:0:root:/root:/bin/sh\n"
		     "other:x:1001:1000::/home/gid-is-no-uid:/bin/sh\n"
		     "app:x:1000:1000:App,,,:/home/app:/bin/sh\n"
		     "again:x:1000:1000::/home/second:/bin/sh\n"
		     "short:x:1002\n"
		     "empty:x:1003:1::: \n"
		     "noshell:x:1004:1::/srv\n"
		     "last:x:1005:1::/at/end");
	assert_string_equal(env_find_home(passwd, 0, &arena), "/root");
	assert_string_equal(env_find_home(passwd, 1000, &arena), "/home/app");
	assert_string_equal(env_find_home(passwd, 1004, &arena), "/srv");
	assert_string_equal(env_find_home(passwd, 1005, &arena), "/at/end");
	assert_null(env_find_home(passwd, 1002, &arena));
	assert_null(env_find_home(passwd, 1003, &arena));
	assert_null(env_find_home(passwd, 4242, &arena));
}

static void odd_password_lines_match_nobody(void **state)
{
	(void)state;
	write_passwd("a:x::0::/empty-uid:\nb:x:-0:0::/minus:\nc:x: 0:0::/blank:\nd:x:0x0:0::/hex:\n"
		     "\n:\n:::::::::\n+::::::\ne:x:4294967296:0::/wrapped:\n");
	assert_null(env_find_home(passwd, 0, &arena));
}

static void only_a_small_regular_file_is_read(void **state)
{
	struct stat attributes;

	(void)state;
	(void)unlink(passwd);
	assert_null(env_find_home(passwd, 0, &arena));
	assert_int_equal(mkfifo(passwd, 0644), 0);
	assert_null(env_find_home(passwd, 0, &arena)); /* and doesn't wait for a writer */
	(void)unlink(passwd);
	assert_int_equal(symlink("/dev/zero", passwd), 0);
	assert_null(env_find_home(passwd, 0, &arena));
	(void)unlink(passwd);
	assert_int_equal(symlink(passwd, passwd), 0);
	assert_null(env_find_home(passwd, 0, &arena));
	write_passwd("root:x:0:0::/root:\n");
	assert_int_equal(truncate(passwd, (off_t)10 << 30), 0);
	assert_int_equal(stat(passwd, &attributes), 0);
	assert_null(env_find_home(passwd, 0, &arena));
	assert_null(env_find_home(directory, 0, &arena));
}

static void a_home_of_its_own_stays(void **state)
{
	const char *env[] = { "A=1", "HOME=/x", NULL };
	struct error err;

	(void)state;
	assert_ptr_equal(env_add_home(env, 0, &arena, &err), env);
}

static void a_missing_or_empty_home_is_replaced(void **state)
{
	const char *missing[] = { "A=1", "HOMEY=2", NULL };
	const char *empty[] = { "HOME=", "A=1", NULL };
	struct error err;

	(void)state;
	/* nobody has this number */
	IS(env_add_home(missing, 4123456789U, &arena, &err), "A=1", "HOMEY=2", "HOME=/");
	IS(env_add_home(empty, 4123456789U, &arena, &err), "HOME=/", "A=1");
}

static void args_and_env_have_a_limit_together(void **state)
{
	const char *args[] = { "1234567", "" };
	const char *env[] = { "A=345", NULL };
	struct rlimit_spec rlimit = { "RLIMIT_STACK", (uint64_t)1 << 20, (uint64_t)1 << 20 };
	struct process_spec process = { .present = true, .args = { args, 2, true } };
	const size_t sum = 8 + 1 + 6 + 3 * sizeof(char *);
	static char large[262144 + 1];
	struct error err;

	(void)state;
	assert_int_equal(arguments_check(&process, env, 0, &err), 0);
	memset(large, 'x', 131072 - sum);
	args[1] = large;
	assert_int_equal(arguments_check(&process, env, 0, &err), 0);
	large[131072 - sum] = 'x';
	assert_int_equal(arguments_check(&process, env, 0, &err), -1);
	assert_non_null(strstr(err.text, "/process/args: start will fail: "));
	assert_non_null(strstr(err.text, " have 131073 bytes, and the kernel takes 131072 "));
	assert_int_equal(arguments_check(&process, env, UINT64_MAX, &err), 0);
	process.rlimits.items = &rlimit;
	process.rlimits.count = 1;
	memset(large, 'x', 262144 - sum);
	assert_int_equal(arguments_check(&process, env, 0, &err), 0);
	large[262144 - sum] = 'x';
	assert_int_equal(arguments_check(&process, env, UINT64_MAX, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(entries_keep_their_order, release),
		cmocka_unit_test_teardown(no_entries_are_an_empty_environment, release),
		cmocka_unit_test_teardown(the_last_of_equal_names_wins_at_the_place_of_the_first,
					  release),
		cmocka_unit_test_teardown(entries_that_name_nothing_are_refused, release),
		cmocka_unit_test_teardown(passed_sockets_are_announced, release),
		cmocka_unit_test_teardown(many_entries_are_no_burden, release),
		cmocka_unit_test_teardown(home_is_found_by_number, release),
		cmocka_unit_test_teardown(odd_password_lines_match_nobody, release),
		cmocka_unit_test_teardown(only_a_small_regular_file_is_read, release),
		cmocka_unit_test_teardown(a_home_of_its_own_stays, release),
		cmocka_unit_test_teardown(a_missing_or_empty_home_is_replaced, release),
		cmocka_unit_test(args_and_env_have_a_limit_together),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
