/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "cgroups/resources.h"

static const char *check(const struct resources_spec *resources)
{
	static struct error err;

	err.text[0] = '\0';
	return resources_check(resources, NULL, &err) == 0 ? NULL : err.text;
}

static void empty_resources_ask_for_nothing(void **state)
{
	const struct resources_spec resources = { 0 };

	(void)state;
	assert_null(check(&resources));
}

static void neutral_values_ask_for_nothing(void **state)
{
	struct resources_spec resources = { 0 };

	(void)state;
	resources.memory.limit = (struct opt_int){ true, -1 };
	resources.memory.swap = (struct opt_int){ true, -1 };
	resources.memory.reservation = (struct opt_int){ true, 0 };
	resources.memory.kernel = (struct opt_int){ true, 0 };
	resources.memory.swappiness = (struct opt_uint){ true, 0 };
	resources.memory.disable_oom_killer = (struct opt_bool){ true, false };
	resources.memory.use_hierarchy = (struct opt_bool){ true, true };
	resources.cpu.shares = (struct opt_uint){ true, 1024 };
	resources.cpu.quota = (struct opt_int){ true, -1 };
	resources.cpu.period = (struct opt_uint){ true, 100000 };
	resources.cpu.realtime_runtime = (struct opt_int){ true, 0 };
	resources.cpu.cpus = "";
	resources.pids.limit = (struct opt_int){ true, -1 };
	resources.block_io.weight = (struct opt_uint){ true, 0 };
	resources.network.class_id = (struct opt_uint){ true, 0 };
	assert_null(check(&resources));
	resources.cpu.shares.value = 0;
	resources.cpu.quota.value = 0;
	assert_null(check(&resources));
}

static void what_only_v1_had_is_refused_with_the_reason(void **state)
{
	struct resources_spec resources = { 0 };

	(void)state;
	resources.memory.disable_oom_killer = (struct opt_bool){ true, true };
	assert_string_equal(check(&resources), "/linux/resources/memory/disableOOMKiller: cgroup "
					       "v2 has no switch for the OOM killer");
	resources = (struct resources_spec){ 0 };
	resources.network.class_id = (struct opt_uint){ true, 7 };
	assert_string_equal(check(&resources),
			    "/linux/resources/network/classID: cgroup v2 has no network class");
}

static void lists_ask_by_their_elements(void **state)
{
	struct resources_spec resources = { 0 };
	struct weight_device weight = { .major = 8, .leaf_weight = { true, 10 } };

	(void)state;
	resources.block_io.weight_device.items = &weight;
	resources.block_io.weight_device.count = 1;
	assert_non_null(strstr(check(&resources), "cgroup v2 has no leaf weight"));
	weight.leaf_weight.value = 0;
	assert_null(check(&resources));
}

/* The predicate must read the member that the row names: each offset is used by one kind only. */
static void rows_name_members_of_the_struct(void **state)
{
	(void)state;
	for (size_t i = 0; i < resource_row_count; i++) {
		const struct resource_row *row = &resource_rows[i];

		assert_true(row->offset < sizeof(struct resources_spec));
		for (size_t j = 0; j < i; j++)
			assert_true(row->offset == 0 || row->offset != resource_rows[j].offset);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(empty_resources_ask_for_nothing),
		cmocka_unit_test(neutral_values_ask_for_nothing),
		cmocka_unit_test(what_only_v1_had_is_refused_with_the_reason),
		cmocka_unit_test(lists_ask_by_their_elements),
		cmocka_unit_test(rows_name_members_of_the_struct),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
