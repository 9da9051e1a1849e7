/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun seccomp. minirun-seccomp(8)
 *
 * syscalls: those of runtime/inspect/; write
 */
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/string.h"
#include "runtime/commands/inspection.h"
#include "runtime/commands/usage.h"
#include "runtime/inspect/filters.h"
#include "seccomp/families.h"

#define ARGUMENTS_MAX 6

struct seccomp_options {
	struct inspection_options inspection;
	const char *arch;
	bool all, bpf, live;
};

static const struct option rows[] = {
	{ .name = "all",
	  .letter = 'a',
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct seccomp_options, all),
	  .help = "also list the calls that get the usual answer" },
	{ .name = "arch",
	  .kind = OPTION_TEXT,
	  .offset = offsetof(struct seccomp_options, arch),
	  .value = "ARCH",
	  .help = "for calls of this architecture (default: the machine's)" },
	{ .name = "bpf",
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct seccomp_options, bpf),
	  .help = "print the programs" },
	{ .name = "live",
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct seccomp_options, live),
	  .help = "ask the kernel also for a container's filters" },
	INSPECTION_ROWS(struct seccomp_options, inspection),
};

static const struct seccomp_options defaults = { .inspection = INSPECTION_DEFAULTS };

static int check(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct seccomp_options *options = data;
	bool json;

	if (inspection_format(&options->inspection, &json, err) < 0)
		return -1;
	if (options->bpf && (json || invocation->argument_count > 1))
		return error_set(err, "--bpf is text, and of whole filters");
	if (options->arch && call_arch(options->arch) == 0)
		return error_set(err, "--arch %s: unknown architecture", options->arch);
	return 0;
}

static uint32_t wanted_arch(const struct seccomp_options *options)
{
	return options->arch ? call_arch(options->arch) : call_native_arch();
}

/* A container's filter is that of its configuration, so that nobody has to be stopped for it. */
static int read_filters(const struct target *target, const struct document *document, bool live,
			struct filters *filters, struct error *err)
{
	const struct fact_uint *mode = &document->seccomp.mode;

	if (target->config && !live)
		return filters_plan(filters, target->config, err);
	if (target->pid <= 0)
		return error_set(err, "%s: has no process", target->text);
	if (fact_is_known(&mode->fact) && mode->value != 2) {
		*filters = (struct filters){ .source = "the kernel" };
		return mode->value == 0 ? 0
					: error_set(err,
						    "%s: strict mode: read, write, exit and "
						    "sigreturn only, and no program",
						    target->text);
	}
	if (target->kind == TARGET_SELF)
		return filters_read_own(filters, err);
	return filters_read(filters, target->pid, document->start_time, err);
}

/* -v: is what the kernel has what config.json asked for? */
static void compare_live(struct document *document, const struct filters *planned)
{
	struct error err;
	autofilters live = { 0 };

	if (document->target->pid <= 0 || !document->target->config ||
	    document->seccomp.mode.value != 2)
		return;
	if (filters_read(&live, document->target->pid, document->start_time, &err) < 0)
		document_note(document, "SECLIVE", "the kernel's filters aren't known: %s",
			      err.text);
	else
		document_note(
			document, "SECLIVE",
			filters_equal(&live, planned)
				? "the kernel's filters are those of config.json"
				: "the kernel has other filters than config.json asks for: see "
				  "--live");
}

static void print_programs(struct buffer *out, const struct filters *filters)
{
	for (size_t i = 0; i < filters->stack.count; i++) {
		buffer_format(out, "filter %zu of %zu\n", i + 1, filters->stack.count);
		explain_disassemble(out, &filters->programs[i]);
	}
}

static int print_whole(struct document *document, const struct filters *filters,
		       const struct seccomp_options *options, const struct text_style *style,
		       struct buffer *out, struct error *err)
{
	autocalltable table = { 0 };
	struct json_out json = json_out(out, 2);
	bool as_json;

	if (options->bpf) {
		print_programs(out, filters);
		return 0;
	}
	if (inspection_format(&options->inspection, &as_json, err) < 0 ||
	    call_table_fill(&table, filters, wanted_arch(options), err) < 0)
		return -1;
	if (!as_json) {
		seccomp_text(out, &table, options->all, style);
		for (size_t i = 0; i < document->note_count; i++)
			text_note(out, document->notes[i].text, style);
		text_how(out, style, "grep Seccomp /proc/%d/status", document->target->pid);
		return 0;
	}
	json_begin_object(&json, NULL);
	document_json_head(&json, document, "minirun.seccomp/1");
	seccomp_json(&json, &table, options->all);
	document_json_notes(&json, document);
	json_end_object(&json);
	buffer_add(out, "\n");
	return 0;
}

