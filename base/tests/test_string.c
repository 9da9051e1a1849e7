/* SPDX-License-Identifier: Apache-2.0 */
/* base/string.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/string.h"
#include "base/table.h"

static void only_digits_are_a_number(void **state)
{
	static const char *const wrong[] = { "",     " 1",   "1 ",  "+1",
					     "-1",   "0x1",  "1a",  "18446744073709551616",
					     "1\n1", "\xEF", "1.0", "99999999999999999999999" };
	uint64_t value = 7;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		assert_false(string_to_uint(wrong[i], UINT64_MAX, &value));
		assert_int_equal(value, 7);
	}
	assert_true(string_to_uint("18446744073709551615", UINT64_MAX, &value));
	assert_true(value == UINT64_MAX);
	assert_true(string_to_uint("05", UINT64_MAX, &value));
	assert_int_equal(value, 5);
}

static void numbers_above_the_maximum_are_refused(void **state)
{
	uint64_t value = 7;

	(void)state;
	assert_true(string_to_uint("255", 255, &value));
	assert_false(string_to_uint("256", 255, &value));
	assert_int_equal(value, 255);
}

static void signed_numbers_reach_both_ends(void **state)
{
	int64_t value = 0;

	(void)state;
	assert_true(string_to_int("-9223372036854775808", INT64_MIN, INT64_MAX, &value));
	assert_true(value == INT64_MIN);
	assert_true(string_to_int("9223372036854775807", INT64_MIN, INT64_MAX, &value));
	assert_true(value == INT64_MAX);
	assert_true(string_to_int("-0", -1, 1, &value));
	assert_int_equal(value, 0);
	assert_false(string_to_int("9223372036854775808", INT64_MIN, INT64_MAX, &value));
	assert_false(string_to_int("-9223372036854775809", INT64_MIN, INT64_MAX, &value));
	assert_false(string_to_int("--1", INT64_MIN, INT64_MAX, &value));
	assert_false(string_to_int("-", INT64_MIN, INT64_MAX, &value));
	assert_false(string_to_int("-2", -1, 1, &value));
}

static void null_strings_equal_only_null(void **state)
{
	(void)state;
	assert_true(string_equal(NULL, NULL));
	assert_false(string_equal(NULL, ""));
	assert_false(string_equal("", NULL));
	assert_true(string_equal("a", "a"));
}

static void ends_are_compared(void **state)
{
	(void)state;
	assert_true(string_ends_with("a.slice", ".slice"));
	assert_true(string_ends_with(".slice", ".slice"));
	assert_true(string_ends_with("a", ""));
	assert_false(string_ends_with("slice", ".slice"));
	assert_false(string_ends_with("a.slice.scope", ".slice"));
}

static void a_buffer_grows_and_stays_terminated(void **state)
{
	autobuffer buffer = { 0 };

	(void)state;
	for (int i = 0; i < 1000; i++) {
		buffer_add(&buffer, "ab");
		buffer_format(&buffer, "%03d", i);
	}
	assert_false(buffer.failed);
	assert_int_equal(buffer.length, 5000);
	assert_int_equal(strlen(buffer.text), 5000);
	assert_string_equal(buffer.text + 4995, "ab999");
}

static void a_failed_buffer_stays_failed(void **state)
{
	autobuffer buffer = { 0 };

	(void)state;
	buffer_add(&buffer, "kept");
	buffer_add_bytes(&buffer, "", SIZE_MAX - 1);
	assert_true(buffer.failed);
	buffer_add(&buffer, "more");
	assert_string_equal(buffer.text, "kept");
}

static void a_list_of_numbers_is_a_set(void **state)
{
	static const struct {
		const char *text;
		uint64_t first, second;
	} good[] = {
		{ "0", 1, 0 },
		{ "0-3,7", 0x8f, 0 },
		{ " 1 , 2-2,,", 6, 0 },
		{ "63-64,127", UINT64_C(1) << 63, UINT64_C(1) << 63 | 1 },
		{ "0-127", UINT64_MAX, UINT64_MAX },
	};
	static const char *const bad[] = {
		"",    " ",	",",   "a",   "1-",   "-1", "3-1",
		"128", "0-128", "1 2", "0x1", "1--2", "+1", "99999999999999999999999999999999"
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint64_t words[2] = { 0xff, 0xff };

		assert_true(string_to_set(good[i].text, 128, words));
		assert_true(words[0] == good[i].first && words[1] == good[i].second);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t words[2];

		assert_false(string_to_set(bad[i], 128, words));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_digits_are_a_number),
		cmocka_unit_test(numbers_above_the_maximum_are_refused),
		cmocka_unit_test(signed_numbers_reach_both_ends),
		cmocka_unit_test(null_strings_equal_only_null),
		cmocka_unit_test(ends_are_compared),
		cmocka_unit_test(a_list_of_numbers_is_a_set),
		cmocka_unit_test(a_buffer_grows_and_stays_terminated),
		cmocka_unit_test(a_failed_buffer_stays_failed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
