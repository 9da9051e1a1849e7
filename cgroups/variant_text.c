/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A parser by recursive descent: one function for each kind of value. Each is given the type that
 * is expected there, or NULL where the text decides.
 *
 * syscalls: none
 */
#include "cgroups/variant_text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/string.h"
#include "base/table.h"

#define DEPTH_MAX 32

struct parser {
	const char *text, *at;
	struct arena *arena;
	struct error *err;
	int depth;
};

static int parse_value(struct parser *parser, const char *expected, struct variant *value);

static int fail(const struct parser *parser, const char *what)
{
	(void)error_set(parser->err, "%s at byte %zu", what, (size_t)(parser->at - parser->text));
	return -1;
}

static void skip_blanks(struct parser *parser)
{
	parser->at += strspn(parser->at, " \t\n");
}

static bool accept(struct parser *parser, char wanted)
{
	skip_blanks(parser);
	if (*parser->at != wanted)
		return false;
	parser->at++;
	return true;
}

static int out_of_memory(const struct parser *parser)
{
	(void)error_code(parser->err, ENOMEM, "value");
	return -1;
}

/* The type that starts at text, on its own. */
static const char *copy_type(const struct parser *parser, const char *text)
{
	const char *end = variant_type_end(text);

	return end ? arena_format(parser->arena, "%.*s", (int)(end - text), text) : NULL;
}

/* --- numbers, truth values --- */

static const struct integer_type {
	char type;
	bool is_signed;
	int bits;
} integer_types[] = {
	{ 'y', false, 8 },  { 'n', true, 16 }, { 'q', false, 16 }, { 'i', true, 32 },
	{ 'u', false, 32 }, { 'x', true, 64 }, { 't', false, 64 },
};

static const struct integer_type *integer_type_of(char type)
{
	table_for_each (row, integer_types) {
		if (row->type == type)
			return row;
	}
	return NULL;
}

static bool fits(const struct integer_type *type, bool negative, uint64_t magnitude)
{
	const uint64_t top = UINT64_MAX >> (64 - type->bits);

	if (!type->is_signed)
		return magnitude <= top && (!negative || magnitude == 0);
	return magnitude <= (top >> 1) + (negative ? 1 : 0);
}

static int parse_integer(struct parser *parser, const struct integer_type *type, const char *word,
			 struct variant *value)
{
	const bool negative = *word == '-';
	const char *digits = word + (*word == '-' || *word == '+');
	char *end;
	unsigned long long magnitude;

	if (!isdigit((unsigned char)*digits))
		return fail(parser, "no number");
	errno = 0;
	magnitude = strtoull(digits, &end, 0); /* 0x1f, 017, as GLib */
	if (*end)
		return fail(parser, "no number");
	if (errno || !fits(type, negative, magnitude))
		return fail(parser, type->type == 'i' ? "out of range (write for example "
							"\"uint64 N\"): a number"
						      : "out of range: a number");
	value->number = negative ? -(uint64_t)magnitude : magnitude;
	return 0;
}

/* Only digits, a point and an exponent: no locale, no names such as "nan". */
static int parse_real(struct parser *parser, const char *word, struct variant *value)
{
	char *end;

	if (word[strspn(word, "+-.0123456789eE")])
		return fail(parser, "no number");
	value->real = strtod(word, &end); /* the program runs in the C locale */
	return *end || end == word ? fail(parser, "no number") : 0;
}

static int parse_number(struct parser *parser, const char *expected, struct variant *value)
{
	const size_t length = strspn(parser->at, "+-.0123456789abcdefxABCDEFX");
	const char *word = arena_format(parser->arena, "%.*s", (int)length, parser->at);
	const struct integer_type *type;

	if (!word)
		return out_of_memory(parser);
	if (!expected)
		expected = !string_starts_with(word, "0x") && strpbrk(word, ".eE") ? "d" : "i";
	type = integer_type_of(*expected);
	value->type = expected;
	if (!type && *expected != 'd')
		return fail(parser, "no number is expected");
	if (type ? parse_integer(parser, type, word, value) < 0
		 : parse_real(parser, word, value) < 0)
		return -1;
	parser->at += length;
	return 0;
}

