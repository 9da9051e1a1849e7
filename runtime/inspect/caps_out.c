/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Capabilities as text and JSON.
 *
 * syscalls: none
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "runtime/inspect/capability_help.h"
#include "runtime/inspect/caps.h"

#define BIT(number) (UINT64_C(1) << (number))
#define NAME_SIZE 40

/* In the order of the columns. */
static const struct {
	enum capability_set set;
	char letter;
	const char *member, *mask, *status;
} sets[] = {
	{ CAPABILITY_PERMITTED, 'p', "permitted", "prm", "CapPrm" },
	{ CAPABILITY_EFFECTIVE, 'e', "effective", "eff", "CapEff" },
	{ CAPABILITY_INHERITABLE, 'i', "inheritable", "inh", "CapInh" },
	{ CAPABILITY_BOUNDING, 'b', "bounding", "bnd", "CapBnd" },
	{ CAPABILITY_AMBIENT, 'a', "ambient", "amb", "CapAmb" },
};

/* "cap_kill"; "cap_63" for what has no name. */
static const char *name_of(int number, char name[static NAME_SIZE])
{
	const char *upper = capability_name(number);

	(void)snprintf(name, NAME_SIZE, "cap_%d", number);
	if (!upper)
		return name;
	for (size_t i = 0; i < NAME_SIZE - 1; i++) {
		name[i] = upper[i] >= 'A' && upper[i] <= 'Z' ? (char)(upper[i] + 32) : upper[i];
		if (!upper[i])
			break;
	}
	return name;
}

static uint64_t any_set(const uint64_t *values)
{
	uint64_t any = 0;

	for (int i = 0; i < CAPABILITY_SET_COUNT; i++)
		any |= values[i];
	return any;
}

/* "pe-b-" */
static void letters(char text[static 6], const uint64_t *values, int number)
{
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		text[i] = values[sets[i].set] & BIT(number) ? sets[i].letter : '-';
	text[5] = '\0';
}

void caps_names(struct buffer *out, uint64_t set)
{
	uint64_t all = capability_count() >= 64 ? UINT64_MAX : BIT(capability_count()) - 1;
	const char *separator = "";
	char name[NAME_SIZE];

	if (set == 0) {
		buffer_add(out, "none");
		return;
	}
	if ((set & all) == all) {
		buffer_format(out, "all %d", capability_count());
		return;
	}
	for (int number = 0; number < 64; number++) {
		if (!(set & BIT(number)))
			continue;
		buffer_format(out, "%s%s", separator, name_of(number, name) + strlen("cap_"));
		separator = ",";
	}
}

static void row_of(struct buffer *out, const struct caps_facts *caps, int number)
{
	char name[NAME_SIZE], asked[6];

	buffer_format(out, "%-22s %2d ", name_of(number, name), number);
	for (size_t i = 0; i < ARRAY_SIZE(sets); i++)
		buffer_format(out, " %c  ", caps->set[sets[i].set] & BIT(number) ? 'x' : '-');
	if (caps->has_config) {
		bool differs = false;

		for (int i = 0; i < CAPABILITY_SET_COUNT; i++)
			differs |= ((caps->asked[i] ^ caps->set[i]) & BIT(number)) != 0;
		letters(asked, caps->asked, number);
		buffer_format(out, "%s%c ", asked, differs ? '!' : ' ');
	}
	buffer_format(out, "%s\n", capability_help(number));
}

static void summary(struct buffer *out, const struct document *document)
{
	const struct caps_facts *caps = &document->caps;
	const struct process_facts *process = &document->process;

	buffer_add(out, "no_new_privs ");
	if (fact_is_known(&caps->no_new_privs.fact))
		buffer_add(out, caps->no_new_privs.value ? "on" : "off");
	else
		text_unknown(out, &caps->no_new_privs.fact);
	if (fact_is_known(&caps->securebits.fact))
		buffer_format(out, "   securebits 0x%" PRIx64, caps->securebits.value);
	if (process->uid_is_mapped)
		buffer_format(out, "   uid %" PRIu32, process->uid);
	else
		buffer_add(out, "   uid unmapped");
	if (fact_is_known(&process->host_uid.fact) && !process->userns_is_ours)
		buffer_format(out, " (host %" PRIu64 ")", process->host_uid.value);
	buffer_add(out, "   user ns ");
	if (process->userns_is_ours)
		buffer_add(out, "the caller's");
	else if (document->planned)
		buffer_add(out, "its own");
	else if (fact_is_known(&process->userns.fact))
		buffer_format(out, "user:[%" PRIu64 "]", process->userns.value);
	else
		text_unknown(out, &process->userns.fact);
	buffer_add(out, "\nexec of a plain file -> permitted and effective: ");
	if (caps->after_exec == caps->set[CAPABILITY_PERMITTED] && caps->after_exec != 0)
		buffer_add(out, "the same");
	else if (__builtin_popcountll(caps->after_exec) > 3) /* the line is full */
		buffer_format(out, "%d%s", __builtin_popcountll(caps->after_exec),
			      caps->after_exec == caps->set[CAPABILITY_BOUNDING]
				      ? ", those of bounding"
				      : "");
	else
		caps_names(out, caps->after_exec);
	buffer_add(out, "\nexec of a set-user-ID or file-capabilities file -> ");
	buffer_add(out, caps->no_new_privs.value ? "no gain (no_new_privs)\n"
						 : "may gain up to bounding\n");
}

