/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_CGROUP_H
#define INSPECT_CGROUP_H

#include "runtime/inspect/document.h"
#include "runtime/inspect/text.h"

/* minirun cgroup: use, limits and who sets them, in the words of cgroup v2. */

/* before, milliseconds: an earlier look at the same target, for the cores in use; NULL: none. */
void cgroup_text(struct buffer *out, const struct document *document,
		 const struct cgroup_facts *before, uint64_t milliseconds,
		 const struct text_style *style);
/* The members of the object that is open. */
void cgroup_json(struct json_out *json, const struct document *document,
		 const struct cgroup_facts *before, uint64_t milliseconds);
/* A line of the list of containers, and its heading. */
void cgroup_list_heading(struct buffer *out, const struct text_style *style);
void cgroup_list_line(struct buffer *out, const struct document *document,
		      const struct cgroup_facts *before, uint64_t milliseconds,
		      const struct text_style *style);
/* Thousandths of a core that were in use between two looks; false: not known. */
bool cgroup_cores(const struct cgroup_facts *now, const struct cgroup_facts *before,
		  uint64_t milliseconds, uint64_t *milli);

#endif
