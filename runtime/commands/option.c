/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parser behind every command's options. getopt_long(3) prints its errors itself, accepts
 * abbreviations and keeps global state; this one does none of the three.
 *
 * syscalls: none
 */
#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "base/string.h"
#include "runtime/commands/option.h"

struct parser {
	struct option_request *request;
	char **argv;
	int count, next; /* next: index of the argument to be read */
};

const struct option *option_find(const struct option_table *table, const char *name, size_t length)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct option *option = &table->rows[i];

		if (strlen(option->name) == length && memcmp(option->name, name, length) == 0)
			return option;
	}
	return NULL;
}

static const struct option *find_letter(const struct option_table *table, char letter)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->rows[i].letter == letter)
			return &table->rows[i];
	}
	return NULL;
}

static int store_flag(const struct option *option, bool *member, const char *value,
		      struct error *err)
{
	if (!value || strcmp(value, "true") == 0)
		*member = true;
	else if (strcmp(value, "false") == 0)
		*member = false;
	else
		return error_set(err, "invalid value \"%s\" for flag --%s: expected true or false",
				 value, option->name);
	return 0;
}

static int store_number(const struct option *option, int *member, const char *value,
			struct error *err)
{
	uint64_t number;

	if (!string_to_uint(value, INT_MAX, &number))
		return error_set(err,
				 "invalid value \"%s\" for flag --%s: expected a number from 0 on",
				 value, option->name);
	*member = (int)number;
	return 0;
}

/* A list can't become longer than the command line, so its memory is taken once. */
static int store_item(const struct parser *parser, struct option_list *member, const char *value,
		      struct error *err)
{
	if (!member->items)
		member->items = arena_array(parser->request->arena, (size_t)parser->count,
					    sizeof(*member->items));
	if (!member->items)
		return error_set(err, "out of memory");
	member->items[member->count++] = value;
	return 0;
}

static int store(const struct parser *parser, const struct option *option, const char *value,
		 struct error *err)
{
	void *member = (char *)parser->request->target + option->offset;

	switch (option->kind) {
	case OPTION_FLAG:
		return store_flag(option, member, value, err);
	case OPTION_TEXT:
		*(const char **)member = value;
		return 0;
	case OPTION_MAYBE:
		*(const char **)member = value ? value : "";
		return 0;
	case OPTION_NUMBER:
		return store_number(option, member, value, err);
	case OPTION_LIST:
		return store_item(parser, member, value, err);
	}
	return error_set(err, "flag --%s has no kind", option->name);
}

bool option_needs_value(const struct option *option)
{
	return option->kind != OPTION_FLAG && option->kind != OPTION_MAYBE;
}

static const char *next_value(struct parser *parser)
{
	return parser->next < parser->count ? parser->argv[parser->next++] : NULL;
}

/* text: what follows "--". */
static int parse_long(struct parser *parser, const char *text, struct error *err)
{
	size_t length = strcspn(text, "=");
	const char *value = text[length] == '=' ? text + length + 1 : NULL;
	const struct option *option = option_find(parser->request->table, text, length);

	if (!option && strcmp(text, "help") == 0) {
		parser->request->help = true;
		return 0;
	}
	if (!option)
		return error_set(err, "flag provided but not defined: --%.*s", (int)length, text);
	if (option_needs_value(option) && !value) {
		value = next_value(parser);
		if (!value)
			return error_set(err, "flag needs an argument: --%s", option->name);
	}
	return store(parser, option, value, err);
}

/* text: what follows "-", at least one letter. */
static int parse_letters(struct parser *parser, const char *text, struct error *err)
{
	for (; *text; text++) {
		const struct option *option = find_letter(parser->request->table, *text);
		const char *value = text[1] == '=' ? text + 2 : NULL;

		if (!option && *text == 'h') {
			parser->request->help = true;
			return 0;
		}
		if (!option)
			return error_set(err, "flag provided but not defined: -%s", text);
		if (!option_needs_value(option)) {
			if (store(parser, option, value, err) < 0)
				return -1;
			if (value)
				return 0;
			continue;
		}
		if (!value)
			value = text[1] ? text + 1 : next_value(parser);
		if (!value)
			return error_set(err, "flag needs an argument: -%c", *text);
		return store(parser, option, value, err);
	}
	return 0;
}

/* "-no-subreaper": Go's flags have one dash as well as two, and containerd's library for runc sends
 * such a one. Only a whole name is one, so letters can still be joined. */
static bool is_long(const struct option_table *table, const char *text)
{
	const size_t length = strcspn(text, "=");

	return length > 1 && option_find(table, text, length);
}

int options_parse(struct option_request *request, char **argv, int count, struct error *err)
{
	struct parser parser = { .request = request, .argv = argv, .count = count };
	bool options = true;
	int kept = 0;

	while (parser.next < count && !request->help) {
		char *argument = argv[parser.next++];

		if (options && strcmp(argument, "--") == 0) {
			options = false;
		} else if (options && string_starts_with(argument, "--")) {
			if (parse_long(&parser, argument + 2, err) < 0)
				return -1;
		} else if (options && argument[0] == '-' && is_long(request->table, argument + 1)) {
			if (parse_long(&parser, argument + 1, err) < 0)
				return -1;
		} else if (options && argument[0] == '-' && argument[1]) {
			if (parse_letters(&parser, argument + 1, err) < 0)
				return -1;
		} else {
			argv[kept++] = argument;
			if (request->order == ORDER_FIRST)
				break;
		}
	}
	while (parser.next < count && !request->help)
		argv[kept++] = argv[parser.next++];
	argv[kept] = NULL;
	return kept;
}
