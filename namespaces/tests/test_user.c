/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The maps of a user namespace as numbers: subuid(5), user_namespaces(7). No privilege, no kernel.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/passwd.h"
#include "base/table.h"
#include "namespaces/subid.h"
#include "namespaces/user.h"

static const char passwd[] = "root:x:0:0::/root:/bin/sh\n"
			     "alice:x:1000:1000::/:/bin/sh\n"
			     "::1001:\n"
			     "bob:x:1002:1002::/:";

static void names_are_found_by_number(void **state)
{
	struct arena arena = { NULL };

	(void)state;
	assert_string_equal(passwd_name(passwd, 0, &arena), "root");
	assert_string_equal(passwd_name(passwd, 1000, &arena), "alice");
	assert_string_equal(passwd_name(passwd, 1002, &arena), "bob");
	assert_null(passwd_name(passwd, 100, &arena));
	assert_null(passwd_name(passwd, 1001, &arena));
	arena_free(&arena);
}

/* "inside outside size ..." */
static void expect_ranges(const char *text, const char *expected)
{
	struct id_mapping root = { 0, 1000, 1 };
	struct id_mapping_list list = { &root, 1 };
	struct arena arena = { NULL };
	struct error err;
	autobuffer got = { 0 };

	assert_int_equal(subid_add_ranges(&list, text, "alice", 1000, &arena, &err), 0);
	for (size_t i = 1; i < list.count; i++)
		buffer_format(&got, "%s%u %u %u", i > 1 ? ", " : "", list.items[i].container_id,
			      list.items[i].host_id, list.items[i].size);
	assert_string_equal(got.text ? got.text : "", expected);
	arena_free(&arena);
}

static void subordinate_ids_follow_root(void **state)
{
	(void)state;
	expect_ranges("", "");
	expect_ranges("bob:100000:65536\n", "");
	expect_ranges("alice:100000:65536\n", "1 100000 65536");
	expect_ranges("1000:100000:65536", "1 100000 65536");
	expect_ranges("bob:1:2\nalice:100000:10\nalic:5:6\n1000:200000:20\n",
		      "1 100000 10, 11 200000 20");
	/* what overlaps, or is no line of such a file */
	expect_ranges("alice:100000:10\nalice:100005:10\nalice:900:200\nalice:300000:1\n",
		      "1 100000 10, 11 300000 1");
	expect_ranges("alice:100000\nalice\n:::\nalice:x:1\nalice:1:x\nalice:-1:5\nalice:7:0\n",
		      "");
	expect_ranges("alice:4294967295:1\nalice:4294967290:6\nalice:4294967290:5\n",
		      "1 4294967290 5");
	expect_ranges("alice:5000:4294960000\nalice:1001:1000\nalice:1:999\n",
		      "1 5000 4294960000, 4294960001 1001 1000, 4294961001 1 999");
}

static void ids_of_ones_own_namespace_are_mapped_onto_themselves(void **state)
{
	struct id_mapping_list list;
	struct arena arena = { NULL };
	struct error err;

	(void)state;
	assert_int_equal(subid_identity(&list,
					"         0       1000          1\n"
					"         1     100000      65536\n",
					&arena, &err),
			 0);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.items[1].container_id, 1);
	assert_int_equal(list.items[1].host_id, 1);
	assert_int_equal(list.items[1].size, 65536);
	assert_true(user_maps_id(&list, 0));
	assert_true(user_maps_id(&list, 65536));
	assert_false(user_maps_id(&list, 65537));
	arena_free(&arena);
}

struct plan_case {
	const char *error; /* NULL: none */
	struct id_mapping uid, gid;
	struct user_caller caller;
	uint32_t user, group;
	size_t groups;
	bool deny;
};

static void plan_as(const struct plan_case *row)
{
	static uint32_t more[] = { 5, 6 };
	struct id_mapping uid = row->uid, gid = row->gid;
	struct container_spec spec = {
		.process = { .present = true,
			     .user = { .uid = row->user,
				       .gid = row->group,
				       .additional_gids = { .items = more,
							    .count = row->groups } } },
		.linux = { .uid_mappings = { &uid, 1 }, .gid_mappings = { &gid, 1 } },
	};
	struct arena arena = { NULL };
	struct user_maps maps;
	struct error err = { 0 };
	int result = user_plan(&maps, &spec, &row->caller, &arena, NULL, &err);

	assert_int_equal(result, row->error ? -1 : 0);
	if (row->error)
		assert_non_null(strstr(err.text, row->error));
	else
		assert_int_equal(maps.deny_setgroups, row->deny);
	arena_free(&arena);
}

static void ids_of_the_process_must_be_mapped(void **state)
{
	static const struct user_caller root = { 0, 0, true }, alice = { 1000, 1000, false };
	static const struct id_mapping many = { 0, 100000, 65536 }, own = { 0, 1000, 1 };
	const struct plan_case cases[] = {
		{ NULL, many, many, root, 0, 0, 2, false },
		{ NULL, many, many, root, 65535, 65535, 0, false },
		{ "/process/user/uid: 65536", many, many, root, 65536, 0, 0, false },
		{ "/process/user/gid: 65536", many, many, root, 0, 65536, 0, false },
		{ "/process/user/additionalGids/1: 6",
		  many,
		  { 0, 100000, 6 },
		  root,
		  0,
		  0,
		  2,
		  false },
		{ NULL, own, own, alice, 0, 0, 0, true },
		{ "/process/user/uid: 1000", own, own, alice, 1000, 0, 0, true },
		{ "/process/user/additionalGids: can't be set", own, own, alice, 0, 0, 2, true },
		/* a map of somebody else's id, written with privilege */
		{ NULL, { 7, 3, 1 }, { 7, 3, 1 }, root, 7, 7, 0, false },
	};

	(void)state;
	table_for_each (row, cases)
		plan_as(row);
}

static void a_line_for_subid_is_found_wherever_it_stands(void **state)
{
	(void)state;
	assert_true(user_has_subid_source("subid: sss\n"));
	assert_true(user_has_subid_source("subid:sss"));
	assert_true(user_has_subid_source("passwd: files\n\nsubid: sss\n"));
	assert_true(user_has_subid_source("passwd: files\n \tsubid: sss\n"));
	assert_true(user_has_subid_source("Subid: sss\n"));
	assert_false(user_has_subid_source(""));
	assert_false(user_has_subid_source("\n"));
	assert_false(user_has_subid_source("passwd: files"));
	assert_false(user_has_subid_source("#subid: sss\n# subid: sss\n"));
	assert_false(user_has_subid_source("passwd: files subid: sss\nsubid"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_found_by_number),
		cmocka_unit_test(subordinate_ids_follow_root),
		cmocka_unit_test(ids_of_ones_own_namespace_are_mapped_onto_themselves),
		cmocka_unit_test(ids_of_the_process_must_be_mapped),
		cmocka_unit_test(a_line_for_subid_is_found_wherever_it_stands),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
