/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun why. minirun-why(8)
 *
 * syscalls: those of why_question.c and why_watch.c
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "runtime/commands/usage.h"
#include "runtime/commands/why_question.h"

#define ARGUMENTS_MAX 6

struct why_options {
	struct inspection_options inspection;
	bool list;
};

static const struct option rows[] = {
	INSPECTION_FORMAT_ROW(struct why_options, inspection, "text or json (default: text)",
			      "text json"),
	{ .name = "list",
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct why_options, list),
	  .help = "print which calls need which capability" },
};

static const struct why_options defaults = { .inspection = INSPECTION_DEFAULTS };

static bool has_command(const struct invocation *invocation)
{
	return invocation->argument_count > 1 && strcmp(invocation->arguments[1], "--") == 0;
}

static int check(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct why_options *options = data;
	bool json;

	if (inspection_format(&options->inspection, &json, err) < 0)
		return -1;
	if (options->list)
		return invocation->argument_count == 0 ? 0 : error_set(err, "--list has no target");
	if (has_command(invocation))
		return invocation->argument_count > 2
			       ? 0
			       : error_set(err, "a command is missing after --");
	if (invocation->argument_count < 2)
		return error_set(err, "needs a target and a system call, or -- and a command");
	if (invocation->argument_count > 2 + ARGUMENTS_MAX)
		return error_set(err, "a system call has at most %d arguments", ARGUMENTS_MAX);
	return 0;
}

static int read_arguments(const struct invocation *invocation, uint64_t *arguments,
			  struct error *err)
{
	for (size_t i = 2; i < invocation->argument_count; i++) {
		const char *text = invocation->arguments[i];
		char *end;

		errno = 0;
		arguments[i - 2] = strtoull(text, &end, 0);
		if (*text < '0' || *text > '9' || *end || errno)
			return error_set(err, "%s: arguments are numbers: 7, 0x10000000", text);
	}
	return 0;
}

static int explain_one(const struct invocation *invocation, const struct why_options *options,
		       const struct question *question, struct error *err)
{
	const struct text_style style = inspection_style(invocation, &options->inspection);
	const size_t count = invocation->argument_count - 2;
	uint64_t arguments[ARGUMENTS_MAX] = { 0 };
	const struct why_layer *decisive;
	autobuffer out = { 0 };
	struct why why;
	bool json;

	if (read_arguments(invocation, arguments, err) < 0 ||
	    why_call(&why, &question->facts, invocation->arguments[1], count ? arguments : NULL,
		     count, err) < 0 ||
	    inspection_format(&options->inspection, &json, err) < 0)
		return -1;
	if (json) {
		struct json_out document = json_out(&out, 2);

		json_begin_object(&document, NULL);
		document_json_head(&document, &question->document, "minirun.why/1");
		why_json(&document, &why);
		document_json_notes(&document, &question->document);
		json_end_object(&document);
		buffer_add(&out, "\n");
	} else {
		why_text(&out, &why, &style);
	}
	if (usage_print(&out, err) < 0)
		return -1;
	decisive = why_decisive(&why);
	return decisive && decisive->verdict == WHY_DENIED ? WHY_FINDING : 0;
}

static int print_list(const struct why_options *options, struct error *err)
{
	autobuffer out = { 0 };
	bool json;

	if (inspection_format(&options->inspection, &json, err) < 0)
		return -1;
	if (json) {
		struct json_out document = json_out(&out, 2);

		json_begin_object(&document, NULL);
		json_string(&document, "schema", "minirun.why/1");
		why_list_json(&document);
		json_end_object(&document);
		buffer_add(&out, "\n");
	} else {
		why_list_text(&out);
	}
	return usage_print(&out, err);
}

static int run(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct why_options *options = data;
	struct question question = { 0 };
	autosubject subject = { 0 };
	int result;

	if (options->list)
		return print_list(options, err);
	if (subject_open(&subject, invocation, invocation->arguments[0], err) < 0)
		return -1;
	result = question_ask(&question, &subject.target, err);
	if (result == 0 && has_command(invocation))
		result = why_watch(invocation, &options->inspection, &subject.target, &question,
				   err);
	else if (result == 0)
		result = explain_one(invocation, options, &question, err);
	question_free(&question);
	return result;
}

const struct command why_command = {
	.name = "why",
	.usage = "TARGET SYSCALL [ARG...] | ID -- COMMAND [ARG...] | --list",
	.help = "say which layer refuses a system call",
	.description =
		"TARGET is a container's id, a pid, self, host or a bundle's directory. Says for\n"
		"one system call what seccomp, capabilities, mounts, devices and limits make of\n"
		"it; or runs a command in a container, watches it, and says of each call that is\n"
		"refused which layer did it: certain, likely or possible.\n"
		"\n"
		"Exit status: 0 nothing is refused, 1 something is, 2 trouble.\n"
		"\n"
		"Examples:\n"
		"  minirun why web1 sethostname\n"
		"  minirun why bundle/ clone 0x10000000\n"
		"  minirun why web1 -- sh -c 'chown 1 /tmp; touch /x'\n"
		"  minirun why --list\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(struct why_options),
	.arguments_max = ANY_NUMBER,
	.order = ORDER_FIRST,
	.failure = "minirun why: ",
	.failure_status = INSPECTION_TROUBLE,
	.usage_status = INSPECTION_TROUBLE,
	.enters_container = true,
	.check = check,
	.run = run,
};
