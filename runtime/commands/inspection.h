/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_INSPECTION_H
#define COMMANDS_INSPECTION_H

#include "runtime/commands/command.h"
#include "runtime/inspect/document.h"
#include "runtime/inspect/text.h"

/*
 * What the commands that look have in common: their options, their targets, how they print. Exit
 * status: 0 fine; 1 a finding, for those that judge; 2 usage or trouble.
 */
#define INSPECTION_TROUBLE 2

struct inspection_options {
	const char *format;
	bool how, verbose, no_header;
};
#define INSPECTION_DEFAULTS                                                                        \
	{                                                                                          \
		.format = "text"                                                                   \
	}

/* NOLINTBEGIN(bugprone-macro-parentheses): type and member are names */
/* The rows for a struct whose member is a struct inspection_options. */
#define INSPECTION_ROWS(type, member)                                                              \
	INSPECTION_FORMAT_ROW(type, member, "text or json (default: text)", "text json"),          \
		INSPECTION_OTHER_ROWS(type, member)
#define INSPECTION_FORMAT_ROW(type, member, text, words)                                           \
	{                                                                                          \
		.name = "format", .letter = 'f', .kind = OPTION_TEXT,                              \
		.offset = offsetof(type, member.format), .value = "FORMAT", .help = (text),        \
		.choices = (words)                                                                 \
	}
#define INSPECTION_OTHER_ROWS(type, member)                                                        \
	{ .name = "how",                                                                           \
	  .kind = OPTION_FLAG,                                                                     \
	  .offset = offsetof(type, member.how),                                                    \
	  .help = "also print the plain commands that show the same" },                            \
		{ .name = "verbose",                                                               \
		  .letter = 'v',                                                                   \
		  .kind = OPTION_FLAG,                                                             \
		  .offset = offsetof(type, member.verbose),                                        \
		  .help = "also print the files that the facts come from" },                       \
	{                                                                                          \
		.name = "no-header", .kind = OPTION_FLAG,                                          \
		.offset = offsetof(type, member.no_header), .help = "no headings above columns"    \
	}

/* NOLINTEND(bugprone-macro-parentheses) */

/* A target with what resolving it has read. */
struct subject {
	struct target target;
	bool has_spec;
	struct container_spec spec; /* what target.config points to */
	struct container_info info; /* a container's: owns the strings of target */
};

/* Finds the container, or reads the bundle. The subject is to be freed even after a failure. */
int subject_open(struct subject *subject, const struct invocation *invocation, const char *text,
		 struct error *err);
void subject_free(struct subject *subject);
#define autosubject __attribute__((cleanup(subject_free))) struct subject

/* Every container under the root, in turn; those that vanish meanwhile are passed over. visit
 * returns -1 to end the walk. */
typedef int subject_visit(struct subject *subject, void *data, struct error *err);
int subject_each(const struct invocation *invocation, subject_visit *visit, void *data,
		 struct error *err);

/* Style and buffer of what goes to standard output. */
struct text_style inspection_style(const struct invocation *invocation,
				   const struct inspection_options *options);
/* "text" or "json": *json. choices NULL: no others. */
int inspection_format(const struct inspection_options *options, bool *json, struct error *err);

#endif