static void how(struct buffer *out, const struct document *document, const struct text_style *style)
{
	if (document->planned) {
		text_how(out, style, "jq .process.capabilities config.json");
		return;
	}
	text_how(out, style, "grep -E '^(Cap|NoNewPrivs|Uid)' /proc/%d/status",
		 document->target->pid);
	text_how(out, style, "capsh --decode=%016" PRIx64,
		 document->caps.set[CAPABILITY_EFFECTIVE]);
	text_how(out, style, "getpcaps %d", document->target->pid);
	text_how(out, style, "readlink /proc/%d/ns/user", document->target->pid);
}

void caps_text(struct buffer *out, const struct document *document, bool all,
	       const struct text_style *style)
{
	const struct caps_facts *caps = &document->caps;
	uint64_t shown = any_set(caps->set) | any_set(caps->asked);
	int count = capability_count(), hidden = 0;

	if (!fact_is_known(&caps->fact)) {
		buffer_add(out, "capabilities ");
		text_unknown(out, &caps->fact);
		buffer_format(out, "%s%s\n", caps->fact.why ? ": " : "",
			      caps->fact.why ? caps->fact.why : "");
		return;
	}
	text_heading(out,
		     caps->has_config ? "CAPABILITY             NR prm eff inh bnd amb CONFIG "
					"LETS IT"
				      : "CAPABILITY             NR prm eff inh bnd amb LETS IT",
		     style);
	for (int number = 0; number < count; number++) {
		if (all || (shown & BIT(number)))
			row_of(out, caps, number);
		else
			hidden++;
	}
	if (hidden > 0)
		buffer_format(out, "%d %-20s   -   -   -   -   -   (-a lists them)\n", hidden,
			      hidden == count ? "capabilities"
			      : hidden == 1   ? "other "
					      : "others");
	summary(out, document);
	for (size_t i = 0; i < document->note_count; i++)
		text_note(out, document->notes[i].text, style);
	text_source(out, style, &caps->fact, "the five sets, no_new_privs");
	text_source(out, style, &document->process.userns.fact, "user ns");
	how(out, document, style);
}

void caps_text_pair(struct buffer *out, const struct document *a, const struct document *b,
		    bool all, const struct text_style *style)
{
	uint64_t shown = any_set(a->caps.set) | any_set(b->caps.set);
	autobuffer heading = { 0 };

	buffer_add(&heading, "CAPABILITY             NR  ");
	text_escaped_width(&heading, a->target->text, 10, style);
	while (heading.text && heading.length < 38 && !heading.failed)
		buffer_add(&heading, " ");
	text_escaped_width(&heading, b->target->text, 10, style);
	while (heading.text && heading.length < 49 && !heading.failed)
		buffer_add(&heading, " ");
	buffer_add(&heading, " LETS IT");
	if (heading.failed) {
		out->failed = true;
		return;
	}
	text_heading(out, heading.text, style);
	for (int number = 0; number < capability_count(); number++) {
		char name[NAME_SIZE], left[6], right[6];

		if (!all && !(shown & BIT(number)))
			continue;
		letters(left, a->caps.set, number);
		letters(right, b->caps.set, number);
		buffer_format(out, "%-22s %2d  %-10s %-8s %c  %s\n", name_of(number, name), number,
			      fact_is_known(&a->caps.fact) ? left : "?",
			      fact_is_known(&b->caps.fact) ? right : "?",
			      strcmp(left, right) != 0 ? '!' : ' ', capability_help(number));
	}
	buffer_add(out,
		   "p permitted, e effective, i inheritable, b bounding, a ambient; ! differs\n");
	how(out, a, style);
	how(out, b, style);
}

void caps_mask(struct buffer *out, const struct document *document)
{
	static const size_t order[] = { 2, 0, 1, 3, 4 }; /* the kernel's */

	for (size_t i = 0; i < ARRAY_SIZE(order); i++)
		buffer_format(out, "%s:\t%016" PRIx64 "\n", sets[order[i]].status,
			      document->caps.set[sets[order[i]].set]);
}

static void json_set(struct json_out *json, const char *member, uint64_t set)
{
	char name[NAME_SIZE];

	json_begin_array(json, member);
	for (int number = 0; number < 64; number++)
		if (set & BIT(number))
			json_string(json, NULL, name_of(number, name));
	json_end_array(json);
}

static void json_masks(struct json_out *json, const struct caps_facts *caps)
{
	char mask[20];

	json_begin_object(json, "mask");
	table_for_each (set, sets) {
		(void)snprintf(mask, sizeof(mask), "%016" PRIx64, caps->set[set->set]);
		json_string(json, set->mask, mask);
	}
	json_end_object(json);
}

void caps_json(struct json_out *json, const struct document *document)
{
	const struct caps_facts *caps = &document->caps;

	if (!json_unknown(json, "sets", &caps->fact)) {
		json_begin_object(json, "sets");
		table_for_each (set, sets)
			json_set(json, set->member, caps->set[set->set]);
		json_end_object(json);
		json_masks(json, caps);
		json_set(json, "after_exec", caps->after_exec);
	}
	if (caps->has_config) {
		json_begin_object(json, "config");
		table_for_each (set, sets)
			json_set(json, set->member, caps->asked[set->set]);
		json_end_object(json);
	}
	if (!json_unknown(json, "no_new_privs", &caps->no_new_privs.fact))
		json_bool(json, "no_new_privs", caps->no_new_privs.value != 0);
	json_fact_uint(json, "securebits", &caps->securebits);
	json_fact_uint(json, "userns", &document->process.userns);
}