/* ---- one call ---- */

struct question {
	const char *name;
	uint32_t number;
	struct seccomp_data data; /* as many arguments as were given */
	size_t argument_count;
};

static int parse_question(struct question *question, const struct invocation *invocation,
			  uint32_t arch, struct error *err)
{
	const char *name = invocation->arguments[1];
	uint64_t number;
	int known = call_number(arch, name);

	if (known < 0 && !string_to_uint(name, UINT32_MAX, &number))
		return error_set(err, "%s: no system call of %s", name, call_arch_name(arch));
	*question = (struct question){
		.name = name,
		.number = known < 0 ? (uint32_t)number : (uint32_t)known,
		.argument_count = invocation->argument_count - 2,
	};
	question->data.arch = arch;
	for (size_t i = 0; i < question->argument_count; i++) {
		const char *text = invocation->arguments[2 + i];
		char *end;

		errno = 0;
		question->data.args[i] = strtoull(text, &end, 0);
		if (errno != 0 || *end != '\0' || end == text)
			return error_set(err, "argument %zu: \"%s\" is no number", i, text);
	}
	return 0;
}

/* What the arguments that were given rule out. */
static bool is_possible(const struct explain_case *one, const struct question *question)
{
	struct explain_case given = { .count = 0 };

	for (size_t i = 0; i < one->count; i++) {
		const struct explain_condition *condition = &one->conditions[i];

		if (condition->value.word >= 4 &&
		    (condition->value.word - 4U) / 2 < question->argument_count)
			given.conditions[given.count++] = *condition;
	}
	return explain_matches(&given, &question->data);
}

static void print_answer(struct buffer *out, const struct question *question,
			 const struct explain_case *one, size_t filters)
{
	struct buffer conditions = { 0 };

	buffer_format(out, "%s: ", question->name);
	explain_result(out, one->result);
	if (filters > 1)
		buffer_format(out, " by filter %u of %zu", one->filter + 1U, filters);
	explain_conditions(&conditions, one);
	if (conditions.length > 0 && question->argument_count < ARGUMENTS_MAX)
		buffer_format(out, " if %s", conditions.text);
	buffer_add(out, "\n");
	buffer_free(&conditions);
}

static void json_answer(struct json_out *json, const struct explain_case *one)
{
	struct buffer text = { 0 };

	json_begin_object(json, NULL);
	explain_result(&text, one->result);
	json_string(json, "result", text.text ? text.text : "");
	buffer_free(&text);
	json_uint(json, "filter", one->filter);
	json_bool(json, "allowed", explain_lets_through(one->result));
	text = (struct buffer){ 0 };
	explain_conditions(&text, one);
	json_string(json, "if", text.text ? text.text : "");
	buffer_free(&text);
	json_end_object(json);
}

static bool print_cases(struct buffer *out, const struct document *document,
			const struct question *question, const struct filters *filters,
			const struct explain_cases *cases, bool as_json)
{
	struct json_out json = json_out(out, 2);
	bool allowed = true;

	if (as_json) {
		json_begin_object(&json, NULL);
		document_json_head(&json, document, "minirun.seccomp/1");
		json_string(&json, "syscall", question->name);
		json_uint(&json, "nr", question->number);
		json_begin_array(&json, "answers");
	}
	for (size_t i = 0; i < cases->count; i++) {
		if (!is_possible(&cases->items[i], question))
			continue;
		allowed &= explain_lets_through(cases->items[i].result);
		if (as_json)
			json_answer(&json, &cases->items[i]);
		else
			print_answer(out, question, &cases->items[i], filters->stack.count);
	}
	if (as_json) {
		json_end_array(&json);
		json_string(&json, "verdict", allowed ? "allowed" : "denied");
		json_end_object(&json);
		buffer_add(out, "\n");
	}
	return allowed;
}

/* 0 allowed whatever the arguments that weren't given, 1 not so. */
static int print_verdict(const struct invocation *invocation, const struct document *document,
			 const struct filters *filters, const struct seccomp_options *options,
			 struct buffer *out, struct error *err)
{
	struct explain_cases cases = { 0 };
	struct question question = { 0 };
	bool as_json, allowed;

