/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_CHECK_H
#define RUNTIME_CHECK_H

#include "base/arena.h"
#include "base/string.h"
#include "runtime/container.h"
#include "spec/check.h"
#include "spec/host.h"
#include "spec/spec.h"

/*
 * What is wrong with a configuration, all of it, without making anything. Three groups of rules,
 * each of tables: SPEC-* (spec/: the walker over the fields and validate_rules[]), HOST-* (a table
 * in each folder: runtime/host_rules.h), and what others add.
 */
struct findings {
	struct arena arena;
	struct finding {
		const char *rule, *section; /* section: of the specification, or a manual page */
		enum finding_level level;
		const char *pointer; /* "" where there is none */
		const char *text;
	} * items;
	size_t count, capacity;
	size_t of_level[FINDING_LEVEL_COUNT];
	bool failed; /* memory */
};

void findings_add(struct findings *findings, const char *rule, const char *section,
		  enum finding_level level, const char *text);
/* Takes back all but the first count. */
void findings_cut(struct findings *findings, size_t count);
void findings_free(struct findings *findings);
#define autofindings __attribute__((cleanup(findings_free))) struct findings

/* A config.json as it is, right or wrong. */
struct check_subject {
	const char *bundle; /* absolute */
	const char *text;
	size_t length;
	bool exists; /* a container's */
};

/* All rules over it. An error is only what keeps it from being judged. */
int check_config(struct findings *findings, const struct settings *settings,
		 const struct check_subject *subject, struct error *err);

/*
 * The HOST rules of all tables over one configuration (check_host.c). They are asked in a child,
 * since a path of the configuration may lead into a file system that never answers; then the member
 * is told with that, and the rest is asked without it. -1: there is no child to be had.
 */
int check_host(struct findings *findings, const struct host *host, struct error *err);

/* --explain: false: there is no such rule. */
bool check_explain(struct buffer *out, const char *rule);

#endif
