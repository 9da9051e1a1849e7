/* SPDX-License-Identifier: Apache-2.0 */
/* The walker, row by row: the documents are made from the tables themselves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/string.h"
#include "base/table.h"
#include "spec/document.h"
#include "spec/field.h"
#include "spec/record.h"

/* Where a row stands: the text before and after its object's members, and the object's pointer. */
struct spot {
	const struct field *root;
	const char *before, *after, *pointer;
};

typedef void row_test(const struct spot *spot, const struct field *row);

union any_document {
	struct container_spec spec;
	struct process_spec process;
	struct record record;
};

/* Loads before + members + after; the error's text in err, "" when there is none. */
static void load(const struct spot *spot, const char *members, struct error *err)
{
	union any_document *base = calloc(1, sizeof(*base));
	struct arena arena = { 0 };
	autobuffer text = { 0 };

	assert_non_null(base);
	buffer_format(&text, "%s%s%s", spot->before, members, spot->after);
	assert_false(text.failed);
	err->text[0] = '\0';
	(void)document_load(&(struct document){ "doc", text.text, text.length, false }, spot->root,
			    base, &arena, err);
	arena_free(&arena);
	free(base);
}

static void each_row(const struct spot *spot, const struct field *fields, row_test *test)
{
	for (const struct field *row = fields; row->kind != FIELD_END; row++) {
		autobuffer before = { 0 }, after = { 0 }, pointer = { 0 };
		bool list = row->kind == FIELD_OBJECT_LIST, map = row->kind == FIELD_OBJECT_MAP;
		struct spot inner;

		test(spot, row);
		if (!row->fields)
			continue;
		buffer_format(&before, "%s\"%s\":%s", spot->before, row->name,
			      list  ? "[{"
			      : map ? "{\"k\":{"
				    : "{");
		buffer_format(&after, "%s%s", list ? "}]" : map ? "}}" : "}", spot->after);
		buffer_format(&pointer, "%s/%s%s", spot->pointer, row->name,
			      list  ? "/0"
			      : map ? "/k"
				    : "");
		inner = (struct spot){ spot->root, before.text, after.text, pointer.text };
		each_row(&inner, row->fields, test);
	}
}

static void each_row_of_each_table(row_test *test)
{
	static const struct field *const tables[] = { root_fields, process_fields, record_fields };

	table_for_each (table, tables) {
		const struct spot spot = { *table, "{", "}", "" };

		each_row(&spot, *table, test);
	}
}

static void expect_error(const struct spot *spot, const struct field *row, const char *value,
			 const char *below, const char *message)
{
	autobuffer member = { 0 }, expected = { 0 };
	struct error err;

	buffer_format(&member, "\"%s\":%s", row->name, value);
	buffer_format(&expected, "doc: %s/%s%s: %s", spot->pointer, row->name, below, message);
	load(spot, member.text, &err);
	if (strncmp(err.text, expected.text, expected.length) != 0)
		fail_msg("%s: got \"%s\", wanted \"%s\"", member.text, err.text, expected.text);
}

static bool is_integer(const struct field *row)
{
	return row->kind == FIELD_UINT16 || row->kind == FIELD_UINT32 ||
	       row->kind == FIELD_UINT64 || row->kind == FIELD_INT64 ||
	       row->kind == FIELD_OPT_INT || row->kind == FIELD_OPT_UINT;
}

static const char *expected_type(const struct field *row)
{
	if (is_integer(row))
		return "expected an integer, found ";
	switch ((int)row->kind) {
	case FIELD_BOOL:
	case FIELD_OPT_BOOL:
		return "expected true or false, found ";
	case FIELD_STRING:
		return "expected a string, found ";
	case FIELD_STRING_LIST:
		return "expected an array of strings, found ";
	case FIELD_UINT32_LIST:
		return "expected an array of integers, found ";
	case FIELD_OBJECT_LIST:
		return "expected an array of objects, found ";
	case FIELD_STRING_MAP:
		return "expected an object of strings, found ";
	case FIELD_OBJECT_MAP:
		return "expected an object of objects, found ";
	default:
		return "expected an object, found ";
	}
}

