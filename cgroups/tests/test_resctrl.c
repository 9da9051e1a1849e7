/* SPDX-License-Identifier: Apache-2.0 */
/* linux.intelRdt on a directory that stands in for resctrl: here the files of a new group are made
 * by the test, there by the kernel. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/string.h"
#include "base/table.h"
#include "cgroups/hierarchy.h"
#include "cgroups/resctrl.h"
#include "cgroups/resctrl_stats.h"

struct tree {
	char path[64];
	struct resctrl_plan plan;
	struct arena arena;
	struct error err;
};

static void put(int root, const char *directory, const char *name, const char *text)
{
	char path[128];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", directory, name);
	fd = openat(root, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
}

static char *text_of(int root, const char *name)
{
	struct error err;
	char *text = NULL;

	assert_int_equal(file_read_at(root, name, 4096, &text, NULL, &err), 0);
	return text;
}

static void assert_text(int root, const char *name, const char *expected)
{
	char *text = text_of(root, name);

	assert_string_equal(text, expected);
	free(text);
}

/* What the kernel fills a group with. */
static void fill(int root, const char *group)
{
	put(root, group, "schemata", "");
	put(root, group, "tasks", "");
}

static int set_up(void **state)
{
	struct tree *tree = calloc(1, sizeof(*tree));

	(void)snprintf(tree->path, sizeof(tree->path), "/tmp/resctrl-XXXXXX");
	if (!mkdtemp(tree->path))
		return -1;
	tree->plan.root = open(tree->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(tree->plan.root, "info", 0755), 0);
	assert_int_equal(mkdirat(tree->plan.root, "mon_groups", 0755), 0);
	put(tree->plan.root, "info", "last_cmd_status", "ok\n");
	fill(tree->plan.root, ".");
	*state = tree;
	return 0;
}

