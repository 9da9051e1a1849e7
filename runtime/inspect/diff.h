/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_DIFF_H
#define INSPECT_DIFF_H

#include "runtime/inspect/document.h"
#include "runtime/inspect/text.h"

/*
 * Two documents side by side: a row for each fact in which they differ. What one of them can't know
 * (a plan has no inode numbers) is compared by what both know (own or shared), or not at all.
 */
struct diff_row {
	const char *path; /* "ns.pid" */
	const char *a, *b;
	bool unknown; /* one of them is denied: it isn't known whether they differ */
};
struct diff {
	struct arena arena;
	struct diff_row *rows;
	size_t count, room;
	bool failed; /* memory ran out */
};

void diff_make(struct diff *diff, const struct document *a, const struct document *b);
void diff_free(struct diff *diff);
/* True if some row is a difference. */
bool diff_found(const struct diff *diff);
void diff_text(struct buffer *out, const struct diff *diff, const struct document *a,
	       const struct document *b, const struct text_style *style);
void diff_json(struct buffer *out, const struct diff *diff, const struct document *a,
	       const struct document *b);

#endif
