/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "spec/resources.h"

static struct arena arena;
static struct error err;

static int release(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct resources_spec load(const char *text)
{
	struct resources_spec resources;

	if (resources_load(&resources, "test", text, strlen(text), &arena, &err) < 0)
		fail_msg("%s", err.text);
	return resources;
}

/* The merged document, as it is kept. */
static void expect_merged(const char *old, const char *change, const char *result)
{
	struct resources_spec before = load(old), asked = load(change), merged,
			      wanted = load(result);
	autobuffer text = { 0 };
	autobuffer wanted_text = { 0 };

	assert_int_equal(resources_merge(&merged, &before, &asked, &arena, &err), 0);
	resources_write(&text, &merged);
	resources_write(&wanted_text, &wanted);
	assert_string_equal(text.text, wanted_text.text);
}

static void keys_match_in_any_case(void **state)
{
	struct resources_spec resources =
		load("{\"CPU\": {\"Cpus\": \"0\", \"shareS\": 7}, \"MEMORY\": {\"Limit\": 5}}");

	(void)state;
	assert_string_equal(resources.cpu.cpus, "0");
	assert_int_equal(resources.cpu.shares.value, 7);
	assert_int_equal(resources.memory.limit.value, 5);
}

static void what_is_written_can_be_read(void **state)
{
	static const char text[] =
		"{\"devices\":[{\"allow\":false,\"access\":\"rwm\"},{\"allow\":true,\"type\":\"c\","
		"\"major\":1,\"minor\":3}],\"memory\":{\"limit\":5,\"checkBeforeUpdate\":true},"
		"\"cpu\":{\"shares\":7,\"cpus\":\"0\"},\"pids\":{\"limit\":-1},\"blockIO\":{"
		"\"weightDevice\":[{\"major\":8,\"minor\":0,\"weight\":10}],"
		"\"throttleReadBpsDevice\":[{\"major\":8,\"minor\":16,\"rate\":"
		"18446744073709551615}]},"
		"\"hugepageLimits\":[{\"pageSize\":\"2MB\",\"limit\":0}],\"network\":{},"
		"\"rdma\":{\"x\":{\"hcaHandles\":1}},\"unified\":{\"memory.high\":\"1\\n\"}}\n";
	struct resources_spec resources = load(text);
	autobuffer written = { 0 };

	(void)state;
	resources_write(&written, &resources);
	assert_string_equal(written.text, text);
}

static void what_isnt_given_stays(void **state)
{
	(void)state;
	expect_merged("{\"memory\": {\"limit\": 5}, \"cpu\": {\"quota\": 1000, \"period\": 2000}}",
		      "{\"cpu\": {\"period\": 4000}, \"memory\": {\"limit\": 0}}",
		      "{\"memory\": {\"limit\": 5}, \"cpu\": {\"quota\": 1000, \"period\": 4000}}");
	expect_merged("{\"pids\": {\"limit\": 5}}", "{}", "{\"pids\": {\"limit\": 5}}");
	expect_merged("{\"pids\": {\"limit\": 5}}", "{\"pids\": {\"limit\": 0}}",
		      "{\"pids\": {\"limit\": 0}}");
}

static void a_lifted_limit_lifts_the_sum(void **state)
{
	(void)state;
	expect_merged("{\"memory\": {\"limit\": 5, \"swap\": 7}}", "{\"memory\": {\"limit\": -1}}",
		      "{\"memory\": {\"limit\": -1, \"swap\": -1}}");
	expect_merged("{\"cpu\": {\"shares\": 5}}", "{\"cpu\": {\"idle\": 1}}",
		      "{\"cpu\": {\"idle\": 1}}");
}

static void lists_are_merged_by_what_they_are_about(void **state)
{
	(void)state;
	expect_merged("{\"blockIO\": {\"throttleReadBpsDevice\": [{\"major\": 8, \"minor\": 0, "
		      "\"rate\": 1}, {\"major\": 8, \"minor\": 16, \"rate\": 2}]}}",
		      "{\"blockIO\": {\"throttleReadBpsDevice\": [{\"major\": 8, \"minor\": 16, "
		      "\"rate\": 3}, {\"major\": 9, \"minor\": 0, \"rate\": 4}]}}",
		      "{\"blockIO\": {\"throttleReadBpsDevice\": [{\"major\": 8, \"minor\": 0, "
		      "\"rate\": 1}, {\"major\": 8, \"minor\": 16, \"rate\": 3}, {\"major\": 9, "
		      "\"minor\": 0, \"rate\": 4}]}}");
	expect_merged("{\"unified\": {\"a.b\": \"1\"}}",
		      "{\"unified\": {\"c.d\": \"2\", \"a.b\": \"3\"}}",
		      "{\"unified\": {\"a.b\": \"3\", \"c.d\": \"2\"}}");
}

static void devices_of_a_change_are_left_out(void **state)
{
	(void)state;
	expect_merged("{\"devices\": [{\"allow\": true}]}", "{\"devices\": [{\"allow\": false}]}",
		      "{\"devices\": [{\"allow\": true}]}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(keys_match_in_any_case, release),
		cmocka_unit_test_teardown(what_is_written_can_be_read, release),
		cmocka_unit_test_teardown(what_isnt_given_stays, release),
		cmocka_unit_test_teardown(a_lifted_limit_lifts_the_sum, release),
		cmocka_unit_test_teardown(lists_are_merged_by_what_they_are_about, release),
		cmocka_unit_test_teardown(devices_of_a_change_are_left_out, release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