static void check_wrong_types(const struct spot *spot, const struct field *row)
{
	static const struct {
		const char *value;
		bool boolean, string, integer, array, object;
	} values[] = {
		{ "true", .boolean = true },	 { "\"1234\"", .string = true },
		{ "\"12abc\"", .string = true }, { "1", .integer = true },
		{ "1.5", .boolean = false },	 { "1e2", .boolean = false },
		{ "[]", .array = true },	 { "{}", .object = true },
	};

	if (row->kind == FIELD_IGNORE)
		return;
	table_for_each (wrong, values) {
		bool array = row->kind == FIELD_STRING_LIST || row->kind == FIELD_UINT32_LIST ||
			     row->kind == FIELD_OBJECT_LIST;
		bool object = row->kind == FIELD_STRING_MAP || row->kind == FIELD_OBJECT_MAP ||
			      row->kind == FIELD_OBJECT;
		bool boolean = row->kind == FIELD_BOOL || row->kind == FIELD_OPT_BOOL;

		if ((wrong->boolean && boolean) || (wrong->string && row->kind == FIELD_STRING) ||
		    (wrong->integer && is_integer(row)) || (wrong->array && array) ||
		    (wrong->object && object))
			continue;
		expect_error(spot, row, wrong->value, "", expected_type(row));
	}
}

static void a_wrong_type_is_refused_by_pointer_in_every_row(void **state)
{
	(void)state;
	each_row_of_each_table(check_wrong_types);
}

static void check_wrong_elements(const struct spot *spot, const struct field *row)
{
	switch ((int)row->kind) {
	case FIELD_STRING_LIST:
		expect_error(spot, row, "[1]", "/0", "expected a string, found a number");
		expect_error(spot, row, "[\"/a\",null]", "/1", "expected a string, found null");
		break;
	case FIELD_UINT32_LIST:
		expect_error(spot, row, "[0,\"1\"]", "/1", "expected an integer, found a string");
		expect_error(spot, row, "[-1]", "/0",
			     "expected an integer from 0 to 4294967295, found -1");
		break;
	case FIELD_STRING_MAP:
		expect_error(spot, row, "{\"a/b~\":{}}", "/a~1b~0",
			     "expected a string, found an object");
		break;
	case FIELD_OBJECT_LIST:
		expect_error(spot, row, "[null]", "/0", "expected an object, found null");
		break;
	case FIELD_OBJECT_MAP:
		expect_error(spot, row, "{\"k\":[]}", "/k", "expected an object, found an array");
		break;
	default:
		break;
	}
}

static void a_wrong_element_is_refused_by_pointer_in_every_list(void **state)
{
	(void)state;
	each_row_of_each_table(check_wrong_elements);
}

static void check_null(const struct spot *spot, const struct field *row)
{
	autobuffer member = { 0 }, pointer = { 0 };
	struct error err;

	if (row->required) {
		expect_error(spot, row, "null", "", expected_type(row));
		return;
	}
	buffer_format(&member, "\"%s\":null", row->name);
	buffer_format(&pointer, "%s/%s:", spot->pointer, row->name);
	load(spot, member.text, &err); /* may complain of other, required members */
	if (strstr(err.text, pointer.text))
		fail_msg("%s", err.text);
}

static void null_is_absent_unless_the_member_is_required(void **state)
{
	(void)state;
	each_row_of_each_table(check_null);
}

static void check_range(const struct spot *spot, const struct field *row)
{
	char below[32], above[32];
	int64_t min;
	uint64_t max;

	if (!is_integer(row))
		return;
	field_range(row, &min, &max);
	(void)snprintf(below, sizeof(below), "%jd", (intmax_t)(min > INT64_MIN ? min - 1 : 0));
	(void)snprintf(above, sizeof(above), "%ju", (uintmax_t)max + 1);
	expect_error(spot, row, min == INT64_MIN ? "-9223372036854775809" : below, "", "expected ");
	expect_error(spot, row, max == UINT64_MAX ? "18446744073709551616" : above, "",
		     "expected ");
}

static void an_integer_out_of_range_is_refused_in_every_row(void **state)
{
	(void)state;
	each_row_of_each_table(check_range);
}

static void check_limits_accepted(const struct spot *spot, const struct field *row)
{
	autobuffer smallest = { 0 }, largest = { 0 }, pointer = { 0 };
	struct error err;
	int64_t min;
	uint64_t max;

	if (!is_integer(row))
		return;
	field_range(row, &min, &max);
	buffer_format(&smallest, "\"%s\":%jd", row->name, (intmax_t)min);
	buffer_format(&largest, "\"%s\":%ju", row->name, (uintmax_t)max);
	buffer_format(&pointer, "%s/%s:", spot->pointer, row->name);
	load(spot, smallest.text, &err);
	assert_null(strstr(err.text, pointer.text));
	load(spot, largest.text, &err);
	assert_null(strstr(err.text, pointer.text));
}

static void the_ends_of_each_range_are_accepted(void **state)
{
	(void)state;
	each_row_of_each_table(check_limits_accepted);
}

