/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completions for fish(1): a line for each thing, with the condition under which it is offered.
 * fish's own conditions know neither values of options nor how many arguments there are.
 *
 * syscalls: none
 */
#include "runtime/commands/completion.h"
#include "runtime/commands/global.h"

static void add_completion(struct buffer *out, const struct completion *completion)
{
	switch (completion->kind) {
	case COMPLETE_NOTHING:
		buffer_add(out, " -x");
		break;
	case COMPLETE_WORDS:
		buffer_format(out, " -x -a '%s'", completion->words);
		break;
	case COMPLETE_FILES:
		buffer_add(out, " -r -F");
		break;
	case COMPLETE_DIRECTORIES:
		buffer_add(out, " -x -a '(__fish_complete_directories)'");
		break;
	case COMPLETE_IDS:
		buffer_add(out, " -x -a '(__minirun_ids)'");
		break;
	case COMPLETE_BUNDLES:
		buffer_add(out, " -x -a '(__minirun_ids; __fish_complete_directories)'");
		break;
	case COMPLETE_TARGETS:
		buffer_add(out, " -x -a '(__minirun_ids; __fish_complete_directories; "
				"printf \"self\\nhost\\n\")'");
		break;
	case COMPLETE_COMMANDS:
		buffer_add(out, " -x -a '");
		completion_add_commands(out, " ");
		buffer_add(out, "'");
		break;
	}
}

static void add_options(struct buffer *out, const char *condition, const struct option_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct option *option = &table->rows[i];

		if (!option->help)
			continue;
		buffer_format(out, "complete -c minirun -n '%s' -l %s", condition, option->name);
		if (option->letter)
			buffer_format(out, " -s %c", option->letter);
		if (option_needs_value(option)) {
			struct completion completion = completion_of_value(option);

			add_completion(out, &completion);
		}
		buffer_add(out, " -d '");
		completion_add_quoted(out, option->help, "\\");
		buffer_add(out, "'\n");
	}
	buffer_format(out, "complete -c minirun -n '%s' -l help -s h -d 'print this help'\n",
		      condition);
}

static void add_places(struct buffer *out, const char *command)
{
	const struct completion_places *places = completion_places(command);

	for (int i = 0; places && i < COMPLETION_PLACES; i++) {
		if (places->at[i].kind == COMPLETE_NOTHING)
			break;
		buffer_format(out, "complete -c minirun -n '__minirun_at %s", command);
		if (!places->repeats)
			buffer_format(out, " %d", i);
		buffer_add(out, "'");
		add_completion(out, &places->at[i]);
		buffer_add(out, "\n");
	}
}

static void add_command(struct buffer *out, const struct command *command)
{
	autobuffer condition = { 0 };

	buffer_format(&condition, "__minirun_at %s%s", command->name,
		      command->order == ORDER_FIRST ? " 0" : "");
	if (condition.failed) {
		out->failed = true;
		return;
	}
	buffer_format(out, "complete -c minirun -n __minirun_at -a %s -d '", command->name);
	completion_add_quoted(out, command->help, "\\");
	buffer_add(out, "'\n");
	add_options(out, condition.text, &command->options);
	add_places(out, command->name);
}

static void add_valued(struct buffer *out, const char *command, const struct option_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct option *option = &table->rows[i];

		if (!option_needs_value(option))
			continue;
		buffer_format(out, " %s:--%s", command, option->name);
		if (option->letter)
			buffer_format(out, " %s:-%c", command, option->letter);
	}
}

static void add_functions(struct buffer *out)
{
	buffer_add(out, "# the command and its arguments, without options and their values\n"
			"function __minirun_words\n"
			"\tset -l valued");
	add_valued(out, "", &global_options);
	for (size_t i = 0; i < command_count; i++) {
		if (!commands[i]->hidden)
			add_valued(out, commands[i]->name, &commands[i]->options);
	}
	buffer_add(
		out,
		"\n\tset -l command\n\tset -l value no\n"
		"\tset -l words (commandline -opc)\n"
		"\tfor word in $words[2..-1]\n"
		"\t\tif test $value = yes\n\t\t\tset value no\n"
		"\t\telse if contains -- \"$command:$word\" $valued\n"
		"\t\t\tset value yes\n"
		"\t\telse if not string match -q -- '-*' \"$word\"\n"
		"\t\t\ttest -n \"$command\"; or set command \"$word\"\n"
		"\t\t\techo \"$word\"\n"
		"\t\tend\n\tend\nend\n\n"
		"# __minirun_at: there is no command yet; __minirun_at COMMAND [COUNT]: this one, "
		"with so many arguments\n"
		"function __minirun_at\n"
		"\tset -l words (__minirun_words)\n"
		"\tif not set -q argv[1]\n\t\tnot set -q words[1]\n\t\treturn\n\tend\n"
		"\tset -q words[1]; and test \"$words[1]\" = $argv[1]; or return 1\n"
		"\tset -q argv[2]; or return 0\n"
		"\ttest (count $words) -eq (math $argv[2] + 1)\nend\n\n"
		"function __minirun_ids\n"
		"\tset -l words (commandline -opc)\n"
		"\tset -l root (string match -r -- '^--root=.*' $words)\n"
		"\tif set -l at (contains -i -- --root $words)\n"
		"\t\tset root --root $words[(math $at + 1)]\n\tend\n"
		"\tminirun $root list -q 2>/dev/null\nend\n\n");
}

void completion_write_fish(struct buffer *out)
{
	buffer_add(out, "# fish completion for minirun, made by 'minirun completion fish'\n\n");
	add_functions(out);
	buffer_add(out, "complete -c minirun -f\n");
	add_options(out, "__minirun_at", &global_options);
	for (size_t i = 0; i < command_count; i++) {
		if (!commands[i]->hidden)
			add_command(out, commands[i]);
	}
	add_places(out, "help");
}
