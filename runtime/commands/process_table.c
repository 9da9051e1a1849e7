/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of ps(1) that belong to a container. Columns are counted in words, so a column before
 * PID whose values contain blanks can't be asked for.
 *
 * syscalls: none
 */
#include "runtime/commands/process_table.h"

#include <stdint.h>
#include <string.h>

/* The word number index of the line (which ends at a newline or NUL); its length in *length, 0 if
 * there is none. */
static const char *line_word(const char *line, size_t index, size_t *length)
{
	for (;;) {
		line += strspn(line, " \t");
		*length = strcspn(line, " \t\n");
		if (*length == 0 || index-- == 0)
			return line;
		line += *length;
	}
}

static bool find_pid_column(const char *header, size_t *column)
{
	size_t length;

	for (*column = 0;; (*column)++) {
		const char *word = line_word(header, *column, &length);

		if (length == 0)
			return false;
		if (length == 3 && memcmp(word, "PID", 3) == 0)
			return true;
	}
}

static bool line_is_about(const char *line, size_t column, const pid_t *pids, size_t count)
{
	size_t length;
	const char *word = line_word(line, column, &length);
	char number[16];
	uint64_t pid;

	if (length == 0 || length >= sizeof(number))
		return false;
	memcpy(number, word, length);
	number[length] = '\0';
	if (!string_to_uint(number, INT32_MAX, &pid))
		return false;
	for (size_t i = 0; i < count; i++) {
		if ((uint64_t)pids[i] == pid)
			return true;
	}
	return false;
}

bool process_table_filter(struct buffer *out, const char *text, const pid_t *pids, size_t count)
{
	const char *line = text;
	size_t column;

	if (!find_pid_column(text, &column))
		return false;
	while (*line) {
		size_t length = strcspn(line, "\n");

		length += line[length] == '\n';
		if (line == text || line_is_about(line, column, pids, count))
			buffer_add_bytes(out, line, length);
		line += length;
	}
	return true;
}
