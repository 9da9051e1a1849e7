/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_STEP_H
#define RUNTIME_STEP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * One step table for doing, explaining and tracing. Each row is one thing that a create or a start
 * does: the executor walks the rows and calls run(); everything else in a row is for people (and
 * for the tests, which break the walk at each row by its name). The order of the rows is the
 * security argument: `why` says what would be wrong with another place.
 */
struct creation;

struct step {
	const char *name;    /* unique within its table */
	const char *pointer; /* the member of config.json that asks for it, NULL: none */
	const char *calls;   /* system calls */
	const char *manual;  /* man page or section of the specification */
	const char *why;     /* the reason for its place */
	const char *shell;   /* the same by hand, NULL: not possible with ordinary tools */
	const char *after;   /* the row of the other table that is reached or over by then */
	bool (*wanted)(const struct creation *creation); /* NULL: always */
	int (*run)(struct creation *creation, struct error *err);
	/* the same where all of it goes away with the process (rehearsal.h); NULL: not there.
	 * 1: enough */
	int (*rehearse)(struct creation *creation, struct error *err);
};

struct step_table {
	const char *actor; /* "parent", "init": which process walks it */
	const struct step *steps;
	size_t count;
};

/* What the parent does for create, and what becomes the container's process does: parent.c, init.c.
 * The two meet where both have a row that sends or waits (runtime/README.md, the sync page). */
extern const struct step_table parent_table;
extern const struct step_table init_table;

/* Walks the rows that are wanted. Stops at the first that fails; with --debug each row is a line:
 * "init 18/29 pivot". Runs in: parent, init. */
int steps_run(const struct step_table *table, struct creation *creation, struct error *err);

/* A row of one of the two tables, in the order of time. */
struct timeline_row {
	const struct step_table *table;
	const struct step *step;
	bool start; /* belongs to `start`: what comes after the row "created" */
};
#define TIMELINE_MAX 96

/*
 * The rows that this creation walks, in the order in which they happen: the parent's up to one that
 * has to wait for init, then init's up to there, and so on. Returns their number. creation->cgroup
 * decides about some: in a plan it is any number but -1 where there will be a cgroup.
 */
size_t steps_timeline(const struct creation *creation, struct timeline_row *rows);

/* "parent.start-socket": stable, for scripts. */
void step_id(const struct timeline_row *row, char *text, size_t size);

#endif
