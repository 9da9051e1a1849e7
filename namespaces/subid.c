/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids that somebody may map: subuid(5), subgid(5), user_namespaces(7). Numbers and lines of text
 * only; who owns them is checked again by newuidmap(1) and by the kernel.
 *
 * syscalls: none
 */
#include "namespaces/subid.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/string.h"

#define RANGES_MAX 339 /* with the line of root the kernel's 340 */

static bool overlaps(const struct id_mapping_list *list, uint64_t start, uint64_t size)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct id_mapping *map = &list->items[i];

		if (start < (uint64_t)map->host_id + map->size && map->host_id < start + size)
			return true;
	}
	return false;
}

static uint64_t first_free(const struct id_mapping_list *list)
{
	uint64_t end = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct id_mapping *map = &list->items[i];

		if ((uint64_t)map->container_id + map->size > end)
			end = (uint64_t)map->container_id + map->size;
	}
	return end;
}

static int append(struct id_mapping_list *list, struct id_mapping map, struct arena *arena,
		  struct error *err)
{
	struct id_mapping *items = arena_array(arena, list->count + 1, sizeof(*items));

	if (!items)
		return error_code(err, ENOMEM, "id mappings");
	if (list->count > 0)
		memcpy(items, list->items, list->count * sizeof(*items));
	items[list->count++] = map;
	list->items = items;
	return 0;
}

/* "owner:start:count" of this owner? */
static bool parse_line(const char *line, size_t length, const char *name, uint32_t uid,
		       uint64_t *start, uint64_t *size)
{
	char copy[320], number[16], *owner = copy, *first, *count;

	if (length >= sizeof(copy))
		return false;
	memcpy(copy, line, length);
	copy[length] = '\0';
	first = strchr(copy, ':');
	count = first ? strchr(first + 1, ':') : NULL;
	if (!count)
		return false;
	*first++ = '\0';
	*count++ = '\0';
	(void)snprintf(number, sizeof(number), "%" PRIu32, uid);
	if (!(name && strcmp(owner, name) == 0) && strcmp(owner, number) != 0)
		return false;
	/* 2^32 - 1 is no id */
	return string_to_uint(first, UINT32_MAX - 1, start) &&
	       string_to_uint(count, UINT32_MAX - *start, size) && *size > 0;
}

int subid_add_ranges(struct id_mapping_list *list, const char *text, const char *name, uint32_t uid,
		     struct arena *arena, struct error *err)
{
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line != 0) {
		uint64_t start, size, inside = first_free(list);

		if (list->count > RANGES_MAX ||
		    !parse_line(line, strcspn(line, "\n"), name, uid, &start, &size) ||
		    overlaps(list, start, size) || inside + size > UINT32_MAX)
			continue;
		if (append(list,
			   (struct id_mapping){ (uint32_t)inside, (uint32_t)start, (uint32_t)size },
			   arena, err) < 0)
			return -1;
	}
	return 0;
}

/* The next number of a line, between blanks. */
static bool next_number(const char **text, uint64_t *number)
{
	char word[12];
	size_t length;

	*text += strspn(*text, " ");
	length = strcspn(*text, " \n");
	if (length >= sizeof(word))
		return false;
	memcpy(word, *text, length);
	word[length] = '\0';
	*text += length;
	return string_to_uint(word, UINT32_MAX, number);
}

int subid_identity(struct id_mapping_list *list, const char *text, struct arena *arena,
		   struct error *err)
{
	*list = (struct id_mapping_list){ 0 };
	for (const char *line = text; *line; line += strcspn(line, "\n"), line += *line != 0) {
		uint64_t inside, outside, size;

		if (!next_number(&line, &inside) || !next_number(&line, &outside) ||
		    !next_number(&line, &size))
			continue;
		if (append(list,
			   (struct id_mapping){ (uint32_t)inside, (uint32_t)inside,
						(uint32_t)size },
			   arena, err) < 0)
			return -1;
	}
	return 0;
}
