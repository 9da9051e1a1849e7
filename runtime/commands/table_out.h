/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_TABLE_OUT_H
#define COMMANDS_TABLE_OUT_H

#include <stddef.h>

#include "base/string.h"

#define TABLE_COLUMNS_MAX 16

/*
 * Writes cells (rows of columns, the header among them; at most TABLE_COLUMNS_MAX columns) so that
 * scripts written for runc's list find the columns where they expect them: each as wide as its
 * longest cell and three blanks, at least twelve; nothing after the last. Control characters are
 * shown as "?". A NULL cell means that memory ran out: out->failed.
 */
void table_write(struct buffer *out, const char *const *cells, size_t rows, size_t columns);

#endif
