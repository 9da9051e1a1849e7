/* SPDX-License-Identifier: Apache-2.0 */
/* base/path.c: against a real directory with hostile names in it */
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
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/path.h"

static char base[] = "/tmp/minirun-path-XXXXXX";
static int top = -1, root = -1;

/* top/ has outside/ (guarded) and root/ (the root file system) */
static int make_trees(void **state)
{
	(void)state;
	(void)strcpy(base + sizeof(base) - 7, "XXXXXX");
	if (!mkdtemp(base))
		return -1;
	top = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (mkdirat(top, "root", 0755) < 0 || mkdirat(top, "outside", 0755) < 0)
		return -1;
	root = openat(top, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return root < 0 ? -1 : 0;
}

static int remove_trees(void **state)
{
	struct error err;

	(void)state;
	fd_close(&root);
	fd_close(&top);
	autofd parent = open("/tmp", O_PATH | O_CLOEXEC);

	return file_remove_tree_at(parent, base + strlen("/tmp/"), &err);
}

static void link_to(const char *target, const char *name)
{
	assert_int_equal(symlinkat(target, root, name), 0);
}

static bool exists(int dir, const char *name, mode_t type)
{
	struct stat attributes;

	return fstatat(dir, name, &attributes, AT_SYMLINK_NOFOLLOW) == 0 &&
	       (attributes.st_mode & S_IFMT) == type;
}

static void outside_is_untouched(void)
{
	assert_int_equal(unlinkat(top, "outside", AT_REMOVEDIR), 0);
	assert_int_equal(mkdirat(top, "outside", 0755), 0);
}

static void missing_directories_are_made(void **state)
{
	struct error err;
	autofd fd = path_make_directory(root, "/a/b//./c/", 0700, &err);
	struct stat attributes;

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(fstatat(root, "a/b/c", &attributes, 0), 0);
	assert_int_equal(attributes.st_mode & 0777, 0700);
	assert_int_equal(fstatat(root, "a", &attributes, 0), 0);
	assert_int_equal(attributes.st_mode & 0777, 0755);
}

static void dot_dot_never_leaves_the_root(void **state)
{
	struct error err;
	autofd fd = path_make_directory(root, "../../x/../../y/z", 0755, &err);

	(void)state;
	assert_true(fd >= 0);
	assert_true(exists(root, "y/z", S_IFDIR));
	assert_false(exists(top, "y", S_IFDIR));
}

static void dangling_links_are_completed_inside_the_root(void **state)
{
	struct error err;
	char target[PATH_MAX];
	autofd fd = -1;

	(void)state;
	(void)snprintf(target, sizeof(target), "%s/outside", base);
	link_to(target, "absolute");
	link_to("../../outside/deep", "relative");
	fd = path_make_directory(root, "absolute/new", 0755, &err);
	assert_true(fd >= 0);
	fd_close(&fd);
	fd = path_make_directory(root, "relative", 0755, &err);
	assert_true(fd >= 0);
	assert_true(exists(root, "outside/deep", S_IFDIR));
	(void)snprintf(target, sizeof(target), "%s/outside/new", base + 1);
	assert_true(exists(root, target, S_IFDIR));
	outside_is_untouched();
}

static void files_are_made_behind_links_only_inside_the_root(void **state)
{
	struct error err;
	char target[PATH_MAX];
	autofd fd = -1;

	(void)state;
	(void)snprintf(target, sizeof(target), "%s/outside/file", base);
	link_to(target, "link");
	fd = path_make_file(root, "/link", 0600, &err);
	assert_true(fd >= 0);
	assert_true(exists(root, target + 1, S_IFREG));
	assert_true(exists(root, "link", S_IFLNK));
	outside_is_untouched();
}

static void link_loops_end_with_an_error(void **state)
{
	struct error err;

	(void)state;
	link_to("b/x", "a");
	link_to("a/x", "b");
	assert_int_equal(path_make_directory(root, "a/c", 0755, &err), -1);
	assert_int_equal(err.code, ELOOP);
	link_to("missing/../self/x", "self");
	assert_int_equal(path_make_directory(root, "self", 0755, &err), -1);
	assert_int_equal(err.code, ELOOP);
}

static void objects_of_another_kind_are_errors(void **state)
{
	struct error err;
	autofd fd = path_make_file(root, "file", 0644, &err);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(path_make_directory(root, "file", 0755, &err), -1);
	assert_int_equal(err.code, ENOTDIR);
	assert_int_equal(path_make_directory(root, "file/below", 0755, &err), -1);
	assert_int_equal(err.code, ENOTDIR);
	assert_int_equal(path_make_file(root, "/", 0644, &err), -1);
	assert_int_equal(err.code, EISDIR);
}

static void existing_objects_are_opened_as_they_are(void **state)
{
	struct error err;
	struct stat attributes;
	autofd fd = -1;

	(void)state;
	assert_int_equal(mkdirat(root, "d", 0700), 0);
	fd = path_make_directory(root, "d", 0755, &err);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &attributes), 0);
	assert_int_equal(attributes.st_mode & 0777, 0700);
	fd_close(&fd);
	fd = path_make_directory(root, "/", 0755, &err);
	assert_true(fd >= 0);
}

