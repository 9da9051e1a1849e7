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
	assert_int_equal(strlen(err.text), 459);
	(void)error_set(&err, "%s", text);
	assert_int_equal(strlen(err.text), 458);
	(void)error_context(&err, "ab");
	assert_int_equal(strlen(err.text), 458);
}

static void kinds_have_a_name_and_may_have_a_hint(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(error_of_kind(&err, ERROR_CONTAINER_PAUSED, "x %d", 1), -1);
	assert_string_equal(err.text, "x 1");
	assert_string_equal(error_name(&err), "container-paused");
	assert_non_null(error_hint(&err));
	(void)error_context(&err, "y");
	assert_string_equal(error_name(&err), "container-paused");
	errno = EROFS;
	(void)error_errno(&err, "z");
	assert_string_equal(error_name(&err), "read-only");
	assert_null(error_hint(&err));
	(void)error_kind(&err, ERROR_CGROUP_IN_USE);
	assert_string_equal(error_name(&err), "cgroup-in-use");
	assert_int_equal(err.code, EROFS);
	(void)error_set(&err, "z");
	assert_string_equal(error_name(&err), "failed");
}

/* Names are for programs: lower case words, each once; an error of another process may be anything.
 */
static void names_of_kinds_are_slugs(void **state)
{
	struct error err = { 0 }, other = { 0 };

	(void)state;
	for (err.kind = ERROR_UNTOLD + 1; err.kind < ERROR_KIND_COUNT; err.kind++) {
		const char *name = error_name(&err);

		assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		for (other.kind = ERROR_UNTOLD; other.kind < err.kind; other.kind++)
			assert_string_not_equal(error_name(&other), name);
	}
	assert_string_equal(error_name(&err), "failed");
	err.kind = -1;
	assert_string_equal(error_name(&err), "failed");
	assert_null(error_hint(&err));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reasons_are_lower_case),
		cmocka_unit_test(texts_that_engines_turn_into_exit_codes_are_worded_differently),
		cmocka_unit_test(unknown_numbers_have_a_reason),
		cmocka_unit_test(context_comes_first_and_keeps_the_code),
		cmocka_unit_test(kinds_have_a_name_and_may_have_a_hint),
		cmocka_unit_test(names_of_kinds_are_slugs),
		cmocka_unit_test(long_texts_are_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