/* --- strings --- */

/* 1 to 4 bytes; 0 where the code point can't be text. */
static size_t put_utf8(char *out, uint32_t code)
{
	if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
		return 0;
	if (code < 0x80) {
		out[0] = (char)code;
		return 1;
	}
	if (code < 0x800) {
		out[0] = (char)(0xc0 | code >> 6);
		out[1] = (char)(0x80 | (code & 0x3f));
		return 2;
	}
	if (code < 0x10000) {
		out[0] = (char)(0xe0 | code >> 12);
		out[1] = (char)(0x80 | (code >> 6 & 0x3f));
		out[2] = (char)(0x80 | (code & 0x3f));
		return 3;
	}
	out[0] = (char)(0xf0 | code >> 18);
	out[1] = (char)(0x80 | (code >> 12 & 0x3f));
	out[2] = (char)(0x80 | (code >> 6 & 0x3f));
	out[3] = (char)(0x80 | (code & 0x3f));
	return 4;
}

/* Behind the backslash; writes what it stands for and returns its length, 0 on failure. */
static size_t parse_escape(struct parser *parser, char *out)
{
	static const char names[] = "abfnrtv", values[] = "\a\b\f\n\r\t\v";
	const char *name = strchr(names, *parser->at);
	const int digits = *parser->at == 'u' ? 4 : *parser->at == 'U' ? 8 : 0;
	uint32_t code = 0;

	if (*parser->at == '\0')
		return 0;
	if (digits == 0) {
		*out = name ? values[name - names] : *parser->at;
		parser->at++;
		return 1;
	}
	parser->at++;
	for (int i = 0; i < digits; i++, parser->at++) {
		const char digit = *parser->at;

		if (!isxdigit((unsigned char)digit))
			return 0;
		code = code << 4 | (uint32_t)(isdigit((unsigned char)digit)
						      ? digit - '0'
						      : tolower((unsigned char)digit) - 'a' + 10);
	}
	return put_utf8(out, code);
}

static const char *parse_quoted(struct parser *parser)
{
	const char quote = *parser->at++;
	/* no escape is shorter than what it stands for */
	char *text = arena_alloc(parser->arena, strlen(parser->at) + 1);
	size_t length = 0;

	if (!text) {
		(void)out_of_memory(parser);
		return NULL;
	}
	while (*parser->at && *parser->at != quote) {
		if (*parser->at != '\\') {
			text[length++] = *parser->at++;
			continue;
		}
		parser->at++;
		const size_t size = parse_escape(parser, text + length);

		if (size == 0) {
			(void)fail(parser, "an escape that means nothing");
			return NULL;
		}
		length += size;
	}
	if (*parser->at != quote) {
		(void)fail(parser, "a string that doesn't end");
		return NULL;
	}
	parser->at++;
	text[length] = '\0';
	return text;
}

static int parse_string(struct parser *parser, const char *expected, struct variant *value)
{
	if (expected && !strchr("sog", *expected))
		return fail(parser, "no string is expected");
	value->type = expected ? expected : "s";
	value->text = parse_quoted(parser);
	if (!value->text)
		return -1;
	if (*value->type == 'o' && *value->text != '/')
		return fail(parser, "no object path");
	return 0;
}

/* b'…': its bytes and a NUL. */
static int parse_bytes(struct parser *parser, const char *expected, struct variant *value)
{
	struct variant_list bytes = { .arena = parser->arena };
	const char *text;

	if (expected && !string_equal(expected, "ay"))
		return fail(parser, "no bytes are expected");
	parser->at++;
	text = parse_quoted(parser);
	if (!text)
		return -1;
	for (size_t i = 0; i <= strlen(text); i++)
		variant_add(&bytes,
			    (struct variant){ .type = "y", .number = (unsigned char)text[i] });
	value->type = "ay";
	value->items = bytes.items;
	value->count = bytes.count;
	return bytes.failed ? out_of_memory(parser) : 0;
}

/* --- containers --- */

