/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/table.h"
#include "namespaces/filesystem.h"
#include "namespaces/filesystem_types.h"

static void a_type_is_a_whole_name(void **state)
{
	static const char list[] = "nodev\tsysfs\nnodev\ttmpfs\n\text4\n\text";

	(void)state;
	assert_true(filesystem_types_have(list, "sysfs", false));
	assert_true(filesystem_types_have(list, "ext4", false));
	assert_true(filesystem_types_have(list, "ext", false));
	assert_false(filesystem_types_have(list, "ext2", false));
	assert_false(filesystem_types_have(list, "tmp", false));
	assert_false(filesystem_types_have(list, "nodev", false));
	assert_false(filesystem_types_have(list, "", false));
	assert_false(filesystem_types_have("", "tmpfs", false));
	assert_int_equal(filesystem_type_state("proc"), FILESYSTEM_THERE);
	assert_int_equal(filesystem_type_state("no such type"), FILESYSTEM_UNKNOWN);
}

static void layers_are_unescaped(void **state)
{
	static const char *const expected[] = { "/a", "/b:c", "/d" };
	const char *list = "/a:/b\\:c:/d";
	autobuffer layer = { 0 };

	(void)state;
	table_for_each (one, expected) {
		assert_true(filesystem_next_layer(&list, &layer));
		assert_string_equal(layer.text, *one);
	}
	assert_false(filesystem_next_layer(&list, &layer));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_type_is_a_whole_name),
		cmocka_unit_test(layers_are_unescaped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
