/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The posture rules, group by group: one row each, in the order in which they are told.
 *
 * config.md, config-linux.md. syscalls: none but libseccomp's
 */
#include "runtime/inspect/posture_rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/table.h"

static const struct posture_group *const groups[] = {
	&posture_capabilities, &posture_calls,	&posture_namespaces,
	&posture_mounts,       &posture_limits, &posture_labels,
};

/* The nth rule of all; NULL behind the last. */
static const struct posture_rule *rule_at(size_t n)
{
	table_for_each (group, groups) {
		if (n < (*group)->count)
			return &(*group)->rules[n];
		n -= (*group)->count;
	}
	return NULL;
}

void posture_found(const struct posture *posture, const char *format, ...)
{
	struct posture_finding finding = {
		.id = posture->rule->id,
		.level = posture->rule->level,
		.manual = posture->rule->manual,
	};
	char text[1024];
	va_list values;

	va_start(values, format);
	(void)vsnprintf(text, sizeof(text), format, values);
	va_end(values);
	finding.text = text;
	posture->report(posture->data, &finding);
}

bool posture_has_namespace(const struct posture *posture, const char *type)
{
	for (size_t i = 0; i < posture->spec->linux.namespaces.count; i++)
		if (strcmp(posture->spec->linux.namespaces.items[i].type, type) == 0)
			return true;
	return false;
}

bool posture_contains(const struct string_list *list, const char *text)
{
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i], text) == 0)
			return true;
	return false;
}

void posture_check(const struct container_spec *spec, posture_report *report, void *data)
{
	const struct posture_rule *rule;

	for (size_t n = 0; (rule = rule_at(n)); n++)
		rule->test(&(struct posture){ spec, rule, report, data });
}

bool posture_explain(struct buffer *out, const char *id)
{
	static const char *const levels[] = { "an error", "a warning", "a note" };
	const struct posture_rule *rule;

	for (size_t n = 0; (rule = rule_at(n)); n++) {
		if (strcasecmp(rule->id, id) != 0)
			continue;
		buffer_format(out, "%s is %s\nwhy:  %s\ncure: %s\nsee:  %s\n", rule->id,
			      levels[rule->level], rule->why, rule->cure, rule->manual);
		return true;
	}
	return false;
}
