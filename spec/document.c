/* SPDX-License-Identifier: Apache-2.0 */
/*
 * JSON text by way of the scanner, json-c's parser and the walker. The parser runs once and only
 * over what the scanner has accepted.
 *
 * syscalls: those of malloc(3)
 */
#include "spec/document.h"

#include <json-c/json_object.h>
#include <json-c/json_tokener.h>
#include <json-c/linkhash.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "spec/field.h"
#include "spec/load.h"
#include "spec/scan.h"

static void put_object(struct json_object **object)
{
	(void)json_object_put(*object); /* says whether it was the last reference: it is */
}

#define autojson __attribute__((cleanup(put_object))) struct json_object

static int parse(const char *text, size_t length, struct json_object **value, struct error *err)
{
	/* json-c counts the innermost value as a level of its own, and the limit isn't reached */
	struct json_tokener *tokener = json_tokener_new_ex(SPEC_DEPTH_MAX + 2);
	enum json_tokener_error result;

	if (!tokener)
		return error_set(err, "memory is exhausted");
	*value = json_tokener_parse_ex(tokener, text, (int)length);
	result = json_tokener_get_error(tokener);
	if (result == json_tokener_continue) /* a number, which only the end of the text ends */
		*value = json_tokener_parse_ex(tokener, "", 1);
	result = json_tokener_get_error(tokener);
	json_tokener_free(tokener);
	if (result != json_tokener_success)
		return error_set(err, "json-c: %s", json_tokener_error_desc(result));
	return 0;
}

/* The member names of a whole tree. The scanner has bounded the depth. */
static size_t count_members(struct json_object *value)
{
	size_t count = 0;

	if (json_object_get_type(value) == json_type_array) {
		for (size_t i = 0; i < json_object_array_length(value); i++)
			count += count_members(json_object_array_get_idx(value, i));
	} else if (json_object_get_type(value) == json_type_object) {
		json_object_object_foreach(value, name, member)
		{
			(void)name; /* the macro makes both */
			count += 1 + count_members(member);
		}
	}
	return count;
}

/* The search for a name that occurs twice: only made when it is known that there is one. */
struct duplicates {
	const char *text;
	struct error *err;
	struct json_object
		*names[SPEC_DEPTH_MAX + 1]; /* of the object that is open at this depth */
};

static int note_name(void *context, unsigned depth, const char *name, size_t length)
{
	struct duplicates *seen = context;
	autojson *decoded = NULL;
	char message[160];

	if (!name) {
		put_object(&seen->names[depth]);
		seen->names[depth] = json_object_new_object();
		return seen->names[depth] ? 0 : error_set(seen->err, "memory is exhausted");
	}
	if (parse(name, length, &decoded, seen->err) < 0)
		return -1;
	if (!json_object_object_get_ex(seen->names[depth], json_object_get_string(decoded), NULL))
		return json_object_object_add(seen->names[depth], json_object_get_string(decoded),
					      NULL);
	(void)snprintf(
		message, sizeof(message), "the name %.100s occurs twice in its object",
		json_object_to_json_string(decoded)); /* cut names are still found by place */
	return scan_error(seen->text, (size_t)(name - seen->text), seen->err, message);
}

static int fail_duplicate(const char *text, size_t length, struct error *err)
{
	struct duplicates seen = { .text = text, .err = err };
	const struct scan_visitor visitor = { .member = note_name, .context = &seen };
	struct scan scan;

	(void)error_set(err, "a name occurs twice in its object");
	(void)scan_json(text, length, &scan, &visitor, err); /* its error is the answer */
	for (size_t i = 0; i <= SPEC_DEPTH_MAX; i++)
		put_object(&seen.names[i]);
	return -1;
}

int document_parse(const char *text, size_t length, struct json_object **value, bool *overflow,
		   struct error *err)
{
	autojson *parsed = NULL;
	struct scan scan;

	if (scan_json(text, length, &scan, NULL, err) < 0)
		return -1;
	if (scan.overflow && !overflow)
		return error_set(err, "an integer is beyond 64 bits");
	if (parse(text, length, &parsed, err) < 0)
		return -1;
	if (count_members(parsed) != scan.members)
		return fail_duplicate(text, length, err);
	if (overflow)
		*overflow = scan.overflow;
	*value = parsed;
	parsed = NULL;
	return 0;
}

int document_load(const struct document *document, const struct field *fields, void *base,
		  struct arena *arena, struct error *err)
{
	struct field_target target = { .name = document->name,
				       .arena = arena,
				       .any_case = document->any_case };
	autojson *object = NULL;

	if (document_parse(document->text, document->length, &object, &target.overflow, err) < 0 ||
	    field_load(&target, fields, object, base, err) < 0)
		return error_context(err, "%s", document->name);
	return 0;
}

int document_check(const struct document *document, const struct field *fields, void *base,
		   struct arena *arena, struct report *report, struct error *err)
{
	struct field_target target = { .name = document->name, .arena = arena, .report = report };
	autojson *object = NULL;

	if (document_parse(document->text, document->length, &object, &target.overflow, err) < 0)
		return -1;
	return field_load(&target, fields, object, base, err);
}
