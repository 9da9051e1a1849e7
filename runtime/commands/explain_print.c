/* SPDX-License-Identifier: Apache-2.0 */
/*
 * explain's text and JSON.
 *
 * syscalls: none
 */
#include <sched.h>
#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "runtime/commands/explain_plan.h"
#include "spec/json_out.h"

#define INDENT 19

/* --- text ---------------------------------------------------------------------------------------
 */

/* "label text" */
static void wrapped(struct buffer *out, const char *label, const char *text,
		    const struct text_style *style)
{
	buffer_format(out, "%*s%s", INDENT, "", label);
	text_wrapped(out, text, INDENT + strlen(label), INDENT + 4, style);
}

static void print_row(struct buffer *out, const struct creation *creation, size_t number,
		      const struct timeline_row *row, const struct text_style *style)
{
	const struct step *step = row->step;
	struct details details = { .arena = (struct arena *)&creation->arena };
	const bool detailed =
		(explain_details(creation, step, row->table, &details), details.count > 0);

	buffer_format(out, "%-6s %3zu %-6s %s", row->start ? "start" : "create", number,
		      row->table->actor, step->name);
	if (step->pointer)
		buffer_format(out, "  #%s", step->pointer);
	buffer_add(out, "\n");
	if (!detailed)
		wrapped(out, "", step->calls, style);
	for (size_t i = 0; i < details.count; i++)
		wrapped(out, "", details.items[i].call, style);
	wrapped(out, "why: ", step->why, style);
	for (size_t i = 0; i < details.count; i++)
		if (details.items[i].shell)
			wrapped(out, "sh: ", details.items[i].shell, style);
	if (!detailed && step->shell)
		wrapped(out, "sh: ", step->shell, style);
	if (step->manual)
		wrapped(out, "see: ", step->manual, style);
	out->failed |= details.failed;
}

static void list_missing(struct buffer *out, const struct creation *creation)
{
	const struct namespace_plan *plan = &creation->namespaces;
	bool any = false;

	for (size_t i = 0; i < NAMESPACE_COUNT; i++) {
		if (namespace_is_private(plan, namespace_types[i].flag))
			continue;
		buffer_format(out, "%s%s",
			      any ? ", " : "shared with the host: ", namespace_types[i].type);
		any = true;
	}
	if (any)
		buffer_add(out, " namespace\n");
	if (creation->seccomp.length == 0)
		buffer_add(out, "not asked for: a seccomp filter\n");
	if (!creation->spec.process.apparmor_profile && !creation->spec.process.selinux_label)
		buffer_add(out, "not asked for: a label of AppArmor or SELinux\n");
}

void explain_text(struct buffer *out, const struct creation *creation,
		  const struct text_style *style)
{
	struct timeline_row rows[TIMELINE_MAX];
	const size_t count = steps_timeline(creation, rows);

	for (size_t i = 0; i < count; i++)
		print_row(out, creation, i + 1, &rows[i], style);
	buffer_format(out,
		      "%zu steps; nothing was done\n"
		      "place, mask, protect: see --format sh; $ROOT is\n%s\n",
		      count, creation->rootfs.path);
	list_missing(out, creation);
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

static void optional(struct json_out *json, const char *name, const char *value)
{
	if (value)
		json_string(json, name, value);
}

static void print_object(struct json_out *json, const struct creation *creation, size_t number,
			 const struct timeline_row *row)
{
	const struct step *step = row->step;
	struct details details = { .arena = (struct arena *)&creation->arena };
	char id[64];

	step_id(row, id, sizeof(id));
	explain_details(creation, step, row->table, &details);
	json_begin_object(json, NULL);
	json_uint(json, "n", number);
	json_string(json, "id", id);
	json_string(json, "phase", row->start ? "start" : "create");
	json_string(json, "who", row->table->actor);
	json_string(json, "name", step->name);
	json_string(json, "call", step->calls);
	optional(json, "config", step->pointer);
	optional(json, "man", step->manual);
	json_string(json, "why", step->why);
	optional(json, "sh", step->shell);
	json_begin_array(json, "details");
	for (size_t i = 0; i < details.count; i++) {
		json_begin_object(json, NULL);
		json_string(json, "call", details.items[i].call);
		optional(json, "config", details.items[i].pointer);
		optional(json, "sh", details.items[i].shell);
		json_end_object(json);
	}
	json_end_array(json);
	json_end_object(json);
	json->out->failed |= details.failed;
}

void explain_json(struct buffer *out, const struct creation *creation)
{
	struct timeline_row rows[TIMELINE_MAX];
	const size_t count = steps_timeline(creation, rows);
	struct json_out json = json_out(out, 2);

	json_begin_object(&json, NULL);
	json_string(&json, "schema", "minirun.explain/1");
	json_string(&json, "bundle", creation->bundle);
	json_begin_array(&json, "steps");
	for (size_t i = 0; i < count; i++)
		print_object(&json, creation, i + 1, &rows[i]);
	json_end_array(&json);
	json_end_object(&json);
	buffer_add(out, "\n");
}
