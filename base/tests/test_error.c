/* SPDX-License-Identifier: Apache-2.0 */
/* base/error.c */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"

static void reasons_are_lower_case(void **state)
{
	struct error err;

	(void)state;
	errno = EINVAL;
	assert_int_equal(error_errno(&err, "open %s", "x"), -1);
	assert_string_equal(err.text, "open x: invalid argument");
	assert_int_equal(err.code, EINVAL);
}

static void texts_that_engines_turn_into_exit_codes_are_worded_differently(void **state)
{
	(void)state;
	assert_string_equal(error_reason(ENOENT), "is missing");
	assert_string_equal(error_reason(EACCES), "access is refused");
	assert_string_equal(error_reason(EPERM), "is not permitted");
}

static void unknown_numbers_have_a_reason(void **state)
{
	(void)state;
	assert_string_equal(error_reason(54321), "error 54321");
}

static void context_comes_first_and_keeps_the_code(void **state)
{
	struct error err;

	(void)state;
	(void)error_code(&err, ENOSPC, "write state.json");
	assert_int_equal(error_context(&err, "container %s", "c1"), -1);
	assert_string_equal(err.text, "container c1: write state.json: no space left on device");
	assert_int_equal(err.code, ENOSPC);
}

static void long_texts_are_cut_between_characters(void **state)
{
	struct error err;
	char text[600];

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i += 2)
		memcpy(text + i, "\xC3\xA9", 2);
	text[598] = '\0';
	(void)error_set(&err, "x%s", text);
	assert_int_equal(strlen(err.text), 507);
	(void)error_set(&err, "%s", text);
	assert_int_equal(strlen(err.text), 506);
	(void)error_context(&err, "ab");
	assert_int_equal(strlen(err.text), 506);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_are_lower_case),
		cmocka_unit_test(texts_that_engines_turn_into_exit_codes_are_worded_differently),
		cmocka_unit_test(unknown_numbers_have_a_reason),
		cmocka_unit_test(context_comes_first_and_keeps_the_code),
		cmocka_unit_test(long_texts_are_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
