/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The executor of the step tables.
 *
 * syscalls: none of its own
 */
#include "runtime/step.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "runtime/creation.h"
#include "runtime/fault.h"
#include "runtime/trace.h"

static int step_do(const struct step_table *table, const struct step *step,
		   struct creation *creation, struct error *err)
{
	if (fault_before(table->actor, step->name, err) < 0 || step->run(creation, err) < 0)
		return -1;
	return fault_after(table->actor, step->name, err);
}

static int step_run(const struct step_table *table, size_t index, struct creation *creation,
		    struct error *err)
{
	const struct step *step = &table->steps[index];
	struct trace_entry *entry;
	int result;

	if (step->wanted && !step->wanted(creation))
		return 0;
	log_debug("%s %zu/%zu %s", table->actor, index + 1, table->count, step->name);
	if (!creation->trace)
		return step_do(table, step, creation, err);
	entry = trace_begin(creation->trace, table, step);
	result = step_do(table, step, creation, err);
	trace_end(entry, result, err);
	return result;
}

/* The innermost step is the one to tell: the parent's only waits for init's. */
static void note_step(const struct step_table *table, size_t index, struct error *err)
{
	const struct timeline_row row = { .table = table, .step = &table->steps[index] };

	if (!*err->step)
		step_id(&row, err->step, sizeof(err->step));
}

int steps_run(const struct step_table *table, struct creation *creation, struct error *err)
{
	for (size_t i = 0; i < table->count; i++)
		if (step_run(table, i, creation, err) < 0) {
			note_step(table, i, err);
			return -1;
		}
	return 0;
}

/* --- the order of time --------------------------------------------------------------------------
 */

struct walk {
	const struct creation *creation;
	struct timeline_row *rows;
	size_t count;
	size_t next; /* of init's table */
	bool start;
};

static void add(struct walk *walk, const struct step_table *table, const struct step *step)
{
	if (walk->count == TIMELINE_MAX || (step->wanted && !step->wanted(walk->creation)))
		return;
	walk->rows[walk->count++] = (struct timeline_row){ table, step, walk->start };
}

/* init's rows up to and with the one of this name, NULL: all that are left. */
static void add_init(struct walk *walk, const char *last)
{
	while (walk->next < init_table.count) {
		const struct step *step = &init_table.steps[walk->next++];

		add(walk, &init_table, step);
		if (last && strcmp(step->name, last) == 0)
			return;
	}
}

size_t steps_timeline(const struct creation *creation, struct timeline_row *rows)
{
	struct walk walk = { .creation = creation, .rows = rows };

	for (size_t i = 0; i < parent_table.count; i++) {
		const struct step *step = &parent_table.steps[i];

		if (step->after && (!step->wanted || step->wanted(creation)))
			add_init(&walk, step->after);
		add(&walk, &parent_table, step);
	}
	walk.start = true;
	add_init(&walk, NULL);
	return walk.count;
}

void step_id(const struct timeline_row *row, char *text, size_t size)
{
	(void)snprintf(text, size, "%s.%s", row->table->actor, row->step->name);
	for (char *byte = text; *byte; byte++) {
		if (*byte == ' ')
			*byte = '-';
		else if (*byte == ',') /* "user, joined pid namespace" */
			memmove(byte, byte + 1, strlen(byte)), byte--;
	}
}