	if (inspection_format(&options->inspection, &as_json, err) < 0 ||
	    parse_question(&question, invocation, wanted_arch(options), err) < 0)
		return -1;
	if (explain_call(&filters->stack, question.data.arch, question.number, &cases, err) < 0) {
		explain_cases_free(&cases);
		return -1;
	}
	allowed = print_cases(out, document, &question, filters, &cases, as_json);
	explain_cases_free(&cases);
	return allowed ? 0 : 1;
}

static int print_target(const struct invocation *invocation, const struct seccomp_options *options,
			struct buffer *out, struct error *err)
{
	const struct text_style style = inspection_style(invocation, &options->inspection);
	autosubject subject = { 0 };
	autodocument document = { 0 };
	autofilters filters = { 0 };

	if (subject_open(&subject, invocation, invocation->arguments[0], err) < 0 ||
	    document_collect(&document, &subject.target, BLOCK_SECCOMP, err) < 0 ||
	    read_filters(&subject.target, &document, options->live, &filters, err) < 0)
		return -1;
	if (invocation->argument_count > 1)
		return print_verdict(invocation, &document, &filters, options, out, err);
	if (options->inspection.verbose && !options->live)
		compare_live(&document, &filters);
	return print_whole(&document, &filters, options, &style, out, err);
}

struct list {
	struct buffer *out;
	const struct text_style *style;
	bool json;
};

static void json_line(struct buffer *out, const struct document *document)
{
	struct json_out json = json_out(out, 2);

	json_begin_object(&json, NULL);
	document_json_head(&json, document, "minirun.seccomp/1");
	json_fact_uint(&json, "mode", &document->seccomp.mode);
	json_fact_uint(&json, "filter_count", &document->seccomp.filters);
	json_fact_text(&json, "default_action", &document->seccomp.default_action);
	json_end_object(&json);
	buffer_add(out, "\n");
}

static int print_line(struct subject *subject, void *data, struct error *err)
{
	const struct list *list = data;
	autodocument document = { 0 };

	if (document_collect(&document, &subject->target, BLOCK_SECCOMP, err) < 0)
		return 0; /* has ended since */
	if (list->json) {
		json_line(list->out, &document);
		return 0;
	}
	text_escaped_width(list->out, subject->target.text, 20, list->style);
	buffer_format(list->out, "  %d  ", subject->target.pid);
	if (fact_is_known(&document.seccomp.mode.fact))
		buffer_format(list->out, "%ju", (uintmax_t)document.seccomp.mode.value);
	else
		text_unknown(list->out, &document.seccomp.mode.fact);
	buffer_add(list->out, "  ");
	if (fact_is_known(&document.seccomp.filters.fact))
		buffer_format(list->out, "%ju", (uintmax_t)document.seccomp.filters.value);
	else
		text_unknown(list->out, &document.seccomp.filters.fact);
	buffer_format(list->out, "  %s\n",
		      fact_is_known(&document.seccomp.default_action.fact)
			      ? document.seccomp.default_action.value
			      : "-");
	return 0;
}

static int run(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct seccomp_options *options = data;
	const struct text_style style = inspection_style(invocation, &options->inspection);
	autobuffer out = { 0 };
	struct list list = { .out = &out, .style = &style };
	int status = 0;

	if (inspection_format(&options->inspection, &list.json, err) < 0)
		return -1;
	if (invocation->argument_count > 0) {
		status = print_target(invocation, options, &out, err);
	} else {
		if (!list.json)
			text_heading(&out, "ID  PID  MODE  FILTERS  DEFAULT", &style);
		status = subject_each(invocation, print_line, (void *)(uintptr_t)&list, err);
	}
	if (status < 0)
		return -1;
	return usage_print(&out, err) < 0 ? -1 : status;
}

const struct command seccomp_command = {
	.name = "seccomp",
	.usage = "[TARGET [SYSCALL [ARG...]]]",
	.help = "show what the system call filters do",
	.description =
		"TARGET is a container's id, a pid, self, host or a bundle's directory (pid:N\n"
		"and id:NAME where it could be both). Without one: a line per container.\n"
		"With SYSCALL: what becomes of that call; exit status 0: allowed, 1: not.\n"
		"\n"
		"Examples:\n"
		"  minirun seccomp web1\n"
		"  minirun seccomp bundle/ clone 0x10000000\n"
		"  minirun seccomp --bpf pid:4242\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(struct seccomp_options),
	.arguments_max = 2 + ARGUMENTS_MAX,
	.failure = "minirun seccomp: ",
	.failure_status = INSPECTION_TROUBLE,
	.usage_status = INSPECTION_TROUBLE,
	.check = check,
	.run = run,
};
