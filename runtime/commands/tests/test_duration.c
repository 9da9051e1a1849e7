/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/table.h"
#include "runtime/commands/duration.h"

static void test_durations(void **state)
{
	static const struct {
		const char *text;
		int64_t nanoseconds;
	} rows[] = {
		{ "0", 0 },
		{ "0s", 0 },
		{ "5s", 5000000000 },
		{ "100ms", 100000000 },
		{ "7us", 7000 },
		{ "7\xC2\xB5s", 7000 },
		{ "7\xCE\xBCs", 7000 },
		{ "3ns", 3 },
		{ "1m30s", 90000000000 },
		{ "1.5h", 5400000000000 },
		{ ".5s", 500000000 },
		{ "1.s", 1000000000 },
		{ "0.0000000019s", 1 },
		{ "2540400h10m10.000000000s", 9145440610000000000 },
	};
	int64_t value;

	(void)state;
	table_for_each (row, rows) {
		assert_true(duration_parse(row->text, &value));
		assert_int_equal(value, row->nanoseconds);
	}
}

static void test_no_durations(void **state)
{
	static const char *const texts[] = { "",
					     "5",
					     "s",
					     ".s",
					     "-1s",
					     "+1s",
					     "1 s",
					     "1sx",
					     "1S",
					     "1s.s",
					     "9223372036854775808ns",
					     "1e3s",
					     "3000000h",
					     "1d",
					     "00" };
	int64_t value;

	(void)state;
	table_for_each (text, texts)
		assert_false(duration_parse(*text, &value));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_no_durations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
