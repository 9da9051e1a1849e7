/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/string.h"
#include "base/table.h"
#include "spec/load.h"
#include "spec/scan.h"

/* A copy without a byte behind its end, so that ASan sees a scanner that reads on. */
static int scan_bytes(const char *text, size_t length, struct scan *scan, struct error *err)
{
	autofree char *copy = malloc(length > 0 ? length : 1);

	assert_non_null(copy);
	memcpy(copy, text, length);
	return scan_json(copy, length, scan, NULL, err);
}

static int scan_text(const char *text, struct error *err)
{
	struct scan scan;

	return scan_bytes(text, strlen(text), &scan, err);
}

static void the_whole_grammar_is_accepted(void **state)
{
	static const char *const texts[] = {
		"{}",
		" \t\r\n[ ] ",
		"0",
		"-0",
		"1.5e+10",
		"1E-3",
		"0.25",
		"\"\"",
		"true",
		"false",
		"null",
		"{\"a\":[1,{\"b\":null}],\"c\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u20ac\"}",
		"\"\\ud83d\\ude00\"",
		"\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80\"",
		"\"\xed\x9f\xbf \xee\x80\x80 \xf4\x8f\xbf\xbf\"",
		"\"\x7f\"",
	};
	struct error err;

	(void)state;
	table_for_each (text, texts) {
		assert_int_equal(scan_text(*text, &err), 0);
	}
}

static void what_is_not_json_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "line 1, column 1: the document is empty" },
		{ " \n ", "line 2, column 2: the document is empty" },
		{ "{", "line 1, column 2: the document ends too early" },
		{ "{\"a\":1,}", "line 1, column 8: expected a member name" },
		{ "[1,]", "line 1, column 4: expected a value" },
		{ "[1 2]", "line 1, column 4: expected \",\" or \"]\"" },
		{ "{\"a\" 1}", "line 1, column 6: expected \":\"" },
		{ "{\"a\":1 \"b\":2}", "line 1, column 8: expected \",\" or \"}\"" },
		{ "{a:1}", "line 1, column 2: expected a member name" },
		{ "{'a':1}", "line 1, column 2: expected a member name" },
		{ "['a']", "line 1, column 2: expected a value" },
		{ "[1] // x", "line 1, column 5: more text" },
		{ "/* x */ {}", "line 1, column 1: expected a value" },
		{ "{}\n\n {}", "line 3, column 2: more text" },
		{ "[NaN]", "line 1, column 2: expected a value" },
		{ "[nul]", "line 1, column 2: expected a value" },
		{ "[Infinity]", "line 1, column 2: expected a value" },
		{ "[tru", "line 1, column 5: the document ends too early" },
		{ "[01]", "line 1, column 2: a number must not begin with 0" },
		{ "[-]", "line 1, column 3: expected a digit" },
		{ "[+1]", "line 1, column 2: expected a value" },
		{ "[.5]", "line 1, column 2: expected a value" },
		{ "[1.]", "line 1, column 4: expected a digit" },
		{ "[1e]", "line 1, column 4: expected a digit" },
		{ "[0x10]", "line 1, column 3: expected \",\"" },
		{ "[\"a\nb\"]", "line 1, column 4: a control character" },
		{ "[\"\\x41\"]", "line 1, column 4: unknown escape" },
		{ "[\"\\u12g4\"]", "line 1, column 4: expected four hexadecimal digits" },
		{ "[\"\\u0000\"]", "line 1, column 4: a string must not contain NUL" },
		{ "[\"\\udc00\"]", "line 1, column 4: a low surrogate" },
		{ "[\"\\ud800\"]", "a high surrogate" },
		{ "[\"\\ud800\\u0041\"]", "a high surrogate" },
		{ "[\"\\ud800\\", "a high surrogate" },
		{ "]", "line 1, column 1: expected a value" },
		{ "[}", "line 1, column 2: expected a value" },
		{ "{]", "line 1, column 2: expected a member name" },
		{ "\xef\xbb\xbf{}", "line 1, column 1: expected a value" },
		/* columns count characters */
		{ "[\"\xe2\x82\xac\xe2\x82\xac\", x]", "line 1, column 8: expected a value" },
	};
	struct error err;

	(void)state;
	table_for_each (one, cases) {
		assert_int_equal(scan_text(one->text, &err), -1);
		if (!strstr(err.text, one->error))
			fail_msg("%s: got \"%s\", wanted \"%s\"", one->text, err.text, one->error);
	}
}