static void check_forms(const struct spot *spot, const struct field *row)
{
	if (row->kind == FIELD_STRING && row->form == FORM_NOT_EMPTY)
		expect_error(spot, row, "\"\"", "", "must not be empty");
	if (row->kind == FIELD_STRING && row->form == FORM_ABSOLUTE)
		expect_error(spot, row, "\"a/b\"", "", "must be an absolute path");
	if (row->kind == FIELD_STRING_LIST && row->form == FORM_ABSOLUTE)
		expect_error(spot, row, "[\"/a\",\"b\"]", "/1", "must be an absolute path");
	if (row->kind == FIELD_STRING_LIST && row->form == FORM_NOT_EMPTY)
		expect_error(spot, row, "[\"\"]", "/0", "must not be empty");
	if (row->kind == FIELD_STRING_MAP && row->form == FORM_NOT_EMPTY)
		expect_error(spot, row, "{\"\":\"x\"}", "/", "must not be empty");
	if (row->kind == FIELD_STRING && row->values)
		expect_error(spot, row, "\"bogus\"", "", "expected ");
}

static void forms_and_values_hold_in_every_row(void **state)
{
	(void)state;
	each_row_of_each_table(check_forms);
}

static void unknown_members_are_ignored_at_every_level(void **state)
{
	const struct spot spot = { process_fields, "{\"cwd\":\"/\",", "}", "" };
	struct error err;

	(void)state;
	load(&spot, "\"new\":{\"deep\":[1]},\"user\":{\"uid\":0,\"gid\":0,\"new\":true}", &err);
	assert_string_equal(err.text, "");
}

static void an_unknown_member_of_a_closed_table_is_refused(void **state)
{
	const struct spot spot = { linux_fields, "{", "}", "" };
	struct error err;

	(void)state;
	load(&spot, "\"timeOffsets\":{\"realtime\":{\"secs\":1}}", &err);
	assert_string_equal(err.text, "doc: /timeOffsets/realtime: is unknown");
}

static void a_missing_required_member_is_named(void **state)
{
	const struct spot spot = { root_fields, "{", "}", "" };
	struct error err;

	(void)state;
	load(&spot, "\"ociVersion\":\"1.0.0\"", &err);
	assert_string_equal(err.text, "doc: /root: is required but missing");
	load(&spot, "\"linux\":{\"uidMappings\":[{\"containerID\":0,\"size\":1}]}", &err);
	assert_string_equal(err.text, "doc: /linux/uidMappings/0/hostID: is required but missing");
}

static void a_document_that_is_no_object_is_refused(void **state)
{
	static const char *const documents[] = { "[]", "null", "1", "\"x\"", "true" };
	struct error err;

	(void)state;
	table_for_each (document, documents) {
		const struct spot spot = { root_fields, *document, "", "" };

		load(&spot, "", &err);
		assert_non_null(strstr(err.text, "doc: expected an object, found "));
	}
}

static void an_endless_name_does_not_hide_the_message(void **state)
{
	const struct spot spot = { root_fields, "{\"annotations\":{\"", "\":1}}", "" };
	struct error err;
	char name[2001];

	(void)state;
	for (size_t i = 0; i < sizeof(name) - 1; i += 2)
		memcpy(name + i, "\xc3\xa9", 2);
	name[sizeof(name) - 1] = '\0';
	load(&spot, name, &err);
	assert_non_null(strstr(err.text, "...: expected a string, found a number"));
}

static void check_size(const struct spot *spot, const struct field *row)
{
	size_t rows = 0;

	(void)spot;
	if (!row->fields)
		return;
	for (; row->fields[rows].kind != FIELD_END; rows++)
		;
	assert_in_range(rows, 1, FIELD_TABLE_MAX);
}

static void every_table_fits_the_mask_of_required_members(void **state)
{
	(void)state;
	each_row_of_each_table(check_size);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wrong_type_is_refused_by_pointer_in_every_row),
		cmocka_unit_test(a_wrong_element_is_refused_by_pointer_in_every_list),
		cmocka_unit_test(null_is_absent_unless_the_member_is_required),
		cmocka_unit_test(an_integer_out_of_range_is_refused_in_every_row),
		cmocka_unit_test(the_ends_of_each_range_are_accepted),
		cmocka_unit_test(forms_and_values_hold_in_every_row),
		cmocka_unit_test(unknown_members_are_ignored_at_every_level),
		cmocka_unit_test(an_unknown_member_of_a_closed_table_is_refused),
		cmocka_unit_test(a_missing_required_member_is_named),
		cmocka_unit_test(a_document_that_is_no_object_is_refused),
		cmocka_unit_test(an_endless_name_does_not_hide_the_message),
		cmocka_unit_test(every_table_fits_the_mask_of_required_members),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
