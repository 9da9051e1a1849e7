/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checked numbers and growing text. strtol(3) is avoided on purpose: it takes blanks, signs and
 * what follows the number, and leaves 0 where there was none (CVE-2026-30892: "-u 1" ran as 0).
 *
 * syscalls: those of malloc(3)
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/string.h"

bool string_to_uint(const char *text, uint64_t max, uint64_t *value)
{
	uint64_t number = 0;

	if (*text == '\0')
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		if (__builtin_mul_overflow(number, 10U, &number) ||
		    __builtin_add_overflow(number, (uint64_t)(*text - '0'), &number))
			return false;
	}
	if (number > max)
		return false;
	*value = number;
	return true;
}

bool string_to_int(const char *text, int64_t min, int64_t max, int64_t *value)
{
	bool negative = *text == '-';
	uint64_t magnitude;
	int64_t number;

	if (!string_to_uint(negative ? text + 1 : text, (uint64_t)INT64_MAX + negative, &magnitude))
		return false;
	/* -INT64_MAX - 1 has no positive counterpart */
	number = !negative	  ? (int64_t)magnitude
		 : magnitude == 0 ? 0
				  : -(int64_t)(magnitude - 1) - 1;
	if (number < min || number > max)
		return false;
	*value = number;
	return true;
}

/* One element, "N" or "N-M", of length bytes. */
static bool add_range(const char *text, size_t length, size_t count, uint64_t *words)
{
	char copy[32], *last;
	uint64_t from, to;

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, text, length);
	copy[length] = '\0';
	last = strchr(copy, '-');
	if (last)
		*last++ = '\0';
	if (!string_to_uint(copy, count - 1, &from) ||
	    !string_to_uint(last ? last : copy, count - 1, &to) || from > to)
		return false;
	for (; from <= to; from++)
		words[from / 64] |= UINT64_C(1) << from % 64;
	return true;
}

bool string_to_set(const char *text, size_t count, uint64_t *words)
{
	static const char blanks[] = " \t\n";
	bool any = false;

	memset(words, 0, count / 8);
	for (;;) {
		const char *end = text + strcspn(text, ",");
		size_t length;

		text += strspn(text, blanks);
		length = (size_t)(end - text);
		while (length > 0 && strchr(blanks, text[length - 1]))
			length--;
		if (length > 0 && !add_range(text, length, count, words))
			return false;
		any |= length > 0;
		if (!*end)
			return any;
		text = end + 1;
	}
}

bool string_starts_with(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool string_ends_with(const char *text, const char *end)
{
	const size_t length = strlen(text), wanted = strlen(end);

	return length >= wanted && strcmp(text + length - wanted, end) == 0;
}

bool string_equal(const char *a, const char *b)
{
	if (!a || !b)
		return a == b;
	return strcmp(a, b) == 0;
}

/* Room for more bytes and the NUL. */
static bool buffer_reserve(struct buffer *buffer, size_t more)
{
	size_t needed, capacity;
	char *text;

	if (buffer->failed)
		return false;
	if (__builtin_add_overflow(buffer->length, more, &needed) || needed > SIZE_MAX / 4) {
		buffer->failed = true;
		return false;
	}
	if (needed < buffer->capacity)
		return true;

	capacity = buffer->capacity ? buffer->capacity : 256;
	while (capacity <= needed)
		capacity *= 2;
	text = realloc(buffer->text, capacity);
	if (!text) {
		buffer->failed = true;
		return false;
	}
	buffer->text = text;
	buffer->capacity = capacity;
	return true;
}

void buffer_add_bytes(struct buffer *buffer, const void *data, size_t length)
{
	if (!buffer_reserve(buffer, length))
		return;
	if (length)
		memcpy(buffer->text + buffer->length, data, length);
	buffer->length += length;
	buffer->text[buffer->length] = '\0';
}

void buffer_add(struct buffer *buffer, const char *text)
{
	buffer_add_bytes(buffer, text, strlen(text));
}

void buffer_format(struct buffer *buffer, const char *format, ...)
{
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vsnprintf(NULL, 0, format, arguments);
	va_end(arguments);
	if (length < 0) {
		buffer->failed = true;
		return;
	}
	if (!buffer_reserve(buffer, (size_t)length))
		return;

	va_start(arguments, format);
	(void)vsnprintf(buffer->text + buffer->length, (size_t)length + 1, format,
			arguments); /* measured above */
	va_end(arguments);
	buffer->length += (size_t)length;
}

void buffer_free(struct buffer *buffer)
{
	free(buffer->text);
	*buffer = (struct buffer){ 0 };
}
