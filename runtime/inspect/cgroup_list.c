/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A line for each cgroup.
 *
 * syscalls: none
 */
#include "runtime/inspect/cgroup_cells.h"

void cgroup_list_heading(struct buffer *out, const struct text_style *style)
{
	text_heading(out,
		     "ID                   MEMORY   LIMIT    PIDS     LIMIT    CPU      PRESSURE",
		     style);
}

void cgroup_list_line(struct buffer *out, const struct document *document,
		      const struct cgroup_facts *before, uint64_t milliseconds,
		      const struct text_style *style)
{
	const struct cgroup_facts *facts = &document->cgroup;
	struct fact_uint cores = { .fact = facts->cpu_usec.fact };
	size_t begin = out->length;

	text_escaped_width(out, document->target->text, 20, style);
	while (!out->failed && out->length < begin + 21)
		buffer_add(out, " ");
	if (document->planned) {
		buffer_format(out, "(%s)\n", document->status);
		return;
	}
	cgroup_add_cell(out, &facts->memory.used, text_size, 8);
	cgroup_add_cell(out, &facts->memory.effective, text_size, 8);
	cgroup_add_cell(out, &facts->pids.used, cgroup_add_plain, 8);
	cgroup_add_cell(out, &facts->pids.effective, cgroup_add_plain, 8);
	if (!cgroup_cores(facts, before, milliseconds, &cores.value))
		cores.fact.state = FACT_ABSENT;
	cgroup_add_cell(out, &cores, cgroup_add_cores, 8);
	if (fact_is_known(&facts->pressure[0].fact))
		buffer_format(out, "%.2f", facts->pressure[0].average[0]);
	if (fact_is_known(&facts->memory.effective.fact) &&
	    fact_is_known(&facts->memory.used.fact)) {
		buffer_add(out, " ");
		cgroup_add_bar(out, facts->memory.used.value, facts->memory.effective.value);
	}
	buffer_add(out, "\n");
}