static void invalid_utf8_is_refused(void **state)
{
	static const char *const texts[] = {
		"\"\x80\"",
		"\"\xc0\xaf\"",
		"\"\xc1\xbf\"",
		"\"\xc3\"",
		"\"\xe0\x80\x80\"",
		"\"\xe2\x82\"",
		"\"\xed\xa0\x80\"",
		"\"\xf0\x80\x80\x80\"",
		"\"\xf4\x90\x80\x80\"",
		"\"\xf5\x80\x80\x80\"",
		"\"\xff\"",
		"\"a\xc3",
	};
	struct error err;

	(void)state;
	table_for_each (text, texts) {
		assert_int_equal(scan_text(*text, &err), -1);
		assert_non_null(strstr(err.text, "invalid UTF-8"));
	}
}

static void a_raw_nul_byte_is_refused_anywhere(void **state)
{
	static const char text[] = "{\"a\": [1, \"xy\"], \"b\": null}";
	struct error err;
	struct scan scan;

	(void)state;
	for (size_t i = 0; i < sizeof(text) - 1; i++) {
		char copy[sizeof(text)];

		memcpy(copy, text, sizeof(text));
		copy[i] = '\0';
		assert_int_equal(scan_bytes(copy, sizeof(text) - 1, &scan, &err), -1);
	}
}

static void depth_64_is_accepted_and_65_refused(void **state)
{
	char text[2 * (SPEC_DEPTH_MAX + 1)];
	struct error err;
	struct scan scan;

	(void)state;
	for (size_t depth = SPEC_DEPTH_MAX; depth <= SPEC_DEPTH_MAX + 1; depth++) {
		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		assert_int_equal(scan_bytes(text, 2 * depth, &scan, &err),
				 depth == SPEC_DEPTH_MAX ? 0 : -1);
	}
	assert_string_equal(err.text, "line 1, column 65: nested too deep");
}

static void more_than_4_mib_is_refused(void **state)
{
	size_t length = SPEC_SIZE_MAX + 1;
	autofree char *text = malloc(length);
	struct error err;
	struct scan scan;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', length);
	memcpy(text, "{}", 2);
	assert_int_equal(scan_json(text, length - 1, &scan, NULL, &err), 0);
	assert_int_equal(scan_json(text, length, &scan, NULL, &err), -1);
	assert_string_equal(err.text, "the document is larger than 4 MiB");
}

static void members_are_counted_at_every_level(void **state)
{
	static const char text[] = "{\"a\":{\"b\":[{\"c\":1},{\"c\":2}]},\"a\":\"a\"}";
	struct error err;
	struct scan scan;

	(void)state;
	assert_int_equal(scan_bytes(text, strlen(text), &scan, &err), 0);
	assert_int_equal(scan.members, 5);
}

static void integers_beyond_64_bits_are_noticed(void **state)
{
	static const struct {
		const char *text;
		bool overflow;
	} cases[] = {
		{ "18446744073709551615", false },
		{ "18446744073709551616", true },
		{ "-9223372036854775808", false },
		{ "-9223372036854775809", true },
		{ "99999999999999999999", true },
		{ "123456789012345678901234567890", true },
		{ "0", false },
	};
	struct error err;
	struct scan scan;

	(void)state;
	table_for_each (one, cases) {
		assert_int_equal(scan_bytes(one->text, strlen(one->text), &scan, &err), 0);
		assert_int_equal(scan.overflow, one->overflow);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_whole_grammar_is_accepted),
		cmocka_unit_test(what_is_not_json_is_refused_with_its_place),
		cmocka_unit_test(invalid_utf8_is_refused),
		cmocka_unit_test(a_raw_nul_byte_is_refused_anywhere),
		cmocka_unit_test(depth_64_is_accepted_and_65_refused),
		cmocka_unit_test(more_than_4_mib_is_refused),
		cmocka_unit_test(members_are_counted_at_every_level),
		cmocka_unit_test(integers_beyond_64_bits_are_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
