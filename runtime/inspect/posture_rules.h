/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_POSTURE_RULES_H
#define INSPECT_POSTURE_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "runtime/inspect/posture.h"

/* What the groups of posture rules share; for posture*.c alone. */
struct posture;

/* A test adds what it finds, with its place; it may find several. */
struct posture_rule {
	const char *id;
	enum finding_level level;
	void (*test)(const struct posture *posture);
	const char *why, *cure, *manual;
};

/* One rule asked of one configuration. */
struct posture {
	const struct container_spec *spec;
	const struct posture_rule *rule;
	posture_report *report;
	void *data;
};

/* A file's rules, in the order in which they are told. */
struct posture_group {
	const struct posture_rule *rules;
	size_t count;
};
extern const struct posture_group posture_capabilities, posture_calls, posture_namespaces,
	posture_mounts, posture_limits, posture_labels;

/* Levels, short enough for a table's rows. */
#define E FINDING_ERROR
#define W FINDING_WARNING
#define N FINDING_NOTE

/* The format begins with the JSON pointer. */
void posture_found(const struct posture *posture, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

bool posture_has_namespace(const struct posture *posture, const char *type);
bool posture_contains(const struct string_list *list, const char *text);

#endif
