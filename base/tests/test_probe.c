/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/probe.h"

static int value;

static int change(const void *data, struct error *err)
{
	value = *(const int *)data;
	return value ? error_set(err, "it was %d", value) : 0;
}

static int end(const void *data, struct error *err)
{
	(void)data;
	(void)err;
	_exit(0);
}

static void what_is_done_is_gone_and_the_error_is_told(void **state)
{
	const int numbers[] = { 0, 7 };
	struct error err;

	(void)state;
	assert_int_equal(probe_in_child(change, &numbers[0], &err), 0);
	assert_int_equal(probe_in_child(change, &numbers[1], &err), -1);
	assert_string_equal(err.text, "it was 7");
	assert_int_equal(value, 0);
	assert_int_equal(probe_in_child(end, NULL, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_done_is_gone_and_the_error_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
