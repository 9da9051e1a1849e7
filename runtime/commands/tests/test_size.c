/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/table.h"
#include "runtime/commands/size.h"

static void sizes_as_people_write_them(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} rows[] = {
		{ "0", 0 },
		{ "-1", -1 },
		{ "4096", 4096 },
		{ "64m", 67108864 },
		{ "64M", 67108864 },
		{ "64MB", 67108864 },
		{ "64MiB", 67108864 },
		{ "1k", 1024 },
		{ "3g", INT64_C(3) << 30 },
		{ "7b", 7 },
		{ "9223372036854775807", INT64_MAX },
	};

	(void)state;
	table_for_each (row, rows) {
		int64_t bytes = -2;

		assert_true(size_parse(row->text, &bytes));
		assert_int_equal(bytes, row->bytes);
	}
}

static void what_is_no_size(void **state)
{
	static const char *const texts[] = { "",
					     "m",
					     "-2",
					     "-1m",
					     "1.5g",
					     "1 m",
					     "12x",
					     "1mm",
					     "+1",
					     "0x1",
					     "9223372036854775808",
					     "9007199254740992k" };

	(void)state;
	table_for_each (text, texts) {
		int64_t bytes;

		assert_false(size_parse(*text, &bytes));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_as_people_write_them),
		cmocka_unit_test(what_is_no_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
