/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Against a temporary directory whose files are made to look like a cgroup's: an ordinary file
 * shows what was written last. A directory in the place of a file refuses the write.
 */
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
#include "cgroups/cgroup.h"
#include "cgroups/controllers.h"
#include "cgroups/limits.h"
#include "cgroups/state.h"
#include "cgroups/tests/fake_cgroup.h"

static struct arena arena;

static int remove_root_and_arena(void **state)
{
	arena_free(&arena);
	return remove_root(state);
}

/* A write doesn't cut an ordinary file: only the beginning is compared. */
static void expect(const char *name, const char *text)
{
	char content[64];

	assert_int_equal(state_read_file(root_fd, name, content, sizeof(content)), 0);
	assert_memory_equal(content, text, strlen(text));
}

static struct cgroup_writes writes_of(struct cgroup_write *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!items[i].member)
			items[i].member = "memory/limit";
	return (struct cgroup_writes){ items, count, count, &arena };
}

static void values_go_to_their_files(void **state)
{
	struct cgroup_write items[] = {
		{ .controller = "memory", .file = "memory.max", .text = "5", .asks = true },
		{ .controller = "io",
		  .file = "io.bfq.weight",
		  .text = "10",
		  .other_file = "io.weight",
		  .other_text = "default 1",
		  .asks = true },
		{ .controller = "memory", .file = "memory.swap.max", .text = "0" },
		{ .controller = "cpuset", .file = "cpuset.cpus", .text = "", .asks = true },
	};
	struct cgroup_writes writes = writes_of(items, 4);

	(void)state;
	put("memory.max", "max\n");
	put("io.weight", "");
	put("cpuset.cpus", "0");
	assert_int_equal(limits_apply(root_fd, &writes, &err), 0);
	expect("memory.max", "5");
	expect("io.weight", "default 1");
	expect("cpuset.cpus", "\n"); /* writing nothing would leave what was there */
}

/* Which of the two took a weight is known only when it is written. */
static void both_files_of_a_weight_are_put_back(void **state)
{
	struct cgroup_write items[] = {
		{ .controller = "io",
		  .file = "io.bfq.weight",
		  .text = "10",
		  .other_file = "io.weight",
		  .other_text = "default 1",
		  .asks = true },
		{ .controller = "pids", .file = "pids.max", .text = "5", .asks = true },
	};
	struct cgroup_writes writes = writes_of(items, 2);

	(void)state;
	put("io.bfq.weight", "default 100\n");
	put("io.weight", "default 300\n");
	assert_int_equal(mkdirat(root_fd, "pids.max", 0700), 0);
	assert_int_equal(limits_change(root_fd, &writes, &err), -1);
	assert_non_null(strstr(err.text, "pids.max"));
	assert_null(strstr(err.text, "put back"));
	expect("io.bfq.weight", "default 100\n");
	expect("io.weight", "default 300\n");
}

/* The kernel's files are coupled; here what was written stands for it. */
static void a_weight_is_put_back_with_what_changes_it(void **state)
{
	struct cgroup_write items[] = {
		{ .controller = "cpu", .file = "cpu.idle", .text = "1", .asks = true },
		{ .controller = "cpu", .file = "cpu.weight.nice", .text = "5", .asks = true },
	};
	struct cgroup_writes writes = writes_of(items, 2);
	struct limits_old *old;

	(void)state;
	put("cpu.idle", "0\n");
	put("cpu.weight.nice", "3\n");
	put("cpu.weight", "59\n");
	old = limits_read(root_fd, &writes, &err);
	assert_non_null(old);
	assert_int_equal(limits_apply(root_fd, &writes, &err), 0);
	put("cpu.weight", "100\n");
	limits_put_back(root_fd, &writes, old, &err);
	expect("cpu.idle", "0\n");
	expect("cpu.weight.nice", "3\n");
	expect("cpu.weight", "59\n");
}

static void a_missing_file_is_an_error_if_something_is_asked_for(void **state)
{
	struct cgroup_write items[] = {
		{ .controller = "memory", .file = "memory.max", .text = "5", .asks = true },
	};
	struct cgroup_writes writes = writes_of(items, 1);

	(void)state;
	assert_int_equal(limits_apply(root_fd, &writes, &err), -1);
	assert_string_equal(err.text, "/linux/resources/memory/limit: memory.max is missing: this "
				      "kernel doesn't have it");
}

