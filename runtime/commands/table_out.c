/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text in columns.
 *
 * syscalls: none
 */
#include "runtime/commands/table_out.h"

#define COLUMN_MIN 12
#define PADDING 3

/* Characters of UTF-8 text: every byte that doesn't continue one. */
static size_t text_width(const char *text)
{
	size_t width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xC0) != 0x80;
	return width;
}

static size_t column_width(const char *const *cells, size_t rows, size_t columns, size_t column)
{
	size_t width = COLUMN_MIN;

	for (size_t row = 0; row < rows; row++) {
		size_t needed = text_width(cells[row * columns + column]) + PADDING;

		if (needed > width)
			width = needed;
	}
	return width;
}

static bool is_control(char byte)
{
	return (unsigned char)byte < 0x20 || byte == 0x7F;
}

static void add_cell(struct buffer *out, const char *text)
{
	while (*text) {
		size_t length = 0;

		while (text[length] && !is_control(text[length]))
			length++;
		buffer_add_bytes(out, text, length);
		text += length;
		if (*text) {
			buffer_add(out, "?");
			text++;
		}
	}
}

static void add_blanks(struct buffer *out, size_t count)
{
	for (; count > 0; count--)
		buffer_add_bytes(out, " ", 1);
}

void table_write(struct buffer *out, const char *const *cells, size_t rows, size_t columns)
{
	size_t widths[TABLE_COLUMNS_MAX];

	for (size_t i = 0; i < rows * columns; i++) {
		if (!cells[i]) {
			out->failed = true;
			return;
		}
	}
	for (size_t column = 0; column < columns; column++)
		widths[column] = column_width(cells, rows, columns, column);
	for (size_t row = 0; row < rows; row++) {
		for (size_t column = 0; column < columns; column++) {
			const char *cell = cells[row * columns + column];

			add_cell(out, cell);
			if (column + 1 < columns)
				add_blanks(out, widths[column] - text_width(cell));
		}
		buffer_add(out, "\n");
	}
}
