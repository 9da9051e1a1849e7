/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup as text and JSON.
 *
 * syscalls: none
 */
#include "runtime/inspect/cgroup.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/table.h"

#define BAR 10
#define COLUMN 10 /* behind the names of the rows */

bool cgroup_cores(const struct cgroup_facts *now, const struct cgroup_facts *before,
		  uint64_t milliseconds, uint64_t *milli)
{
	if (!before || milliseconds == 0 || !fact_is_known(&now->cpu_usec.fact) ||
	    !fact_is_known(&before->cpu_usec.fact) || now->cpu_usec.value < before->cpu_usec.value)
		return false;
	*milli = (now->cpu_usec.value - before->cpu_usec.value) / milliseconds;
	return true;
}

static void add_cores(struct buffer *out, uint64_t milli)
{
	buffer_format(out, "%" PRIu64 ".%02" PRIu64, milli / 1000, milli % 1000 / 10);
}

static void add_plain(struct buffer *out, uint64_t value)
{
	buffer_format(out, "%" PRIu64, value);
}

typedef void add_value(struct buffer *out, uint64_t value);

/* A cell of this width; what isn't known or limited is a dash. */
static void add_cell(struct buffer *out, const struct fact_uint *value, add_value *add, int width)
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

static void add_bar(struct buffer *out, uint64_t used, uint64_t limit)
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

static void add_row(struct buffer *out, const char *name, const struct cgroup_number *number,
		    const struct fact_uint *used, add_value *add, const struct text_style *style)
{
	autobuffer effective = { 0 };

	buffer_format(out, "%-9s ", name);
	add_cell(out, used, add, 8);
	add_cell(out, &number->limit, add, 8);
	if (fact_is_known(&number->effective.fact)) {
		add(&effective, number->effective.value);
		buffer_add(&effective, " (");
		if (fact_is_known(&number->limit.fact) &&
		    number->limit.value == number->effective.value)
			buffer_add(&effective, "own");
		else
			text_escaped_width(&effective, number->effective_from, 14, style);
		buffer_add(&effective, ")");
	} else {
		buffer_add(&effective, "-");
	}
	buffer_format(out, "%-16s ", effective.text ? effective.text : "?");
	if (fact_is_known(&number->effective.fact) && fact_is_known(&used->fact))
		add_bar(out, used->value, number->effective.value);
}

static void add_event(struct buffer *out, const struct fact_uint *event, const char *words,
		      bool even_zero)
{
	if (fact_is_known(&event->fact) && (event->value > 0 || even_zero))
		buffer_format(out, " %s %" PRIu64, words, event->value);
}

/* Why a row has nothing; NULL: it has, or there is no process to count. */
static const char *reason_of(const struct document *document, enum cgroup_controller controller)
{
	const struct cgroup_where *where = &document->cgroup.where[controller];

	if (document->planned)
		return NULL;
	if (where->version == 0)
		return "no cgroup has this controller";
	if (!where->path)
		return where->why;
	return strcmp(where->relative, "/") == 0 ? "in the root, where it isn't counted" : NULL;
}

static void add_reason(struct buffer *out, const struct document *document,
		       enum cgroup_controller controller, const struct cgroup_number *number)
{
	const char *reason = reason_of(document, controller);

	if (reason && number->used.fact.state == FACT_ABSENT && !fact_is_known(&number->limit.fact))
		buffer_add(out, reason);
}

/* Without the blanks of empty cells. */
static void end_row(struct buffer *out)
{
	while (out->length > 0 && out->text[out->length - 1] == ' ')
		out->text[--out->length] = '\0';
	buffer_add(out, "\n");
}

static void limits(struct buffer *out, const struct document *document,
		   const struct cgroup_facts *before, uint64_t milliseconds,
		   const struct text_style *style)
{
	const struct cgroup_facts *facts = &document->cgroup;
	struct fact_uint cores = facts->cpu.used;

	text_heading(out, "          USED     LIMIT    EFFECTIVE        USE              EVENTS",
		     style);
	add_row(out, "memory", &facts->memory, &facts->memory.used, text_size, style);
	add_event(out, &facts->event[EVENT_OOM_KILL], "oom_kill", true);
	add_event(out, &facts->event[EVENT_MEMORY_MAX], "limit hit", false);
	add_reason(out, document, CONTROLLER_MEMORY, &facts->memory);
	end_row(out);
	add_row(out, "pids", &facts->pids, &facts->pids.used, add_plain, style);
	add_event(out, &facts->event[EVENT_PIDS_MAX], "limit hit", false);
	add_event(out, &facts->zombies, "zombies", false);
	add_reason(out, document, CONTROLLER_PIDS, &facts->pids);
	end_row(out);
	if (cgroup_cores(facts, before, milliseconds, &cores.value))
		cores.fact = fact_known(NULL);
	add_row(out, "cpu", &facts->cpu, &cores, add_cores, style);
	if (fact_is_known(&facts->cpu_usec.fact))
		buffer_format(out, " used %" PRIu64 ".%02" PRIu64 " s",
			      facts->cpu_usec.value / 1000000,
			      facts->cpu_usec.value % 1000000 / 10000);
	if (fact_is_known(&facts->event[EVENT_PERIODS].fact) &&
	    facts->event[EVENT_PERIODS].value > 0)
		buffer_format(out, ", throttled %" PRIu64 " of %" PRIu64,
			      facts->event[EVENT_THROTTLED].value,
			      facts->event[EVENT_PERIODS].value);
	end_row(out);
}

