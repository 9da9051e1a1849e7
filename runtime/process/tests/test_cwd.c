/* SPDX-License-Identifier: Apache-2.0 */
/* process.cwd: where it may lead, in a root that is this machine's own. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "runtime/process/process.h"

static char directory[] = "/tmp/minirun-cwd-XXXXXX";
static struct error err;
static bool entered;

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
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

static const char *in_directory(const char *name)
{
	static char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	return path;
}

static void an_existing_directory_is_entered(void **state)
{
	char now[PATH_MAX];

	(void)state;
	assert_int_equal(cwd_enter(directory, &entered, &err), 0);
	assert_true(entered);
	assert_non_null(getcwd(now, sizeof(now)));
	assert_string_equal(now, directory);
	assert_int_equal(cwd_enter("/", &entered, &err), 0);
	assert_true(entered);
}

static void a_missing_one_is_made_where_that_is_asked_for(void **state)
{
	struct stat attributes;
	mode_t before = umask(0077);

	(void)state;
	assert_int_equal(cwd_change(in_directory("new/deep"), &entered, &err), -1);
	assert_non_null(strstr(err.text, "chdir to cwd (\"/tmp/minirun-cwd-"));
	assert_non_null(strstr(
		err.text, "/new/deep\") set in config.json failed: no such file or directory"));
	assert_int_equal(stat(in_directory("new"), &attributes), -1);
	(void)umask(0022);
	assert_int_equal(cwd_enter(in_directory("new/deep"), &entered, &err), 0);
	(void)umask(before);
	assert_int_equal(stat(".", &attributes), 0);
	assert_int_equal(attributes.st_mode & 07777, 0755);
	assert_int_equal(cwd_enter("/", &entered, &err), 0);
}

static void a_file_is_none(void **state)
{
	int fd = open(in_directory("file"), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	(void)state;
	(void)close(fd);
	assert_int_equal(cwd_enter(in_directory("file"), &entered, &err), -1);
	assert_non_null(strstr(err.text, "failed: not a directory"));
	assert_int_equal(cwd_enter(in_directory("file/below"), &entered, &err), -1);
}

/* CVE-2024-21626 */
static void descriptors_of_the_runtime_lead_nowhere(void **state)
{
	int leaked = open("/", O_RDONLY | O_DIRECTORY);
	char name[64];

	(void)state;
	assert_true(leaked >= 0);
	for (int fd = 0; fd <= 64; fd++) {
		(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
		assert_int_equal(cwd_enter(name, NULL, &err), -1);
		(void)snprintf(name, sizeof(name), "/proc/self/fd/%d/etc", fd);
		assert_int_equal(cwd_enter(name, NULL, &err), -1);
	}
	assert_int_equal(cwd_enter("/proc/self/cwd", NULL, &err), -1);
	assert_int_equal(cwd_enter("/proc/self/root/etc", NULL, &err), -1);
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", leaked);
	assert_int_equal(symlink(name, in_directory("link")), 0);
	assert_int_equal(cwd_enter(in_directory("link"), NULL, &err), -1);
	assert_int_equal(cwd_enter(in_directory("link/etc"), NULL, &err), -1);
	(void)close(leaked);
}

/* What getcwd(2) is asked for: here the root is gone after the process went there. A directory that
 * is moved out of it between openat2(2) and fchdir(2) would be the other case. */
static void a_directory_without_a_name_is_refused(void **state)
{
	const int above = open(in_directory("."), O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *root = in_directory("gone");
	int status;
	pid_t child;

	(void)state;
	assert_true(above >= 0);
	assert_int_equal(mkdir(root, 0755), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		if (chroot(root) < 0)
			_exit(77);
		if (unlinkat(above, "gone", AT_REMOVEDIR) < 0)
			_exit(1);
		if (cwd_enter("/", NULL, &err) == 0 || err.code != ENOENT)
			_exit(2);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	(void)close(above);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
		assert_int_equal(rmdir(root), 0);
		print_message("skip: chroot(2) needs root\n");
		skip();
	}
	assert_int_equal(status, 0);
}

static void a_refusal_may_be_tried_again_later(void **state)
{
	(void)state;
	if (geteuid() == 0) {
		print_message("skip: root may do it all: needs another user\n");
		skip();
	}
	assert_int_equal(mkdir(in_directory("closed"), 0), 0);
	entered = true;
	assert_int_equal(cwd_enter(in_directory("closed"), &entered, &err), 0);
	assert_false(entered);
	assert_int_equal(cwd_enter(in_directory("closed"), NULL, &err), -1);
	assert_non_null(strstr(err.text, "failed: permission denied"));
	assert_int_equal(err.code, EACCES);
	assert_int_equal(chmod(in_directory("closed"), 0700), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_existing_directory_is_entered),
		cmocka_unit_test(a_missing_one_is_made_where_that_is_asked_for),
		cmocka_unit_test(a_file_is_none),
		cmocka_unit_test(descriptors_of_the_runtime_lead_nowhere),
		cmocka_unit_test(a_directory_without_a_name_is_refused),
		cmocka_unit_test(a_refusal_may_be_tried_again_later),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
