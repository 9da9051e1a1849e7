/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Typed values in memory.
 *
 * syscalls: none
 */
#include "cgroups/variant.h"

#include <string.h>

#define DEPTH_MAX 32 /* of arrays and of structs, as the D-Bus specification has it */

static const char *type_end(const char *text, int depth)
{
	char close = *text == '(' ? ')' : '}';

	if (depth > DEPTH_MAX || *text == '\0')
		return NULL;
	if (strchr("ybnqiuxtdsogv", *text))
		return text + 1;
	if (*text == 'a' && text[1] == '{') {
		/* a dict entry stands only here, and its key is a basic type */
		if (text[2] == '\0' || !strchr("ybnqiuxtdsog", text[2]))
			return NULL;
		text = type_end(text + 3, depth + 1);
		return text && *text == '}' ? text + 1 : NULL;
	}
	if (*text == 'a')
		return type_end(text + 1, depth + 1);
	if (*text != '(' || text[1] == close)
		return NULL;
	for (text++; text && *text != close;)
		text = type_end(text, depth + 1);
	return text ? text + 1 : NULL;
}

const char *variant_type_end(const char *text)
{
	return type_end(text, 0);
}

void variant_add(struct variant_list *list, struct variant item)
{
	if (list->count == list->capacity) {
		size_t capacity = list->capacity ? 2 * list->capacity : 8;
		struct variant *items = arena_array(list->arena, capacity, sizeof(*items));

		if (!items) {
			list->failed = true;
			return;
		}
		if (list->count > 0)
			memcpy(items, list->items, list->count * sizeof(*items));
		list->items = items;
		list->capacity = capacity;
	}
	list->items[list->count++] = item;
}