/* "io   read 12M, written 4K; weight 100; 8:0 rbps=1048576 ..." */
static void add_io(struct buffer *out, const struct document *document,
		   const struct text_style *style)
{
	const struct cgroup_facts *facts = &document->cgroup;
	autobuffer line = { 0 };

	if (fact_is_known(&facts->io_read.fact)) {
		buffer_add(&line, "read ");
		text_size(&line, facts->io_read.value);
		buffer_add(&line, ", written ");
		text_size(&line, facts->io_written.value);
	}
	if (fact_is_known(&facts->io_weight.fact))
		buffer_format(&line, "%sweight %" PRIu64, line.length ? "; " : "",
			      facts->io_weight.value);
	if (fact_is_known(&facts->io_max.fact))
		buffer_format(&line, "%s%s", line.length ? "; " : "", facts->io_max.value);
	if (line.length == 0)
		text_unknown(&line, &facts->io_read.fact);
	if (facts->io_read.fact.state == FACT_ABSENT && reason_of(document, CONTROLLER_IO))
		buffer_format(&line, "        %s", reason_of(document, CONTROLLER_IO));
	buffer_add(out, "io        ");
	text_wrapped(out, line.text ? line.text : "-", COLUMN, COLUMN, style);
}

static void add_text(struct buffer *out, const struct fact_text *text, size_t width,
		     const struct text_style *style)
{
	const size_t begin = out->length;

	if (fact_is_known(&text->fact) && *text->value)
		text_escaped_width(out, text->value, 24, style);
	else
		text_unknown(out, &text->fact);
	buffer_format(out, "%*s ",
		      out->length < begin + width ? (int)(begin + width - out->length) : 0, "");
}

static void add_devices(struct buffer *out, const struct document *document,
			const struct text_style *style)
{
	const struct cgroup_facts *facts = &document->cgroup;
	const char *separator = "";
	autobuffer line = { 0 };

	if (fact_is_known(&facts->device_count.fact)) {
		buffer_format(&line, "%" PRIu64 " program%s attached", facts->device_count.value,
			      facts->device_count.value == 1 ? "" : "s");
		for (size_t i = 0;
		     i < facts->device_count.value && i < ARRAY_SIZE(facts->device_programs); i++)
			buffer_format(&line, "%s %" PRIu32, i ? "," : ": id",
				      facts->device_programs[i]);
		separator = "; ";
	} else if (!document->planned) {
		buffer_add(&line, "programs: ");
		text_unknown(&line, &facts->device_count.fact);
		separator = "; ";
	}
	if (fact_is_known(&facts->devices_v1.fact)) {
		buffer_format(&line, "%s%" PRIu64 " rule%s in devices.list", separator,
			      facts->devices_v1.value, facts->devices_v1.value == 1 ? "" : "s");
		separator = "; ";
	}
	if (fact_is_known(&facts->device_rules.fact))
		buffer_format(&line, "%s%" PRIu64 " rule%s in config.json", separator,
			      facts->device_rules.value, facts->device_rules.value == 1 ? "" : "s");
	buffer_add(out, "devices   ");
	text_wrapped(out, line.text ? line.text : "-", COLUMN, COLUMN, style);
}

static void rest(struct buffer *out, const struct document *document,
		 const struct text_style *style)
{
	static const char *const names[] = { "cpu", "memory", "io" };
	const struct cgroup_facts *facts = &document->cgroup;

	add_io(out, document, style);
	buffer_add(out, "cpuset    -        ");
	add_text(out, &facts->cpuset, 8, style);
	if (fact_is_known(&facts->cpuset_effective.fact))
		add_text(out, &facts->cpuset_effective, 24, style);
	end_row(out);
	add_devices(out, document, style);
	if (document->planned)
		return;
	buffer_add(out, "frozen    ");
	if (fact_is_known(&facts->frozen.fact))
		buffer_add(out, facts->frozen.value ? "yes" : "no");
	else
		text_unknown(out, &facts->frozen.fact);
	buffer_add(out, "\npressure  avg10 avg60 avg300 (some, in %)");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct cgroup_pressure *one = &facts->pressure[i];

		buffer_format(out, "%s %s ", i == 0 ? "\n         " : "  ", names[i]);
		if (fact_is_known(&one->fact))
			buffer_format(out, "%.2f %.2f %.2f", one->average[0], one->average[1],
				      one->average[2]);
		else
			text_unknown(out, &one->fact);
	}
	buffer_add(out, "\n");
}

