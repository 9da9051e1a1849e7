/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scanner for JSON without recursion: one pass, no allocation. Lines and columns are counted only
 * when there is an error to report.
 *
 * Grammar: RFC 8259. UTF-8: utf-8(7), RFC 3629. syscalls: none
 */
#include "spec/scan.h"

#include <stdint.h>
#include <string.h>

#include "spec/load.h"

/* What may come next. */
enum expect {
	EXPECT_VALUE,
	EXPECT_VALUE_OR_END, /* after "[" */
	EXPECT_NAME,	     /* after "," in an object */
	EXPECT_NAME_OR_END,  /* after "{" */
	EXPECT_COLON,
	EXPECT_COMMA_OR_END,
	EXPECT_NOTHING, /* after the document's value */
};

struct scanner {
	const char *text, *end, *at;
	struct scan *scan;
	const struct scan_visitor *visitor;
	struct error *err;
	enum expect expect;
	unsigned depth;
	bool in_object[SPEC_DEPTH_MAX + 1]; /* by depth; 0 is outside of everything */
};

int scan_error(const char *text, size_t offset, struct error *err, const char *message)
{
	size_t line = 1, column = 1;

	for (size_t i = 0; i < offset; i++) {
		if (text[i] == '\n') {
			line++;
			column = 1;
		} else if (((unsigned char)text[i] & 0xc0) != 0x80) { /* characters, not bytes */
			column++;
		}
	}
	return error_set(err, "line %zu, column %zu: %s", line, column, message);
}

static int fail(const struct scanner *s, const char *message)
{
	return scan_error(s->text, (size_t)(s->at - s->text), s->err, message);
}

static int fail_end(struct scanner *s)
{
	s->at = s->end;
	return fail(s, "the document ends too early");
}

size_t scan_utf8(const char *text, size_t left)
{
	const unsigned char *bytes = (const unsigned char *)text;
	unsigned char lead = bytes[0], low = 0x80, high = 0xbf;
	size_t length;

	if (lead < 0x80)
		return 1;
	if (lead >= 0xc2 && lead <= 0xdf)
		length = 2;
	else if (lead >= 0xe0 && lead <= 0xef)
		length = 3;
	else if (lead >= 0xf0 && lead <= 0xf4)
		length = 4;
	else
		return 0;
	if (left < length)
		return 0;
	if (lead == 0xe0)
		low = 0xa0;
	else if (lead == 0xed)
		high = 0x9f;
	else if (lead == 0xf0)
		low = 0x90;
	else if (lead == 0xf4)
		high = 0x8f;
	if (bytes[1] < low || bytes[1] > high)
		return 0;
	for (size_t i = 2; i < length; i++)
		if ((bytes[i] & 0xc0) != 0x80)
			return 0;
	return length;
}

/* The four digits at text, or -1. */
static int32_t hex4(const char *text, const char *end)
{
	int32_t value = 0;

	if (end - text < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = text[i];

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if (c >= 'a' && c <= 'f')
			value = value * 16 + (c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			value = value * 16 + (c - 'A' + 10);
		else
			return -1;
	}
	return value;
}

/* at the "u" of "\uXXXX"; ends behind the escape, or behind both halves of a pair. */
static int scan_unicode_escape(struct scanner *s)
{
	int32_t unit = hex4(s->at + 1, s->end);

	if (unit < 0)
		return fail(s, "expected four hexadecimal digits after \\u");
	if (unit == 0)
		return fail(s, "a string must not contain NUL");
	if (unit >= 0xdc00 && unit <= 0xdfff)
		return fail(s, "a low surrogate without a high one before it");
	s->at += 5;
	if (unit < 0xd800 || unit > 0xdbff)
		return 0;
	if (s->end - s->at < 6 || s->at[0] != '\\' || s->at[1] != 'u')
		return fail(s, "a high surrogate without a low one behind it");
	unit = hex4(s->at + 2, s->end);
	if (unit < 0xdc00 || unit > 0xdfff)
		return fail(s, "a high surrogate without a low one behind it");
	s->at += 6;
	return 0;
}

static int scan_escape(struct scanner *s)
{
	s->at++;
	if (s->at == s->end)
		return fail_end(s);
	if (*s->at == 'u')
		return scan_unicode_escape(s);
	if (*s->at == '\0' || !strchr("\"\\/bfnrt", *s->at))
		return fail(s, "unknown escape in a string");
	s->at++;
	return 0;
}

/* at the opening quote; ends behind the closing one. */
static int scan_string(struct scanner *s)
{
	s->at++;
	while (s->at < s->end) {
		unsigned char c = (unsigned char)*s->at;

		if (c == '"') {
			s->at++;
			return 0;
		}
		if (c == '\\') {
			if (scan_escape(s) < 0)
				return -1;
		} else if (c < 0x20) {
			return fail(s,
				    "a control character inside a string: write it as an escape");
		} else if (c < 0x80) {
			s->at++;
		} else {
			size_t length = scan_utf8(s->at, (size_t)(s->end - s->at));

			if (length == 0)
				return fail(s, "invalid UTF-8");
			s->at += length;
		}
	}
	return fail_end(s);
}

static const char *skip_digits(const char *at, const char *end)
{
	while (at < end && *at >= '0' && *at <= '9')
		at++;
	return at;
}

/* True if the decimal digits exceed what int64 (negative) or uint64 holds. */
static bool integer_overflows(const char *digits, const char *end, bool negative)
{
	static const char limits[2][21] = { "18446744073709551615", "9223372036854775808" };
	const char *limit = limits[negative];
	size_t length = (size_t)(end - digits);

	if (length != strlen(limit))
		return length > strlen(limit);
	return memcmp(digits, limit, length) > 0;
}

static int scan_digits(struct scanner *s)
{
	const char *end = skip_digits(s->at, s->end);

	if (end == s->at)
		return s->at == s->end ? fail_end(s) : fail(s, "expected a digit");
	s->at = end;
	return 0;
}

static int scan_number(struct scanner *s)
{
	bool negative = *s->at == '-';
	const char *digits;

	if (negative)
		s->at++;
	digits = s->at;
	if (scan_digits(s) < 0)
		return -1;
	if (*digits == '0' && s->at - digits > 1) {
		s->at = digits;
		return fail(s, "a number must not begin with 0");
	}
	if (integer_overflows(digits, s->at, negative))
		s->scan->overflow = true;
	if (s->at < s->end && *s->at == '.') {
		s->at++;
		if (scan_digits(s) < 0)
			return -1;
	}
	if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
		s->at++;
		if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
			s->at++;
		if (scan_digits(s) < 0)
			return -1;
	}
	return 0;
}

