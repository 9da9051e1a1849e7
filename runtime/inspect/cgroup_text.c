/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup as text: where it is, what is used, which limit applies.
 *
 * syscalls: none
 */
#include "runtime/inspect/cgroup.h"

#include <inttypes.h>
#include <string.h>

#include "base/table.h"
#include "runtime/inspect/cgroup_cells.h"

#define COLUMN 10 /* behind the names of the rows */
#define PRESSURE_COLUMNS 80

static void add_row(struct buffer *out, const char *name, const struct cgroup_number *number,
		    const struct fact_uint *used, cgroup_add_value *add,
		    const struct text_style *style)
{
	autobuffer effective = { 0 };

	buffer_format(out, "%-9s ", name);
	cgroup_add_cell(out, used, add, 8);
	cgroup_add_cell(out, &number->limit, add, 8);
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
		cgroup_add_bar(out, used->value, number->effective.value);
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
	add_row(out, "pids", &facts->pids, &facts->pids.used, cgroup_add_plain, style);
	add_event(out, &facts->event[EVENT_PIDS_MAX], "limit hit", false);
	add_event(out, &facts->zombies, "zombies", false);
	add_reason(out, document, CONTROLLER_PIDS, &facts->pids);
	end_row(out);
	if (cgroup_cores(facts, before, milliseconds, &cores.value))
		cores.fact = fact_known(NULL);
	add_row(out, "cpu", &facts->cpu, &cores, cgroup_add_cores, style);
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

void cgroup_pressure_text(struct buffer *out, const struct cgroup_facts *facts)
{
	static const char *const names[] = { "cpu", "memory", "io" };
	size_t column = PRESSURE_COLUMNS; /* the heading's line is full */

	buffer_add(out, "pressure  avg10 avg60 avg300 (some, in %)");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const struct cgroup_pressure *one = &facts->pressure[i];
		autobuffer text = { 0 };

		buffer_format(&text, "%s ", names[i]);
		if (fact_is_known(&one->fact))
			buffer_format(&text, "%.2f %.2f %.2f", one->average[0], one->average[1],
				      one->average[2]);
		else
			text_unknown(&text, &one->fact);
		if (text.failed || column + 3 + text.length > PRESSURE_COLUMNS) {
			buffer_add(out, "\n          ");
			column = COLUMN;
		} else {
			buffer_add(out, "   ");
			column += 3;
		}
		buffer_add(out, text.failed ? "" : text.text);
		column += text.length;
	}
	buffer_add(out, "\n");
}

static void rest(struct buffer *out, const struct document *document,
		 const struct text_style *style)
{
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
	buffer_add(out, "\n");
	cgroup_pressure_text(out, facts);
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
	cgroup_files(out, document, style);
	cgroup_how(out, document, style);
}
