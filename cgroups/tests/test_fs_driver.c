/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "cgroups/fs_driver.h"

static struct arena arena;

static const char *place(const char *own, const char *cgroups_path, struct error *err)
{
	const struct hierarchy hierarchy = { "/sys/fs/cgroup", own };

	return fs_driver_place(&hierarchy, cgroups_path, "c1", &arena, err);
}

static void paths_lie_where_the_rules_put_them(void **state)
{
	static const struct {
		const char *own, *given, *expected;
	} cases[] = {
		{ NULL, "/a/b", "/sys/fs/cgroup/a/b" },
		{ "/x/y", "/a/b", "/sys/fs/cgroup/a/b" },
		{ NULL, "//a/./b//", "/sys/fs/cgroup/a/b" },
		{ "/x/y", "a/b", "/sys/fs/cgroup/x/a/b" },
		{ "/x", "a", "/sys/fs/cgroup/a" },
		{ "/", "a", "/sys/fs/cgroup/a" },
		{ "/", NULL, "/sys/fs/cgroup/minirun-c1" },
		{ "/x", NULL, "/sys/fs/cgroup/minirun-c1" },
		{ "/x/y/z", NULL, "/sys/fs/cgroup/x/y/minirun-c1" },
		{ "/", "system.slice:libpod:c1", "/sys/fs/cgroup/system.slice:libpod:c1" },
		{ "/", "/a/..b/...", "/sys/fs/cgroup/a/..b/..." },
	};
	struct error err;

	(void)state;
	table_for_each (row, cases)
		assert_string_equal(place(row->own, row->given, &err), row->expected);
}

static void ways_out_of_the_hierarchy_are_refused(void **state)
{
	static const char *const paths[] = { "..",	"/..",	"../x", "/a/../../x",
					     "/a/b/..", "a/..", "/../", "x//..//" };
	struct error err;

	(void)state;
	table_for_each (path, paths) {
		assert_null(place("/x/y", *path, &err));
		assert_non_null(strstr(err.text, "/linux/cgroupsPath: \"..\" is not allowed"));
	}
}

static void the_root_of_the_hierarchy_is_refused(void **state)
{
	struct error err;

	(void)state;
	assert_null(place("/x/y", "/", &err));
	assert_null(place("/x/y", "//.", &err));
	assert_null(place("/", "./", &err));
	assert_string_equal(err.text, "/linux/cgroupsPath: names the root of the hierarchy: ./");
}

static void a_newline_is_refused(void **state)
{
	struct error err;

	(void)state;
	assert_null(place("/", "/a\nb", &err));
}

static void a_path_that_is_too_long_is_refused(void **state)
{
	static char path[5000];
	struct error err;

	(void)state;
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	assert_null(place("/", path, &err));
	assert_string_equal(err.text, "/linux/cgroupsPath: is too long");
}

static int free_arena(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_lie_where_the_rules_put_them),
		cmocka_unit_test(ways_out_of_the_hierarchy_are_refused),
		cmocka_unit_test(the_root_of_the_hierarchy_is_refused),
		cmocka_unit_test(a_newline_is_refused),
		cmocka_unit_test(a_path_that_is_too_long_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, free_arena);
}
