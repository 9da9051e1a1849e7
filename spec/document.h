/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_DOCUMENT_H
#define SPEC_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

/* Text to json-c's tree by the strict way, and from there into a struct by a table of fields. */

struct json_object;
struct field;

/*
 * Scans and parses any JSON value. A name that occurs twice in an object is an error with its line
 * and column. The caller releases *value (NULL is JSON's null) with json_object_put(). overflow:
 * see struct scan; may be NULL, then such numbers are an error.
 */
int document_parse(const char *text, size_t length, struct json_object **value, bool *overflow,
		   struct error *err);

struct document {
	const char *name; /* errors begin with "<name>: " */
	const char *text;
	size_t length;
	bool any_case; /* of members' names */
};

/* The same as document_load(), but each member's error goes to report and only what keeps the text
 * from being read is an error, without the document's name. */
struct report;
int document_check(const struct document *document, const struct field *fields, void *base,
		   struct arena *arena, struct report *report, struct error *err);

/* document_parse() of an object and field_load() into base, whose strings go to arena. */
int document_load(const struct document *document, const struct field *fields, void *base,
		  struct arena *arena, struct error *err);

#endif
