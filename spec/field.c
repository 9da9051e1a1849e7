/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walker over json-c's tree. json-c turns "12abc" into 12, 1.9 into 1 and 2^32 into INT_MAX
 * without a word, so its converting accessors are called only here, after the type was checked.
 *
 * syscalls: none
 */
#include "spec/field.h"

#include <json-c/json_object.h>
#include <json-c/linkhash.h>
#include <string.h>
#include <strings.h>

#include "base/log.h"
#include "base/string.h"
#include "spec/place.h"

struct walk {
	const struct field_target *target;
	struct error *err;
};

static int load_object(const struct walk *walk, const struct place *place,
		       const struct field *fields, struct json_object *object, char *base);

/* The error was told, and the walk may go on. */
static bool reported(const struct walk *walk)
{
	return report_tell(walk->target->report, walk->err);
}

static int fail_memory(const struct walk *walk)
{
	return error_set(walk->err, "memory is exhausted");
}

static const char *kind_of(struct json_object *value)
{
	switch (json_object_get_type(value)) {
	case json_type_null:
		return "null";
	case json_type_boolean:
		return json_object_get_boolean(value) ? "true" : "false";
	case json_type_double:
		return "a number with a fraction or an exponent";
	case json_type_int:
		return "a number";
	case json_type_object:
		return "an object";
	case json_type_array:
		return "an array";
	case json_type_string:
		return "a string";
	}
	return "something else";
}

static int fail_type(const struct walk *walk, const struct place *place, const char *expected,
		     struct json_object *found)
{
	return place_error(place, walk->err, "expected %s, found %s", expected, kind_of(found));
}

static int load_bool(const struct walk *walk, const struct place *place, struct json_object *value,
		     bool *to)
{
	if (json_object_get_type(value) != json_type_boolean)
		return fail_type(walk, place, "true or false", value);
	*to = json_object_get_boolean(value);
	return 0;
}

static int fail_range(const struct walk *walk, const struct place *place, int64_t min, uint64_t max,
		      const char *found)
{
	if (min >= 0 && (uint64_t)min == max)
		return place_error(place, walk->err, "expected %ju, found %s", (uintmax_t)max,
				   found);
	return place_error(place, walk->err, "expected an integer from %jd to %ju, found %s",
			   (intmax_t)min, (uintmax_t)max, found);
}

/* A checked integer: negative values in *value as two's complement. */
static int load_integer(const struct walk *walk, const struct place *place,
			struct json_object *number, int64_t min, uint64_t max, uint64_t *value)
{
	int64_t as_int;
	uint64_t as_uint;

	if (json_object_get_type(number) != json_type_int)
		return fail_type(walk, place, "an integer", number);
	as_int = json_object_get_int64(number);
	as_uint = json_object_get_uint64(number); /* 0 for a negative one */
	if (walk->target->overflow && (as_int == INT64_MIN || as_uint == UINT64_MAX))
		return fail_range(walk, place, min, max, "one beyond 64 bits");
	if (as_int < 0 ? as_int < min : as_uint > max || (min > 0 && as_uint < (uint64_t)min))
		return fail_range(walk, place, min, max, json_object_get_string(number));
	*value = as_int < 0 ? (uint64_t)as_int : as_uint;
	return 0;
}

void field_range(const struct field *field, int64_t *min, uint64_t *max)
{
	*min = field->min;
	*max = field->max;
	if (*min != 0 || *max != 0)
		return;
	switch ((int)field->kind) {
	case FIELD_UINT16:
		*max = UINT16_MAX;
		break;
	case FIELD_UINT32:
	case FIELD_UINT32_LIST:
		*max = UINT32_MAX;
		break;
	case FIELD_UINT64:
	case FIELD_OPT_UINT:
		*max = UINT64_MAX;
		break;
	default: /* FIELD_INT64, FIELD_OPT_INT */
		*min = INT64_MIN;
		*max = INT64_MAX;
	}
}

static int load_number(const struct walk *walk, const struct place *place,
		       const struct field *field, struct json_object *number, void *to)
{
	uint64_t value = 0, max;
	int64_t min;

	field_range(field, &min, &max);
	if (load_integer(walk, place, number, min, max, &value) < 0)
		return -1;
	switch ((int)field->kind) {
	case FIELD_UINT16:
		*(uint16_t *)to = (uint16_t)value;
		break;
	case FIELD_UINT32:
		*(uint32_t *)to = (uint32_t)value;
		break;
	case FIELD_UINT64:
		*(uint64_t *)to = value;
		break;
	case FIELD_INT64:
		*(int64_t *)to = (int64_t)value;
		break;
	case FIELD_OPT_INT:
		*(struct opt_int *)to = (struct opt_int){ true, (int64_t)value };
		break;
	default: /* FIELD_OPT_UINT */
		*(struct opt_uint *)to = (struct opt_uint){ true, value };
	}
	return 0;
}

