/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completions for zsh(1), by its _arguments.
 *
 * syscalls: none
 */
#include "runtime/commands/completion.h"
#include "runtime/commands/global.h"

/* The action of _arguments. */
static void add_action(struct buffer *out, const struct completion *completion)
{
	switch (completion->kind) {
	case COMPLETE_NOTHING:
		buffer_add(out, " "); /* a message, no words */
		break;
	case COMPLETE_WORDS:
		buffer_format(out, "(%s)", completion->words);
		break;
	case COMPLETE_FILES:
		buffer_add(out, "_files");
		break;
	case COMPLETE_DIRECTORIES:
		buffer_add(out, "_directories");
		break;
	case COMPLETE_IDS:
		buffer_add(out, "_minirun_ids");
		break;
	case COMPLETE_BUNDLES:
		buffer_add(out, "_minirun_bundles");
		break;
	case COMPLETE_TARGETS:
		buffer_add(out, "_minirun_targets");
		break;
	case COMPLETE_COMMANDS:
		buffer_add(out, "(");
		completion_add_commands(out, " ");
		buffer_add(out, ")");
		break;
	}
}

static void add_option(struct buffer *out, const struct option *option)
{
	bool value = option_needs_value(option);

	buffer_add(out, " \\\n\t\t\t");
	if (option->kind == OPTION_LIST)
		buffer_add(out, "'*'");
	if (option->letter)
		buffer_format(out, "{-%c%s,--%s%s}", option->letter, value ? "+" : "", option->name,
			      value ? "=" : "");
	else
		buffer_format(out, "--%s%s", option->name, value ? "=" : "");
	buffer_add(out, "'[");
	completion_add_quoted(out, option->help, "[]\\");
	buffer_add(out, "]");
	if (value) {
		struct completion completion = completion_of_value(option);

		buffer_add(out, ":");
		completion_add_quoted(out, option->value, ":\\");
		buffer_add(out, ":");
		add_action(out, &completion);
	}
	buffer_add(out, "'");
}

static void add_options(struct buffer *out, const struct option_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->rows[i].help)
			add_option(out, &table->rows[i]);
	}
	buffer_add(out, " \\\n\t\t\t{-h,--help}'[print this help]'");
}

static void add_places(struct buffer *out, const char *command)
{
	static const char *const messages[] = {
		[COMPLETE_NOTHING] = "argument", [COMPLETE_WORDS] = "word",
		[COMPLETE_FILES] = "file",	 [COMPLETE_DIRECTORIES] = "bundle",
		[COMPLETE_IDS] = "container",	 [COMPLETE_BUNDLES] = "bundle",
		[COMPLETE_TARGETS] = "target",	 [COMPLETE_COMMANDS] = "command",
	};
	const struct completion_places *places = completion_places(command);

	for (int i = 0; places && i < COMPLETION_PLACES; i++) {
		const struct completion *place = &places->at[i];

		if (place->kind == COMPLETE_NOTHING)
			break;
		if (places->repeats)
			buffer_add(out, " \\\n\t\t\t'*");
		else
			buffer_format(out, " \\\n\t\t\t'%d", i + 1);
		buffer_format(out, ":%s:", messages[place->kind]);
		add_action(out, place);
		buffer_add(out, "'");
	}
}

static void add_command(struct buffer *out, const struct command *command)
{
	buffer_format(out, "\t\t%s)\n\t\t\t_arguments -s%s", command->name,
		      command->order == ORDER_FIRST ? " -A '-*'" : "");
	add_options(out, &command->options);
	add_places(out, command->name);
	buffer_add(out, "\n\t\t\t;;\n");
}

static void add_names(struct buffer *out)
{
	for (size_t i = 0; i < command_count; i++) {
		if (commands[i]->hidden)
			continue;
		buffer_format(out, "\t\t\t'%s:", commands[i]->name);
		completion_add_quoted(out, commands[i]->help, "");
		buffer_add(out, "'\n");
	}
}

void completion_write_zsh(struct buffer *out)
{
	buffer_add(out,
		   "#compdef minirun\n# made by 'minirun completion zsh'\n\n"
		   "_minirun_ids()\n{\n"
		   "\tcompadd -- ${(f)\"$(minirun ${root:+--root=$root} list -q 2>/dev/null)\"}\n"
		   "}\n\n"
		   "_minirun_bundles()\n{\n"
		   "\t_alternative 'ids:container:_minirun_ids' 'bundles:bundle:_directories'\n"
		   "}\n\n"
		   "_minirun_targets()\n{\n"
		   "\t_alternative 'ids:container:_minirun_ids' 'words:process:(self host)' "
		   "'bundles:bundle:_directories'\n"
		   "}\n\n"
		   "_minirun()\n{\n"
		   "\tlocal context state state_descr line root\n"
		   "\ttypeset -A opt_args\n\n"
		   "\t_arguments -C");
	add_options(out, &global_options);
	buffer_add(out, " \\\n\t\t\t'1:command:->command' '*::argument:->arguments' && return\n\n"
			"\troot=${opt_args[--root]}\n"
			"\tcase $state in\n\tcommand)\n\t\tlocal -a names=(\n");
	add_names(out);
	buffer_add(out, "\t\t)\n\t\t_describe command names\n\t\t;;\n"
			"\targuments)\n\t\tcase $line[1] in\n");
	for (size_t i = 0; i < command_count; i++) {
		if (!commands[i]->hidden)
			add_command(out, commands[i]);
	}
	buffer_add(out, "\t\thelp)\n\t\t\t_arguments");
	add_places(out, "help");
	buffer_add(out, "\n\t\t\t;;\n\t\tesac\n\t\t;;\n\tesac\n}\n\n_minirun \"$@\"\n");
}