static void a_refused_change_puts_everything_back(void **state)
{
	struct cgroup_write items[] = {
		{ .controller = "memory", .file = "memory.max", .text = "555\n", .asks = true },
		{ .controller = "io",
		  .file = "io.max",
		  .text = "8:16 rbps=1",
		  .undo = "8:16 rbps=max",
		  .asks = true },
		{ .controller = "pids", .file = "pids.max", .text = "5", .asks = true },
	};
	struct cgroup_writes writes = writes_of(items, 3);

	(void)state;
	put("memory.max", "max\n");
	put("io.max", "8:16 rbps=9\n");
	assert_int_equal(mkdirat(root_fd, "pids.max", 0700), 0);
	assert_int_equal(limits_change(root_fd, &writes, &err), -1);
	assert_non_null(strstr(err.text, "pids.max"));
	assert_null(strstr(err.text, "put back"));
	expect("memory.max", "max\n");
	expect("io.max", "8:16 rbps=9\n");
}

static void controllers_are_handed_down_from_the_top(void **state)
{
	struct cgroup_write items[] = {
		{ .controller = "memory", .file = "memory.max", .text = "5", .asks = true },
		{ .controller = "pids", .file = "pids.max", .text = "max" },
	};
	struct cgroup_writes writes = writes_of(items, 2);
	char path[PATH_MAX];
	autofd leaf = -1;

	(void)state;
	assert_int_equal(mkdirat(root_fd, "a", 0700), 0);
	assert_int_equal(mkdirat(root_fd, "a/c1", 0700), 0);
	put("cgroup.controllers", "cpu memory pids\n");
	put("cgroup.subtree_control", "cpu memory\n");
	put("a/cgroup.subtree_control", "");
	put("a/c1/cgroup.controllers", "");
	put("a/c1/cgroup.subtree_control", "");
	leaf = openat(root_fd, "a/c1", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)snprintf(path, sizeof(path), "%s/a/c1", root);
	assert_int_equal(controllers_check(root, &writes, NULL, &err), 0);
	assert_int_equal(controllers_enable(root, path, leaf, &writes, false, &err), 0);
	expect("cgroup.subtree_control", "cpu memory\n"); /* had it */
	expect("a/cgroup.subtree_control", "+memory");	  /* and pids asks for nothing */
	expect("a/c1/cgroup.subtree_control", "");
	/* all of them, in one write a level */
	put("a/cgroup.subtree_control", "");
	assert_int_equal(controllers_enable(root, path, leaf, &writes, true, &err), 0);
	expect("cgroup.subtree_control", "+pidsemory\n"); /* a file, which doesn't add */
	expect("a/cgroup.subtree_control", "+cpu +memory +pids");
	/* nothing is lacking: nothing is touched */
	put("a/c1/cgroup.controllers", "cpu memory pids\n");
	put("a/cgroup.subtree_control", "");
	assert_int_equal(controllers_enable(root, path, leaf, &writes, true, &err), 0);
	expect("a/cgroup.subtree_control", "");
}

/* The kernel would make such a parent threaded. */
static void a_parent_with_processes_hands_nothing_down(void **state)
{
	struct cgroup_write items[] = {
		{ .member = "pids/limit",
		  .controller = "pids",
		  .file = "pids.max",
		  .text = "5",
		  .asks = true },
	};
	struct cgroup_writes writes = writes_of(items, 1);
	struct cgroup_writes none = writes_of(items, 0);
	char path[PATH_MAX];
	autofd leaf = -1;

	(void)state;
	assert_int_equal(mkdirat(root_fd, "b", 0700), 0);
	assert_int_equal(mkdirat(root_fd, "b/c1", 0700), 0);
	put("cgroup.controllers", "cpu pids\n");
	put("cgroup.subtree_control", "cpu pids\n");
	put("b/cgroup.subtree_control", "");
	put("b/cgroup.type", "domain\n");
	put("b/cgroup.procs", "1\n");
	put("b/c1/cgroup.controllers", "");
	leaf = openat(root_fd, "b/c1", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)snprintf(path, sizeof(path), "%s/b/c1", root);
	assert_int_equal(controllers_enable(root, path, leaf, &none, true, &err), 0);
	expect("b/cgroup.subtree_control", "");
	assert_int_equal(controllers_enable(root, path, leaf, &writes, true, &err), -1);
	assert_non_null(strstr(err.text, "/linux/resources/pids/limit: controller \"pids\""));
	assert_non_null(strstr(err.text, "processes are in it"));
	expect("b/cgroup.subtree_control", "");
	/* a tree that can't even be read fails nobody who asks for nothing */
	assert_int_equal(controllers_enable("/nowhere", "/nowhere/c", leaf, &none, true, &err), 0);
	assert_int_equal(controllers_enable("/nowhere", "/nowhere/c", leaf, &writes, true, &err),
			 -1);
}

