/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Help texts out of the tables, so that they can't lag behind what is parsed.
 *
 * syscalls: write
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/table.h"
#include "runtime/commands/global.h"
#include "runtime/commands/usage.h"
#include "runtime/commands/version.h"
#include "seccomp/names.h"

#define HELP_COLUMN 32 /* where the explanations begin */

static void add_option(struct buffer *out, char letter, const char *name, const char *value,
		       const char *help)
{
	char left[64], letters[8] = "    ";
	int width;

	if (letter)
		(void)snprintf(letters, sizeof(letters), "-%c, ", letter);
	/* "[=WHERE]" goes with the name */
	width = snprintf(left, sizeof(left), "  %s--%s%s%s", letters, name,
			 value && value[0] != '[' ? " " : "", value ? value : "");
	if (width < HELP_COLUMN - 1)
		buffer_format(out, "%-*s%s\n", HELP_COLUMN, left, help);
	else
		buffer_format(out, "%s\n%*s%s\n", left, HELP_COLUMN, "", help);
}

static void add_options(struct buffer *out, const struct option_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct option *option = &table->rows[i];

		if (option->help)
			add_option(out, option->letter, option->name, option->value, option->help);
	}
	add_option(out, 'h', "help", NULL, "print this help");
}

void usage_of_program(struct buffer *out)
{
	buffer_add(out,
		   "minirun runs containers as the OCI runtime specification describes them.\n\n"
		   "Usage: minirun [GLOBAL OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]\n\n"
		   "Commands:\n");
	for (size_t i = 0; i < command_count; i++) {
		if (!commands[i]->hidden)
			buffer_format(out, "  %-12s%s\n", commands[i]->name, commands[i]->help);
	}
	buffer_add(out, "\nGlobal options:\n");
	add_options(out, &global_options);
	buffer_add(out,
		   "\n"
		   "Examples:\n"
		   "  minirun spec                     write a config.json to start from\n"
		   "  minirun run c1                   run the bundle in the current directory\n"
		   "  minirun exec -t c1 sh            open a shell in it\n"
		   "  minirun list                     show what is there\n"
		   "\n"
		   "'minirun COMMAND --help' explains a command, minirun(8) everything.\n");
}

void usage_of_command(struct buffer *out, const struct command *command)
{
	buffer_format(out, "minirun %s: %s\n\nUsage: minirun %s [OPTIONS]%s%s\n\n%s", command->name,
		      command->help, command->name, *command->usage ? " " : "", command->usage,
		      command->description);
	buffer_add(out, "\nOptions:\n");
	add_options(out, &command->options);
}

void usage_version(struct buffer *out)
{
	buffer_format(out, "minirun version %s\ncommit: %s\nspec: %s\nlibseccomp: %s\n",
		      version_text, version_commit, VERSION_SPEC_MAX, seccomp_library_version());
}

int usage_unknown_command(const char *name, struct error *err)
{
	autobuffer names = { 0 };

	for (size_t i = 0; i < command_count; i++) {
		if (!commands[i]->hidden)
			buffer_format(&names, "%s%s", names.length ? ", " : "", commands[i]->name);
	}
	return error_set(err, "unknown command \"%s\": there are %s", name,
			 names.failed ? "others" : names.text);
}

int usage_print(struct buffer *out, struct error *err)
{
	if (out->failed)
		return error_set(err, "out of memory");
	if (fd_write_all(STDOUT_FILENO, out->text, out->length) < 0)
		return error_errno(err, "write to standard output");
	return 0;
}
