/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_STRING_H
#define BASE_STRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Text: checked numbers (R22: range-checked, no sign surprises, no default), and a buffer that
 * grows. Nothing here depends on the locale.
 */

/* Decimal digits only: no sign, no blanks, no leading '+', "" refused. False = not a number in
 * 0..max, and *value is untouched. */
bool string_to_uint(const char *text, uint64_t max, uint64_t *value);

/* An optional '-' and decimal digits within min..max. */
bool string_to_int(const char *text, int64_t min, int64_t max, int64_t *value);

/*
 * A list of numbers below count as cpuset(7) writes it, "0-3,7", as a set of bits: number n is bit
 * n % 64 of words[n / 64], which has room for count bits (a multiple of 64) and is cleared first.
 * Blanks round an element and empty elements are accepted. False: it isn't one, or names nothing.
 */
bool string_to_set(const char *text, size_t count, uint64_t *words);

bool string_starts_with(const char *text, const char *prefix);
bool string_ends_with(const char *text, const char *end);
bool string_equal(const char *a, const char *b); /* NULL equals only NULL */

/* A buffer for building text. Zero-initialise; text stays NUL-terminated once something is in it.
 * failed is sticky: memory ran out at some point, check it once at the end. */
struct buffer {
	char *text;
	size_t length, capacity;
	bool failed;
};

void buffer_add(struct buffer *buffer, const char *text);
void buffer_add_bytes(struct buffer *buffer, const void *data, size_t length);
void buffer_format(struct buffer *buffer, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void buffer_free(struct buffer *buffer);

#define autobuffer __attribute__((cleanup(buffer_free))) struct buffer

#endif
