/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_OPTION_H
#define COMMANDS_OPTION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"

/*
 * Options as tables: one row is what the parser takes, what --help shows and what the completions
 * offer. Both `--name value` and `--name=value`, `-n value`, `-nvalue` and `-n=value`, and `-abc`
 * for flags; `--` ends the options. The last of several equal options counts, except for lists.
 */
enum option_kind {
	OPTION_FLAG,   /* bool; "=true" and "=false" are understood */
	OPTION_TEXT,   /* const char * */
	OPTION_NUMBER, /* int >= 0 */
	OPTION_LIST,   /* struct option_list: every use adds one */
	OPTION_MAYBE,  /* const char *: "" unless a value follows behind "=" */
};

struct option_list {
	const char **items;
	size_t count;
};

struct option {
	const char *name; /* without dashes */
	char letter;	  /* 0: none */
	enum option_kind kind;
	size_t offset;	     /* of the member that takes it, in the target struct */
	const char *value;   /* the value's name in --help ("DIR"), NULL for a flag */
	const char *help;    /* one line, lower case, no full stop; NULL: in no list */
	const char *choices; /* what the completions offer, blank-separated; NULL: file names */
};

struct option_table {
	const struct option *rows;
	size_t count;
};

/* For a table that is called rows. */
#define OPTION_TABLE(array)                                                                        \
	{                                                                                          \
		.rows = (array), .count = sizeof(array) / sizeof((array)[0])                       \
	}

/* Where the options end. */
enum option_order {
	ORDER_ANY,   /* options before and after the arguments */
	ORDER_FIRST, /* with the first argument: what follows it belongs to somebody else */
};

/* One parse: what to read, and where to put it. */
struct option_request {
	const struct option_table *table;
	enum option_order order;
	void *target;	     /* the struct that the rows' offsets are for */
	struct arena *arena; /* lists live there, other values in argv */
	bool help; /* becomes true for -h and --help, which are in no table and end the parse */
};

/*
 * Reads the options of argv[0] to argv[count - 1]. The arguments that aren't options are moved to
 * argv's front, followed by NULL, and their number is returned (argv has room for count + 1). -1
 * with the usage error: "flag needs an argument: --x", "flag provided but not defined: --x".
 */
int options_parse(struct option_request *request, char **argv, int count, struct error *err);

/* The next word belongs to it if no value follows behind "=". */
bool option_needs_value(const struct option *option);

/* The row of a long name, or NULL. */
const struct option *option_find(const struct option_table *table, const char *name, size_t length);

#endif
