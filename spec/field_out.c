/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walker's way back: a struct as JSON by the table that reads it. Only for the kinds that what
 * minirun keeps consists of.
 *
 * syscalls: none
 */
#include "spec/field.h"
#include "spec/json_out.h"

struct list {
	char *items;
	size_t count;
};

static void write_list(struct json_out *json, const struct field *field, const struct list *list)
{
	if (list->count == 0 && !field->has_present)
		return;
	json_begin_array(json, field->name);
	for (size_t i = 0; i < list->count; i++) {
		json_begin_object(json, NULL);
		field_write(json, field->fields, list->items + i * field->size);
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_map(struct json_out *json, const struct field *field, const struct list *list)
{
	json_begin_object(json, field->name);
	for (size_t i = 0; i < list->count; i++) {
		const char *element = list->items + i * field->size;

		json_begin_object(json, *(const char *const *)(const void *)element);
		field_write(json, field->fields, element);
		json_end_object(json);
	}
	json_end_object(json);
}

static void write_strings(struct json_out *json, const char *name, const struct string_map *map)
{
	json_begin_object(json, name);
	for (size_t i = 0; i < map->count; i++)
		json_string(json, map->items[i].name, map->items[i].value);
	json_end_object(json);
}

static void write_optional(struct json_out *json, const struct field *field, const void *from)
{
	const struct opt_bool *truth = from;
	const struct opt_int *number = from;
	const struct opt_uint *natural = from;

	switch ((int)field->kind) {
	case FIELD_OPT_BOOL:
		if (truth->present)
			json_bool(json, field->name, truth->value);
		break;
	case FIELD_OPT_INT:
		if (number->present)
			json_int(json, field->name, number->value);
		break;
	default: /* FIELD_OPT_UINT */
		if (natural->present)
			json_uint(json, field->name, natural->value);
	}
}

static void write_member(struct json_out *json, const struct field *field, const char *base)
{
	const void *from = base + field->offset;
	const char *text;

	if (field->has_present && !*(const bool *)(const void *)(base + field->present))
		return;
	switch ((int)field->kind) {
	case FIELD_BOOL:
		json_bool(json, field->name, *(const bool *)from);
		break;
	case FIELD_STRING:
		text = *(const char *const *)from;
		if (text)
			json_string(json, field->name, text);
		break;
	case FIELD_UINT32:
		json_uint(json, field->name, *(const uint32_t *)from);
		break;
	case FIELD_UINT64:
		json_uint(json, field->name, *(const uint64_t *)from);
		break;
	case FIELD_INT64:
		json_int(json, field->name, *(const int64_t *)from);
		break;
	case FIELD_STRING_MAP:
		write_strings(json, field->name, from);
		break;
	case FIELD_OBJECT:
		json_begin_object(json, field->name);
		field_write(json, field->fields, from);
		json_end_object(json);
		break;
	case FIELD_OBJECT_LIST:
		write_list(json, field, from);
		break;
	case FIELD_OBJECT_MAP:
		write_map(json, field, from);
		break;
	default:
		write_optional(json, field, from);
	}
}

void field_write(struct json_out *json, const struct field *fields, const void *base)
{
	for (; fields->kind != FIELD_END; fields++)
		write_member(json, fields, base);
}
