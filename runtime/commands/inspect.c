/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun inspect. minirun-inspect(8)
 *
 * syscalls: those of runtime/inspect/; write
 */
#include <stddef.h>

#include "runtime/commands/inspection.h"
#include "runtime/commands/usage.h"
#include "runtime/inspect/summary.h"

struct inspect_options {
	struct inspection_options inspection;
};

static const struct option rows[] = { INSPECTION_ROWS(struct inspect_options, inspection) };

static const struct inspect_options defaults = { .inspection = INSPECTION_DEFAULTS };

static int check(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct inspect_options *options = data;
	bool json;

	(void)invocation; /* any number of targets */
	return inspection_format(&options->inspection, &json, err);
}

struct page {
	struct buffer *out;
	const struct text_style *style;
	bool json;
};

static int print_target(const struct invocation *invocation, const char *text,
			const struct page *page, struct error *err)
{
	autosubject subject = { 0 };
	autodocument document = { 0 };

	if (subject_open(&subject, invocation, text, err) < 0 ||
	    document_collect(&document, &subject.target, BLOCK_ALL, err) < 0)
		return -1;
	if (page->json) {
		summary_json(page->out, &document);
		return 0;
	}
	if (page->out->length > 0)
		buffer_add(page->out, "\n");
	summary_text(page->out, &document, page->style);
	return 0;
}

static int print_line(struct subject *subject, void *data, struct error *err)
{
	const struct page *page = data;
	autodocument document = { 0 };

	/* one that ends meanwhile is left out */
	if (document_collect(&document, &subject->target, BLOCK_ALL, err) < 0)
		return 0;
	if (page->json)
		summary_json(page->out, &document);
	else
		summary_list_line(page->out, &document, page->style);
	return 0;
}

static int run(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct inspect_options *options = data;
	const struct text_style style = inspection_style(invocation, &options->inspection);
	autobuffer out = { 0 };
	struct page page = { .out = &out, .style = &style };

	if (inspection_format(&options->inspection, &page.json, err) < 0)
		return -1;
	for (size_t i = 0; i < invocation->argument_count; i++)
		if (print_target(invocation, invocation->arguments[i], &page, err) < 0)
			return -1;
	if (invocation->argument_count == 0) {
		if (!page.json)
			summary_list_heading(&out, &style);
		if (subject_each(invocation, print_line, &page, err) < 0)
			return -1;
	}
	return out.length > 0 ? usage_print(&out, err) : 0;
}

const struct command inspect_command = {
	.name = "inspect",
	.usage = "[TARGET...]",
	.help = "show a container or process on one page",
	.description =
		"TARGET is a container's id, a pid, self, host or a bundle's directory (pid:N\n"
		"and id:NAME where it could be both). Without one: a line per container.\n"
		"\n"
		"Examples:\n"
		"  minirun inspect web1\n"
		"  minirun inspect --how self\n"
		"  minirun inspect --format json bundle/\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(struct inspect_options),
	.arguments_max = ANY_NUMBER,
	.failure = "minirun inspect: ",
	.failure_status = INSPECTION_TROUBLE,
	.usage_status = INSPECTION_TROUBLE,
	.state_is_optional = true,
	.check = check,
	.run = run,
};
