/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_CGROUP_CELLS_H
#define INSPECT_CGROUP_CELLS_H

#include "runtime/inspect/cgroup.h"

/* Values of a cgroup as text, in the table of one and in the list of all. */

typedef void cgroup_add_value(struct buffer *out, uint64_t value);

/* "0.25": thousandths of a core */
void cgroup_add_cores(struct buffer *out, uint64_t milli);
void cgroup_add_plain(struct buffer *out, uint64_t value);
/* A cell of this width; what isn't known or limited is a dash. */
void cgroup_add_cell(struct buffer *out, const struct fact_uint *value, cgroup_add_value *add,
		     int width);
/* "[###.......] 30% " */
void cgroup_add_bar(struct buffer *out, uint64_t used, uint64_t limit);

/* Three kinds of pressure, of a busy machine on two lines. */
void cgroup_pressure_text(struct buffer *out, const struct cgroup_facts *facts);

/* ---- cgroup_how.c: lines behind the table ---- */

/* --how: the plain commands that show the same */
void cgroup_how(struct buffer *out, const struct document *document,
		const struct text_style *style);
/* -v: the file of each fact, and its name in the other version. */
void cgroup_files(struct buffer *out, const struct document *document,
		  const struct text_style *style);

#endif