static void a_parent_comes_with_the_last_name(void **state)
{
	struct error err;
	char name[NAME_MAX + 1];
	autofd fd = path_make_parent(root, "/dev/sub/null/", name, &err);

	(void)state;
	assert_true(fd >= 0);
	assert_string_equal(name, "null");
	assert_true(exists(root, "dev/sub", S_IFDIR));
	assert_false(exists(root, "dev/sub/null", S_IFDIR));
	fd_close(&fd);
	fd = path_make_parent(root, "top", name, &err);
	assert_true(fd >= 0);
	assert_string_equal(name, "top");
	assert_int_equal(path_make_parent(root, "/a/..", name, &err), -1);
	assert_int_equal(path_make_parent(root, "/", name, &err), -1);
	assert_int_equal(path_make_parent(root, ".", name, &err), -1);
}

static void strict_opening_accepts_no_link(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(mkdirat(root, "real", 0755), 0);
	link_to("real", "dev");
	assert_int_equal(path_open_strict(root, "/dev", O_PATH, &err), -1);
	assert_int_equal(err.code, ELOOP);

	autofd fd = path_open_strict(root, "/real", O_PATH | O_DIRECTORY, &err);

	assert_true(fd >= 0);
}

static void opening_stays_inside_the_root(void **state)
{
	struct error err;

	(void)state;
	link_to("/etc", "link");
	assert_int_equal(path_open(root, "link/passwd", O_RDONLY, &err), -1);
	assert_int_equal(err.code, ENOENT);
	assert_string_equal(err.text, "open link/passwd in the root file system: is missing");
	assert_int_equal(path_open_quiet(root, "../../../etc/passwd", O_RDONLY), -1);
	assert_int_equal(errno, ENOENT);
}

static void names_that_are_too_long_are_refused(void **state)
{
	struct error err;
	char name[NAME_MAX + 3], path[2 * PATH_MAX];

	(void)state;
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(path_make_directory(root, name, 0755, &err), -1);
	assert_int_equal(err.code, ENAMETOOLONG);
	for (size_t i = 0; i < sizeof(path); i++)
		path[i] = i % 2 ? '/' : 'd';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(path_make_file(root, path, 0644, &err), -1);
	assert_int_equal(err.code, ENAMETOOLONG);
}

static void below_is_decided_by_components(void **state)
{
	(void)state;
	assert_true(path_is_below("/a/b", "/a"));
	assert_true(path_is_below("/a", "/a/"));
	assert_true(path_is_below("//a/./b", "/a/b/."));
	assert_true(path_is_below("/a", "/"));
	assert_false(path_is_below("/ab", "/a"));
	assert_false(path_is_below("/a", "/a/b"));
}

static void cleaning_is_lexical(void **state)
{
	static const char *const pairs[][2] = {
		{ "/", "/" },
		{ "", "/" },
		{ "a//b/", "/a/b" },
		{ "/a/../../b", "/b" },
		{ "/./a/./b/..", "/a" },
		{ "..", "/" },
		{ "/..a/.b/...", "/..a/.b/..." },
	};
	char result[PATH_MAX], path[PATH_MAX + 2];

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_true(path_clean(pairs[i][0], result));
		assert_string_equal(result, pairs[i][1]);
	}
	memset(path, 'a', sizeof(path));
	path[PATH_MAX - 1] = '\0';
	assert_false(path_clean(path, result));
	path[PATH_MAX - 2] = '\0';
	assert_true(path_clean(path, result));
}

static void two_mounts_have_two_ids(void **state)
{
	struct error err;
	autofd proc = open("/proc", O_PATH | O_CLOEXEC);
	uint64_t one = 0, two = 0;

	(void)state;
	assert_int_equal(path_mount_id(root, &one, &err), 0);
	assert_int_equal(path_mount_id(proc, &two, &err), 0);
	assert_true(one != two);
}

#define WITH_TREES(test) cmocka_unit_test_setup_teardown(test, make_trees, remove_trees)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_TREES(missing_directories_are_made),
		WITH_TREES(dot_dot_never_leaves_the_root),
		WITH_TREES(dangling_links_are_completed_inside_the_root),
		WITH_TREES(files_are_made_behind_links_only_inside_the_root),
		WITH_TREES(link_loops_end_with_an_error),
		WITH_TREES(objects_of_another_kind_are_errors),
		WITH_TREES(existing_objects_are_opened_as_they_are),
		WITH_TREES(a_parent_comes_with_the_last_name),
		WITH_TREES(strict_opening_accepts_no_link),
		WITH_TREES(opening_stays_inside_the_root),
		WITH_TREES(names_that_are_too_long_are_refused),
		cmocka_unit_test(below_is_decided_by_components),
		cmocka_unit_test(cleaning_is_lexical),
		WITH_TREES(two_mounts_have_two_ids),
	};

	(void)umask(022);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
