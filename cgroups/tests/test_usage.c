/* SPDX-License-Identifier: Apache-2.0 */
/* Limits beside what is used and what the cgroups above grant, in a tree of ordinary files. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "cgroups/ancestors.h"
#include "cgroups/tests/fake_cgroup.h"
#include "cgroups/usage.h"

static struct arena arena;
static char path[PATH_MAX]; /* the container's, root/a/c1, with its descriptor */
static int leaf = -1;

static int make_tree(void **state)
{
	assert_int_equal(make_root(state), 0);
	assert_int_equal(mkdirat(root_fd, "a", 0700), 0);
	assert_int_equal(mkdirat(root_fd, "a/c1", 0700), 0);
	(void)snprintf(path, sizeof(path), "%s/a/c1", root);
	leaf = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return leaf < 0;
}

static int remove_tree(void **state)
{
	fd_close(&leaf);
	arena_free(&arena);
	return remove_root(state);
}

static struct cgroup_write items[3];

/* One write to a file, or two. */
static struct cgroup_writes writes_of(const char *file, const char *text, const char *second)
{
	items[0] = (struct cgroup_write){ .member = "x", .controller = "x", .file = file };
	items[1] = items[0];
	items[0].text = text;
	items[1].text = second;
	return (struct cgroup_writes){ items, second ? 2 : 1, 3, &arena };
}

static void caches_dont_count_as_needed(void **state)
{
	static const char stat[] =
		"anon 1000\nfile 900000\nkernel_stack 10\npagetables 20\nshmem 50\n"
		"inactive_anon 500\nactive_anon 550\ninactive_file 400000\n"
		"active_file 500000\nunevictable 7\nslab_reclaimable 80000\n"
		"slab_unreclaimable 30\nsock 40\n";
	struct memory_need need = usage_memory_need(stat);

	(void)state;
	assert_int_equal(need.fixed, 100);
	assert_int_equal(need.swappable, 1050);
	assert_int_equal(usage_must_stay(&need, 0), 1150);
	assert_int_equal(usage_must_stay(&need, 1000), 150);
	assert_int_equal(usage_must_stay(&need, UINT64_MAX), 100);
	/* given up by MADV_FREE: on no list of anonymous memory any more */
	need = usage_memory_need("anon 1000\nshmem 0\ninactive_anon 300\nactive_anon 0\n");
	assert_int_equal(need.swappable, 300);
	/* a kernel that has none of these lines refuses nobody */
	need = usage_memory_need("");
	assert_int_equal(usage_must_stay(&need, 0), 0);
}

static int check_memory(const char *limit, const struct resources_spec *resources)
{
	struct cgroup_writes writes = writes_of("memory.max", limit, NULL);

	return usage_check(root, path, leaf, resources, &writes, &err);
}

static void a_limit_that_memory_cannot_shrink_to(void **state)
{
	struct resources_spec resources = { 0 };

	(void)state;
	assert_int_equal(check_memory("4096", &resources), 0); /* nothing is known */
	put("a/c1/memory.max", "max\n");
	put("a/c1/memory.current", "1000000\n");
	put("a/c1/memory.swap.current", "0\n");
	put("a/c1/memory.swap.max", "0\n");
	put("a/c1/memory.stat", "anon 500000\nshmem 0\ninactive_anon 0\nactive_anon 500000\n"
				"file 500000\nslab_unreclaimable 24\n");
	assert_int_equal(check_memory("500024", &resources), 0);
	assert_int_equal(check_memory("500023", &resources), -1);
	assert_non_null(strstr(err.text, "memory.max: \"500023\" is less than the 500024 bytes"));
	assert_non_null(strstr(err.text, "of the 1000000 in use"));
	assert_non_null(strstr(err.text, "checkBeforeUpdate to false"));
	/* it is in force already, or told */
	put("a/c1/memory.max", "495616\n");
	assert_int_equal(check_memory("495617", &resources), 0);
	resources.memory.check_before_update = (struct opt_bool){ true, false };
	assert_int_equal(check_memory("4096", &resources), 0);
}

static void check_before_update_counts_all(void **state)
{
	struct resources_spec resources = { 0 };

	(void)state;
	put("a/c1/memory.current", "1000\n");
	resources.memory.limit = (struct opt_int){ true, 1000 };
	resources.memory.check_before_update = (struct opt_bool){ true, true };
	assert_int_equal(check_memory("1000", &resources), -1);
	assert_non_null(strstr(err.text, "rejecting memory limit 1000 <= usage 1000"));
	put("a/c1/memory.swap.current", "500\n");
	resources.memory.limit.value = 2000;
	resources.memory.swap = (struct opt_int){ true, 1200 };
	assert_int_equal(check_memory("2000", &resources), -1);
	assert_non_null(strstr(err.text, "rejecting memory+swap limit 1200 <= usage 1500"));

	/* of a change of something else that is no question */
	struct cgroup_writes writes = writes_of("cpu.weight", "5", NULL);

	assert_int_equal(usage_check(root, path, leaf, &resources, &writes, &err), 0);
}

