/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of answers as text and JSON. syscalls: none
 */
#include <errno.h>
#include <string.h>

#include "runtime/inspect/filters.h"
#include "seccomp/names.h"

#define COLUMNS 80
#define RESULT_COLUMNS 16

/* ---- text ---- */

static bool in_group(const struct call_answer *call, uint32_t result)
{
	uint32_t own;

	return call_answer_is_fixed(call, &own) && own == result;
}

/* "ERRNO(EPERM)   name name ...", broken at the edge. */
static void print_group(struct buffer *out, const struct call_table *table, uint32_t result)
{
	size_t start = out->length, column;

	explain_result(out, result);
	buffer_format(out, "%*s", RESULT_COLUMNS - (int)(out->length - start), "");
	column = RESULT_COLUMNS;
	for (size_t i = 0; i < table->count; i++) {
		const char *name = table->calls[i].name;

		if (!in_group(&table->calls[i], result))
			continue;
		if (column + strlen(name) + 1 > COLUMNS) {
			buffer_format(out, "\n%*s", RESULT_COLUMNS, "");
			column = RESULT_COLUMNS;
		}
		buffer_format(out, "%s%s", column > RESULT_COLUMNS ? " " : "", name);
		column += strlen(name) + 1;
	}
	buffer_add(out, "\n");
}

/* Calls whose first argument is made of CLONE_NEW*: the names of those that the case asks for. */
static void add_namespace_names(struct buffer *out, const char *call,
				const struct explain_case *one)
{
	const char *separator = "   ";

	if (strcmp(call, "clone") != 0 && strcmp(call, "unshare") != 0)
		return;
	for (size_t n = 0; n < one->count; n++) {
		struct explain_part part = { .text = { 0 } };
		const bool flags =
			explain_part(one, n, &part) && part.is_equation && part.argument == 0;

		for (int kind = 0; flags && kind < NAMESPACE_COUNT; kind++) {
			if (!(part.mask & part.bits & namespace_types[kind].flag))
				continue;
			buffer_format(out, "%s%s", separator, namespace_types[kind].type);
			separator = "|";
		}
		buffer_free(&part.text);
	}
	if (*separator == '|')
		buffer_add(out, " namespace");
}

static void print_depending(struct buffer *out, const struct call_table *table,
			    const struct call_answer *call, bool all)
{
	for (size_t i = 0; i < call->cases.count; i++) {
		const struct explain_case *one = &call->cases.items[i];
		const size_t start = out->length;

		if (one->result == table->usual && !all)
			continue;
		explain_result(out, one->result);
		buffer_format(out, "%*s%s  if ", RESULT_COLUMNS - (int)(out->length - start), "",
			      call->name);
		explain_conditions(out, one);
		add_namespace_names(out, call->name, one);
		buffer_add(out, "\n");
	}
}

/* Each result that some call gets whatever its arguments, in the order of the first of them. */
static void print_groups(struct buffer *out, const struct call_table *table, bool all)
{
	size_t others = 0;

	for (size_t i = 0; i < table->count; i++) {
		uint32_t result;
		bool seen = false;

		if (!call_answer_is_fixed(&table->calls[i], &result))
			continue;
		others += result == table->usual;
		for (size_t k = 0; k < i; k++)
			seen |= in_group(&table->calls[k], result);
		if (!seen && (result != table->usual || all))
			print_group(out, table, result);
	}
	for (size_t i = 0; i < table->count; i++) {
		uint32_t result;

		if (!call_answer_is_fixed(&table->calls[i], &result))
			print_depending(out, table, &table->calls[i], all);
	}
	if (!all) {
		const size_t start = out->length;

		explain_result(out, table->usual);
		buffer_format(out, "%*s%zu others\n", RESULT_COLUMNS - (int)(out->length - start),
			      "", others);
	}
}

/* All that the filter is for, the nth from 0: the machine's own, which is there unasked, then the
 * profile's. NULL: no more. */
static const char *nth_architecture(const struct call_table *table, size_t n)
{
	const struct string_list *list = table->filters->architectures;
	const char *own = call_arch_name(call_native_arch());

	if (n == 0)
		return own;
	for (size_t i = 0; list && i < list->count; i++) {
		const char *name = seccomp_architecture_name(list->items[i]);

		if (name && strcmp(name, own) != 0 && --n == 0)
			return name;
	}
	return NULL;
}

/* "x86_64 (also x86, x32)": the table is for the first one. */
static void print_architectures(struct buffer *out, const struct call_table *table)
{
	const char *shown = call_arch_name(table->arch), *name;
	const char *separator = " (also ";

	buffer_add(out, shown);
	for (size_t n = 0; table->filters->architectures && (name = nth_architecture(table, n));
	     n++) {
		if (strcmp(name, shown) == 0)
			continue;
		buffer_format(out, "%s%s", separator, name);
		separator = ", ";
	}
	if (*separator == ',')
		buffer_add(out, ")");
}

