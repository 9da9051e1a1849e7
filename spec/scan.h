/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_SCAN_H
#define SPEC_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * The strict look at a JSON text before json-c sees it (RFC 8259 to the letter): grammar, nesting,
 * UTF-8, lone surrogates, NUL. json-c is lenient in all of these: it takes comments, trailing
 * commas, single quotes, NaN, keeps "\u0000" inside strings and lets the last of two equal names
 * win. What this accepts, json-c reads the same way.
 */
struct scan {
	size_t members; /* of all objects: fewer in json-c's tree = a name occurs twice */
	bool overflow;	/* an integer is beyond 64 bits: json-c puts the nearest one in its place */
};

/* Told of each object as it opens (name NULL) and of each member name (the text between and with
 * the quotes, escapes as written). depth counts from 1. Not 0 ends the scan with that result. */
struct scan_visitor {
	int (*member)(void *context, unsigned depth, const char *name, size_t length);
	void *context;
};

/* Reads the whole text. Errors begin with the place: "line 3, column 7: expected ...". */
int scan_json(const char *text, size_t length, struct scan *scan,
	      const struct scan_visitor *visitor, struct error *err);

/* Length of the UTF-8 sequence at text, of which left bytes (at least one) are there. 0 = invalid:
 * overlong, a surrogate, beyond U+10FFFF, cut off. */
size_t scan_utf8(const char *text, size_t left);

/* Fills err with the place of text + offset and then the message. Always returns -1. */
int scan_error(const char *text, size_t offset, struct error *err, const char *message);

#endif
