/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_PLACE_H
#define SPEC_PLACE_H

#include <stddef.h>

#include "base/error.h"
#include "base/string.h"

/*
 * The way from a document's root to a value, as a chain on the stack: it costs nothing until there
 * is an error to report. The root itself has no parent.
 */
struct place {
	const struct place *parent;
	const char *name; /* NULL: an array's element */
	size_t index;
};

/* Adds the JSON pointer (RFC 6901). */
void place_pointer(const struct place *place, struct buffer *text);

/* Fills err with "<pointer>: <message>". A pointer too long for the struct is cut, never the
 * message. Always returns -1. */
int place_error(const struct place *place, struct error *err, const char *format, ...) PRINTF(3, 4);

#endif
