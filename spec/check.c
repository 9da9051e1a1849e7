/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All findings of a config.json. syscalls: those of malloc(3)
 */
#include "spec/check.h"

#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "spec/document.h"
#include "spec/field.h"
#include "spec/load.h"
#include "spec/validate.h"

#define SPECIFICATION "https://github.com/opencontainers/runtime-spec/blob/main/"

static const struct {
	const char *id, *section, *about;
} own_rules[] = {
	{ "SPEC-json", "config.md", "the file is JSON (RFC 8259), in UTF-8, each name once" },
	{ "SPEC-members", "config.md#valid-values",
	  "each member has its kind and range, and the required ones are there" },
	{ "SPEC-unknown", "config.md#extensibility",
	  "a member that nobody knows is ignored: it may be misspelt" },
};

struct reporter {
	spec_finding *report;
	void *data;
};

static void report_member(void *data, bool error, const char *text)
{
	const struct reporter *reporter = data;
	const size_t row = error ? 1 : 2;

	reporter->report(reporter->data, own_rules[row].id, own_rules[row].section,
			 error ? FINDING_ERROR : FINDING_WARNING, text);
}

/* "time offsets" -> "SPEC-time-offsets" */
static void rule_id(char *id, size_t size, const char *name)
{
	(void)snprintf(id, size, "SPEC-%s", name);
	for (char *c = id; *c; c++)
		if (*c == ' ')
			*c = '-';
}

/* One row's findings. */
struct rule_reporter {
	const struct reporter *reporter;
	const struct validate_rule *rule;
};

static void report_rule(void *data, bool error, const char *text)
{
	const struct rule_reporter *one = data;
	char id[64];

	rule_id(id, sizeof(id), one->rule->name);
	one->reporter->report(one->reporter->data, id, one->rule->anchor,
			      error ? FINDING_ERROR : FINDING_WARNING, text);
}

static bool check_rules(const struct container_spec *spec, const struct reporter *reporter)
{
	size_t errors = 0;

	for (size_t i = 0; i < validate_rule_count; i++) {
		struct rule_reporter one = { reporter, &validate_rules[i] };
		struct report report = { .say = report_rule, .data = &one };
		struct error err;

		if (validate_rules[i].check(spec, &report, &err) < 0)
			(void)report_tell(&report, &err);
		errors += report.errors;
	}
	return errors == 0;
}

bool spec_check(struct container_spec *spec, const char *text, size_t length, spec_finding *report,
		void *data)
{
	struct reporter reporter = { report, data };
	struct report fields = { .say = report_member, .data = &reporter };
	const struct document document = {
		.name = "config.json",
		.text = text,
		.length = length,
	};
	struct error err;

	*spec = (struct container_spec){ 0 };
	if (document_check(&document, root_fields, spec, &spec->arena, &fields, &err) < 0) {
		report(data, own_rules[0].id, own_rules[0].section, FINDING_ERROR, err.text);
		return false;
	}
	spec_derive(spec);
	return fields.errors == 0 && check_rules(spec, &reporter);
}

bool spec_check_explain(struct buffer *out, const char *rule)
{
	table_for_each (row, own_rules) {
		if (strcmp(row->id, rule) == 0) {
			buffer_format(out, "%s.\nsee: " SPECIFICATION "%s\n", row->about,
				      row->section);
			return true;
		}
	}
	for (size_t i = 0; i < validate_rule_count; i++) {
		char id[64];

		rule_id(id, sizeof(id), validate_rules[i].name);
		if (strcmp(id, rule) != 0)
			continue;
		buffer_format(
			out,
			"what %s must be, and what they need of other members.\nsee: " SPECIFICATION
			"%s\n",
			validate_rules[i].name, validate_rules[i].anchor);
		return true;
	}
	return false;
}
