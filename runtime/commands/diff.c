/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun diff. minirun-diff(8)
 *
 * syscalls: those of runtime/inspect/; write
 */
#include "runtime/inspect/diff.h"

#include <stddef.h>

#include "runtime/commands/inspection.h"
#include "runtime/commands/usage.h"

struct diff_options {
	struct inspection_options inspection;
};

static const struct option rows[] = { INSPECTION_ROWS(struct diff_options, inspection) };

static const struct diff_options defaults = { .inspection = INSPECTION_DEFAULTS };

static int check(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct diff_options *options = data;
	bool json;

	(void)invocation; /* two targets: the table says so */
	return inspection_format(&options->inspection, &json, err);
}

static int print(const struct invocation *invocation, const struct diff_options *options,
		 const struct document *a, const struct document *b, struct error *err)
{
	const struct text_style style = inspection_style(invocation, &options->inspection);
	autobuffer out = { 0 };
	struct diff diff;
	bool json, found;

	if (inspection_format(&options->inspection, &json, err) < 0)
		return -1;
	diff_make(&diff, a, b);
	found = diff_found(&diff);
	if (diff.failed)
		out.failed = true;
	else if (json)
		diff_json(&out, &diff, a, b);
	else
		diff_text(&out, &diff, a, b, &style);
	diff_free(&diff);
	if ((out.failed || out.length > 0) && usage_print(&out, err) < 0)
		return -1;
	return found ? 1 : 0;
}

static int run(const struct invocation *invocation, const void *data, struct error *err)
{
	autosubject left = { 0 }, right = { 0 };
	autodocument a = { 0 }, b = { 0 };

	if (subject_open(&left, invocation, invocation->arguments[0], err) < 0 ||
	    subject_open(&right, invocation, invocation->arguments[1], err) < 0 ||
	    document_collect(&a, &left.target, BLOCK_ALL, err) < 0 ||
	    document_collect(&b, &right.target, BLOCK_ALL, err) < 0)
		return -1;
	return print(invocation, data, &a, &b, err);
}

const struct command diff_command = {
	.name = "diff",
	.usage = "TARGET TARGET",
	.help = "show in what two containers or processes differ",
	.description =
		"TARGET is a container's id, a pid, self, host or a bundle's directory (pid:N\n"
		"and id:NAME where it could be both). A bundle is compared with what runs by\n"
		"what its configuration says. The exit status is 0 if they are the same, 1 if\n"
		"not, 2 in case of trouble.\n"
		"\n"
		"Examples:\n"
		"  minirun diff web1 web2\n"
		"  minirun diff web1 host\n"
		"  minirun diff bundle/ web1     what was asked for, and what there is\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(struct diff_options),
	.arguments_min = 2,
	.arguments_max = 2,
	.failure = "minirun diff: ",
	.failure_status = INSPECTION_TROUBLE,
	.usage_status = INSPECTION_TROUBLE,
	.state_is_optional = true,
	.check = check,
	.run = run,
};
