/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What why found, as text and JSON.
 *
 * syscalls: none
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "runtime/inspect/why.h"

#define COLUMN 21
#define WIDTH 80
#define CALL_WIDTH 28
#define REASON_COLUMN 4

void why_text(struct buffer *out, const struct why *why, const struct text_style *style)
{
	bool denied = false;
	char note[256];

	for (size_t i = 0; i < why->count; i++) {
		const struct why_layer *layer = &why->layers[i];
		const bool red = style->colour && layer->verdict == WHY_DENIED;

		buffer_format(out, "%-12s %s%-7s%s ", layer->name, red ? "\033[31m" : "",
			      why_verdict_name(layer->verdict), red ? "\033[0m" : "");
		text_wrapped(out, layer->text, COLUMN, COLUMN, style);
		if (layer->pointer && layer->verdict != WHY_ALLOWED)
			buffer_format(out, "%*sconfig.json#%s\n", COLUMN, "", layer->pointer);
		denied |= layer->verdict == WHY_DENIED;
	}
	if (!denied) {
		(void)snprintf(
			note, sizeof(note),
			why_decisive(why)
				? "whether %s is refused depends on what is said above: "
				  "`minirun why ID -- COMMAND` sees it happen"
				: "%s isn't refused by what is known here. If it fails: file "
				  "permissions, the LSM (dmesg), mount flags, or `minirun why "
				  "ID -- COMMAND`",
			why->call);
		text_note(out, note, style);
	}
}

void why_json(struct json_out *json, const struct why *why)
{
	const struct why_layer *decisive = why_decisive(why);
	const bool denied = decisive && decisive->verdict == WHY_DENIED;

	json_string(json, "syscall", why->call);
	json_string(json, "verdict",
		    denied	? "denied"
		    : !decisive ? "allowed"
				: why_verdict_name(decisive->verdict));
	if (decisive)
		json_string(json, "layer", decisive->name);
	if (denied)
		json_string(json, "sure", "certain");
	if (decisive && decisive->pointer)
		json_string(json, "config", decisive->pointer);
	json_begin_array(json, "layers");
	for (size_t i = 0; i < why->count; i++) {
		const struct why_layer *layer = &why->layers[i];

		json_begin_object(json, NULL);
		json_string(json, "layer", layer->name);
		json_string(json, "verdict",
			    layer->verdict == WHY_DENIED ? "denied"
							 : why_verdict_name(layer->verdict));
		json_string(json, "text", layer->text);
		if (layer->pointer)
			json_string(json, "config", layer->pointer);
		json_end_object(json);
	}
	json_end_array(json);
}

static const char *owner_text(const struct privilege *row)
{
	switch (row->owner) {
	case OWNER_INITIAL:
		return "initial";
	case OWNER_OWN:
		return "own";
	case OWNER_NAMESPACE:
		return namespace_types[row->kind].type;
	case OWNER_OBJECT:
		break;
	}
	return "object";
}

void why_list_text(struct buffer *out)
{
	const struct privilege *row;

	buffer_add(out, "SYSCALL            CAPABILITY            IN      WHEN\n");
	for (size_t n = 0; (row = privilege_row(n)) != NULL; n++)
		buffer_format(out, "%-18s %-21s %-7s %s\n", row->call, row->capability,
			      owner_text(row), row->when ? row->when : "always");
	buffer_add(out, "\n"
			"IN: the user namespace in which it must be effective: the initial one,\n"
			"the caller's own, the one that owns the caller's namespace of that type,\n"
			"or that of the object (file, process). capabilities(7)\n");
}

void why_list_json(struct json_out *json)
{
	const struct privilege *row;

	json_begin_array(json, "calls");
	for (size_t n = 0; (row = privilege_row(n)) != NULL; n++) {
		json_begin_object(json, NULL);
		json_string(json, "syscall", row->call);
		json_string(json, "capability", row->capability);
		json_string(json, "in", owner_text(row));
		if (row->when)
			json_string(json, "when", row->when);
		json_end_object(json);
	}
	json_end_array(json);
}

/* --- a call that failed ------------------------------------------------------------------------
 */

const char *why_error_word(const struct why_failure *failure)
{
	if (failure->signal)
		return failure->signal == SIGSYS ? "SIGSYS" : "SIGKILL";
	return failure->code ? fact_errno_name(failure->code) : "0";
}

const char *why_sureness_name(enum why_sureness sure)
{
	static const char *const names[] = { "certain", "likely", "possible", "unexplained" };

	return names[sure];
}

/* Of " = EROFS   certain". */
static size_t verdict_length(const struct why_failure *failure, const struct why_reason *reason)
{
	const size_t word = strlen(why_error_word(failure));

	return strlen(" = ") + (word > 6 ? word : 6) + strlen("  ") +
	       strlen(why_sureness_name(reason->sure));
}

void why_failure_text(struct buffer *out, const struct why_failure *failure,
		      const struct why_reason *reason, const struct text_style *style)
{
	size_t begin = out->length;
	autobuffer text = { 0 };
	size_t used;

	why_call_text(out, failure, style);
	used = out->length - begin;
	if (used + verdict_length(failure, reason) > WIDTH) {
		buffer_add(out, "\n");
		begin = out->length;
		buffer_format(out, "%*s", REASON_COLUMN - 1, "");
		used = CALL_WIDTH;
	}
	buffer_format(out, "%*s = %-6s  %-8s  ", used < CALL_WIDTH ? (int)(CALL_WIDTH - used) : 0,
		      "", why_error_word(failure), why_sureness_name(reason->sure));
	buffer_format(&text, "%s: %s", reason->layer, reason->text);
	if (reason->pointer)
		buffer_format(&text, " (config.json#%s)", reason->pointer);
	if (text.failed || out->failed)
		return;
	if (out->length - begin + text.length > WIDTH) {
		while (out->length > begin && out->text[out->length - 1] == ' ')
			out->text[--out->length] = '\0';
		buffer_format(out, "\n%*s", REASON_COLUMN, "");
	}
	text_wrapped(out, text.text, REASON_COLUMN, REASON_COLUMN, style);
}
