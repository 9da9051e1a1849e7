/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text by calls in document order: no tree, no allocation but the buffer's. Written like Go's
 * encoder writes it, which is what engines are used to see: a blank after the colon when indented,
 * and
 * "{}" and "[]" on one line.
 *
 * RFC 8259. syscalls: none
 */
#include "spec/json_out.h"

#include <string.h>

#include "spec/scan.h"

struct json_out json_out(struct buffer *out, int indent)
{
	return (struct json_out){ .out = out, .indent = indent };
}

static void new_line(struct json_out *json)
{
	if (json->indent == 0)
		return;
	buffer_add(json->out, "\n");
	for (int i = 0; i < json->depth; i++) {
		if (json->indent < 0)
			buffer_add(json->out, "\t");
		else
			buffer_format(json->out, "%*s", json->indent, "");
	}
}

/* Control characters, quote and backslash; returns how many bytes of text were written. */
static size_t add_escaped(struct buffer *out, const char *text)
{
	static const char names[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *name = strchr(names, *text);
	size_t length;

	if (name) {
		char escape[] = { '\\', letters[name - names], '\0' };

		buffer_add(out, escape);
		return 1;
	}
	if ((unsigned char)*text < 0x20 || *text == 0x7F) {
		buffer_format(out, "\\u%04x", (unsigned)*text);
		return 1;
	}
	/* A path or an argument of our caller may be anything; JSON must be UTF-8. */
	length = scan_utf8(text, strlen(text));
	if (length == 0) {
		buffer_add(out, "\\ufffd");
		return 1;
	}
	/* C1 controls: a terminal takes them for escape sequences */
	if ((unsigned char)text[0] == 0xC2 && (unsigned char)text[1] < 0xA0) {
		buffer_format(out, "\\u%04x", (unsigned)(unsigned char)text[1]);
		return 2;
	}
	buffer_add_bytes(out, text, length);
	return length;
}

static void add_string(struct buffer *out, const char *text)
{
	buffer_add(out, "\"");
	while (*text) {
		size_t plain = 0;

		while ((unsigned char)text[plain] >= 0x20 && (unsigned char)text[plain] < 0x7F &&
		       text[plain] != '"' && text[plain] != '\\')
			plain++;
		buffer_add_bytes(out, text, plain);
		text += plain;
		if (*text)
			text += add_escaped(out, text);
	}
	buffer_add(out, "\"");
}

/* Comma, line and name before each value. */
static void begin_value(struct json_out *json, const char *name)
{
	if (json->has_member)
		buffer_add(json->out, ",");
	json->has_member = true;
	if (json->depth > 0)
		new_line(json);
	if (!name)
		return;
	add_string(json->out, name);
	buffer_add(json->out, json->indent ? ": " : ":");
}

static void begin(struct json_out *json, const char *name, const char *bracket)
{
	begin_value(json, name);
	buffer_add(json->out, bracket);
	json->depth++;
	json->has_member = false;
}

static void end(struct json_out *json, const char *bracket)
{
	bool empty = !json->has_member;

	json->depth--;
	if (!empty)
		new_line(json);
	buffer_add(json->out, bracket);
	json->has_member = true; /* the one that has just ended is a member of what is open now */
}

void json_begin_object(struct json_out *json, const char *name)
{
	begin(json, name, "{");
}

void json_end_object(struct json_out *json)
{
	end(json, "}");
}

void json_begin_array(struct json_out *json, const char *name)
{
	begin(json, name, "[");
}

void json_end_array(struct json_out *json)
{
	end(json, "]");
}

void json_string(struct json_out *json, const char *name, const char *value)
{
	begin_value(json, name);
	add_string(json->out, value);
}

void json_int(struct json_out *json, const char *name, int64_t value)
{
	begin_value(json, name);
	buffer_format(json->out, "%jd", (intmax_t)value);
}

void json_uint(struct json_out *json, const char *name, uint64_t value)
{
	begin_value(json, name);
	buffer_format(json->out, "%ju", (uintmax_t)value);
}

void json_bool(struct json_out *json, const char *name, bool value)
{
	begin_value(json, name);
	buffer_add(json->out, value ? "true" : "false");
}

void json_null(struct json_out *json, const char *name)
{
	begin_value(json, name);
	buffer_add(json->out, "null");
}

void json_number(struct json_out *json, const char *name, const char *text)
{
	begin_value(json, name);
	buffer_add(json->out, text);
}
