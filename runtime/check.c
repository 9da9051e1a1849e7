/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of `minirun check`: the tables that create walks, too, so that what is found here is
 * what it would say; but all of them are asked, not only up to the first error.
 *
 * syscalls: those of the rules, which only look
 */
#include "runtime/check.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "runtime/creation.h"
#include "runtime/host_rules.h"
#include "spec/check.h"

/* ---- findings ---- */

/* Several rules may find the same, with the same words: it is told once, as the worst of them. */
static bool is_told(struct findings *findings, const struct finding *again)
{
	for (size_t i = 0; i < findings->count; i++) {
		struct finding *finding = &findings->items[i];

		if (strcmp(finding->pointer, again->pointer) != 0 ||
		    strcmp(finding->text, again->text) != 0)
			continue;
		if (again->level < finding->level) {
			findings->of_level[finding->level]--;
			findings->of_level[again->level]++;
			finding->level = again->level;
			finding->rule = again->rule;
			finding->section = again->section;
		}
		return true;
	}
	return false;
}

void findings_add(struct findings *findings, const char *rule, const char *section,
		  enum finding_level level, const char *text)
{
	const char *end = *text == '/' ? strstr(text, ": ") : NULL;
	struct finding *finding;

	if (findings->count == findings->capacity) {
		size_t capacity = findings->capacity ? findings->capacity * 2 : 16;
		void *grown = realloc(findings->items, capacity * sizeof(*findings->items));

		findings->failed |= !grown;
		if (!grown)
			return;
		findings->items = grown;
		findings->capacity = capacity;
	}
	finding = &findings->items[findings->count];
	*finding = (struct finding){
		.rule = arena_string(&findings->arena, rule),
		.section = section,
		.level = level,
		.pointer =
			end ? arena_format(&findings->arena, "%.*s", (int)(end - text), text) : "",
		.text = arena_string(&findings->arena, end ? end + 2 : text),
	};
	findings->failed |= !finding->rule || !finding->pointer || !finding->text;
	if (findings->failed || is_told(findings, finding))
		return;
	findings->count++;
	findings->of_level[level]++;
}

void findings_cut(struct findings *findings, size_t count)
{
	while (findings->count > count)
		findings->of_level[findings->items[--findings->count].level]--;
}

void findings_free(struct findings *findings)
{
	free(findings->items);
	arena_free(&findings->arena);
	*findings = (struct findings){ 0 };
}

/* ---- all ---- */

static void take(void *data, const char *rule, const char *section, enum finding_level level,
		 const char *text)
{
	findings_add(data, rule, section, level, text);
}

int check_config(struct findings *findings, const struct settings *settings,
		 const struct check_subject *subject, struct error *err)
{
	struct arena arena = { 0 };
	struct container_spec spec;
	struct host host = {
		.spec = &spec,
		.bundle = subject->bundle,
		.cgroups = &settings->cgroup,
		.exists = subject->exists,
		.arena = &arena,
	};
	struct error added;
	int result = 0;

	*findings = (struct findings){ 0 };
	if (spec_check(&spec, subject->text, subject->length, take, findings)) {
		if (spec_add_user_namespace(&spec, &added) < 0)
			findings_add(findings, "HOST-namespaces", "user_namespaces(7)",
				     FINDING_ERROR, added.text);
		else
			result = check_host(findings, &host, err);
	}
	spec_free(&spec);
	arena_free(&arena);
	return result == 0 && findings->failed ? error_set(err, "memory is exhausted") : result;
}

bool check_explain(struct buffer *out, const char *rule)
{
	struct buffer section = { 0 };

	const struct host_rules *table;

	for (size_t n = 0; (table = host_rules_table(n)); n++) {
		for (size_t i = 0; i < table->count; i++) {
			const struct host_rule *row = &table->rows[i];

			if (strcmp(row->id, rule) != 0)
				continue;
			buffer_format(out, "%s: %s.\ncure: %s\nsee: %s\n", row->id, row->why,
				      row->cure, row->section);
			return true;
		}
	}
	if (!spec_check_explain(&section, rule)) {
		buffer_free(&section);
		return false;
	}
	buffer_format(out, "%s: %s", rule, section.text ? section.text : "");
	buffer_free(&section);
	return true;
}
