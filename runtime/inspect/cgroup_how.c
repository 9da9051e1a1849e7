/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The files that a cgroup's facts come from, and the plain commands that show the same.
 *
 * syscalls: none
 */
#include "base/table.h"
#include "runtime/inspect/cgroup_cells.h"

void cgroup_how(struct buffer *out, const struct document *document, const struct text_style *style)
{
	const struct cgroup_facts *facts = &document->cgroup;
	const struct fact_uint *numbers[] = { &facts->memory.used, &facts->memory.limit,
					      &facts->pids.used, &facts->pids.limit,
					      &facts->cpu.limit };

	if (!style->how)
		return;
	if (document->planned) {
		text_how(out, style, "jq .linux.resources config.json");
		return;
	}
	text_how(out, style, "cat /proc/%d/cgroup; stat -fc %%T /sys/fs/cgroup",
		 document->target->pid);
	table_for_each (number, numbers) {
		if (!(*number)->fact.source)
			continue;
		buffer_add(out, "how: cat ");
		text_escaped(out, (*number)->fact.source, style);
		buffer_add(out, "\n");
	}
	text_how(out, style, "systemd-cgls; cat $(minirun cgroup --path memory %d)/memory.stat",
		 document->target->pid);
}

void cgroup_files(struct buffer *out, const struct document *document,
		  const struct text_style *style)
{
	const struct cgroup_facts *facts = &document->cgroup;
	const struct {
		const struct fact *fact;
		const char *words;
	} rows[] = {
		{ &facts->memory.used.fact, "v1 memory.usage_in_bytes = v2 memory.current" },
		{ &facts->memory.limit.fact, "v1 memory.limit_in_bytes = v2 memory.max" },
		{ &facts->event[EVENT_OOM_KILL].fact, "v1 memory.oom_control = v2 memory.events" },
		{ &facts->event[EVENT_MEMORY_MAX].fact,
		  "v1 memory.failcnt = v2 memory.events max" },
		{ &facts->pids.used.fact, "the same in both" },
		{ &facts->pids.limit.fact, "the same in both" },
		{ &facts->cpu.limit.fact, "v1 cpu.cfs_quota_us / cpu.cfs_period_us = v2 cpu.max" },
		{ &facts->cpu_usec.fact, "v1 cpuacct.usage = v2 cpu.stat usage_usec" },
		{ &facts->io_read.fact, "v1 blkio.throttle.io_service_bytes = v2 io.stat" },
		{ &facts->io_max.fact, "v1 blkio.throttle.*_device = v2 io.max" },
		{ &facts->cpuset.fact, "the same in both" },
		{ &facts->frozen.fact, "v1 freezer.state = v2 cgroup.events, cgroup.freeze" },
		{ &facts->pressure[0].fact, "v2 only" },
	};

	table_for_each (row, rows)
		text_source(out, style, row->fact, row->words);
}
