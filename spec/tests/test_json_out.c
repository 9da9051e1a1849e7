/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/string.h"
#include "base/table.h"
#include "spec/json_out.h"
#include "spec/scan.h"

static void write_example(struct buffer *out, int indent)
{
	struct json_out json = json_out(out, indent);

	json_begin_object(&json, NULL);
	json_string(&json, "path", "/a/b");
	json_begin_array(&json, "list");
	json_int(&json, NULL, -1);
	json_begin_object(&json, NULL);
	json_end_object(&json);
	json_begin_array(&json, NULL);
	json_end_array(&json);
	json_uint(&json, NULL, UINT64_MAX);
	json_end_array(&json);
	json_bool(&json, "yes", true);
	json_null(&json, "none");
	json_number(&json, "e", "1e5");
	json_end_object(&json);
}

static void compact_output_is_one_line_without_blanks(void **state)
{
	autobuffer out = { 0 };

	(void)state;
	write_example(&out, 0);
	assert_string_equal(out.text, "{\"path\":\"/a/b\",\"list\":[-1,{},[],18446744073709551615],"
				      "\"yes\":true,\"none\":null,\"e\":1e5}");
}

static void indented_output_has_a_line_for_each_value(void **state)
{
	autobuffer out = { 0 };

	(void)state;
	write_example(&out, 2);
	assert_string_equal(out.text, "{\n  \"path\": \"/a/b\",\n  \"list\": [\n    -1,\n    {},\n"
				      "    [],\n    18446744073709551615\n  ],\n  \"yes\": true,\n"
				      "  \"none\": null,\n  \"e\": 1e5\n}");
}

static void tabs_are_one_for_each_level(void **state)
{
	autobuffer out = { 0 };
	struct json_out json = json_out(&out, -1);

	(void)state;
	json_begin_object(&json, NULL);
	json_begin_object(&json, "a");
	json_int(&json, "b", INT64_MIN);
	json_end_object(&json);
	json_end_object(&json);
	assert_string_equal(out.text, "{\n\t\"a\": {\n\t\t\"b\": -9223372036854775808\n\t}\n}");
}

static void a_scalar_can_be_the_document(void **state)
{
	autobuffer out = { 0 };
	struct json_out json = json_out(&out, 4);

	(void)state;
	json_null(&json, NULL);
	assert_string_equal(out.text, "null");
}

static void strings_are_escaped_only_where_json_asks_for_it(void **state)
{
	static const struct {
		const char *text, *json;
	} cases[] = {
		{ "a/b", "\"a/b\"" },
		{ "\"\\", "\"\\\"\\\\\"" },
		{ "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
		{ "\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"" },
		{ "\xc2\x9b\xc2\xa0", "\"\\u009b\xc2\xa0\"" },
		{ "<&>", "\"<&>\"" },
		{ "\xc3\xa9\xf0\x9f\x98\x80", "\"\xc3\xa9\xf0\x9f\x98\x80\"" },
		{ "", "\"\"" },
	};

	(void)state;
	table_for_each (one, cases) {
		autobuffer out = { 0 };
		struct json_out json = json_out(&out, 0);

		json_string(&json, NULL, one->text);
		assert_string_equal(out.text, one->json);
	}
}

static void what_is_not_utf8_still_gives_valid_json(void **state)
{
	static const struct {
		const char *text, *json;
	} cases[] = {
		{ "a\xff", "\"a\\ufffd\"" },
		{ "\xc3", "\"\\ufffd\"" },
		{ "\xe2\x82z", "\"\\ufffd\\ufffdz\"" },
		{ "\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"" },
	};

	(void)state;
	table_for_each (one, cases) {
		autobuffer out = { 0 };
		struct json_out json = json_out(&out, 0);
		struct scan scan;
		struct error err;

		json_string(&json, NULL, one->text);
		assert_string_equal(out.text, one->json);
		assert_int_equal(scan_json(out.text, out.length, &scan, NULL, &err), 0);
	}
}

static void names_are_escaped_too(void **state)
{
	autobuffer out = { 0 };
	struct json_out json = json_out(&out, 0);

	(void)state;
	json_begin_object(&json, NULL);
	json_bool(&json, "a\"b", false);
	json_end_object(&json);
	assert_string_equal(out.text, "{\"a\\\"b\":false}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compact_output_is_one_line_without_blanks),
		cmocka_unit_test(indented_output_has_a_line_for_each_value),
		cmocka_unit_test(tabs_are_one_for_each_level),
		cmocka_unit_test(a_scalar_can_be_the_document),
		cmocka_unit_test(strings_are_escaped_only_where_json_asks_for_it),
		cmocka_unit_test(what_is_not_utf8_still_gives_valid_json),
		cmocka_unit_test(names_are_escaped_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
