/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_TABLE_H
#define BASE_TABLE_H

#include <stddef.h>

/* Facts live in static const tables; this is what walks them. */
#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

/* for (const struct row *row = table; ...) without the arithmetic at each use */
/* NOLINTBEGIN(bugprone-macro-parentheses): row is declared here */
#define table_for_each(row, table)                                                                 \
	for (__typeof__(&(table)[0]) row = (table); (row) < (table) + ARRAY_SIZE(table); (row)++)
/* NOLINTEND(bugprone-macro-parentheses) */

#endif
