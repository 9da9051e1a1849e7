/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_EXPLAIN_PLAN_H
#define COMMANDS_EXPLAIN_PLAN_H

#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/string.h"
#include "runtime/creation.h"
#include "runtime/inspect/text.h"
#include "runtime/step.h"

/*
 * The plan, printed: the rows of the two step tables that a container would walk, each with what it
 * does for this configuration, in calls and in what one would type. Nothing is done; the executor
 * walks the same tables (step.h), so what is told is what happens.
 */
struct detail {
	const char *call;    /* "sethostname(\"web\")" */
	const char *pointer; /* the member of config.json; NULL: the row's */
	const char *shell;   /* the same by hand, with $ROOT and $CGROUP; NULL: not possible */
};
struct details {
	struct arena *arena; /* owns the strings and the array */
	struct detail *items;
	size_t count, capacity;
	bool failed; /* out of memory */
};

/* What this row does for this container; none: nothing to add to the row itself. */
void explain_details(const struct creation *creation, const struct step *step,
		     const struct step_table *table, struct details *details);

/* explain_details.c: rows that have details, by n, as "init.mounts" without blanks changed; NULL
 * ends. For the test that no row has been renamed meanwhile. */
const char *explain_described(size_t n, const struct step_table **table);

/* Text for people, 80 columns; JSON ("minirun.explain/1"). */
void explain_text(struct buffer *out, const struct creation *creation,
		  const struct text_style *style);
void explain_json(struct buffer *out, const struct creation *creation);

/* explain_script.c: a script for sh(1) that builds such a container with unshare(1), mount(8),
 * ip(8), capsh(1). What these can't do is a comment in it. */
void explain_script(struct buffer *out, const struct creation *creation);

/* shell_quote.c: text as one word of sh(1), in arena; NULL without memory. */
const char *shell_quote(struct arena *arena, const char *text);

#endif
