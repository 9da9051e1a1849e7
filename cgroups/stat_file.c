/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading and taking apart what the kernel writes into a cgroup's files (cgroup-v2.rst).
 *
 * syscalls: openat read
 */
#include "cgroups/stat_file.h"

#include <stddef.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/string.h"

#define STAT_MAX ((size_t)4 << 20) /* io.stat of some ten thousand devices */

char *stat_read(int cgroup, const char *name)
{
	struct error ignored;
	char *text = NULL;

	return file_read_at(cgroup, name, STAT_MAX, &text, NULL, &ignored) < 0 ? NULL : text;
}

bool stat_number(const char *text, uint64_t *value)
{
	if (strcmp(text, "max") == 0) {
		*value = STAT_NO_LIMIT;
		return true;
	}
	return string_to_uint(text, UINT64_MAX, value);
}

bool stat_read_number(int cgroup, const char *name, uint64_t *value)
{
	autofree char *text = stat_read(cgroup, name);
	char *rest = text;
	const char *line = text ? stat_next_line(&rest) : NULL;

	return line && stat_number(line, value);
}

bool stat_find(const char *text, const char *key, uint64_t *value)
{
	size_t length = strlen(key);

	for (const char *line = text; line && *line;
	     line += strcspn(line, "\n"), line += *line != 0) {
		char number[24];
		size_t digits;

		if (strncmp(line, key, length) != 0 || line[length] != ' ')
			continue;
		digits = strcspn(line + length + 1, "\n");
		if (digits >= sizeof(number))
			return false;
		memcpy(number, line + length + 1, digits);
		number[digits] = '\0';
		return stat_number(number, value);
	}
	return false;
}

static char *next_piece(char **rest, const char *separators)
{
	char *piece = *rest + strspn(*rest, separators);
	size_t length = strcspn(piece, separators);

	*rest = piece + length + (piece[length] != '\0');
	piece[length] = '\0';
	return length ? piece : NULL;
}

char *stat_next_line(char **rest)
{
	return next_piece(rest, "\n");
}

char *stat_next_word(char **rest)
{
	return next_piece(rest, " ");
}

bool stat_split(char *word, const char **name, const char **value)
{
	char *equals = strchr(word, '=');

	if (!equals)
		return false;
	*equals = '\0';
	*name = word;
	*value = equals + 1;
	return true;
}
