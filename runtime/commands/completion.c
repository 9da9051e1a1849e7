/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun completion bash|zsh|fish: completions out of the tables, for the package to install and
 * for anyone to source.
 *
 * syscalls: write
 */
#include <string.h>

#include "base/table.h"
#include "runtime/commands/command.h"
#include "runtime/commands/global.h"
#include "runtime/commands/usage.h"

/* Commands whose first argument is a container's id, or may be one. */
static bool takes_id(const struct command *command)
{
	if (strncmp(command->usage, "TARGET", 6) == 0 || strncmp(command->usage, "[TARGET", 7) == 0)
		return true;
	if (strcmp(command->name, "mounts") == 0) /* behind add or remove */
		return true;
	return strncmp(command->usage, "ID", 2) == 0 && strcmp(command->name, "create") != 0 &&
	       strcmp(command->name, "run") != 0;
}

/* text with a backslash before each of these characters, and as part of a '...' word of a shell. */
static void add_quoted(struct buffer *out, const char *text, const char *escaped)
{
	for (; *text; text++) {
		if (*text == '\'')
			buffer_add(out, "'\\''");
		else if (strchr(escaped, *text))
			buffer_format(out, "\\%c", *text);
		else
			buffer_add_bytes(out, text, 1);
	}
}

static void add_command_names(struct buffer *out, const char *separator)
{
	const char *before = "";

	for (size_t i = 0; i < command_count; i++) {
		if (commands[i]->hidden)
			continue;
		buffer_format(out, "%s%s", before, commands[i]->name);
		before = separator;
	}
}

/* --- bash ------------------------------------------------------------------------------------ */

static void bash_options(struct buffer *out, const char *command, const struct option_table *table)
{
	buffer_format(out, "\t%s:-*) words=\"", command);
	for (size_t i = 0; i < table->count; i++) {
		const struct option *option = &table->rows[i];

		if (option->help)
			buffer_format(out, "--%s ", option->name);
		if (option->letter)
			buffer_format(out, "-%c ", option->letter);
	}
	buffer_add(out, "--help -h\" ;;\n");
}

/* One case per option that takes a value: the words to choose from, or files. */
static void bash_values(struct buffer *out, const char *command, const struct option_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct option *option = &table->rows[i];

		if (!option_needs_value(option))
			continue;
		buffer_format(out, "\t%s:--%s", command, option->name);
		if (option->letter)
			buffer_format(out, "|%s:-%c", command, option->letter);
		if (option->choices)
			buffer_format(out, ") words=\" %s\" ;;\n", option->choices);
		else
			buffer_add(out, ") files=1 ;;\n");
	}
}

static void write_bash(struct buffer *out)
{
	buffer_add(out,
		   "# bash completion for minirun, made by 'minirun completion bash'\n"
		   "_minirun()\n{\n"
		   "\tlocal current=\"$2\" previous=\"$3\" command=\"\" words=\"\" files=\"\" i\n\n"
		   "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		   "\t\tcase \"${COMP_WORDS[i]}\" in\n\t\t");
	add_command_names(out, "|");
	buffer_add(out, ") command=\"${COMP_WORDS[i]}\"; break ;;\n\t\tesac\n\tdone\n\n"
			"\tcase \"$command:$previous\" in\n");
	bash_values(out, "", &global_options);
	for (size_t i = 0; i < command_count; i++) {
		if (!commands[i]->hidden)
			bash_values(out, commands[i]->name, &commands[i]->options);
	}
	buffer_add(out, "\tesac\n"
			"\t[ -n \"$words$files\" ] || case \"$command:$current\" in\n");
	bash_options(out, "", &global_options);
	for (size_t i = 0; i < command_count; i++) {
		if (commands[i]->hidden)
			continue;
		bash_options(out, commands[i]->name, &commands[i]->options);
		if (takes_id(commands[i]))
			buffer_format(out, "\t%s:*) words=\"$(minirun list -q 2>/dev/null)\" ;;\n",
				      commands[i]->name);
	}
	buffer_add(out, "\t:*) words=\"");
	add_command_names(out, " ");
	buffer_add(out, "\" ;;\n\tesac\n\n"
			"\tif [ -n \"$files\" ]; then\n"
			"\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$current\")\n"
			"\telse\n"
			"\t\tmapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
			"\tfi\n}\n"
			"complete -o filenames -F _minirun minirun\n");
}

/* --- zsh ------------------------------------------------------------------------------------- */

static void zsh_option(struct buffer *out, const struct option *option, bool repeats)
{
	bool value = option_needs_value(option);

	buffer_add(out, " \\\n\t\t\t");
	if (repeats)
		buffer_add(out, "'*'");
	if (option->letter)
		buffer_format(out, "{-%c%s,--%s%s}", option->letter, value ? "+" : "", option->name,
			      value ? "=" : "");
	else
		buffer_format(out, "--%s%s", option->name, value ? "=" : "");
	buffer_add(out, "'[");
	add_quoted(out, option->help, "[]\\");
	buffer_add(out, "]");
	if (value) {
		buffer_add(out, ":");
		add_quoted(out, option->value, ":\\");
		if (option->choices)
			buffer_format(out, ":(%s)", option->choices);
		else
			buffer_add(out, ":_files");
	}
	buffer_add(out, "'");
}