static int fail_values(const struct walk *walk, const struct place *place,
		       const struct field *field, const char *found)
{
	autobuffer values = { 0 };

	for (const char *const *value = field->values; *value; value++)
		buffer_format(&values, "%s%s", value == field->values ? "" : ", ", *value);
	if (values.failed)
		return fail_memory(walk);
	return place_error(place, walk->err, "expected %s; found \"%s\"", values.text, found);
}

/* The form of a string, an element or a key. */
static int check_form(const struct walk *walk, const struct place *place, const struct field *field,
		      const char *text)
{
	if (field->form == FORM_NOT_EMPTY && !*text)
		return place_error(place, walk->err, "must not be empty");
	if ((field->form == FORM_ABSOLUTE || field->form == FORM_ABSOLUTE_OR_EMPTY) && *text != '/')
		return place_error(place, walk->err, "must be an absolute path");
	if (!field->values)
		return 0;
	for (const char *const *value = field->values; *value; value++)
		if (strcmp(*value, text) == 0)
			return 0;
	return fail_values(walk, place, field, text);
}

static int load_string(const struct walk *walk, const struct place *place,
		       const struct field *field, struct json_object *value, const char **to)
{
	const char *text;

	if (json_object_get_type(value) != json_type_string)
		return fail_type(walk, place, "a string", value);
	text = json_object_get_string(value);
	if (!*text &&
	    (field->form == FORM_EMPTY_IS_ABSENT || field->form == FORM_ABSOLUTE_OR_EMPTY))
		return 0;
	if (check_form(walk, place, field, text) < 0)
		return -1;
	/* a list's items are NULL only where it has none: NOLINTNEXTLINE(*core.NullDereference) */
	*to = arena_string(walk->target->arena, text);
	return *to ? 0 : fail_memory(walk);
}

/* Space for the elements of a JSON array or object; NULL with *count 0 is fine. */
static int make_items(const struct walk *walk, size_t count, size_t size, void **items)
{
	*items = NULL;
	if (count == 0)
		return 0;
	*items = arena_array(walk->target->arena, count, size);
	return *items ? 0 : fail_memory(walk);
}

static int load_string_list(const struct walk *walk, const struct place *place,
			    const struct field *field, struct json_object *array,
			    struct string_list *list)
{
	void *items;

	if (json_object_get_type(array) != json_type_array)
		return fail_type(walk, place, "an array of strings", array);
	list->present = true;
	list->count = json_object_array_length(array);
	/* and the NULL that execve(2) wants behind them */
	if (make_items(walk, list->count + 1, sizeof(*list->items), &items) < 0)
		return -1;
	list->items = items;
	for (size_t i = 0; i < list->count; i++) {
		struct place element = { .parent = place, .index = i };

		if (load_string(walk, &element, field, json_object_array_get_idx(array, i),
				&list->items[i]) < 0 &&
		    !reported(walk))
			return -1;
	}
	return 0;
}

static int load_string_map(const struct walk *walk, const struct place *place,
			   const struct field *field, struct json_object *object,
			   struct string_map *map)
{
	static const struct field any = { .form = FORM_ANY };
	struct string_pair *pair;
	void *items;

	if (json_object_get_type(object) != json_type_object)
		return fail_type(walk, place, "an object of strings", object);
	map->count = (size_t)json_object_object_length(object);
	if (make_items(walk, map->count, sizeof(*map->items), &items) < 0)
		return -1;
	pair = map->items = items;
	if (!pair)
		return 0;
	json_object_object_foreach(object, key, value)
	{
		struct place member = { .parent = place, .name = key };

		if (check_form(walk, &member, field, key) < 0 && !reported(walk))
			return -1;
		pair->name = arena_string(walk->target->arena, key);
		if (!pair->name)
			return fail_memory(walk);
		if (load_string(walk, &member, &any, value, &pair->value) < 0 && !reported(walk))
			return -1;
		pair++;
	}
	return 0;
}

/* The common beginning of every list in spec.h. */
struct list {
	void *items;
	size_t count;
};

static int load_uint32_list(const struct walk *walk, const struct place *place,
			    const struct field *field, struct json_object *array, struct list *list)
{
	static const struct field element = { .kind = FIELD_UINT32 };
	uint32_t *items;

	if (json_object_get_type(array) != json_type_array)
		return fail_type(walk, place, "an array of integers", array);
	list->count = json_object_array_length(array);
	if (make_items(walk, list->count, field->size, &list->items) < 0)
		return -1;
	items = list->items;
	for (size_t i = 0; i < list->count; i++) {
		struct place at = { .parent = place, .index = i };

		if (load_number(walk, &at, &element, json_object_array_get_idx(array, i),
				&items[i]) < 0 &&
		    !reported(walk))
			return -1;
	}
	return 0;
}

static int load_object_list(const struct walk *walk, const struct place *place,
			    const struct field *field, struct json_object *array, struct list *list)
{
	if (json_object_get_type(array) != json_type_array)
		return fail_type(walk, place, "an array of objects", array);
	list->count = json_object_array_length(array);
	if (make_items(walk, list->count, field->size, &list->items) < 0)
		return -1;
	for (size_t i = 0; i < list->count; i++) {
		struct place element = { .parent = place, .index = i };

		if (load_object(walk, &element, field->fields, json_object_array_get_idx(array, i),
				(char *)list->items + i * field->size) < 0 &&
		    !reported(walk))
			return -1;
	}
	return 0;
}