static int tear_down(void **state)
{
	struct tree *tree = *state;
	int parent = openat(tree->plan.root, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int removed = file_remove_tree_at(parent, strrchr(tree->path, '/') + 1, &tree->err);

	(void)close(parent);
	(void)close(tree->plan.root);
	arena_free(&tree->arena);
	free(tree);
	return removed;
}

static int plan(struct tree *tree, const struct intel_rdt_spec *rdt)
{
	return resctrl_plan(&tree->plan, rdt, "box", &tree->arena, &tree->err);
}

static void without_a_clos_id_the_container_has_its_own_group(void **state)
{
	static const char *lines[] = { "L2:0=3", "MB:0=50" };
	const struct intel_rdt_spec rdt = {
		.present = true,
		.schemata = { lines, 2, true },
		.l3_cache_schema = "L3:0=f",
		.mem_bw_schema = "MB:0=20",
		.enable_monitoring = true,
	};
	struct tree *tree = *state;
	const int root = tree->plan.root;

	assert_int_equal(plan(tree, &rdt), 0);
	assert_true(tree->plan.make && !tree->plan.keep);
	assert_string_equal(tree->plan.group, "box");
	assert_string_equal(tree->plan.monitor, "box/mon_groups/box");
	assert_int_equal(resctrl_make_group(&tree->plan, &rdt, &tree->err), 0);
	fill(root, "box");
	assert_int_equal(mkdirat(root, "box/mon_groups", 0755), 0);
	assert_int_equal(resctrl_write_schemata(&tree->plan, &rdt, &tree->err), 0);
	/* each write starts anew, in a file; the last one stays */
	assert_text(root, "box/schemata", "MB:0=50\n");
	assert_int_equal(resctrl_make_monitor(&tree->plan, &tree->err), 0);
	fill(root, "box/mon_groups/box");
	assert_int_equal(resctrl_add(root, tree->plan.group, tree->plan.monitor, 4711, &tree->err),
			 0);
	assert_text(root, "box/tasks", "4711");
	assert_text(root, "box/mon_groups/box/tasks", "4711");
	assert_text(root, "tasks", "");
	/* made again: it is somebody's now */
	assert_int_equal(resctrl_make_group(&tree->plan, &rdt, &tree->err), -1);
	assert_int_equal(plan(tree, &rdt), -1);
	assert_string_equal(tree->err.text, "/linux/intelRdt/l3CacheSchema: group box is there "
					    "already and its schemata don't say L3:0=f");
}

static void nothing_is_written_where_nothing_is_asked_for(void **state)
{
	const struct intel_rdt_spec rdt = { .present = true, .clos_id = "/" };
	struct tree *tree = *state;

	put(tree->plan.root, ".", "schemata", "untouched");
	assert_int_equal(plan(tree, &rdt), 0);
	assert_true(!tree->plan.make && tree->plan.keep && !tree->plan.monitor);
	assert_int_equal(resctrl_make_group(&tree->plan, &rdt, &tree->err), 0);
	assert_int_equal(resctrl_write_schemata(&tree->plan, &rdt, &tree->err), 0);
	assert_int_equal(resctrl_make_monitor(&tree->plan, &tree->err), 0);
	assert_int_equal(resctrl_add(tree->plan.root, tree->plan.group, NULL, 1, &tree->err), 0);
	assert_text(tree->plan.root, "schemata", "untouched");
	assert_text(tree->plan.root, "tasks", "1");
}

static void a_clos_id_without_schema_must_be_there(void **state)
{
	const struct intel_rdt_spec rdt = { .present = true, .clos_id = "gold" };
	struct tree *tree = *state;

	assert_int_equal(plan(tree, &rdt), -1);
	assert_non_null(
		strstr(tree->err.text, "/linux/intelRdt/closID: resctrl has no group gold"));
	assert_int_equal(mkdirat(tree->plan.root, "gold", 0755), 0);
	assert_int_equal(plan(tree, &rdt), 0);
	assert_true(!tree->plan.make && tree->plan.keep);
}

static void a_clos_id_with_schema_is_made_or_compared(void **state)
{
	const struct intel_rdt_spec rdt = { .present = true,
					    .clos_id = "gold",
					    .mem_bw_schema = "MB:0=70;1=20" };
	struct tree *tree = *state;

	assert_int_equal(plan(tree, &rdt), 0);
	assert_true(tree->plan.make && tree->plan.keep);
	assert_int_equal(resctrl_make_group(&tree->plan, &rdt, &tree->err), 0);
	put(tree->plan.root, "gold", "schemata", "    L3:0=fffff\n    MB:0= 70;1= 20\n");
	assert_int_equal(plan(tree, &rdt), 0);
	put(tree->plan.root, "gold", "schemata", "    L3:0=fffff\n    MB:0=70;1=020;2=100\n");
	assert_int_equal(plan(tree, &rdt), 0);
	assert_false(tree->plan.make);
	put(tree->plan.root, "gold", "schemata", "    MB:0=70;1=30\n");
	assert_int_equal(plan(tree, &rdt), -1);
	assert_non_null(strstr(tree->err.text, "/linux/intelRdt/memBwSchema: group gold is there"));
}

/* A second create that has planned before the first one made the group. */
static void a_clos_id_that_was_made_meanwhile_is_joined(void **state)
{
	const struct intel_rdt_spec rdt = { .present = true,
					    .clos_id = "gold",
					    .mem_bw_schema = "MB:0=70" };
	struct tree *tree = *state;

	assert_int_equal(plan(tree, &rdt), 0);
	assert_true(tree->plan.make);
	assert_int_equal(mkdirat(tree->plan.root, "gold", 0755), 0);
	put(tree->plan.root, "gold", "schemata", "    MB:0= 70\n");
	assert_int_equal(resctrl_make_group(&tree->plan, &rdt, &tree->err), 0);
	assert_false(tree->plan.make);
	assert_int_equal(resctrl_write_schemata(&tree->plan, &rdt, &tree->err), 0);
	assert_text(tree->plan.root, "gold/schemata", "    MB:0= 70\n");
	/* and not with other shares than it wants */
	tree->plan.make = true;
	put(tree->plan.root, "gold", "schemata", "    MB:0= 50\n");
	assert_int_equal(resctrl_make_group(&tree->plan, &rdt, &tree->err), -1);
	assert_non_null(strstr(tree->err.text, "/linux/intelRdt/memBwSchema: group gold is there"));
}

static void the_lock_is_that_of_the_root_directory(void **state)
{
	struct tree *tree = *state;
	const int other = open(tree->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(other >= 0);
	assert_int_equal(resctrl_lock(tree->plan.root, &tree->err), 0);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), -1);
	resctrl_unlock(tree->plan.root);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(close(other), 0);
}

