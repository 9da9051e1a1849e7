/* SPDX-License-Identifier: Apache-2.0 */
/* Which map a mount gets. */
#include "namespaces/idmap.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"

static struct arena arena;
static struct error err;
static struct idmap idmap;

static struct id_mapping container_ids[] = { { 0, 1000, 1 }, { 1, 5000, 10 }, { 20, 7000, 5 } };
static const struct linux_spec container = {
	.uid_mappings = { container_ids, 3 },
	.gid_mappings = { container_ids, 2 },
};
static const struct namespace_plan new_user = { .create = CLONE_NEWUSER };
static const struct namespace_plan joined_user = { .join = CLONE_NEWUSER };

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static int plan_option(const char *option, const struct namespace_plan *namespaces)
{
	const char *words[] = { "bind", option };
	struct mount_spec spec = { .options = { words, 2, true } };
	struct mount_options options;
	const struct idmap_request request = { &spec, &options, 4, &container, namespaces };

	memset(&err, 0, sizeof(err));
	assert_int_equal(mount_options_parse(&spec.options, 4, &arena, &options, &err), 0);
	return idmap_plan(&idmap, &request, &arena, &err);
}

static void assert_range(const struct id_mapping_list *list, size_t i, uint32_t inside,
			 uint32_t outside, uint32_t size)
{
	assert_true(i < list->count);
	assert_int_equal(list->items[i].container_id, inside);
	assert_int_equal(list->items[i].host_id, outside);
	assert_int_equal(list->items[i].size, size);
}

static void without_a_word_there_is_no_map(void **state)
{
	(void)state;
	assert_int_equal(plan_option("ro", &new_user), 0);
	assert_false(idmap.asked);
}

static void the_containers_map_is_taken(void **state)
{
	(void)state;
	assert_int_equal(plan_option("ridmap", &new_user), 0);
	assert_true(idmap.asked && idmap.tree && !idmap.joined);
	assert_int_equal(idmap.uids.count, 3);
	assert_int_equal(plan_option("idmap", &joined_user), 0);
	assert_true(idmap.asked && !idmap.tree && idmap.joined);
}

static void a_text_has_ranges(void **state)
{
	(void)state;
	assert_int_equal(plan_option("idmap=uids=0-1-10#10-11-10;gids=0-100-4294967195", NULL), 0);
	assert_int_equal(idmap.uids.count, 2);
	assert_range(&idmap.uids, 1, 10, 11, 10);
	assert_range(&idmap.gids, 0, 0, 100, 4294967195);
}

static void a_relative_range_goes_through_the_containers_map(void **state)
{
	(void)state;
	assert_int_equal(plan_option("idmap=gids=@50-3-4;uids=@0-0-11#30-9-1", &new_user), 0);
	assert_range(&idmap.gids, 0, 50, 5002, 4);
	assert_int_equal(idmap.uids.count, 3);
	assert_range(&idmap.uids, 0, 0, 1000, 1);
	assert_range(&idmap.uids, 1, 1, 5000, 10);
	assert_range(&idmap.uids, 2, 30, 9, 1);
}

static void texts_that_are_refused(void **state)
{
	static const struct {
		const char *option, *reason;
	} cases[] = {
		{ "idmap=", "only uids= and gids=" },
		{ "idmap=uids=", "three numbers" },
		{ "idmap=uids=0-0-1", "both" },
		{ "idmap=uids=0-0-1;uids=0-0-1;gids=0-0-1", "twice" },
		{ "idmap=uids=0-0-1;gids=0-0-1x", "three numbers" },
		{ "idmap=uids=0-0-1;gids=0-0--1", "three numbers" },
		{ "idmap=uids=0-0-1;gids=0-4294967296-1", "three numbers" },
		{ "idmap=uids=0-0-1;gids=4294967295-0-1", "beyond the last id" },
		{ "idmap=uids=0-0-1;gids=0-0-0", "must not be 0" },
		{ "idmap=uids=0-0-1;gids=0-0-2#1-7-1", "overlaps" },
		{ "idmap=uids=@0-0-12;gids=0-0-1", "doesn't map" },
		{ "idmap=uids=0-0-1;gids=@0-20-1", "doesn't map" },
	};

	(void)state;
	table_for_each (row, cases) {
		if (plan_option(row->option, &new_user) == 0)
			fail_msg("%s is taken", row->option);
		if (!strstr(err.text, row->reason) || !strstr(err.text, "/mounts/4/options/1"))
			fail_msg("%s: %s", row->option, err.text);
	}
	assert_int_equal(plan_option("idmap", NULL), -1);
	assert_non_null(strstr(err.text, "/mounts/4/options/1: needs uidMappings"));
}

static void equal_maps_are_recognised(void **state)
{
	struct idmap first;

	(void)state;
	assert_int_equal(plan_option("idmap=uids=0-1-1;gids=0-1-1", NULL), 0);
	first = idmap;
	assert_int_equal(plan_option("ridmap=gids=0-1-1;uids=0-1-1", NULL), 0);
	assert_true(idmap_is_same(&first, &idmap));
	assert_int_equal(plan_option("idmap=gids=0-1-1;uids=0-2-1", NULL), 0);
	assert_false(idmap_is_same(&first, &idmap));
	assert_int_equal(plan_option("ro", NULL), 0);
	assert_false(idmap_is_same(&first, &idmap));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_word_there_is_no_map),
		cmocka_unit_test(the_containers_map_is_taken),
		cmocka_unit_test(a_text_has_ranges),
		cmocka_unit_test(a_relative_range_goes_through_the_containers_map),
		cmocka_unit_test(texts_that_are_refused),
		cmocka_unit_test(equal_maps_are_recognised),
	};

	return cmocka_run_group_tests(tests, NULL, teardown);
}