static int load_object_map(const struct walk *walk, const struct place *place,
			   const struct field *field, struct json_object *object, struct list *list)
{
	char *element;

	if (json_object_get_type(object) != json_type_object)
		return fail_type(walk, place, "an object of objects", object);
	list->count = (size_t)json_object_object_length(object);
	if (make_items(walk, list->count, field->size, &list->items) < 0)
		return -1;
	element = list->items;
	if (!element)
		return 0;
	json_object_object_foreach(object, key, value)
	{
		struct place member = { .parent = place, .name = key };
		const char *name = arena_string(walk->target->arena, key);

		if (!name)
			return fail_memory(walk);
		if ((check_form(walk, &member, field, key) < 0 ||
		     load_object(walk, &member, field->fields, value, element) < 0) &&
		    !reported(walk))
			return -1;
		memcpy(element, &name, sizeof(name));
		element += field->size;
	}
	return 0;
}

static int load_field(const struct walk *walk, const struct place *place, const struct field *field,
		      struct json_object *value, char *base)
{
	void *to = base + field->offset;

	if (field->has_present)
		*(bool *)(base + field->present) = true;
	switch (field->kind) {
	case FIELD_BOOL:
		return load_bool(walk, place, value, to);
	case FIELD_OPT_BOOL:
		((struct opt_bool *)to)->present = true;
		return load_bool(walk, place, value, &((struct opt_bool *)to)->value);
	case FIELD_STRING:
		return load_string(walk, place, field, value, to);
	case FIELD_UINT16:
	case FIELD_UINT32:
	case FIELD_UINT64:
	case FIELD_INT64:
	case FIELD_OPT_INT:
	case FIELD_OPT_UINT:
		return load_number(walk, place, field, value, to);
	case FIELD_STRING_LIST:
		return load_string_list(walk, place, field, value, to);
	case FIELD_STRING_MAP:
		return load_string_map(walk, place, field, value, to);
	case FIELD_UINT32_LIST:
		return load_uint32_list(walk, place, field, value, to);
	case FIELD_OBJECT:
		return load_object(walk, place, field->fields, value, to);
	case FIELD_OBJECT_LIST:
		return load_object_list(walk, place, field, value, to);
	case FIELD_OBJECT_MAP:
		return load_object_map(walk, place, field, value, to);
	case FIELD_IGNORE:
	case FIELD_END:
		return 0;
	}
	return 0;
}

static void log_unknown(const struct walk *walk, const struct place *place)
{
	const struct report *report = walk->target->report;
	autobuffer pointer = { 0 };

	if (report) {
		(void)place_error(place, walk->err, "is unknown, and ignored");
		report->say(report->data, false, walk->err->text);
		return;
	}
	if (!log_enabled(LOG_LEVEL_DEBUG))
		return;
	place_pointer(place, &pointer);
	if (!pointer.failed)
		log_debug("%s: %s: unknown member, ignored", walk->target->name, pointer.text);
}

/* The row of this name, or the closing one. */
static const struct field *find_field(const struct walk *walk, const struct field *fields,
				      const char *name)
{
	int (*compare)(const char *, const char *) = walk->target->any_case ? strcasecmp : strcmp;

	while (fields->kind != FIELD_END && compare(fields->name, name) != 0)
		fields++;
	return fields;
}

static int check_required(const struct walk *walk, const struct place *place,
			  const struct field *fields, uint64_t seen)
{
	for (size_t i = 0; fields[i].kind != FIELD_END; i++) {
		struct place member = { .parent = place, .name = fields[i].name };

		if (fields[i].required && !(seen & UINT64_C(1) << i))
			(void)place_error(&member, walk->err, "is required but missing");
		else
			continue;
		if (!reported(walk))
			return -1;
	}
	return 0;
}

static int load_object(const struct walk *walk, const struct place *place,
		       const struct field *fields, struct json_object *object, char *base)
{
	uint64_t seen = 0;

	if (json_object_get_type(object) != json_type_object)
		return fail_type(walk, place, "an object", object);
	json_object_object_foreach(object, key, value)
	{
		struct place member = { .parent = place, .name = key };
		const struct field *field = find_field(walk, fields, key);

		if (field->kind == FIELD_END) {
			if (!field->closed)
				log_unknown(walk, &member);
			else if (place_error(&member, walk->err, "is unknown") < 0 &&
				 !reported(walk))
				return -1;
			continue;
		}
		if (!value && !field->required)
			continue;
		seen |= UINT64_C(1) << (field - fields);
		if (load_field(walk, &member, field, value, base) < 0 && !reported(walk))
			return -1;
	}
	return check_required(walk, place, fields, seen);
}

int field_load(const struct field_target *target, const struct field *fields,
	       struct json_object *object, void *base, struct error *err)
{
	const struct walk walk = { .target = target, .err = err };
	const struct place root = { 0 };

	return load_object(&walk, &root, fields, object, base);
}