static void a_controller_that_the_tree_lacks_is_named(void **state)
{
	struct cgroup_write items[] = {
		{ .member = "rdma",
		  .controller = "rdma",
		  .file = "rdma.max",
		  .text = "x",
		  .asks = true },
	};
	struct cgroup_writes writes = writes_of(items, 1);

	(void)state;
	put("cgroup.controllers", "cpu memory pids\n");
	assert_int_equal(controllers_check(root, &writes, NULL, &err), -1);
	assert_non_null(
		strstr(err.text, "/linux/resources/rdma: controller \"rdma\" not available"));
	items[0] = (struct cgroup_write){ .member = "unified",
					  .controller = "foo",
					  .file = "foo.bar",
					  .text = "1",
					  .asks = true };
	assert_int_equal(controllers_check(root, &writes, NULL, &err), -1);
	assert_string_equal(err.text, "/linux/resources/unified: cannot set unified resource "
				      "\"foo.bar\": unknown controller \"foo\"");
}

static void v1_mounts_are_found_by_their_controllers(void **state)
{
	static const char text[] =
		"30 23 0:26 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
		"31 23 0:27 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,memory\n"
		"32 23 0:28 / /sys/fs/cgroup/memory rw shared:9 - cgroup none rw,memory\n";
	char place[PATH_MAX];

	(void)state;
	assert_true(controllers_find_v1(text, "cpu", place));
	assert_string_equal(place, "/sys/fs/cgroup/cpu,cpuacct");
	assert_true(controllers_find_v1(text, "memory", place));
	assert_string_equal(place, "/sys/fs/cgroup/memory");
	assert_false(controllers_find_v1(text, "pids", place));
	assert_true(controllers_list_has("cpu io\n", "io"));
	assert_false(controllers_list_has("cpuset io\n", "cpu"));
}

static void the_owner_is_the_containers_user_on_the_host(void **state)
{
	const char *read_only[] = { "ro", NULL };
	struct namespace_spec namespaces[] = { { .type = "cgroup" } };
	struct mount_spec mounts[] = {
		{ .destination = "/sys/fs/cgroup", .type = "cgroup", .source = "cgroup" },
	};
	struct id_mapping map = { .container_id = 0, .host_id = 1000, .size = 10 };
	struct container_spec spec = { 0 };
	uid_t owner;

	(void)state;
	spec.process.present = true;
	spec.process.user.uid = 5;
	spec.mounts.items = mounts;
	spec.mounts.count = 1;
	assert_false(cgroup_delegate_owner(&spec, &owner));
	spec.linux.namespaces.items = namespaces;
	spec.linux.namespaces.count = 1;
	assert_true(cgroup_delegate_owner(&spec, &owner));
	assert_int_equal(owner, 5);
	spec.linux.uid_mappings.items = &map;
	spec.linux.uid_mappings.count = 1;
	assert_true(cgroup_delegate_owner(&spec, &owner));
	assert_int_equal(owner, 1005);
	mounts[0].destination = "/run/cgroup";
	assert_false(cgroup_delegate_owner(&spec, &owner));
	mounts[0].destination = "/sys/fs/cgroup";
	spec.process.user.uid = 10;
	assert_false(cgroup_delegate_owner(&spec, &owner));
	spec.process.user.uid = 0;
	mounts[0].options.items = read_only;
	mounts[0].options.count = 1;
	assert_false(cgroup_delegate_owner(&spec, &owner));
}

static void a_death_for_lack_of_memory_is_told(void **state)
{
	(void)state;
	put("memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 0\noom_group_kill 0\n");
	put("memory.max", "65536\n");
	put("memory.peak", "65530\n");
	(void)error_set(&err, "init died");
	cgroup_explain_oom(root_fd, &err);
	assert_string_equal(err.text, "init died");
	put("memory.events", "low 0\nhigh 0\nmax 3\noom 1\noom_kill 1\noom_group_kill 0\n");
	cgroup_explain_oom(root_fd, &err);
	assert_non_null(strstr(err.text, "memory limit 65536 too low (used: 65530; "));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root_and_arena)
	const struct CMUnitTest tests[] = {
		TEST(values_go_to_their_files),
		TEST(a_missing_file_is_an_error_if_something_is_asked_for),
		TEST(a_refused_change_puts_everything_back),
		TEST(both_files_of_a_weight_are_put_back),
		TEST(a_weight_is_put_back_with_what_changes_it),
		TEST(controllers_are_handed_down_from_the_top),
		TEST(a_parent_with_processes_hands_nothing_down),
		TEST(a_controller_that_the_tree_lacks_is_named),
		cmocka_unit_test(v1_mounts_are_found_by_their_controllers),
		cmocka_unit_test(the_owner_is_the_containers_user_on_the_host),
		TEST(a_death_for_lack_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