static int parse_array(struct parser *parser, const char *expected, struct variant *value)
{
	struct variant_list items = { .arena = parser->arena };
	const char *element = NULL;

	if (expected && *expected != 'a')
		return fail(parser, "no array is expected");
	if (expected && !(element = copy_type(parser, expected + 1)))
		return fail(parser, "no list of this type can be written like that");
	while (!accept(parser, ']')) {
		struct variant item;

		if (items.count > 0 && !accept(parser, ','))
			return fail(parser, "expected a comma or a bracket");
		if (parse_value(parser, element, &item) < 0)
			return -1;
		element = item.type;
		variant_add(&items, item);
	}
	if (!element)
		return fail(parser, "an empty array needs its type, for example \"@as []\"");
	value->type = arena_format(parser->arena, "a%s", element);
	value->items = items.items;
	value->count = items.count;
	return items.failed || !value->type ? out_of_memory(parser) : 0;
}

/* (a, b): expected is "(…)" or NULL */
static int parse_tuple(struct parser *parser, const char *expected, struct variant *value)
{
	struct variant_list items = { .arena = parser->arena };
	const char *type = "(";

	if (expected && *expected++ != '(')
		return fail(parser, "no tuple is expected");
	while (!accept(parser, ')')) {
		const char *wanted = expected ? copy_type(parser, expected) : NULL;
		struct variant item;

		if (expected && !wanted)
			return fail(parser, "a tuple with too many members");
		if (items.count > 0 && !accept(parser, ','))
			return fail(parser, "expected a comma or a parenthesis");
		if (items.count == 1 && !wanted && accept(parser, ')'))
			break; /* ('one',) */
		if (parse_value(parser, wanted, &item) < 0)
			return -1;
		if (expected)
			expected += strlen(wanted);
		type = arena_format(parser->arena, "%s%s", type ? type : "", item.type);
		variant_add(&items, item);
	}
	if (items.count == 0 || (expected && *expected != ')'))
		return fail(parser, "a tuple with too few members");
	value->type = type ? arena_format(parser->arena, "%s)", type) : NULL;
	value->items = items.items;
	value->count = items.count;
	return items.failed || !value->type ? out_of_memory(parser) : 0;
}

static int parse_entry(struct parser *parser, const char *key_type, const char *value_type,
		       struct variant *entry)
{
	struct variant *pair = arena_array(parser->arena, 2, sizeof(*pair));

	if (!pair)
		return out_of_memory(parser);
	if (parse_value(parser, key_type, &pair[0]) < 0)
		return -1;
	if (pair[0].type[1] || *pair[0].type == 'v')
		return fail(parser, "a key that is no basic value");
	if (!accept(parser, ':'))
		return fail(parser, "expected a colon");
	if (parse_value(parser, value_type, &pair[1]) < 0)
		return -1;
	entry->type = arena_format(parser->arena, "{%s%s}", pair[0].type, pair[1].type);
	entry->items = pair;
	entry->count = 2;
	return entry->type ? 0 : out_of_memory(parser);
}

/* {'a': 1, 'b': 2}; expected is "a{…}" or NULL */
static int parse_dictionary(struct parser *parser, const char *expected, struct variant *value)
{
	struct variant_list items = { .arena = parser->arena };
	const char *key = NULL, *content = NULL, *entry_type = NULL;

	if (expected && !string_starts_with(expected, "a{"))
		return fail(parser, "no dictionary is expected");
	if (expected) {
		key = copy_type(parser, expected + 2);
		content = copy_type(parser, expected + 3);
		entry_type = expected + 1;
		if (!key || !content)
			return out_of_memory(parser);
	}
	while (!accept(parser, '}')) {
		struct variant entry = { 0 };

		if (items.count > 0 && !accept(parser, ','))
			return fail(parser, "expected a comma or a brace");
		if (parse_entry(parser, key, content, &entry) < 0)
			return -1;
		entry_type = entry.type;
		key = entry.items[0].type;
		content = entry.items[1].type;
		variant_add(&items, entry);
	}
	if (!entry_type)
		return fail(parser, "an empty dictionary needs its type");
	value->type = arena_format(parser->arena, "a%s", entry_type);
	value->items = items.items;
	value->count = items.count;
	return items.failed || !value->type ? out_of_memory(parser) : 0;
}

