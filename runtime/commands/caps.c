/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun caps. minirun-caps(8)
 *
 * syscalls: those of runtime/inspect/; write
 */
#include "runtime/inspect/caps.h"

#include <stddef.h>

#include "runtime/commands/inspection.h"
#include "runtime/commands/usage.h"

struct caps_options {
	struct inspection_options inspection;
	bool all, mask;
};

static const struct option rows[] = {
	{ .name = "all",
	  .letter = 'a',
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct caps_options, all),
	  .help = "also list capabilities that are in no set" },
	INSPECTION_ROWS(struct caps_options, inspection),
	{ .name = "mask",
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct caps_options, mask),
	  .help = "print the five sets as in /proc/PID/status" },
};

static const struct caps_options defaults = { .inspection = INSPECTION_DEFAULTS };

static int check(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct caps_options *options = data;
	bool json;

	if (inspection_format(&options->inspection, &json, err) < 0)
		return -1;
	if (options->mask && (json || invocation->argument_count != 1))
		return error_set(err, "--mask takes one target, and no other format");
	return 0;
}

static void print_json(struct buffer *out, const struct document *document)
{
	struct json_out json = json_out(out, 2);

	json_begin_object(&json, NULL);
	document_json_head(&json, document, "minirun.caps/1");
	caps_json(&json, document);
	document_json_notes(&json, document);
	json_end_object(&json);
	buffer_add(out, "\n");
}

static int print_pair(const struct invocation *invocation, const struct document *a,
		      const struct caps_options *options, struct buffer *out, struct error *err)
{
	autosubject subject = { 0 };
	autodocument b = { 0 };
	bool json;

	if (inspection_format(&options->inspection, &json, err) < 0 ||
	    subject_open(&subject, invocation, invocation->arguments[1], err) < 0 ||
	    document_collect(&b, &subject.target, BLOCK_CAPS, err) < 0)
		return -1;
	if (json) {
		print_json(out, a);
		print_json(out, &b);
	} else {
		const struct text_style style = inspection_style(invocation, &options->inspection);

		caps_text_pair(out, a, &b, options->all, &style);
	}
	return 0;
}

static int print_targets(const struct invocation *invocation, const struct caps_options *options,
			 struct buffer *out, struct error *err)
{
	const struct text_style style = inspection_style(invocation, &options->inspection);
	autosubject subject = { 0 };
	autodocument document = { 0 };
	bool json;

	if (inspection_format(&options->inspection, &json, err) < 0 ||
	    subject_open(&subject, invocation, invocation->arguments[0], err) < 0 ||
	    document_collect(&document, &subject.target, BLOCK_CAPS, err) < 0)
		return -1;
	if (invocation->argument_count == 2)
		return print_pair(invocation, &document, options, out, err);
	if (options->mask && !fact_is_known(&document.caps.fact))
		return error_set(err, "%s: the capability sets aren't known", subject.target.text);
	if (options->mask)
		caps_mask(out, &document);
	else if (json)
		print_json(out, &document);
	else
		caps_text(out, &document, options->all, &style);
	return 0;
}

struct list {
	struct buffer *out;
	const struct text_style *style;
	bool json;
};

static int print_line(struct subject *subject, void *data, struct error *err)
{
	const struct list *list = data;
	struct buffer *out = list->out;
	autodocument document = { 0 };

	/* one that has ended since, or never had a process, is shown without sets */
	if (document_collect(&document, &subject->target, BLOCK_CAPS, err) < 0)
		return 0;
	if (list->json) {
		print_json(out, &document);
		return 0;
	}
	text_escaped_width(out, subject->target.text, 20, list->style);
	buffer_format(out, "  %d  ", subject->target.pid);
	caps_names(out, document.caps.set[CAPABILITY_EFFECTIVE]);
	if (document.planned)
		buffer_add(out, "  (not running)");
	buffer_add(out, "\n");
	return 0;
}

static int run(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct caps_options *options = data;
	const struct text_style style = inspection_style(invocation, &options->inspection);
	autobuffer out = { 0 };
	struct list list = { .out = &out, .style = &style };

	if (inspection_format(&options->inspection, &list.json, err) < 0)
		return -1;
	if (invocation->argument_count > 0) {
		if (print_targets(invocation, options, &out, err) < 0)
			return -1;
		return usage_print(&out, err);
	}
	if (!list.json)
		text_heading(&out, "ID  PID  EFFECTIVE", &style);
	if (subject_each(invocation, print_line, &list, err) < 0)
		return -1;
	return usage_print(&out, err);
}

const struct command caps_command = {
	.name = "caps",
	.usage = "[TARGET [TARGET]]",
	.help = "show capabilities: the five sets, asked and real",
	.description =
		"TARGET is a container's id, a pid, self, host or a bundle's directory (pid:N\n"
		"and id:NAME where it could be both). Without one: a line per container.\n"
		"With two: both side by side.\n"
		"\n"
		"Examples:\n"
		"  minirun caps web1\n"
		"  minirun caps bundle/          what its program would have\n"
		"  minirun caps --mask $$ | grep CapEff\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(struct caps_options),
	.arguments_max = 2,
	.failure = "minirun caps: ",
	.failure_status = INSPECTION_TROUBLE,
	.usage_status = INSPECTION_TROUBLE,
	.state_is_optional = true,
	.check = check,
	.run = run,
};