static void zsh_options(struct buffer *out, const struct option_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->rows[i].help)
			zsh_option(out, &table->rows[i], table->rows[i].kind == OPTION_LIST);
	}
	buffer_add(out, " \\\n\t\t\t{-h,--help}'[print this help]'");
}

static void write_zsh(struct buffer *out)
{
	buffer_add(out, "#compdef minirun\n# made by 'minirun completion zsh'\n\n"
			"_minirun_ids()\n{\n"
			"\tcompadd -- ${(f)\"$(minirun list -q 2>/dev/null)\"}\n}\n\n"
			"_minirun()\n{\n"
			"\tlocal context state state_descr line\n"
			"\ttypeset -A opt_args\n\n"
			"\t_arguments -C");
	zsh_options(out, &global_options);
	buffer_add(out, " \\\n\t\t\t'1:command:->command' '*::argument:->arguments' && return\n\n"
			"\tcase $state in\n\tcommand)\n\t\tlocal -a names=(\n");
	for (size_t i = 0; i < command_count; i++) {
		if (commands[i]->hidden)
			continue;
		buffer_format(out, "\t\t\t'%s:", commands[i]->name);
		add_quoted(out, commands[i]->help, "");
		buffer_add(out, "'\n");
	}
	buffer_add(out, "\t\t)\n\t\t_describe command names\n\t\t;;\n"
			"\targuments)\n\t\tcase $line[1] in\n");
	for (size_t i = 0; i < command_count; i++) {
		if (commands[i]->hidden)
			continue;
		buffer_format(out, "\t\t%s)\n\t\t\t_arguments -s", commands[i]->name);
		zsh_options(out, &commands[i]->options);
		if (takes_id(commands[i]))
			buffer_add(out, " \\\n\t\t\t'1:container:_minirun_ids'");
		buffer_add(out, "\n\t\t\t;;\n");
	}
	buffer_add(out, "\t\tesac\n\t\t;;\n\tesac\n}\n\n_minirun \"$@\"\n");
}

/* --- fish ------------------------------------------------------------------------------------ */

static void fish_options(struct buffer *out, const char *condition,
			 const struct option_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct option *option = &table->rows[i];

		if (!option->help)
			continue;
		buffer_format(out, "complete -c minirun -n '%s' -l %s", condition, option->name);
		if (option->letter)
			buffer_format(out, " -s %c", option->letter);
		if (option_needs_value(option) && option->choices)
			buffer_format(out, " -x -a '%s'", option->choices);
		else if (option_needs_value(option))
			buffer_add(out, " -r -F");
		buffer_add(out, " -d '");
		add_quoted(out, option->help, "\\");
		buffer_add(out, "'\n");
	}
	buffer_format(out, "complete -c minirun -n '%s' -l help -s h -d 'print this help'\n",
		      condition);
}

static void write_fish(struct buffer *out)
{
	buffer_add(out, "# fish completion for minirun, made by 'minirun completion fish'\n"
			"complete -c minirun -f\n");
	fish_options(out, "__fish_use_subcommand", &global_options);
	for (size_t i = 0; i < command_count; i++) {
		const struct command *command = commands[i];
		autobuffer condition = { 0 };

		if (command->hidden)
			continue;
		buffer_format(&condition, "__fish_seen_subcommand_from %s", command->name);
		if (condition.failed) {
			out->failed = true;
			return;
		}
		buffer_format(out, "complete -c minirun -n __fish_use_subcommand -a %s -d '",
			      command->name);
		add_quoted(out, command->help, "\\");
		buffer_add(out, "'\n");
		fish_options(out, condition.text, &command->options);
		if (takes_id(command))
			buffer_format(out,
				      "complete -c minirun -n '%s' -a '(minirun list -q "
				      "2>/dev/null)'\n",
				      condition.text);
	}
}

static const struct {
	const char *name;
	void (*write)(struct buffer *out);
} shells[] = {
	{ "bash", write_bash },
	{ "zsh", write_zsh },
	{ "fish", write_fish },
};

static int run(const struct invocation *invocation, const void *options, struct error *err)
{
	const char *name = invocation->arguments[0];
	autobuffer out = { 0 };

	(void)options; /* there are none */
	table_for_each (shell, shells) {
		if (strcmp(shell->name, name) == 0) {
			shell->write(&out);
			return usage_print(&out, err);
		}
	}
	return error_set(err, "no completion for \"%s\": there are bash, zsh and fish", name);
}

const struct command completion_command = {
	.name = "completion",
	.knows_no_container = true,
	.usage = "bash|zsh|fish",
	.help = "print completions for a shell",
	.description = "Example:\n"
		       "  . <(minirun completion bash)\n",
	.arguments_min = 1,
	.arguments_max = 1,
	.failure = "",
	.failure_status = 1,
	.hidden = true,
	.run = run,
};