void seccomp_text(struct buffer *out, const struct call_table *table, bool all,
		  const struct text_style *style)
{
	const struct seccomp_stack *stack = &table->filters->stack;
	struct hole hole;

	if (stack->count == 0) {
		buffer_add(out, "no filter: every system call reaches the kernel\n");
		return;
	}
	for (size_t i = 0; i < stack->count; i++) {
		buffer_format(out, "filter %zu of %zu   %u instructions   ", i + 1, stack->count,
			      stack->programs[i].length);
		print_architectures(out, table);
		buffer_format(out, "   from %s\n", table->filters->source);
	}
	print_groups(out, table, all);
	for (size_t n = 0; hole_find(n, call_table_fate, (void *)(uintptr_t)table, &hole); n++) {
		struct buffer note = { 0 };

		buffer_format(&note, "%s: %s is allowed, %s is %s: %s", hole.id, hole.open,
			      hole.denied,
			      call_table_fate(hole.denied, (void *)(uintptr_t)table) == FATE_DENIED
				      ? "denied"
				      : "not always",
			      hole.text);
		if (!note.failed)
			text_note(out, note.text, style);
		buffer_free(&note);
	}
}

/* ---- JSON ---- */

static void json_action(struct json_out *json, const char *name, uint32_t result)
{
	struct buffer text = { 0 };
	char *parenthesis;

	explain_result(&text, result);
	parenthesis = text.text ? strchr(text.text, '(') : NULL;
	if (parenthesis)
		*parenthesis = '\0';
	json_string(json, name, text.text ? text.text : "");
	buffer_free(&text);
}

static void json_condition(struct json_out *json, const struct explain_part *part)
{
	json_begin_object(json, NULL);
	if (part->is_equation) {
		json_uint(json, "arg", part->argument);
		json_string(json, "op", part->mask == UINT64_MAX ? "eq" : "masked_eq");
		json_uint(json, "mask", part->mask);
		json_uint(json, "value", part->bits);
	}
	json_string(json, "text", part->text.text ? part->text.text : "");
	json_end_object(json);
}

static void json_conditions(struct json_out *json, const struct explain_case *one)
{
	json_begin_array(json, "when");
	for (size_t i = 0; i < one->count; i++) {
		struct explain_part part = { .text = { 0 } };

		if (explain_part(one, i, &part))
			json_condition(json, &part);
		buffer_free(&part.text);
	}
	json_end_array(json);
}

static void json_rule(struct json_out *json, const struct call_answer *call,
		      const struct explain_case *one)
{
	json_begin_object(json, NULL);
	json_string(json, "syscall", call->name);
	json_uint(json, "nr", call->number);
	json_action(json, "action", one->result);
	if ((one->result & SECCOMP_RET_ACTION_FULL) == SECCOMP_RET_ERRNO)
		json_uint(json, "errno", one->result & SECCOMP_RET_DATA);
	if (one->count > 0)
		json_conditions(json, one);
	json_end_object(json);
}

/* What this filter decides: of several the strictest does. The usual answer is said once. */
static void json_rules(struct json_out *json, const struct call_table *table, size_t filter,
		       bool all)
{
	json_begin_array(json, "rules");
	for (size_t i = 0; i < table->count; i++) {
		const struct call_answer *call = &table->calls[i];
		const bool fixed = call_answer_is_fixed(call, &(uint32_t){ 0 });

		for (size_t k = 0; k < (fixed ? 1 : call->cases.count); k++) {
			struct explain_case one = call->cases.items[k];

			if (one.filter != filter || (one.result == table->usual && !all))
				continue;
			one.count = fixed ? 0 : one.count;
			json_rule(json, call, &one);
		}
	}
	json_end_array(json);
}

void seccomp_json(struct json_out *json, const struct call_table *table, bool all)
{
	const struct seccomp_stack *stack = &table->filters->stack;
	struct hole hole;

	json_uint(json, "mode", stack->count > 0 ? 2 : 0);
	json_string(json, "arch", call_arch_name(table->arch));
	if (table->filters->architectures && stack->count > 0) {
		const char *name;

		json_begin_array(json, "architectures");
		for (size_t n = 0; (name = nth_architecture(table, n)); n++)
			json_string(json, NULL, name);
		json_end_array(json);
	}
	json_string(json, "source", table->filters->source);
	json_begin_array(json, "filters");
	for (size_t i = 0; i < stack->count; i++) {
		json_begin_object(json, NULL);
		json_uint(json, "insns", stack->programs[i].length);
		json_rules(json, table, i, all);
		json_end_object(json);
	}
	json_end_array(json);
	json_action(json, "default", table->usual);
	json_begin_array(json, "holes");
	for (size_t n = 0;
	     stack->count > 0 && hole_find(n, call_table_fate, (void *)(uintptr_t)table, &hole);
	     n++) {
		json_begin_object(json, NULL);
		json_string(json, "id", hole.id);
		json_string(json, "syscall", hole.open);
		json_string(json, "denied", hole.denied);
		json_string(json, "text", hole.text);
		json_end_object(json);
	}
	json_end_array(json);
}
