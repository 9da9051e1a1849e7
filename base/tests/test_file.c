/* SPDX-License-Identifier: Apache-2.0 */
/* base/file.c */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"

static char base[] = "/tmp/minirun-file-XXXXXX";
static int dir = -1;

static int make_directory(void **state)
{
	(void)state;
	(void)strcpy(base + sizeof(base) - 7, "XXXXXX");
	if (!mkdtemp(base))
		return -1;
	dir = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -1 : 0;
}

static int remove_directory(void **state)
{
	struct error err;

	(void)state;
	fd_close(&dir);
	autofd parent = open("/tmp", O_PATH | O_CLOEXEC);

	return file_remove_tree_at(parent, base + strlen("/tmp/"), &err);
}

static int count_entries(void)
{
	autodir stream = opendir(base);
	int count = 0;

	while (readdir(stream))
		count++;
	return count - 2;
}

static void replacing_leaves_the_new_content_and_nothing_else(void **state)
{
	autofree char *data = NULL;
	struct error err;
	struct stat attributes;
	size_t length;

	(void)state;
	assert_int_equal(file_replace_at(dir, "f", "a long first text", 17, 0600, 1, &err), 0);
	assert_int_equal(file_replace_at(dir, "f", "short", 5, 0600, 0, &err), 0);
	assert_int_equal(file_read_at(dir, "f", 100, &data, &length, &err), 0);
	assert_string_equal(data, "short");
	assert_int_equal(length, 5);
	assert_int_equal(count_entries(), 1);
	assert_int_equal(fstatat(dir, "f", &attributes, 0), 0);
	assert_int_equal(attributes.st_mode & 0777, 0600);
}

static void a_left_temporary_file_is_no_obstacle(void **state)
{
	char name[64];
	struct error err;

	(void)state;
	(void)snprintf(name, sizeof(name), ".f.%d.0", (int)getpid());
	assert_true(mknodat(dir, name, S_IFREG | 0600, 0) == 0);
	assert_int_equal(file_replace_at(dir, "f", "x", 1, 0600, 0, &err), 0);
}

static void replacing_over_a_directory_fails_and_cleans_up(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(mkdirat(dir, "d", 0700), 0);
	assert_int_equal(file_replace_at(dir, "d", "x", 1, 0600, 0, &err), -1);
	assert_int_equal(err.code, EISDIR);
	assert_int_equal(count_entries(), 1);
}

static void a_path_names_its_directory_in_errors(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(file_replace("/nonexistent/pid", "1", 1, 0644, &err), -1);
	assert_string_equal(err.text, "write /nonexistent/pid: open its directory: is missing");
	assert_int_equal(file_replace("/tmp/", "1", 1, 0644, &err), -1);
}

static void a_relative_path_is_below_the_current_directory(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(chdir(base), 0);
	assert_int_equal(file_replace("pid", "1", 1, 0644, &err), 0);
	assert_int_equal(chdir("/"), 0);
	assert_int_equal(faccessat(dir, "pid", F_OK, 0), 0);
}

static void files_above_the_limit_are_refused(void **state)
{
	autofree char *data = NULL;
	struct error err;

	(void)state;
	assert_int_equal(file_replace_at(dir, "f", "12345", 5, 0600, 0, &err), 0);
	assert_int_equal(file_read_at(dir, "f", 4, &data, NULL, &err), -1);
	assert_string_equal(err.text, "read f: more than 4 bytes");
	assert_int_equal(file_read_at(dir, "g", 4, &data, NULL, &err), -1);
	assert_string_equal(err.text, "open g: is missing");
}

static void writing_does_not_create(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(file_write_at(dir, "new", "1", &err), -1);
	assert_int_equal(count_entries(), 0);
}

static void trees_are_removed_without_following_links(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(mkdirat(dir, "kept", 0700), 0);
	assert_int_equal(mkdirat(dir, "kept/inside", 0700), 0);
	assert_int_equal(mkdirat(dir, "t", 0700), 0);
	assert_int_equal(mkdirat(dir, "t/u", 0700), 0);
	assert_int_equal(mknodat(dir, "t/u/f", S_IFREG | 0600, 0), 0);
	assert_int_equal(symlinkat("../kept", dir, "t/link"), 0);
	assert_int_equal(file_remove_tree_at(dir, "t", &err), 0);
	assert_int_equal(faccessat(dir, "t", F_OK, 0), -1);
	assert_int_equal(faccessat(dir, "kept/inside", F_OK, 0), 0);
	assert_int_equal(file_remove_tree_at(dir, "t", &err), 0);
}

#define WITH_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, make_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_DIRECTORY(replacing_leaves_the_new_content_and_nothing_else),
		WITH_DIRECTORY(a_left_temporary_file_is_no_obstacle),
		WITH_DIRECTORY(replacing_over_a_directory_fails_and_cleans_up),
		cmocka_unit_test(a_path_names_its_directory_in_errors),
		WITH_DIRECTORY(a_relative_path_is_below_the_current_directory),
		WITH_DIRECTORY(files_above_the_limit_are_refused),
		WITH_DIRECTORY(writing_does_not_create),
		WITH_DIRECTORY(trees_are_removed_without_following_links),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
