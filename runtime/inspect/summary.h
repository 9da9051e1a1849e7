/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_SUMMARY_H
#define INSPECT_SUMMARY_H

#include "runtime/inspect/document.h"
#include "runtime/inspect/text.h"

/* minirun inspect: everything on one page: what it sees, what it may use, what it may do. */
void summary_text(struct buffer *out, const struct document *document,
		  const struct text_style *style);
void summary_json(struct buffer *out, const struct document *document);
/* A line of the list of containers, and its heading. */
void summary_list_heading(struct buffer *out, const struct text_style *style);
void summary_list_line(struct buffer *out, const struct document *document,
		       const struct text_style *style);

#endif
