/* SPDX-License-Identifier: Apache-2.0 */
/* What becomes of an element of mounts[] before anything is mounted. */
#include "namespaces/mount.h"
#include "namespaces/mount_points.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>

#include <cmocka.h>

#include "base/table.h"

static struct arena arena;
static struct error err;
static struct mount_plan plan;

static const struct mount_context container = { .root = "/bundle/rootfs", .bundle = "/bundle" };

/* options: separated by blanks. */
static int plan_mount(const char *destination, const char *source, const char *type,
		      const char *options)
{
	static char copy[512];
	static const char *words[32];
	struct mount_spec spec = { .destination = destination, .source = source, .type = type };

	(void)strcpy(copy, options);
	for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
		words[spec.options.count++] = word;
	spec.options.items = words;
	memset(&err, 0, sizeof(err));
	return mount_plan(&plan, &spec, 5, &container, &arena, &err);
}

static void assert_refused(int result, const char *text)
{
	assert_int_equal(result, -1);
	if (!strstr(err.text, text))
		fail_msg("\"%s\" isn't in \"%s\"", text, err.text);
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void destinations_are_cleaned(void **state)
{
	(void)state;
	assert_int_equal(plan_mount("data//x/./y/../z/", NULL, "tmpfs", ""), 0);
	assert_string_equal(plan.destination, "/data/x/z");
	assert_int_equal(plan_mount("/../../a", NULL, "tmpfs", ""), 0);
	assert_string_equal(plan.destination, "/a");
}

static void the_root_may_be_the_destination(void **state)
{
	static const char *const names[] = { "/", "//", "/.", "/a/..", "/a/../.", ".", "/../" };

	(void)state;
	table_for_each (name, names) {
		assert_int_equal(plan_mount(*name, "/x", NULL, "bind slave"), 0);
		assert_string_equal(plan.destination, "/");
		assert_int_equal(mount_check_root(&plan, true, &err), 0);
	}
	assert_refused(plan_mount("", "/x", NULL, "bind"), "/mounts/5/destination: is empty");
}

static void what_cannot_cover_the_root(void **state)
{
	(void)state;
	assert_refused(plan_mount("/", "/x", NULL, "bind ro slave rshared"), "/mounts/5/options: ");
	assert_refused(plan_mount("/", "/x", NULL, "bind copy-symlink"), "copy-symlink");
	/* by a link of the image */
	assert_int_equal(plan_mount("/link", "/x", NULL, "bind ro slave rshared"), 0);
	assert_refused(mount_check_root(&plan, true, &err), "/mounts/5/options: ");
	assert_int_equal(plan_mount("/", NULL, "tmpfs", ""), 0);
	assert_refused(mount_check_root(&plan, false, &err), "--no-pivot");
	plan.kept = true;
	assert_refused(mount_check_root(&plan, true, &err), "/mounts/5/destination: ");
}

static void a_remount_of_the_root_leaves_the_file_system_alone(void **state)
{
	(void)state;
	assert_int_equal(plan_mount("/", NULL, NULL, "remount ro nosuid"), 0);
	assert_int_equal(mount_check_root(&plan, false, &err), 0);
	assert_refused(plan_mount("/", NULL, NULL, "remount sync"), "a remount of /");
	assert_refused(plan_mount("/", NULL, NULL, "remount size=1m"), "a remount of /");
	assert_int_equal(plan_mount("/a", NULL, NULL, "remount sync"), 0);
}

static void bind_is_what_the_options_say(void **state)
{
	(void)state;
	assert_int_equal(plan_mount("/a", "/x", "none", "rbind"), 0);
	assert_int_equal(plan.kind, MOUNT_KIND_BIND);
	assert_int_equal(plan_mount("/a", "/x", "ext4", "bind"), 0);
	assert_int_equal(plan.kind, MOUNT_KIND_BIND);
	assert_refused(plan_mount("/a", "/x", "bind", "ro"), "/mounts/5/type: \"bind\"");
	assert_refused(plan_mount("/a", "/x", NULL, "ro"), "/mounts/5/type: is missing");
	assert_refused(plan_mount("/a", NULL, NULL, "bind"), "/mounts/5/source");
}

static void relative_sources_start_at_the_bundle(void **state)
{
	(void)state;
	assert_int_equal(plan_mount("/a", "vol/x", NULL, "bind"), 0);
	assert_string_equal(plan.source, "/bundle/vol/x");
	assert_false(plan.inside);
}

static void sources_below_the_root_wait_for_their_turn(void **state)
{
	(void)state;
	assert_int_equal(plan_mount("/a", "/bundle/rootfs/data", NULL, "bind"), 0);
	assert_true(plan.inside);
	assert_string_equal(plan.source, "/data");
	assert_int_equal(plan_mount("/a", "rootfs/data/", NULL, "bind"), 0);
	assert_true(plan.inside);
	assert_int_equal(plan_mount("/a", "/bundle/rootfs", NULL, "bind"), 0);
	assert_true(plan.inside);
	assert_string_equal(plan.source, "/");
	assert_int_equal(plan_mount("/a", "/bundle/rootfs2/data", NULL, "bind"), 0);
	assert_false(plan.inside);
	assert_int_equal(plan_mount("/a", "/bundle/rootfs/../data", NULL, "bind"), 0);
	assert_false(plan.inside);
	assert_string_equal(plan.source, "/bundle/rootfs/../data");
}

static void file_system_parameters_are_refused_for_binds(void **state)
{
	(void)state;
	assert_refused(plan_mount("/a", "/x", NULL, "bind nosuid size=1m"),
		       "/mounts/5/options/2: \"size=1m\"");
	assert_refused(plan_mount("/a", "/x", NULL, "dirsync bind"),
		       "/mounts/5/options/0: \"dirsync\"");
	assert_int_equal(plan_mount("/a", "/x", NULL, "bind async loud nolazytime"), 0);
	assert_int_equal(plan_mount("/a", "/x", NULL, "bind nocopy copy"), 0);
}

static void only_proc_goes_to_proc(void **state)
{
	(void)state;
	assert_int_equal(plan_mount("/proc", NULL, "proc", ""), 0);
	assert_true(plan.strict);
	assert_int_equal(plan_mount("/proc", "/proc", NULL, "rbind"), 0);
	assert_refused(plan_mount("/proc/", NULL, "tmpfs", ""), "/mounts/5/destination");
	assert_refused(plan_mount("/proc", NULL, "sysfs", ""), "/mounts/5/destination");
	assert_refused(plan_mount("/x/../proc/self/attr", "/x", NULL, "bind"), "can't be covered");
	assert_int_equal(plan_mount("/process", NULL, "tmpfs", ""), 0);
}

static void some_files_of_proc_may_be_covered(void **state)
{
	static const char *const names[] = {
		"/proc/cpuinfo",
		"/proc/diskstats",
		"/proc/loadavg",
		"/proc/meminfo",
		"/proc/slabinfo",
		"/proc/stat",
		"/proc/swaps",
		"/proc/uptime",
		"/proc/sys/kernel/ns_last_pid",
		"/proc/sys/crypto/fips_enabled",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(plan_mount(names[i], "/x", NULL, "bind"), 0);
	assert_refused(plan_mount("/proc/net/dev", "/x", NULL, "bind"), "can't be covered");
	assert_refused(plan_mount("/proc/cpuinfo/x", "/x", NULL, "bind"), "can't be covered");
	assert_refused(plan_mount("/proc/sys", "/x", NULL, "bind"), "can't be covered");
}

static void cgroup_is_the_view_of_version_two(void **state)
{
	(void)state;
	assert_int_equal(plan_mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro nosuid rprivate"), 0);
	assert_int_equal(plan.kind, MOUNT_KIND_CGROUP);
	assert_int_equal(plan_mount("/sys/fs/cgroup", "cgroup", "cgroup2", ""), 0);
	assert_int_equal(plan.kind, MOUNT_KIND_CGROUP);
	assert_refused(plan_mount("/sys/fs/cgroup", "cgroup", "cgroup", "ro name=systemd"),
		       "/mounts/5/options/1");
	assert_refused(plan_mount("/sys/fs/cgroup", "cgroup", "cgroup", "memory"), "cgroup v1");
	assert_refused(plan_mount("/sys/fs/cgroup", "cgroup", "cgroup", "lazytime"), "host's");
}

static void a_read_only_tmpfs_is_sealed_later(void **state)
{
	(void)state;
	assert_int_equal(plan_mount("/a", NULL, "tmpfs", "ro"), 0);
	assert_true(plan.late_readonly);
	assert_int_equal(plan_mount("/a", NULL, "tmpfs", "ro rw"), 0);
	assert_false(plan.late_readonly);
	assert_int_equal(plan_mount("/sys", NULL, "sysfs", "ro"), 0);
	assert_false(plan.late_readonly);
	assert_int_equal(plan_mount("/dev", NULL, "devtmpfs", "ro"), 0);
	assert_true(plan.late_readonly);
}

static void the_source_defaults_to_the_type(void **state)
{
	(void)state;
	assert_int_equal(plan_mount("/a", NULL, "mqueue", ""), 0);
	assert_string_equal(plan.source, "mqueue");
}

static void a_devpts_without_options_is_usable(void **state)
{
	(void)state;
	assert_int_equal(plan_mount("/dev/pts/", NULL, "devpts", ""), 0);
	assert_int_equal(plan.options.data_count, 3);
	assert_string_equal(plan.options.data[0], "ptmxmode=0666");
	assert_int_equal(plan.options.own.set, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
	assert_int_equal(plan_mount("/dev/pts", NULL, "devpts", "nosuid"), 0);
	assert_int_equal(plan.options.data_count, 0);
	assert_int_equal(plan_mount("/mnt", NULL, "devpts", ""), 0);
	assert_int_equal(plan.options.data_count, 0);
	assert_int_equal(plan_mount("/dev/pts", "/dev/pts", "devpts", "bind"), 0);
	assert_int_equal(plan.options.data_count, 0);
	assert_int_equal(plan_mount("/dev/pts", NULL, "tmpfs", ""), 0);
	assert_int_equal(plan.options.data_count, 0);
}

static void tmpcopyup_is_for_tmpfs(void **state)
{
	(void)state;
	assert_int_equal(plan_mount("/a", NULL, "tmpfs", "tmpcopyup"), 0);
	assert_refused(plan_mount("/a", NULL, "sysfs", "ro tmpcopyup"), "/mounts/5/options/1");
	assert_refused(plan_mount("/a", "/x", NULL, "bind tmpcopyup"), "/mounts/5/options/1");
}

static void remount_needs_no_type(void **state)
{
	(void)state;
	assert_int_equal(plan_mount("/a", NULL, NULL, "remount ro"), 0);
	assert_int_equal(plan.kind, MOUNT_KIND_REMOUNT);
	assert_int_equal(plan_mount("/proc/sys", NULL, NULL, "remount bind ro"), 0);
	assert_refused(plan_mount("/a", NULL, NULL, "remount bind size=1m"), "/mounts/5/options");
}

static void labels_go_to_file_systems_that_take_them(void **state)
{
	const struct mount_context labelled = { .root = "/r",
						.bundle = "/b",
						.label = "system_u:object_r:t:s0:c1,c2" };
	struct mount_spec spec = { .destination = "/a", .type = "tmpfs" };

	(void)state;
	assert_int_equal(mount_plan(&plan, &spec, 0, &labelled, &arena, &err), 0);
	assert_string_equal(plan.label, labelled.label);
	spec.type = "proc";
	assert_int_equal(mount_plan(&plan, &spec, 0, &labelled, &arena, &err), 0);
	assert_null(plan.label);
}

static struct mount_plan below[] = {
	{ .destination = "/a" },      { .destination = "/ab" },
	{ .destination = "/a/file" }, { .destination = "/a/b" },
	{ .destination = "/a/b/c" },  { .kind = MOUNT_KIND_REMOUNT, .destination = "/a/b/d" },
	{ .destination = "/a" },      { .destination = "/a/later" },
};

static void mount_points_are_needed_of_the_mount_that_is_seen(void **state)
{
	(void)state;
	assert_false(mount_points_needs(below, 0, 1));
	assert_true(mount_points_needs(below, 0, 2));
	assert_true(mount_points_needs(below, 0, 3));
	assert_false(mount_points_needs(below, 0, 4));
	assert_true(mount_points_needs(below, 3, 4));
	assert_false(mount_points_needs(below, 3, 5));
	assert_false(mount_points_needs(below, 0, 6));
	assert_false(mount_points_needs(below, 0, 7));
	assert_true(mount_points_needs(below, 6, 7));
	assert_false(mount_points_needs(below, 7, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mount_points_are_needed_of_the_mount_that_is_seen),
		cmocka_unit_test_teardown(destinations_are_cleaned, teardown),
		cmocka_unit_test_teardown(the_root_may_be_the_destination, teardown),
		cmocka_unit_test_teardown(what_cannot_cover_the_root, teardown),
		cmocka_unit_test_teardown(a_remount_of_the_root_leaves_the_file_system_alone,
					  teardown),
		cmocka_unit_test_teardown(bind_is_what_the_options_say, teardown),
		cmocka_unit_test_teardown(relative_sources_start_at_the_bundle, teardown),
		cmocka_unit_test_teardown(sources_below_the_root_wait_for_their_turn, teardown),
		cmocka_unit_test_teardown(file_system_parameters_are_refused_for_binds, teardown),
		cmocka_unit_test_teardown(only_proc_goes_to_proc, teardown),
		cmocka_unit_test_teardown(some_files_of_proc_may_be_covered, teardown),
		cmocka_unit_test_teardown(cgroup_is_the_view_of_version_two, teardown),
		cmocka_unit_test_teardown(a_read_only_tmpfs_is_sealed_later, teardown),
		cmocka_unit_test_teardown(the_source_defaults_to_the_type, teardown),
		cmocka_unit_test_teardown(a_devpts_without_options_is_usable, teardown),
		cmocka_unit_test_teardown(tmpcopyup_is_for_tmpfs, teardown),
		cmocka_unit_test_teardown(remount_needs_no_type, teardown),
		cmocka_unit_test_teardown(labels_go_to_file_systems_that_take_them, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
