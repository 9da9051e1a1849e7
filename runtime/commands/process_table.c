/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lines of ps(1) that belong to a container. Columns are counted in words, so a column before
 * PID whose values contain blanks can't be asked for.
 *
 * syscalls: none
 */
#include "runtime/commands/process_table.h"

#include <stdint.h>
#include <stdlib.h>
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

/* The pid of the line, if it is one of the table's, else 0. */
static pid_t line_pid(const char *line, size_t column, const struct process_table *table)
{
	size_t length;
	const char *word = line_word(line, column, &length);
	char number[16];
	uint64_t pid;

	if (length == 0 || length >= sizeof(number))
		return 0;
	memcpy(number, word, length);
	number[length] = '\0';
	if (!string_to_uint(number, INT32_MAX, &pid))
		return 0;
	for (size_t i = 0; i < table->count; i++) {
		if ((uint64_t)table->pids[i] == pid)
			return table->pids[i];
	}
	return 0;
}

bool process_table_filter(struct buffer *out, const char *text, const struct process_table *table)
{
	const char *line = text;
	size_t column;

	if (!find_pid_column(text, &column))
		return false;
	while (*line) {
		size_t length = strcspn(line, "\n");
		pid_t pid = line == text ? 0 : line_pid(line, column, table);

		length += line[length] == '\n';
		if (line == text || pid > 0) {
			if (table->prefix)
				table->prefix(out, pid, table->data);
			buffer_add_bytes(out, line, length);
		}
		line += length;
	}
	return true;
}

pid_t process_table_inner_pid(const char *status, size_t depth, size_t *levels)
{
	static const char key[] = "\nNSpid:";
	const char *line = strstr(status, key);
	pid_t found = 0;
	size_t level = 0;

	if (!line)
		return 0;
	line += sizeof(key) - 1;
	for (;;) {
		char *end;
		long pid;

		line += strspn(line, " \t");
		if (*line < '0' || *line > '9')
			break;
		pid = strtol(line, &end, 10);
		line = end;
		if (++level == depth || depth == 0)
			found = (pid_t)pid;
	}
	if (levels)
		*levels = level;
	return found;
}
