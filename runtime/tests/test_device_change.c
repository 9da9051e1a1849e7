/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "runtime/update.h"

static struct arena arena;
static struct error err;

static int release(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void rules_are_read(void **state)
{
	static const struct {
		const char *text, *type, *access;
		int64_t major, minor;
	} rows[] = {
		{ "c 10:229 rwm", "c", "rwm", 10, 229 },
		{ "c 1:3", "c", "rwm", 1, 3 },
		{ "b 8:* r", "b", "r", 8, -1 },
		{ "c 4095:1048575 r", "c", "r", 4095, 1048575 },
		{ "a *:* rw", "a", "rw", -1, -1 },
		{ "/dev/null", "c", "rwm", 1, 3 },
		{ "/dev/null:rw", "c", "rw", 1, 3 },
	};

	(void)state;
	table_for_each (row, rows) {
		struct device_change change;

		assert_int_equal(device_change_parse(row->text, true, &change, &arena, &err), 0);
		assert_true(change.rule.allow);
		assert_string_equal(change.rule.type, row->type);
		assert_string_equal(change.rule.access, row->access);
		assert_int_equal(change.rule.major.value, row->major);
		assert_int_equal(change.rule.minor.value, row->minor);
		assert_true(!change.must_have_node || strcmp(change.path, "/dev/null") == 0);
	}
}

static void what_is_no_rule(void **state)
{
	static const char *const texts[] = {
		"",	 "c",	      "c 1",	      "c 1:3 x", "c 1:3 rwmx",
		"d 1:3", "c 1:3 r w", "c -1:3",	      "c 1*:3",	 "/dev/none",
		"/dev",	 "c 4096:1",  "b 8:1048576 r"
	};

	(void)state;
	table_for_each (text, texts) {
		struct device_change change;

		assert_int_equal(device_change_parse(*text, true, &change, &arena, &err), -1);
		assert_non_null(strstr(err.text, "device rule \""));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(rules_are_read, release),
		cmocka_unit_test_teardown(what_is_no_rule, release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