static int scan_word(struct scanner *s, const char *word)
{
	size_t length = strlen(word), left = (size_t)(s->end - s->at);

	if (left < length && memcmp(s->at, word, left) == 0)
		return fail_end(s);
	if (left < length || memcmp(s->at, word, length) != 0)
		return fail(s, "expected a value");
	s->at += length;
	return 0;
}

static int visit(const struct scanner *s, const char *name, size_t length)
{
	if (!s->visitor)
		return 0;
	return s->visitor->member(s->visitor->context, s->depth, name, length);
}

static int scan_open(struct scanner *s, bool object)
{
	if (s->depth == SPEC_DEPTH_MAX)
		return fail(s, "nested too deep");
	s->depth++;
	s->in_object[s->depth] = object;
	s->expect = object ? EXPECT_NAME_OR_END : EXPECT_VALUE_OR_END;
	s->at++;
	return object ? visit(s, NULL, 0) : 0;
}

static void scan_close(struct scanner *s)
{
	s->depth--;
	s->expect = s->depth > 0 ? EXPECT_COMMA_OR_END : EXPECT_NOTHING;
	s->at++;
}

static int scan_value(struct scanner *s)
{
	int result;

	switch (*s->at) {
	case '{':
		return scan_open(s, true);
	case '[':
		return scan_open(s, false);
	case '"':
		result = scan_string(s);
		break;
	case 't':
		result = scan_word(s, "true");
		break;
	case 'f':
		result = scan_word(s, "false");
		break;
	case 'n':
		result = scan_word(s, "null");
		break;
	case '-':
	case '0':
	case '1':
	case '2':
	case '3':
	case '4':
	case '5':
	case '6':
	case '7':
	case '8':
	case '9':
		result = scan_number(s);
		break;
	default:
		return fail(s, "expected a value (text needs double quotes)");
	}
	s->expect = s->depth > 0 ? EXPECT_COMMA_OR_END : EXPECT_NOTHING;
	return result;
}

static int scan_name(struct scanner *s)
{
	const char *name = s->at;

	if (*s->at != '"')
		return fail(s, s->expect == EXPECT_NAME
				       ? "expected a member name in double quotes"
				       : "expected a member name in double quotes or \"}\"");
	if (scan_string(s) < 0)
		return -1;
	s->scan->members++;
	s->expect = EXPECT_COLON;
	return visit(s, name, (size_t)(s->at - name));
}

static int scan_comma_or_end(struct scanner *s)
{
	bool object = s->in_object[s->depth];

	if (*s->at == (object ? '}' : ']')) {
		scan_close(s);
		return 0;
	}
	if (*s->at != ',')
		return fail(s, object ? "expected \",\" or \"}\"" : "expected \",\" or \"]\"");
	s->at++;
	s->expect = object ? EXPECT_NAME : EXPECT_VALUE;
	return 0;
}

static int scan_token(struct scanner *s)
{
	switch (s->expect) {
	case EXPECT_VALUE_OR_END:
		if (*s->at == ']') {
			scan_close(s);
			return 0;
		}
		return scan_value(s);
	case EXPECT_VALUE:
		return scan_value(s);
	case EXPECT_NAME_OR_END:
		if (*s->at == '}') {
			scan_close(s);
			return 0;
		}
		return scan_name(s);
	case EXPECT_NAME:
		return scan_name(s);
	case EXPECT_COLON:
		if (*s->at != ':')
			return fail(s, "expected \":\"");
		s->at++;
		s->expect = EXPECT_VALUE;
		return 0;
	case EXPECT_COMMA_OR_END:
		return scan_comma_or_end(s);
	case EXPECT_NOTHING:
		break;
	}
	return fail(s, "more text behind the end of the document");
}

int scan_json(const char *text, size_t length, struct scan *scan,
	      const struct scan_visitor *visitor, struct error *err)
{
	struct scanner s = {
		.text = text,
		.end = text + length,
		.at = text,
		.scan = scan,
		.visitor = visitor,
		.err = err,
		.expect = EXPECT_VALUE,
	};
	bool empty = true;

	*scan = (struct scan){ 0 };
	if (length > SPEC_SIZE_MAX)
		return error_set(err, "the document is larger than %zu MiB", SPEC_SIZE_MAX >> 20);
	for (;;) {
		int result;

		while (s.at < s.end &&
		       (*s.at == ' ' || *s.at == '\n' || *s.at == '\t' || *s.at == '\r'))
			s.at++;
		if (s.at == s.end)
			break;
		empty = false;
		result = scan_token(&s);
		if (result != 0)
			return result;
	}
	if (empty)
		return fail(&s, "the document is empty");
	return s.expect == EXPECT_NOTHING ? 0 : fail_end(&s);
}
