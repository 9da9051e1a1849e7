/* SPDX-License-Identifier: Apache-2.0 */
/* What a root file system's plan refuses, and what it says of /dev; tmpcopyup's copy. */
#include "namespaces/rootfs.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/table.h"
#include "namespaces/copy_up.h"
#include "namespaces/devices.h"
#include "namespaces/mount.h"

static struct arena arena;
static struct error err;
static struct rootfs rootfs;
static struct container_spec spec;
static struct namespace_plan namespaces;

static int setup(void **state)
{
	(void)state;
	memset(&spec, 0, sizeof(spec));
	memset(&namespaces, 0, sizeof(namespaces));
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
		namespaces.fd[kind] = -1;
	namespaces.create = CLONE_NEWNS;
	spec.root.path = "rootfs";
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static int make_plan(bool no_pivot)
{
	memset(&err, 0, sizeof(err));
	return rootfs_plan(&rootfs, &spec, "/bundle", &namespaces, no_pivot, &arena, &err);
}

static void a_relative_root_starts_at_the_bundle(void **state)
{
	(void)state;
	assert_int_equal(make_plan(false), 0);
	assert_string_equal(rootfs.path, "/bundle/rootfs");
	spec.root.path = "/elsewhere";
	assert_int_equal(make_plan(false), 0);
	assert_string_equal(rootfs.path, "/elsewhere");
}

static void a_plan_holds_no_descriptor(void **state)
{
	(void)state;
	assert_int_equal(make_plan(false), 0);
	assert_int_equal(rootfs.root, -1);
	assert_int_equal(rootfs.null_device, -1);
	assert_int_equal(rootfs.cgroup, -1);
	assert_int_equal(rootfs.pid_namespace, -1);
}

static void a_shared_mount_namespace_takes_no_mount(void **state)
{
	struct mount_spec mount = { .destination = "/a", .type = "tmpfs" };
	const char *path = "/proc/keys";

	(void)state;
	namespaces.create = 0;
	assert_int_equal(make_plan(false), 0);
	spec.mounts.items = &mount;
	spec.mounts.count = 1;
	assert_int_equal(make_plan(false), -1);
	assert_string_equal(err.text, "/mounts: needs a new mount namespace");
	spec.mounts.count = 0;
	spec.root.readonly = true;
	assert_int_equal(make_plan(false), -1);
	spec.root.readonly = false;
	spec.linux.masked_paths = (struct string_list){ &path, 1, true };
	assert_int_equal(make_plan(false), -1);
	spec.linux.masked_paths.count = 0;
	spec.linux.readonly_paths = (struct string_list){ &path, 1, true };
	assert_int_equal(make_plan(false), -1);
	namespaces.join = CLONE_NEWNS;
	assert_int_equal(make_plan(false), -1);
	namespaces.create = CLONE_NEWNS;
	namespaces.join = 0;
	assert_int_equal(make_plan(false), 0);
}

static void propagation_is_kept_for_the_end(void **state)
{
	(void)state;
	assert_int_equal(make_plan(false), 0);
	assert_int_equal(rootfs.propagation, 0);
	spec.linux.rootfs_propagation = "rshared";
	assert_int_equal(make_plan(false), 0);
	assert_int_equal(rootfs.propagation, MS_SHARED | MS_REC);
	spec.linux.rootfs_propagation = "sometimes";
	assert_int_equal(make_plan(false), -1);
}

static void a_private_root_needs_pivot_root(void **state)
{
	(void)state;
	spec.linux.rootfs_propagation = "rprivate";
	assert_int_equal(make_plan(false), 0);
	assert_int_equal(make_plan(true), -1);
	spec.linux.rootfs_propagation = "rslave";
	assert_int_equal(make_plan(true), 0);
	assert_false(rootfs.pivot);
}

static void a_user_namespace_binds_devices(void **state)
{
	(void)state;
	assert_int_equal(make_plan(false), 0);
	assert_false(rootfs.device_bind);
	namespaces.create |= CLONE_NEWUSER;
	assert_int_equal(make_plan(false), 0);
	assert_true(rootfs.device_bind);
}

static void errors_name_the_mount(void **state)
{
	const char *options[] = { "bind", "size=1" };
	struct mount_spec mounts[] = {
		{ .destination = "/a", .type = "tmpfs" },
		{ .destination = "/b", .source = "/", .options = { options, 2, true } },
	};

	(void)state;
	spec.mounts.items = mounts;
	spec.mounts.count = 2;
	assert_int_equal(make_plan(false), -1);
	assert_non_null(strstr(err.text, "/mounts/1/options/1"));
}

static void the_last_mount_on_dev_decides_whose_it_is(void **state)
{
	const char *bind[] = { "rbind" };
	const char *remount[] = { "remount", "ro" };
	struct mount_spec mounts[] = {
		{ .destination = "/dev", .type = "tmpfs" },
		{ .destination = "/dev/", .source = "/dev", .options = { bind, 1, true } },
		{ .destination = "/dev", .options = { remount, 2, true } },
		{ .destination = "/dev", .type = "tmpfs" },
		{ .destination = "/dev", .type = "devtmpfs" },
	};

	(void)state;
	spec.mounts.items = mounts;
	spec.mounts.count = 1;
	assert_int_equal(make_plan(false), 0);
	assert_false(devices_are_bound(&rootfs));
	spec.mounts.count = 2;
	assert_int_equal(make_plan(false), 0);
	assert_true(devices_are_bound(&rootfs));
	spec.mounts.count = 3;
	assert_int_equal(make_plan(false), 0);
	assert_true(devices_are_bound(&rootfs));
	spec.mounts.count = 4;
	assert_int_equal(make_plan(false), 0);
	assert_false(devices_are_bound(&rootfs));
	spec.mounts.count = 5;
	assert_int_equal(make_plan(false), 0);
	assert_true(devices_are_bound(&rootfs));
}

static void missing_sources_name_their_mount(void **state)
{
	const char *bind[] = { "bind" };
	struct mount_spec mount = { .destination = "/a",
				    .source = "/no/such/place",
				    .options = { bind, 1, true } };

	(void)state;
	spec.root.path = "/";
	spec.mounts.items = &mount;
	spec.mounts.count = 1;
	/* a root of "/" holds every source, so that init would open it */
	assert_int_equal(make_plan(false), 0);
	assert_true(rootfs.mounts[0].inside);
	spec.root.path = "/proc";
	assert_int_equal(make_plan(false), 0);
	assert_int_equal(rootfs_open_sources(&rootfs, &err), -1);
	assert_non_null(strstr(err.text, "/mounts/0/source: /no/such/place"));
	rootfs_close(&rootfs);
	assert_int_equal(rootfs.root, -1);
}

static void a_root_that_is_no_directory_is_refused(void **state)
{
	(void)state;
	spec.root.path = "/proc/self/status";
	assert_int_equal(make_plan(false), 0);
	assert_int_equal(rootfs_open_sources(&rootfs, &err), -1);
	assert_non_null(strstr(err.text, "/root/path: /proc/self/status"));
}

/* --- tmpcopyup
 * ------------------------------------------------------------------------------------ */

static int make_file(int directory, const char *name, const char *text, mode_t mode)
{
	autofd fd = openat(directory, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 || write(fd, text, strlen(text)) < 0 || fchmod(fd, mode) < 0 ? -1 : 0;
}

static void remove_tree(const char *path)
{
	autofd tmp = open("/tmp", O_PATH | O_DIRECTORY | O_CLOEXEC);

	assert_int_equal(file_remove_tree_at(tmp, path + strlen("/tmp/"), &err), 0);
}

static void a_copy_has_files_links_modes_and_times(void **state)
{
	char from_name[] = "/tmp/minirun-test-from-XXXXXX",
	     to_name[] = "/tmp/minirun-test-to-XXXXXX";
	struct timespec times[2] = { { 1000, 0 }, { 2000, 5 } };
	char target[16] = "";
	struct stat file;
	autofree char *text = NULL;
	autofd from = -1;
	autofd to = -1;

	(void)state;
	assert_non_null(mkdtemp(from_name));
	assert_non_null(mkdtemp(to_name));
	from = open(from_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	to = open(to_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(make_file(from, "plain", "hello", 0640), 0);
	assert_int_equal(utimensat(from, "plain", times, 0), 0);
	assert_int_equal(symlinkat("/etc/passwd", from, "link"), 0);
	assert_int_equal(mkdirat(from, "sub", 0700), 0);
	assert_int_equal(make_file(from, "sub/deep", "", 0400), 0);
	assert_int_equal(mknodat(from, "fifo", S_IFIFO | 0622, 0), 0);
	assert_int_equal(chmod(from_name, 0751), 0);

	assert_int_equal(copy_up(from, to, true, true, &err), 0);
	assert_int_equal(fstatat(to, "plain", &file, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(file.st_mode, S_IFREG | 0640);
	assert_int_equal(file.st_mtim.tv_sec, 2000);
	assert_int_equal(file_read_at(to, "plain", 100, &text, NULL, &err), 0);
	assert_string_equal(text, "hello");
	assert_int_equal(readlinkat(to, "link", target, sizeof(target) - 1), 11);
	assert_string_equal(target, "/etc/passwd");
	assert_int_equal(fstatat(to, "sub/deep", &file, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(fstatat(to, "fifo", &file, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISFIFO(file.st_mode));
	assert_int_equal(stat(to_name, &file), 0);
	assert_int_equal(file.st_mode & 07777, 0751);

	remove_tree(from_name);
	remove_tree(to_name);
}

static void remove_nest(int dir)
{
	autofd next = openat(dir, "d", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (next < 0)
		return;
	remove_nest(next);
	assert_int_equal(unlinkat(dir, "d", AT_REMOVEDIR), 0);
}

static void a_copy_of_a_bottomless_tree_ends(void **state)
{
	char from_name[] = "/tmp/minirun-test-from-XXXXXX",
	     to_name[] = "/tmp/minirun-test-to-XXXXXX";
	autofd from = -1;
	autofd to = -1;
	int dir;

	(void)state;
	assert_non_null(mkdtemp(from_name));
	assert_non_null(mkdtemp(to_name));
	from = open(from_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	to = open(to_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	dir = fcntl(from, F_DUPFD_CLOEXEC, 0);
	for (int i = 0; i < 105; i++) {
		int next;

		assert_int_equal(mkdirat(dir, "d", 0700), 0);
		next = openat(dir, "d", O_PATH | O_DIRECTORY | O_CLOEXEC);
		(void)close(dir);
		dir = next;
	}
	(void)close(dir);
	assert_int_equal(copy_up(from, to, true, true, &err), -1);
	assert_non_null(strstr(err.text, "deep"));
	remove_nest(from);
	remove_nest(to);
	remove_tree(from_name);
	remove_tree(to_name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_relative_root_starts_at_the_bundle, setup,
						teardown),
		cmocka_unit_test_setup_teardown(a_plan_holds_no_descriptor, setup, teardown),
		cmocka_unit_test_setup_teardown(a_shared_mount_namespace_takes_no_mount, setup,
						teardown),
		cmocka_unit_test_setup_teardown(propagation_is_kept_for_the_end, setup, teardown),
		cmocka_unit_test_setup_teardown(a_private_root_needs_pivot_root, setup, teardown),
		cmocka_unit_test_setup_teardown(a_user_namespace_binds_devices, setup, teardown),
		cmocka_unit_test_setup_teardown(errors_name_the_mount, setup, teardown),
		cmocka_unit_test_setup_teardown(the_last_mount_on_dev_decides_whose_it_is, setup,
						teardown),
		cmocka_unit_test_setup_teardown(missing_sources_name_their_mount, setup, teardown),
		cmocka_unit_test_setup_teardown(a_root_that_is_no_directory_is_refused, setup,
						teardown),
		cmocka_unit_test(a_copy_has_files_links_modes_and_times),
		cmocka_unit_test(a_copy_of_a_bottomless_tree_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
