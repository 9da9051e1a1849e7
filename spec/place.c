/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON pointers for errors, RFC 6901. syscalls: those of malloc(3)
 */
#include "spec/place.h"

#include <stdarg.h>
#include <stdio.h>

#define POINTER_MAX 240 /* bytes of a pointer in an error: names come from the document */

void place_pointer(const struct place *place, struct buffer *text)
{
	if (!place->parent)
		return;
	place_pointer(place->parent, text);
	buffer_add(text, "/");
	if (!place->name) {
		buffer_format(text, "%zu", place->index);
		return;
	}
	for (const char *c = place->name; *c; c++) {
		if (*c == '~')
			buffer_add(text, "~0");
		else if (*c == '/')
			buffer_add(text, "~1");
		else
			buffer_add_bytes(text, c, 1);
	}
}

static void shorten(struct buffer *text)
{
	size_t length = POINTER_MAX;

	if (text->length <= POINTER_MAX)
		return;
	while (((unsigned char)text->text[length] & 0xc0) == 0x80)
		length--; /* not in the middle of a character */
	text->length = length;
	buffer_add(text, "...");
}

int place_error(const struct place *place, struct error *err, const char *format, ...)
{
	autobuffer pointer = { 0 };
	char message[sizeof(err->text)];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(message, sizeof(message), format, arguments); /* may be cut at the end */
	va_end(arguments);
	place_pointer(place, &pointer);
	shorten(&pointer);
	if (pointer.failed || pointer.length == 0)
		return error_set(err, "%s", message);
	return error_set(err, "%s: %s", pointer.text, message);
}