/* v1 hierarchies in which it is somewhere else: "memory in /a; pids cpu in /" */
static void elsewhere(struct buffer *out, const struct cgroup_facts *facts,
		      const struct text_style *style)
{
	const char *own = facts->where[CONTROLLER_UNIFIED].relative;
	unsigned done = 0;

	for (int i = 0; i < CONTROLLER_UNIFIED; i++) {
		const char *place = facts->where[i].relative;
		autobuffer line = { 0 };

		if (facts->where[i].version != 1 || !place || string_equal(place, own) ||
		    (done >> i & 1))
			continue;
		for (int same = i; same < CONTROLLER_UNIFIED; same++) {
			if (facts->where[same].version != 1 ||
			    !string_equal(facts->where[same].relative, place))
				continue;
			done |= 1U << same;
			buffer_format(&line, "%s ", cgroup_controller_names[same]);
		}
		buffer_format(&line, "in %s", place);
		buffer_add(out, "          ");
		if (line.text)
			text_wrapped(out, line.text, COLUMN, COLUMN, style);
	}
}

/* "/web   hybrid", and which controllers are where */
static void heading(struct buffer *out, const struct document *document,
		    const struct text_style *style)
{
	const struct cgroup_facts *facts = &document->cgroup;

	if (document->planned) {
		text_escaped(out, facts->planned_path ? facts->planned_path : "no place", style);
		buffer_add(out, "  planned\n");
		return;
	}
	if (facts->where[CONTROLLER_UNIFIED].relative)
		text_escaped_width(out, facts->where[CONTROLLER_UNIFIED].relative, 40, style);
	else
		buffer_add(out, facts->where[CONTROLLER_UNIFIED].mount ? "(outside)" : "-");
	buffer_format(out, "   %s\n", facts->mode);
	for (int version = 1; version <= 2; version++) {
		autobuffer names = { 0 };

		for (int i = 0; i < CONTROLLER_UNIFIED; i++)
			if (facts->where[i].version == version)
				buffer_format(&names, "%s ", cgroup_controller_names[i]);
		if (!names.text)
			continue;
		buffer_format(out, "v%d        ", version);
		text_wrapped(out, names.text, COLUMN, COLUMN, style);
		if (version == 1)
			elsewhere(out, facts, style);
	}
}

static void how(struct buffer *out, const struct document *document, const struct text_style *style)
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

/* -v: the file of each fact, and its name in the other version. */
static void files(struct buffer *out, const struct document *document,
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

void cgroup_text(struct buffer *out, const struct document *document,
		 const struct cgroup_facts *before, uint64_t milliseconds,
		 const struct text_style *style)
{
	if (!fact_is_known(&document->cgroup.fact)) {
		buffer_add(out, "cgroup ");
		text_unknown(out, &document->cgroup.fact);
		buffer_add(out, "\n");
		return;
	}
	heading(out, document, style);
	limits(out, document, before, milliseconds, style);
	rest(out, document, style);
	for (size_t i = 0; i < document->note_count; i++)
		text_note(out, document->notes[i].text, style);
	files(out, document, style);
	how(out, document, style);
}

/* ---- JSON ---- */

static void json_number_of(struct json_out *json, const char *name,
			   const struct cgroup_number *number)
{
	json_begin_object(json, name);
	json_fact_uint(json, "used", &number->used);
	json_fact_uint(json, "limit", &number->limit);
	json_fact_uint(json, "effective", &number->effective);
	if (number->effective_from)
		json_string(json, "effective_from", number->effective_from);
}

static void json_events(struct json_out *json, const struct fact_uint *events,
			const enum cgroup_event *which, const char *const *names, size_t count)
{
	json_begin_object(json, "events");
	for (size_t i = 0; i < count; i++)
		json_fact_uint(json, names[i], &events[which[i]]);
	json_end_object(json);
	json_end_object(json); /* that of json_number_of() */
}

static void json_pressure(struct json_out *json, const struct cgroup_facts *facts)
{
	static const char *const names[] = { "cpu", "memory", "io" };
	static const char *const spans[] = { "avg10", "avg60", "avg300" };

	json_begin_object(json, "pressure");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (json_unknown(json, names[i], &facts->pressure[i].fact))
			continue;
		json_begin_object(json, names[i]);
		for (size_t span = 0; span < ARRAY_SIZE(spans); span++) {
			char text[32];

			(void)snprintf(text, sizeof(text), "%.2f",
				       facts->pressure[i].average[span]);
			json_number(json, spans[span], text);
		}
		json_end_object(json);
	}
	json_end_object(json);
}

