/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completions for bash(1): one function that finds the command and counts its arguments, around
 * lists of what there is. "=" stands between words as a word of its own (COMP_WORDBREAKS).
 *
 * syscalls: none
 */
#include "runtime/commands/completion.h"
#include "runtime/commands/global.h"

static void add_completion(struct buffer *out, const struct completion *completion)
{
	switch (completion->kind) {
	case COMPLETE_NOTHING:
		buffer_add(out, "words=\"\"");
		break;
	case COMPLETE_WORDS:
		buffer_format(out, "words=\"%s\"", completion->words);
		break;
	case COMPLETE_FILES:
		buffer_add(out, "names=-f");
		break;
	case COMPLETE_DIRECTORIES:
		buffer_add(out, "names=-d");
		break;
	case COMPLETE_IDS:
		buffer_add(out, "ids=1");
		break;
	case COMPLETE_BUNDLES:
		buffer_add(out, "ids=1 names=-d");
		break;
	case COMPLETE_TARGETS:
		buffer_add(out, "ids=1 names=-d words=\"self host\"");
		break;
	case COMPLETE_COMMANDS:
		buffer_add(out, "words=\"$commands\"");
		break;
	}
}

/* One case per option that takes a value. */
static void add_values(struct buffer *out, const char *command, const struct option_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct option *option = &table->rows[i];
		struct completion completion;

		if (!option_needs_value(option))
			continue;
		completion = completion_of_value(option);
		buffer_format(out, "\t%s:--%s", command, option->name);
		if (option->letter)
			buffer_format(out, "|%s:-%c", command, option->letter);
		buffer_add(out, ") ");
		add_completion(out, &completion);
		buffer_add(out, " ;;\n");
	}
}

static void add_options(struct buffer *out, const char *pattern, const struct option_table *table)
{
	buffer_format(out, "\t%s:-*) words=\"", pattern);
	for (size_t i = 0; i < table->count; i++) {
		const struct option *option = &table->rows[i];

		if (option->help)
			buffer_format(out, "--%s ", option->name);
		if (option->letter)
			buffer_format(out, "-%c ", option->letter);
	}
	buffer_add(out, "--help -h\" ;;\n");
}

static void add_places(struct buffer *out, const char *command)
{
	const struct completion_places *places = completion_places(command);

	for (int i = 0; places && i < COMPLETION_PLACES; i++) {
		if (places->at[i].kind == COMPLETE_NOTHING)
			break;
		if (places->repeats)
			buffer_format(out, "\t%s:*) ", command);
		else
			buffer_format(out, "\t%s:%d:*) ", command, i);
		add_completion(out, &places->at[i]);
		buffer_add(out, " ;;\n");
	}
}

static void add_command(struct buffer *out, const struct command *command)
{
	autobuffer pattern = { 0 };

	buffer_format(&pattern, "%s:%s", command->name, command->order == ORDER_FIRST ? "0" : "*");
	if (pattern.failed)
		out->failed = true;
	else
		add_options(out, pattern.text, &command->options);
	add_places(out, command->name);
}

static void add_tables(struct buffer *out)
{
	buffer_add(out, "# what belongs to the option $2 of the command $1; fails if nothing does\n"
			"_minirun_value()\n{\n\tcase \"$1:$2\" in\n");
	add_values(out, "", &global_options);
	for (size_t i = 0; i < command_count; i++) {
		if (!commands[i]->hidden)
			add_values(out, commands[i]->name, &commands[i]->options);
	}
	buffer_add(out, "\t*) return 1 ;;\n\tesac\n}\n\n"
			"# what belongs to the word $3 of the command $1 that has $2 arguments\n"
			"_minirun_word()\n{\n\tlocal commands=\"");
	completion_add_commands(out, " ");
	buffer_add(out, "\"\n\n\tcase \"$1:$2:$3\" in\n");
	add_options(out, ":*", &global_options);
	buffer_add(out, "\t:*) words=\"$commands\" ;;\n");
	for (size_t i = 0; i < command_count; i++) {
		if (!commands[i]->hidden)
			add_command(out, commands[i]);
	}
	add_places(out, "help");
	buffer_add(out, "\tesac\n}\n\n");
}

void completion_write_bash(struct buffer *out)
{
	buffer_add(out, "# bash completion for minirun, made by 'minirun completion bash'\n\n");
	add_tables(out);
	buffer_add(
		out,
		"_minirun()\n{\n"
		"\tlocal current=\"$2\" previous=\"$3\" command=\"\" count=0 words=\"\" "
		"names=\"\" ids=\"\" root=\"\" i word\n\n"
		"\t[ \"$current\" != = ] || current=\"\"\n"
		"\t[ \"$previous\" != = ] || previous=\"${COMP_WORDS[COMP_CWORD - 2]}\"\n"
		"\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
		"\t\tword=\"${COMP_WORDS[i]}\"\n"
		"\t\tif [ \"$word\" = = ]; then\n"
		"\t\t\t((++i))\n"
		"\t\telif [[ $word != -* ]]; then\n"
		"\t\t\tif [ -n \"$command\" ]; then ((++count)); else command=\"$word\"; fi\n"
		"\t\telif [ \"${COMP_WORDS[i + 1]-}\" = = ]; then\n"
		"\t\t\t((i += 2))\n"
		"\t\telif _minirun_value \"$command\" \"$word\"; then\n"
		"\t\t\t((++i))\n"
		"\t\tfi\n"
		"\t\t[ \"$command:$word\" != :--root ] || root=\"${COMP_WORDS[i]}\"\n"
		"\tdone\n"
		"\twords=\"\" names=\"\" ids=\"\"\n"
		"\t_minirun_value \"$command\" \"$previous\" || "
		"_minirun_word \"$command\" \"$count\" \"$current\"\n"
		"\t[ -z \"$ids\" ] || words=\"$words $(minirun ${root:+\"--root=$root\"} list -q "
		"2>/dev/null)\"\n"
		"\tmapfile -t COMPREPLY < <(\n"
		"\t\tcompgen -W \"$words\" -- \"$current\"\n"
		"\t\t[ -z \"$names\" ] || compgen \"$names\" -- \"$current\"\n"
		"\t)\n"
		"\t[ -z \"$names\" ] || compopt -o filenames\n}\n"
		"complete -F _minirun minirun\n");
}