static void refusals_say_what_the_kernel_said(void **state)
{
	const struct intel_rdt_spec rdt = { .present = true, .l3_cache_schema = "L3:9=f" };
	struct tree *tree = *state;

	assert_int_equal(plan(tree, &rdt), 0);
	assert_int_equal(resctrl_make_group(&tree->plan, &rdt, &tree->err), 0);
	put(tree->plan.root, "info", "last_cmd_status", "Invalid domain 9\n");
	assert_int_equal(resctrl_write_schemata(&tree->plan, &rdt, &tree->err), -1);
	assert_non_null(strstr(tree->err.text, "/linux/intelRdt/l3CacheSchema: group box: "));
	assert_non_null(strstr(tree->err.text, "(last_cmd_status: Invalid domain 9)"));
}

static void resctrls_own_names_are_no_groups(void **state)
{
	const struct intel_rdt_spec rdt = { .present = true, .clos_id = "info" };
	struct tree *tree = *state;

	assert_int_equal(plan(tree, &rdt), -1);
	assert_string_equal(tree->err.text,
			    "/linux/intelRdt: resctrl has a directory info of its own");
}

static void a_monitoring_group_of_somebody_else_is_refused(void **state)
{
	const struct intel_rdt_spec rdt = { .present = true,
					    .clos_id = "/",
					    .enable_monitoring = true };
	struct tree *tree = *state;

	assert_int_equal(mkdirat(tree->plan.root, "mon_groups/box", 0755), 0);
	assert_int_equal(plan(tree, &rdt), -1);
	assert_non_null(strstr(tree->err.text, "/linux/intelRdt/enableMonitoring"));
}

static void lines_compare_as_numbers(void **state)
{
	static const char file[] =
		"    MB:0=100;1=50\n  L3CODE:0=7ff\n    L3:0=0fffff;1=00F0;10=3\n";

	(void)state;
	assert_true(resctrl_line_holds("L3:0=FFFFF", file));
	assert_true(resctrl_line_holds("L3:1=f0;0=fffff", file));
	assert_true(resctrl_line_holds("L3:0=fffff;", file));
	assert_true(resctrl_line_holds("L3:10=3", file));
	assert_true(resctrl_line_holds("L3CODE:0=7ff", file));
	assert_true(resctrl_line_holds("MB:1=50", file));
	assert_false(resctrl_line_holds("L3:0=ffff", file));
	assert_false(resctrl_line_holds("L3:2=f", file));
	assert_false(resctrl_line_holds("L3:1=3", file));
	assert_false(resctrl_line_holds("L3:0", file));
	assert_false(resctrl_line_holds("L3", file));
	assert_false(resctrl_line_holds("L2:0=f", file));
	assert_false(resctrl_line_holds("MB:0=50", file));
}

static void the_mount_is_found_by_its_type(void **state)
{
	static const char text[] =
		"24 30 0:22 / /proc rw - proc proc rw\n"
		"25 30 0:23 / /mnt/old rw - resctrl resctrl rw\n"
		"26 30 0:24 / /mnt/a\\040resctrl rw,relatime shared:3 - resctrl resctrl rw\n"
		"27 30 0:25 / /x rw - tmpfs resctrl rw\n";
	char mount[4096];

	(void)state;
	assert_true(hierarchy_find_type(text, "resctrl", mount));
	assert_string_equal(mount, "/mnt/a resctrl");
	assert_false(hierarchy_find_type(text, "cgroup2", mount));
}