static int parse_inner(struct parser *parser, const char *expected, struct variant *value)
{
	struct variant *inner = arena_alloc(parser->arena, sizeof(*inner));

	if (!inner)
		return out_of_memory(parser);
	if (expected && *expected != 'v')
		return fail(parser, "no variant is expected");
	if (parse_value(parser, NULL, inner) < 0)
		return -1;
	if (!accept(parser, '>'))
		return fail(parser, "expected \">\"");
	value->type = "v";
	value->items = inner;
	value->count = 1;
	return 0;
}

/* --- all of them --- */

static const struct {
	const char *word, *type;
} type_names[] = {
	{ "boolean", "b" }, { "byte", "y" },   { "int16", "n" },      { "uint16", "q" },
	{ "int32", "i" },   { "uint32", "u" }, { "int64", "x" },      { "uint64", "t" },
	{ "double", "d" },  { "string", "s" }, { "objectpath", "o" }, { "signature", "g" },
};

static int parse_typed(struct parser *parser, const char *expected, const char *type,
		       struct variant *value)
{
	if (!type)
		return fail(parser, "no type that D-Bus has");
	if (expected && strcmp(expected, type) != 0)
		return fail(parser, "a value of another type than the first one");
	skip_blanks(parser);
	return parse_value(parser, type, value);
}

static int parse_word(struct parser *parser, const char *expected, struct variant *value)
{
	const size_t length = strspn(parser->at, "abcdefghijklmnopqrstuvwxyz0123456789");
	const char *word = arena_format(parser->arena, "%.*s", (int)length, parser->at);

	if (!word)
		return out_of_memory(parser);
	table_for_each (row, type_names) {
		if (strcmp(row->word, word) == 0) {
			parser->at += length;
			return parse_typed(parser, expected, row->type, value);
		}
	}
	if (strcmp(word, "true") != 0 && strcmp(word, "false") != 0)
		return fail(parser, "neither a value nor a type (strings need quotes)");
	if (expected && *expected != 'b')
		return fail(parser, "no truth value is expected");
	parser->at += length;
	value->type = "b";
	value->number = *word == 't';
	return 0;
}

static int parse_at_type(struct parser *parser, const char *expected, struct variant *value)
{
	const char *type = copy_type(parser, ++parser->at);

	if (type)
		parser->at += strlen(type);
	return parse_typed(parser, expected, type, value);
}

static int parse_by_first(struct parser *parser, const char *expected, struct variant *value)
{
	const char first = *parser->at;

	if (first == 'b' && (parser->at[1] == '\'' || parser->at[1] == '"'))
		return parse_bytes(parser, expected, value);
	if (first == '\'' || first == '"')
		return parse_string(parser, expected, value);
	if (isdigit((unsigned char)first) || first == '-' || first == '+' || first == '.')
		return parse_number(parser, expected, value);
	if (islower((unsigned char)first))
		return parse_word(parser, expected, value);
	if (first == '@')
		return parse_at_type(parser, expected, value);
	if (!first || !strchr("[({<", first))
		return fail(parser, first ? "no value" : "no value, but the end");
	parser->at++;
	switch (first) {
	case '[':
		return parse_array(parser, expected, value);
	case '(':
		return parse_tuple(parser, expected, value);
	case '{':
		return parse_dictionary(parser, expected, value);
	default:
		return parse_inner(parser, expected, value);
	}
}

static int parse_value(struct parser *parser, const char *expected, struct variant *value)
{
	int result;

	*value = (struct variant){ 0 };
	skip_blanks(parser);
	if (++parser->depth > DEPTH_MAX)
		return fail(parser, "nested too deep");
	result = parse_by_first(parser, expected, value);
	parser->depth--;
	return result;
}

int variant_parse(const char *text, struct arena *arena, struct variant *value, struct error *err)
{
	struct parser parser = { .text = text, .at = text, .arena = arena, .err = err };

	if (parse_value(&parser, NULL, value) < 0)
		return -1;
	skip_blanks(&parser);
	return *parser.at ? fail(&parser, "something behind the value") : 0;
}