static void a_number_below_what_is_there(void **state)
{
	const struct resources_spec resources = { 0 };
	struct cgroup_writes writes = writes_of("pids.max", "4", NULL);

	(void)state;
	put("a/c1/pids.max", "20\n");
	put("a/c1/pids.current", "5\n");
	assert_int_equal(usage_check(root, path, leaf, &resources, &writes, &err), -1);
	assert_non_null(strstr(err.text, "pids.max: \"4\" is less than what is in use: "
					 "pids.current is 5"));
	writes = writes_of("pids.max", "5", NULL);
	assert_int_equal(usage_check(root, path, leaf, &resources, &writes, &err), 0);
	writes = writes_of("pids.max", "4", "30\n"); /* the last one holds */
	assert_int_equal(usage_check(root, path, leaf, &resources, &writes, &err), 0);
	put("a/c1/pids.max", "4\n");
	writes = writes_of("pids.max", "4", NULL);
	assert_int_equal(usage_check(root, path, leaf, &resources, &writes, &err), 0);
	put("a/c1/hugetlb.2MB.current", "4194304\n");
	writes = writes_of("hugetlb.2MB.max", "2097152", NULL);
	assert_int_equal(usage_check(root, path, leaf, &resources, &writes, &err), -1);
	assert_non_null(strstr(err.text, "hugetlb.2MB.current is 4194304"));
}

static void the_nearest_that_grants_less_is_named(void **state)
{
	struct cgroup_writes writes = writes_of("pids.max", "100", NULL);
	char expected[PATH_MAX + 32];

	(void)state;
	assert_int_equal(ancestors_check_change(root, path, leaf, &writes, &err), 0);
	put("pids.max", "50\n"); /* a mount that shows a part of the tree has these files */
	assert_int_equal(ancestors_check_change(root, path, leaf, &writes, &err), -1);
	(void)snprintf(expected, sizeof(expected), "cgroup %s grants, whose pids.max is \"50\"",
		       root);
	assert_non_null(strstr(err.text, expected));
	put("a/pids.max", "70\n");
	assert_int_equal(ancestors_check_change(root, path, leaf, &writes, &err), -1);
	assert_non_null(strstr(err.text, "/a grants, whose pids.max is \"70\""));
	/* what is in force is no change, and max asks for nothing */
	put("a/c1/pids.max", "100\n");
	assert_int_equal(ancestors_check_change(root, path, leaf, &writes, &err), 0);
	put("a/c1/pids.max", "60\n");
	writes = writes_of("pids.max", "max", NULL);
	assert_int_equal(ancestors_check_change(root, path, leaf, &writes, &err), 0);
	/* nothing outside of the mount is looked at */
	(void)snprintf(expected, sizeof(expected), "%s/a", root);
	writes = writes_of("pids.max", "60", NULL);
	assert_int_equal(ancestors_check_change(expected, path, leaf, &writes, &err), 0);
}

static void take(void *data, bool error, const char *text)
{
	struct error *warning = data;

	(void)error_set(warning, "%s: %s", error ? "error" : "warning", text);
}

static void a_new_cgroup_is_only_warned_but_for_an_empty_set(void **state)
{
	struct error said = { 0 };
	struct report report = { .say = take, .data = &said };
	struct cgroup_writes writes = writes_of("memory.max", "100", NULL);

	(void)state;
	put("a/memory.max", "50\n");
	(void)snprintf(path, sizeof(path), "%s/a/new/c2", root); /* isn't there yet */
	assert_int_equal(ancestors_check_new(root, path, &writes, NULL, &err), 0);
	assert_int_equal(ancestors_check_new(root, path, &writes, &report, &err), 0);
	assert_int_equal(report.errors, 0);
	assert_non_null(strstr(said.text, "warning: /linux/resources/x: memory.max: \"100\""));
	assert_non_null(strstr(said.text, "/a grants, whose memory.max is \"50\""));
	put("cpuset.cpus.effective", "0-3\n");
	put("a/cpuset.cpus.effective", "0-1\n");
	writes = writes_of("cpuset.cpus", "1-2", NULL);
	assert_int_equal(ancestors_check_new(root, path, &writes, &report, &err), 0);
	assert_non_null(strstr(said.text, "warning: /linux/resources/x: cpuset.cpus: not all of"));
	writes = writes_of("cpuset.cpus", "2-3", NULL);
	assert_int_equal(ancestors_check_new(root, path, &writes, NULL, &err), -1);
	assert_non_null(strstr(err.text, "nothing of \"2-3\" is in "));
	assert_non_null(strstr(err.text, "/a/cpuset.cpus.effective, which is \"0-1\""));
	assert_int_equal(ancestors_check_new(root, path, &writes, &report, &err), 0);
	assert_int_equal(report.errors, 1);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, make_tree, remove_tree)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(caches_dont_count_as_needed),
		TEST(a_limit_that_memory_cannot_shrink_to),
		TEST(check_before_update_counts_all),
		TEST(a_number_below_what_is_there),
		TEST(the_nearest_that_grants_less_is_named),
		TEST(a_new_cgroup_is_only_warned_but_for_an_empty_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
