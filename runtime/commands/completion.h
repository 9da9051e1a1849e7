/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_COMPLETION_H
#define COMMANDS_COMPLETION_H

#include "base/string.h"
#include "runtime/commands/command.h"

/* What is offered for an option's value or for an argument. */
enum completion_kind {
	COMPLETE_NOTHING,
	COMPLETE_WORDS, /* the ones that come with it */
	COMPLETE_FILES,
	COMPLETE_DIRECTORIES, /* a bundle, too */
	COMPLETE_IDS,	      /* of containers */
	COMPLETE_BUNDLES,     /* and ids: whatever has a configuration */
	COMPLETE_TARGETS,     /* ids, self, host, bundles: see inspection.h */
	COMPLETE_COMMANDS,
};

struct completion {
	enum completion_kind kind;
	const char *words; /* blank-separated */
};

#define COMPLETION_PLACES 3

/* A command's arguments. */
struct completion_places {
	const char *command;
	struct completion at[COMPLETION_PLACES];
	bool repeats; /* the first place has any number of them */
};

/* NULL: it takes none, or none that could be guessed. */
const struct completion_places *completion_places(const char *command);

/* Of the value that option_needs_value(). */
struct completion completion_of_value(const struct option *option);

/* text with a backslash before each of the characters escaped, as part of a '...' word of a shell.
 */
void completion_add_quoted(struct buffer *out, const char *text, const char *escaped);

/* The names of the commands that are in lists. */
void completion_add_commands(struct buffer *out, const char *separator);

void completion_write_bash(struct buffer *out);
void completion_write_zsh(struct buffer *out);
void completion_write_fish(struct buffer *out);

#endif
