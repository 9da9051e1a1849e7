/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of a cgroup as text.
 *
 * syscalls: none
 */
#include "runtime/inspect/cgroup_cells.h"

#include <inttypes.h>

#define BAR 10

bool cgroup_cores(const struct cgroup_facts *now, const struct cgroup_facts *before,
		  uint64_t milliseconds, uint64_t *milli)
{
	if (!before || milliseconds == 0 || !fact_is_known(&now->cpu_usec.fact) ||
	    !fact_is_known(&before->cpu_usec.fact) || now->cpu_usec.value < before->cpu_usec.value)
		return false;
	*milli = (now->cpu_usec.value - before->cpu_usec.value) / milliseconds;
	return true;
}

void cgroup_add_cores(struct buffer *out, uint64_t milli)
{
	buffer_format(out, "%" PRIu64 ".%02" PRIu64, milli / 1000, milli % 1000 / 10);
}

void cgroup_add_plain(struct buffer *out, uint64_t value)
{
	buffer_format(out, "%" PRIu64, value);
}

void cgroup_add_cell(struct buffer *out, const struct fact_uint *value, cgroup_add_value *add,
		     int width)
{
	autobuffer cell = { 0 };

	if (fact_is_known(&value->fact))
		add(&cell, value->value);
	else if (value->fact.state == FACT_DENIED)
		buffer_format(&cell, "?(%s)", fact_errno_name(value->fact.code));
	else
		buffer_add(&cell, "-");
	if (cell.failed)
		out->failed = true;
	else
		buffer_format(out, "%-*s ", width, cell.text);
}

void cgroup_add_bar(struct buffer *out, uint64_t used, uint64_t limit)
{
	uint64_t percent = limit ? used * 100 / limit : 100;
	char bar[BAR + 1];

	if (limit > UINT64_MAX / 200)
		percent = 0;
	for (uint64_t i = 0; i < BAR; i++)
		bar[i] = (percent + 5) / 10 > i ? '#' : '.';
	bar[BAR] = '\0';
	buffer_format(out, "[%s]%3" PRIu64 "%% ", bar, percent > 999 ? 999 : percent);
}
