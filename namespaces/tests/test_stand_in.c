/* SPDX-License-Identifier: Apache-2.0 */
/* What a rehearsal changes in a plan, so that nothing of the host is written to. */
#include "namespaces/stand_in.h"

#include <errno.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>

#include <cmocka.h>

#include "base/table.h"
#include "namespaces/mount.h"

static struct arena arena;
static struct error err;
static struct rootfs rootfs;
static struct container_spec spec;
static struct namespace_plan namespaces = { .create = CLONE_NEWNS };
static struct mount_spec one;
static const char *words[3];

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* What stand_in_plan() says of one mount with these words. */
static bool fits(const char *type, const char *source, const char *first, const char *second)
{
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
		namespaces.fd[kind] = -1;
	words[0] = first;
	words[1] = second;
	one = (struct mount_spec){
		.destination = "/m",
		.type = type,
		.source = source,
		.options = { words, (size_t)((first ? 1 : 0) + (second ? 1 : 0)), true },
	};
	spec.root.path = "/r";
	spec.mounts.items = &one;
	spec.mounts.count = 1;
	assert_int_equal(rootfs_plan(&rootfs, &spec, "/b", &namespaces, false, &arena, &err), 0);
	return stand_in_plan(&rootfs);
}

static void what_is_bound_gets_no_mount_point(void **state)
{
	(void)state;
	assert_false(fits(NULL, "/etc", "bind", "ro"));
	assert_false(rootfs.mounts[0].options.own.set & MOUNT_ATTR_RDONLY);
	assert_true(rootfs.mounts[0].options.exact);
}

static void a_remount_changes_no_file_system(void **state)
{
	(void)state;
	assert_false(fits(NULL, NULL, "remount", "size=1"));
	assert_int_equal(rootfs.mounts[0].options.data_count, 0);
	assert_false(fits(NULL, NULL, "remount", "sync"));
	assert_int_equal(rootfs.mounts[0].options.superblock, 0);
	assert_false(fits(NULL, NULL, "remount", "rrw"));
	assert_false(rootfs.mounts[0].options.tree.clear & MOUNT_ATTR_RDONLY);
}

static void a_tmpfs_stands_for_what_is_outside(void **state)
{
	static const char *const outside[] = { "ext4",	  "nfs",       "fuse",	  "9p",
					       "no-such", "cgroup",    "cgroup2", "debugfs",
					       "tracefs", "securityfs" };

	(void)state;
	table_for_each (type, outside) {
		assert_true(fits(*type, "x", "ro", NULL));
		assert_string_equal(rootfs.mounts[0].type, "tmpfs");
		assert_int_equal(rootfs.mounts[0].kind, MOUNT_KIND_FILESYSTEM);
	}
	assert_true(fits("overlay", "x", "lowerdir=relative", "upperdir=/u"));
	assert_string_equal(rootfs.mounts[0].type, "tmpfs");
	assert_false(fits("tmpfs", "x", "size=4k", NULL));
	assert_int_equal(rootfs.mounts[0].options.data_count, 1);
}

static void what_could_not_be_written_says_nothing(void **state)
{
	struct error read_only = { .code = EROFS }, missing = { .code = ENOENT };

	(void)state;
	assert_true(stand_in_is_unknown(&read_only));
	assert_false(stand_in_is_unknown(&missing));
}

static void a_copy_without_a_size_is_not_made(void **state)
{
	(void)state;
	assert_true(fits("tmpfs", "tmpfs", "tmpcopyup", NULL));
	assert_false(rootfs.mounts[0].options.copy_up);
	assert_false(fits("tmpfs", "tmpfs", "tmpcopyup", "size=4k"));
	assert_true(rootfs.mounts[0].options.copy_up);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_is_bound_gets_no_mount_point, teardown),
		cmocka_unit_test_teardown(a_remount_changes_no_file_system, teardown),
		cmocka_unit_test_teardown(a_tmpfs_stands_for_what_is_outside, teardown),
		cmocka_unit_test(what_could_not_be_written_says_nothing),
		cmocka_unit_test(a_copy_without_a_size_is_not_made),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
