/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_TEXT_H
#define INSPECT_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/string.h"
#include "runtime/inspect/fact.h"
#include "spec/json_out.h"

/*
 * Text for people: 80 columns, ASCII unless the locale is UTF-8, colour only on a terminal. Not a
 * stable interface: scripts take JSON.
 */
struct text_style {
	bool utf8, colour, header;
	bool verbose; /* -v: where each fact comes from */
	bool how;     /* --how: the plain commands for the same facts */
};

/*
 * What a container, or whoever, can choose: command names and arguments, host names, cgroup names,
 * paths. Control characters (ESC, C1, newline and DEL among them), characters that reorder text and
 * what isn't UTF-8 come out as \xNN, a backslash as two; outside of a UTF-8 locale so does all that
 * isn't ASCII.
 */
void text_escaped(struct buffer *out, const char *text, const struct text_style *style);
/* The same with at most width columns: what is longer ends in "...". */
void text_escaped_width(struct buffer *out, const char *text, size_t width,
			const struct text_style *style);
/* A command line as /proc/PID/cmdline has it (length bytes with NULs between), blanks between. */
void text_arguments(struct buffer *out, const char *arguments, size_t length, size_t width,
		    const struct text_style *style);

/* Escaped, and a newline; where it doesn't fit into 80 columns it goes on below, words kept whole.
 * column: how many are taken already; indent: of the lines that follow. */
void text_wrapped(struct buffer *out, const char *text, size_t column, size_t indent,
		  const struct text_style *style);

/* "! TEXT", long lines broken at blanks and indented; in colour where the style says so. */
void text_note(struct buffer *out, const char *text, const struct text_style *style);
void text_heading(struct buffer *out, const char *text, const struct text_style *style);
/* "how: COMMAND" on a line of its own, if style->how. */
void text_how(struct buffer *out, const struct text_style *style, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
/* "from: SOURCE (WHAT)", if style->verbose and there is one. */
void text_source(struct buffer *out, const struct text_style *style, const struct fact *fact,
		 const char *what);

/* What stands where an unknown value would: "? (EACCES: needs CAP_SYS_PTRACE)", "-". */
void text_unknown(struct buffer *out, const struct fact *fact);
/* 0, 688K, 64M, 1.5G: at most one digit behind the point. */
void text_size(struct buffer *out, uint64_t bytes);

/* The member name, if the fact isn't known: null, or {"denied":"EACCES","need":"CAP_SYS_PTRACE"}.
 * False: it is known, and the caller writes the value. */
bool json_unknown(struct json_out *json, const char *name, const struct fact *fact);
void json_fact_uint(struct json_out *json, const char *name, const struct fact_uint *value);
void json_fact_text(struct json_out *json, const char *name, const struct fact_text *value);

#endif