static void a_refused_change_puts_the_old_shares_back(void **state)
{
	struct tree *tree = *state;
	struct intel_rdt_spec rdt = { .present = true, .l3_cache_schema = "L3:0=f" };
	int root = tree->plan.root;
	char *old = NULL;

	put(root, ".", "schemata", "    L3:0=ff\n");
	assert_int_equal(resctrl_change(root, ".", &rdt, &old, &tree->err), 0);
	assert_string_equal(old, "    L3:0=ff\n");
	assert_text(root, "schemata",
		    "L3:0=f\n0=ff\n"); /* a file, which only takes what is written */
	resctrl_put_back(root, ".", old, &tree->err);
	assert_text(root, "schemata", "L3:0=ff\n=ff\n");
	free(old);
	assert_int_equal(resctrl_change(root, "none", &rdt, &old, &tree->err), -1);
	assert_null(old);
}

static void statistics_have_what_the_cpu_has(void **state)
{
	struct tree *tree = *state;
	int root = tree->plan.root;
	autobuffer text = { 0 };
	struct json_out json = json_out(&text, 0);

	assert_int_equal(mkdirat(root, "info/L3", 0755), 0);
	put(root, "info/L3", "cbm_mask", "fffff\n");
	put(root, "info/L3", "min_cbm_bits", "1\n");
	put(root, "info/L3", "num_closids", "16\n");
	put(root, ".", "schemata", "    L3:0=fffff;1=fffff\n    MB:0=100;1=100\n");
	assert_int_equal(mkdirat(root, "box", 0755), 0);
	put(root, "box", "schemata", "L3:0=f;1=f\nMB:0= 50;1=100\n");
	assert_int_equal(mkdirat(root, "box/mon_data", 0755), 0);
	assert_int_equal(mkdirat(root, "box/mon_data/mon_L3_00", 0755), 0);
	assert_int_equal(mkdirat(root, "box/mon_data/mon_L3_01", 0755), 0);
	put(root, "box/mon_data/mon_L3_00", "llc_occupancy", "4096\n");
	put(root, "box/mon_data/mon_L3_01", "llc_occupancy", "Unavailable\n");
	put(root, "box/mon_data/mon_L3_00", "mbm_total_bytes", "7\n");
	put(root, "box/mon_data/mon_L3_00", "mbm_local_bytes", "5\n");

	json_begin_object(&json, NULL);
	resctrl_stats_write(&json, root, "box", NULL);
	json_end_object(&json);
	assert_string_equal(
		text.text,
		"{\"l3_cache_info\":{\"cbm_mask\":\"fffff\",\"min_cbm_bits\":1,\"num_closids\":16},"
		"\"l3_cache_schema_root\":\"L3:0=fffff;1=fffff\",\"l3_cache_schema\":\"L3:0=f;1="
		"f\","
		"\"mem_bw_schema_root\":\"MB:0=100;1=100\",\"mem_bw_schema\":\"MB:0= 50;1=100\","
		"\"schemata\":[\"L3:0=f;1=f\",\"MB:0= 50;1=100\"],"
		"\"mbm_stats\":[{\"mbm_total_bytes\":7,\"mbm_local_bytes\":5}],"
		"\"cmt_stats\":[{\"llc_occupancy\":4096},{}]}");
	/* watched elsewhere, and nothing counted there */
	text.length = 0;
	json = json_out(&text, 0);
	json_begin_object(&json, NULL);
	resctrl_stats_write(&json, root, "box", "box/mon_groups/c1");
	json_end_object(&json);
	assert_null(strstr(text.text, "_stats"));
}

#define TREE_TEST(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE_TEST(without_a_clos_id_the_container_has_its_own_group),
		TREE_TEST(nothing_is_written_where_nothing_is_asked_for),
		TREE_TEST(a_clos_id_without_schema_must_be_there),
		TREE_TEST(a_clos_id_with_schema_is_made_or_compared),
		TREE_TEST(a_clos_id_that_was_made_meanwhile_is_joined),
		TREE_TEST(the_lock_is_that_of_the_root_directory),
		TREE_TEST(refusals_say_what_the_kernel_said),
		TREE_TEST(resctrls_own_names_are_no_groups),
		TREE_TEST(a_monitoring_group_of_somebody_else_is_refused),
		TREE_TEST(a_refused_change_puts_the_old_shares_back),
		TREE_TEST(statistics_have_what_the_cpu_has),
		cmocka_unit_test(lines_compare_as_numbers),
		cmocka_unit_test(the_mount_is_found_by_its_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
