/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text for people, out of strings that work against them.
 *
 * syscalls: none
 */
#include "runtime/inspect/text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "spec/scan.h"

#define WIDTH 80

/* U+0080-U+009F are C1 controls; the others change the direction or the place of what follows. */
static bool is_harmful(const unsigned char *text, size_t length)
{
	uint32_t code;

	if (length == 2)
		code = (uint32_t)(text[0] & 0x1F) << 6 | (text[1] & 0x3F);
	else if (length == 3)
		code = (uint32_t)(text[0] & 0x0F) << 12 | (uint32_t)(text[1] & 0x3F) << 6 |
		       (text[2] & 0x3F);
	else
		return false;
	return code < 0xA0 || code == 0x061C || (code >= 0x200B && code <= 0x200F) ||
	       (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069) ||
	       code == 0xFEFF;
}

/* One character of text as it may be printed; returns how many bytes it took. cell holds 20. */
static size_t escape_one(const char *text, char *cell, size_t *width, bool utf8)
{
	unsigned char byte = (unsigned char)*text;
	size_t length;

	*width = 1;
	if (byte >= 0x20 && byte < 0x7F && byte != '\\') {
		(void)snprintf(cell, 20, "%c", byte);
		return 1;
	}
	if (byte == '\\') {
		(void)strcpy(cell, "\\\\"); /* 20 bytes */
		*width = 2;
		return 1;
	}
	length = byte >= 0x80 && utf8 ? scan_utf8(text, strlen(text)) : 0;
	if (length > 1 && !is_harmful((const unsigned char *)text, length)) {
		(void)snprintf(cell, 20, "%.*s", (int)length, text);
		return length;
	}
	(void)snprintf(cell, 20, "\\x%02x", byte);
	*width = 4;
	return 1;
}

void text_escaped_width(struct buffer *out, const char *text, size_t width,
			const struct text_style *style)
{
	size_t used = 0, safe = out->length; /* up to here "..." still fits */

	if (!text)
		return;
	while (*text) {
		char cell[20];
		size_t columns;
		size_t length = escape_one(text, cell, &columns, style->utf8);

		if (used + columns > width) {
			if (width < 3 || out->failed)
				return;
			if (out->text)
				out->text[safe] = '\0';
			out->length = safe;
			buffer_add(out, "...");
			return;
		}
		buffer_add(out, cell);
		used += columns;
		if (used + 3 <= width)
			safe = out->length;
		text += length;
	}
}

void text_escaped(struct buffer *out, const char *text, const struct text_style *style)
{
	text_escaped_width(out, text, SIZE_MAX, style);
}

void text_arguments(struct buffer *out, const char *arguments, size_t length, size_t width,
		    const struct text_style *style)
{
	autobuffer line = { 0 };

	for (size_t i = 0; i < length; i++) {
		const char *argument = arguments + i;
		size_t size = strnlen(argument, length - i);

		if (i > 0)
			buffer_add(&line, " ");
		buffer_add_bytes(&line, argument, size);
		i += size;
	}
	if (line.failed)
		out->failed = true;
	else if (line.text)
		text_escaped_width(out, line.text, width, style);
}

void text_wrapped(struct buffer *out, const char *text, size_t column, size_t indent,
		  const struct text_style *style)
{
	const size_t first = column;
	autobuffer escaped = { 0 };

	text_escaped(&escaped, text, style);
	out->failed |= escaped.failed;
	for (const char *word = escaped.text ? escaped.text : ""; *word;) {
		const size_t length = strcspn(word, " ");

		if (column != first && column != indent && column + 1 + length > 80) {
			buffer_format(out, "\n%*s", (int)indent, "");
			column = indent;
		} else if (column != first && column != indent) {
			buffer_add(out, " ");
			column++;
		}
		buffer_add_bytes(out, word, length);
		column += length;
		word += length + strspn(word + length, " ");
	}
	buffer_add(out, "\n");
}

void text_note(struct buffer *out, const char *text, const struct text_style *style)
{
	const char *indent = "! ";

	while (*text) {
		size_t length = strlen(text), room = WIDTH - 2;

		if (length > room) {
			length = room;
			while (length > 0 && text[length] != ' ')
				length--;
			if (length == 0)
				length = strcspn(text, " ");
		}
		buffer_format(out, "%s%s%.*s%s\n", style->colour ? "\033[33m" : "", indent,
			      (int)length, text, style->colour ? "\033[0m" : "");
		text += length;
		text += strspn(text, " ");
		indent = "  ";
	}
}

void text_heading(struct buffer *out, const char *text, const struct text_style *style)
{
	if (style->header)
		buffer_format(out, "%s%s%s\n", style->colour ? "\033[1m" : "", text,
			      style->colour ? "\033[0m" : "");
}

void text_how(struct buffer *out, const struct text_style *style, const char *format, ...)
{
	char line[1024];
	va_list arguments;

	if (!style->how)
		return;
	va_start(arguments, format);
	(void)vsnprintf(line, sizeof(line), format, arguments);
	va_end(arguments);
	buffer_format(out, "how: %s\n", line);
}

void text_source(struct buffer *out, const struct text_style *style, const struct fact *fact,
		 const char *what)
{
	if (!style->verbose || !fact->source)
		return;
	buffer_add(out, "from: ");
	text_escaped(out, fact->source, style);
	buffer_format(out, " (%s)\n", what);
}

void text_unknown(struct buffer *out, const struct fact *fact)
{
	if (fact->state != FACT_DENIED) {
		buffer_add(out, "-");
		return;
	}
	buffer_format(out, "? (%s", fact_errno_name(fact->code));
	if (fact->need)
		buffer_format(out, ": needs %s", fact->need);
	buffer_add(out, ")");
}

void text_size(struct buffer *out, uint64_t bytes)
{
	static const char units[] = "KMGTPE";
	uint64_t whole = bytes, tenth = 0;
	int unit = -1;

	while (whole >= 1024) {
		tenth = whole % 1024 * 10 / 1024;
		whole /= 1024;
		unit++;
	}
	if (unit < 0)
		buffer_format(out, "%" PRIu64, whole);
	else if (whole < 10 && tenth > 0)
		buffer_format(out, "%" PRIu64 ".%" PRIu64 "%c", whole, tenth, units[unit]);
	else
		buffer_format(out, "%" PRIu64 "%c", whole, units[unit]);
}

bool json_unknown(struct json_out *json, const char *name, const struct fact *fact)
{
	if (fact_is_known(fact))
		return false;
	if (fact->state == FACT_ABSENT) {
		json_null(json, name);
		return true;
	}
	json_begin_object(json, name);
	json_string(json, "denied", fact_errno_name(fact->code));
	if (fact->need)
		json_string(json, "need", fact->need);
	json_end_object(json);
	return true;
}

void json_fact_uint(struct json_out *json, const char *name, const struct fact_uint *value)
{
	if (!json_unknown(json, name, &value->fact))
		json_uint(json, name, value->value);
}

void json_fact_text(struct json_out *json, const char *name, const struct fact_text *value)
{
	if (!json_unknown(json, name, &value->fact))
		json_string(json, name, value->value);
}