static void json_devices(struct json_out *json, const struct cgroup_facts *facts)
{
	json_begin_object(json, "devices");
	if (!json_unknown(json, "programs", &facts->device_count.fact)) {
		json_begin_array(json, "programs");
		for (size_t i = 0;
		     i < facts->device_count.value && i < ARRAY_SIZE(facts->device_programs); i++)
			json_uint(json, NULL, facts->device_programs[i]);
		json_end_array(json);
	}
	json_fact_uint(json, "rules_v1", &facts->devices_v1);
	json_fact_uint(json, "rules_config", &facts->device_rules);
	json_end_object(json);
}

void cgroup_json(struct json_out *json, const struct document *document,
		 const struct cgroup_facts *before, uint64_t milliseconds)
{
	static const enum cgroup_event memory[] = { EVENT_OOM_KILL, EVENT_MEMORY_MAX };
	static const char *const memory_names[] = { "oom_kill", "max" };
	static const enum cgroup_event pids[] = { EVENT_PIDS_MAX };
	static const char *const pids_names[] = { "max" };
	static const enum cgroup_event cpu[] = { EVENT_PERIODS, EVENT_THROTTLED,
						 EVENT_THROTTLED_USEC };
	static const char *const cpu_names[] = { "nr_periods", "nr_throttled", "throttled_usec" };
	const struct cgroup_facts *facts = &document->cgroup;
	struct cgroup_number cores = facts->cpu;

	if (json_unknown(json, "mode", &facts->fact))
		return;
	json_string(json, "mode", facts->mode);
	json_begin_object(json, "paths");
	for (int i = 0; i < CONTROLLER_COUNT; i++)
		if (facts->where[i].path)
			json_string(json, cgroup_controller_names[i], facts->where[i].path);
	if (facts->planned_path)
		json_string(json, "planned", facts->planned_path);
	json_end_object(json);
	json_number_of(json, "memory", &facts->memory);
	json_events(json, facts->event, memory, memory_names, ARRAY_SIZE(memory));
	json_number_of(json, "pids", &facts->pids);
	json_events(json, facts->event, pids, pids_names, ARRAY_SIZE(pids));
	/* cpu in thousandths of a core */
	if (cgroup_cores(facts, before, milliseconds, &cores.used.value))
		cores.used.fact = fact_known(NULL);
	json_number_of(json, "cpu", &cores);
	json_fact_uint(json, "usage_usec", &facts->cpu_usec);
	json_events(json, facts->event, cpu, cpu_names, ARRAY_SIZE(cpu));
	json_begin_object(json, "io");
	json_fact_uint(json, "read", &facts->io_read);
	json_fact_uint(json, "written", &facts->io_written);
	json_fact_uint(json, "weight", &facts->io_weight);
	json_fact_text(json, "max", &facts->io_max);
	json_end_object(json);
	json_begin_object(json, "cpuset");
	json_fact_text(json, "cpus", &facts->cpuset);
	json_fact_text(json, "effective", &facts->cpuset_effective);
	json_fact_text(json, "mems", &facts->mems_effective);
	json_end_object(json);
	json_devices(json, facts);
	if (!json_unknown(json, "frozen", &facts->frozen.fact))
		json_bool(json, "frozen", facts->frozen.value != 0);
	json_fact_uint(json, "processes", &facts->processes);
	json_fact_uint(json, "zombies", &facts->zombies);
	json_pressure(json, facts);
}

/* ---- a line for each ---- */

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
	add_cell(out, &facts->memory.used, text_size, 8);
	add_cell(out, &facts->memory.effective, text_size, 8);
	add_cell(out, &facts->pids.used, add_plain, 8);
	add_cell(out, &facts->pids.effective, add_plain, 8);
	if (!cgroup_cores(facts, before, milliseconds, &cores.value))
		cores.fact.state = FACT_ABSENT;
	add_cell(out, &cores, add_cores, 8);
	if (fact_is_known(&facts->pressure[0].fact))
		buffer_format(out, "%.2f", facts->pressure[0].average[0]);
	if (fact_is_known(&facts->memory.effective.fact) &&
	    fact_is_known(&facts->memory.used.fact)) {
		buffer_add(out, " ");
		add_bar(out, facts->memory.used.value, facts->memory.effective.value);
	}
	buffer_add(out, "\n");
}
