/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/seccomp.h>
#include <seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "seccomp/names.h"

static size_t count(enum seccomp_list list)
{
	size_t n = 0;

	while (seccomp_list_name(list, n))
		n++;
	return n;
}

static void every_listed_name_is_found(void **state)
{
	uint32_t number;

	(void)state;
	for (size_t i = 0; i < count(SECCOMP_ACTIONS); i++)
		assert_non_null(seccomp_find_action(seccomp_list_name(SECCOMP_ACTIONS, i)));
	for (size_t i = 0; i < count(SECCOMP_OPERATORS); i++)
		assert_true(seccomp_find_operator(seccomp_list_name(SECCOMP_OPERATORS, i)) > 0);
	for (size_t i = 0; i < count(SECCOMP_ARCHITECTURES); i++) {
		assert_true(seccomp_find_architecture(seccomp_list_name(SECCOMP_ARCHITECTURES, i),
						      &number));
		assert_true(number != 0);
	}
	for (size_t i = 0; i < count(SECCOMP_KNOWN_FLAGS); i++)
		assert_true(seccomp_find_flag(seccomp_list_name(SECCOMP_KNOWN_FLAGS, i), &number));
}

static void the_lists_are_as_long_as_the_specifications(void **state)
{
	(void)state;
	assert_int_equal(count(SECCOMP_ACTIONS), 9);
	assert_int_equal(count(SECCOMP_OPERATORS), 7);
	assert_int_equal(count(SECCOMP_KNOWN_FLAGS), 4);
	assert_in_range(count(SECCOMP_ARCHITECTURES), 19, 23); /* 2.5 lacks four */
}

static void unknown_names_are_not_found(void **state)
{
	uint32_t number = 0;

	(void)state;
	assert_null(seccomp_find_action("SCMP_ACT_"));
	assert_null(seccomp_find_action("scmp_act_allow"));
	assert_int_equal(seccomp_find_operator("SCMP_CMP_"), -1);
	assert_false(seccomp_find_architecture("x86_64", &number));
	assert_false(seccomp_find_flag("SECCOMP_FILTER_FLAG_NEW_LISTENER", &number));
}

static void supported_flags_are_some_of_the_known(void **state)
{
	(void)state;
	assert_true(count(SECCOMP_SUPPORTED_FLAGS) <= count(SECCOMP_KNOWN_FLAGS));
	for (size_t i = 0; i < count(SECCOMP_SUPPORTED_FLAGS); i++) {
		uint32_t flag;

		assert_true(
			seccomp_find_flag(seccomp_list_name(SECCOMP_SUPPORTED_FLAGS, i), &flag));
		assert_true(seccomp_flag_is_supported(flag));
	}
	assert_false(seccomp_flag_is_supported(1U << 31));
}

static void kill_means_the_thread(void **state)
{
	(void)state;
	assert_int_equal(seccomp_find_action("SCMP_ACT_KILL")->value, SECCOMP_RET_KILL_THREAD);
}

static void the_version_is_the_loaded_librarys(void **state)
{
	unsigned int major = seccomp_version()->major;

	(void)state;
	assert_int_equal((unsigned char)seccomp_library_version()[0], '0' + major);
	assert_non_null(strchr(seccomp_library_version(), '.'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_listed_name_is_found),
		cmocka_unit_test(the_lists_are_as_long_as_the_specifications),
		cmocka_unit_test(unknown_names_are_not_found),
		cmocka_unit_test(supported_flags_are_some_of_the_known),
		cmocka_unit_test(kill_means_the_thread),
		cmocka_unit_test(the_version_is_the_loaded_librarys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
