/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_TRACE_H
#define RUNTIME_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "runtime/step.h"

/*
 * --trace: which rows of the step tables were walked, how long each took, and how it ended. Parent
 * and init write into one shared page, that nobody but them has: it is gone with execve(2), and
 * no descriptor leads to it. Pointers in it are good on both sides, since init is a copy of the
 * parent.
 */
struct trace_entry {
	const struct step_table *table;
	const struct step *step;
	uint64_t begin, end; /* ns; end 0: not over yet, or never (exec) */
	int result;
	int code; /* errno of a failure, 0: none */
};

struct trace;

/* NULL with err without memory. */
struct trace *trace_make(struct error *err);
void trace_free(struct trace *trace);

/* NULL: the page is full; trace_end() takes that. Runs in: parent, init. */
struct trace_entry *trace_begin(struct trace *trace, const struct step_table *table,
				const struct step *step);
void trace_end(struct trace_entry *entry, int result, const struct error *err);

/*
 * Where --trace=WHERE goes: "" is standard error, a number an open descriptor, anything else a
 * file, to which is added. A descriptor of ours. Before anything exists: what can't be written to
 * is an error, not a trace that is lost.
 */
int trace_open_output(const char *where, struct error *err);

/* Text, or one JSON object a row. executed: exec's row, which can't end, did what it should. */
int trace_print(const struct trace *trace, int fd, bool json, bool executed, struct error *err);

#endif
