/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "cgroups/hierarchy.h"

static const char hybrid[] =
	"22 27 0:21 / /proc rw,relatime - proc proc rw\n"
	"31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755\n"
	"32 31 0:29 / /sys/fs/cgroup/cpu rw,relatime shared:5 - cgroup cgroup rw,cpu\n"
	"41 31 0:38 / /sys/fs/cgroup/unified rw,relatime shared:9 master:1 - cgroup2 cgroup2 rw\n";

static void the_v2_tree_of_a_hybrid_host_is_found(void **state)
{
	char root[PATH_MAX], mount[PATH_MAX];

	(void)state;
	assert_true(hierarchy_find_mount(hybrid, NULL, root, mount));
	assert_string_equal(mount, "/sys/fs/cgroup/unified");
	assert_string_equal(root, "/");
}

static void a_host_without_cgroup2_has_none(void **state)
{
	char root[PATH_MAX], mount[PATH_MAX];

	(void)state;
	assert_false(hierarchy_find_mount("22 27 0:21 / /cgroup2 rw - proc proc rw\n", NULL, root,
					  mount));
	assert_false(hierarchy_find_mount("", NULL, root, mount));
}

static void the_usual_place_is_preferred_and_the_later_mount_covers(void **state)
{
	static const char text[] = "1 1 0:1 / /opt/c rw - cgroup2 none rw\n"
				   "2 1 0:1 /a /sys/fs/cgroup rw - cgroup2 none rw\n"
				   "3 1 0:1 / /mnt rw - cgroup2 none rw\n"
				   "4 1 0:1 /b /sys/fs/cgroup rw - cgroup2 none rw";
	char root[PATH_MAX], mount[PATH_MAX];

	(void)state;
	assert_true(hierarchy_find_mount(text, NULL, root, mount));
	assert_string_equal(mount, "/sys/fs/cgroup");
	assert_string_equal(root, "/b");
	assert_true(hierarchy_find_mount(text, "/opt/c", root, mount));
	assert_string_equal(root, "/");
	assert_false(hierarchy_find_mount(text, "/opt", root, mount));
}

static void escaped_mount_points_are_read(void **state)
{
	char root[PATH_MAX], mount[PATH_MAX];

	(void)state;
	assert_true(hierarchy_find_mount("1 1 0:1 /x\\134y /a\\040b\\011c rw - cgroup2 none rw\n",
					 NULL, root, mount));
	assert_string_equal(mount, "/a b\tc");
	assert_string_equal(root, "/x\\y");
}

static void the_own_cgroup_is_the_line_of_hierarchy_0(void **state)
{
	char own[PATH_MAX];

	(void)state;
	assert_true(hierarchy_find_own("9:name=systemd:/s\n0::/user.slice/a\n", "/", own));
	assert_string_equal(own, "/user.slice/a");
	assert_true(hierarchy_find_own("0::/", "/", own));
	assert_string_equal(own, "/");
	assert_false(hierarchy_find_own("9:name=systemd:/s\n10::/x\n", "/", own));
}

static void the_own_cgroup_is_seen_from_what_is_mounted(void **state)
{
	char own[PATH_MAX];

	(void)state;
	assert_true(hierarchy_find_own("0::/docker/c/x\n", "/docker/c", own));
	assert_string_equal(own, "/x");
	assert_true(hierarchy_find_own("0::/docker/c\n", "/docker/c", own));
	assert_string_equal(own, "/");
	assert_true(hierarchy_find_own("0::/docker/cc\n", "/docker/c", own));
	assert_string_equal(own, "/");
	assert_true(hierarchy_find_own("0::/../other\n", "/", own));
	assert_string_equal(own, "/");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_v2_tree_of_a_hybrid_host_is_found),
		cmocka_unit_test(a_host_without_cgroup2_has_none),
		cmocka_unit_test(the_usual_place_is_preferred_and_the_later_mount_covers),
		cmocka_unit_test(escaped_mount_points_are_read),
		cmocka_unit_test(the_own_cgroup_is_the_line_of_hierarchy_0),
		cmocka_unit_test(the_own_cgroup_is_seen_from_what_is_mounted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
