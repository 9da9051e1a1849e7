/* SPDX-License-Identifier: Apache-2.0 */
/* The text form of typed values: what is read, and what is refused with which words. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "cgroups/variant_text.h"

static struct arena arena;
static struct error err;
static struct variant value;

static int release(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void parse(const char *text)
{
	err.text[0] = '\0';
	if (variant_parse(text, &arena, &value, &err) < 0)
		fail_msg("%s: %s", text, err.text);
}

static void numbers(void **state)
{
	static const struct {
		const char *text, *type;
		uint64_t number;
	} cases[] = {
		{ "15", "i", 15 },
		{ "-2", "i", (uint64_t)-2 },
		{ "+7", "i", 7 },
		{ "0x1f", "i", 31 },
		{ "010", "i", 8 },
		{ "2147483647", "i", INT32_MAX },
		{ "-2147483648", "i", (uint64_t)INT32_MIN },
		{ "uint64 10000000", "t", 10000000 },
		{ "uint64 18446744073709551615", "t", UINT64_MAX },
		{ "@t 5", "t", 5 },
		{ "  @u   7  ", "u", 7 },
		{ "byte 0xff", "y", 255 },
		{ "int16 -32768", "n", (uint64_t)INT16_MIN },
		{ "uint16 65535", "q", UINT16_MAX },
		{ "uint32 4294967295", "u", UINT32_MAX },
		{ "int64 -9223372036854775808", "x", (uint64_t)INT64_MIN },
		{ "true", "b", 1 },
		{ "false", "b", 0 },
		{ "boolean true", "b", 1 },
		{ "@b false", "b", 0 },
	};

	(void)state;
	table_for_each (row, cases) {
		parse(row->text);
		assert_string_equal(value.type, row->type);
		assert_true(value.number == row->number);
	}
	parse("1.5");
	assert_string_equal(value.type, "d");
	assert_true(value.real == 1.5);
	parse("double 2");
	assert_true(value.real == 2.0);
	parse("-2e3");
	assert_true(value.real == -2000.0);
}

static void strings(void **state)
{
	static const struct {
		const char *text, *type, *string;
	} cases[] = {
		{ "'a b'", "s", "a b" },
		{ "\"it's\"", "s", "it's" },
		{ "'\\'\\\\\\n\\t\\\"'", "s", "'\\\n\t\"" },
		{ "'\\u00e4\\U0001f600'", "s", "\xc3\xa4\xf0\x9f\x98\x80" },
		{ "''", "s", "" },
		{ "objectpath '/org/x'", "o", "/org/x" },
		{ "@o '/'", "o", "/" },
		{ "signature 'a(sv)'", "g", "a(sv)" },
	};

	(void)state;
	table_for_each (row, cases) {
		parse(row->text);
		assert_string_equal(value.type, row->type);
		assert_string_equal(value.text, row->string);
	}
	parse("b'ab'");
	assert_string_equal(value.type, "ay");
	assert_int_equal(value.count, 3);
	assert_int_equal(value.items[1].number, 'b');
	assert_int_equal(value.items[2].number, 0);
}

static void containers(void **state)
{
	(void)state;
	parse("['a', \"b\"]");
	assert_string_equal(value.type, "as");
	assert_int_equal(value.count, 2);
	assert_string_equal(value.items[1].text, "b");

	parse("@as []");
	assert_string_equal(value.type, "as");
	assert_int_equal(value.count, 0);

	parse("[uint64 1, 2]");
	assert_string_equal(value.type, "at");
	assert_string_equal(value.items[1].type, "t");

	parse("[('/dev/sda', uint64 5), ('/dev/sdb', 6)]");
	assert_string_equal(value.type, "a(st)");
	assert_true(value.items[1].items[1].number == 6);
	assert_string_equal(value.items[1].items[1].type, "t");

	parse("@a(ss) [('/dev/null', 'rwm')]");
	assert_string_equal(value.items[0].items[1].text, "rwm");

	parse("('one',)");
	assert_string_equal(value.type, "(s)");

	parse("{'a': <1>, 'b': <'x'>}");
	assert_string_equal(value.type, "a{sv}");
	assert_string_equal(value.items[1].items[1].type, "v");
	assert_string_equal(value.items[1].items[1].items[0].text, "x");

	parse("@a{sv} {}");
	assert_string_equal(value.type, "a{sv}");
	assert_int_equal(value.count, 0);

	parse("<<uint32 3>>");
	assert_string_equal(value.type, "v");
	assert_string_equal(value.items[0].type, "v");
	assert_int_equal(value.items[0].items[0].number, 3);
}

static void what_is_no_value(void **state)
{
	static const struct {
		const char *text, *why;
	} cases[] = {
		{ "", "no value, but the end at byte 0" },
		{ "SIGTERM", "no value at byte 0" },
		{ "sigterm", "strings need quotes" },
		{ "'abc", "a string that doesn't end" },
		{ "'\\", "an escape that means nothing" },
		{ "'\\ud800'", "an escape that means nothing" },
		{ "'\\u12'", "an escape that means nothing" },
		{ "2147483648", "write for example \"uint64 N\"" },
		{ "uint64 -1", "out of range" },
		{ "uint64 18446744073709551616", "out of range" },
		{ "byte 256", "out of range" },
		{ "uint32", "no value, but the end" },
		{ "uint32 'x'", "no string is expected" },
		{ "string 5", "no number is expected" },
		{ "boolean 1", "no number is expected" },
		{ "1 2", "something behind the value" },
		{ "[]", "an empty array needs its type" },
		{ "{}", "an empty dictionary needs its type" },
		{ "[1, 'a']", "no string is expected" },
		{ "[1, uint64 2]", "another type than the first one" },
		{ "[1 2]", "expected a comma or a bracket" },
		{ "['a'", "expected a comma or a bracket" },
		{ "(1", "expected a comma or a parenthesis" },
		{ "()", "too few members" },
		{ "@(st) ('a')", "too few members" },
		{ "@(s) ('a', 'b')", "too many members" },
		{ "{1}", "expected a colon" },
		{ "{[1]: 2}", "a key that is no basic value" },
		{ "<1", "expected \">\"" },
		{ "@", "no type that D-Bus has" },
		{ "@ms nothing", "no type that D-Bus has" },
		{ "@h 1", "no type that D-Bus has" },
		{ "handle 1", "neither a value nor a type" },
		{ "nothing", "neither a value nor a type" },
		{ "objectpath 'x'", "no object path" },
		{ "0x", "no number" },
		{ "1e", "no number" },
		{ "--1", "no number" },
		{ "1.2.3", "no number" },
		{ "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
		  "nested too deep" },
	};

	(void)state;
	table_for_each (row, cases) {
		err.text[0] = '\0';
		if (variant_parse(row->text, &arena, &value, &err) == 0)
			fail_msg("accepted: %s", row->text);
		if (!strstr(err.text, row->why))
			fail_msg("%s: \"%s\" instead of \"%s\"", row->text, err.text, row->why);
	}
}

static void types(void **state)
{
	static const char *const whole[] = { "s", "as", "a(st)", "a{sv}", "(sa{s(ii)}v)", "aay" };
	static const char *const wrong[] = { "",     "a",     "(",    "()", "(s", "a{",
					     "a{s}", "a{vs}", "{sv}", "h",  "m",  "a{sv" };

	(void)state;
	table_for_each (row, whole) {
		const char *end = variant_type_end(*row);

		if (!end || *end)
			fail_msg("%s", *row);
	}
	table_for_each (row, wrong) {
		if (variant_type_end(*row))
			fail_msg("%s", *row);
	}
	assert_string_equal(variant_type_end("asu"), "u");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(numbers, release),
		cmocka_unit_test_teardown(strings, release),
		cmocka_unit_test_teardown(containers, release),
		cmocka_unit_test_teardown(what_is_no_value, release),
		cmocka_unit_test_teardown(types, release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
