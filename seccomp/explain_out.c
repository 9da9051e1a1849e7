/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Results, conditions and programs as text. syscalls: none
 */
#include <errno.h>
#include <linux/filter.h>
#include <string.h>

#include "base/table.h"
#include "seccomp/explain.h"

#define FIRST_ARGUMENT_WORD 4
#define HIGH_WORD (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 1 : 0) /* of an argument's two */

static const struct {
	uint32_t action;
	const char *name;
} actions[] = {
	{ SECCOMP_RET_KILL_PROCESS, "KILL_PROCESS" },
	{ SECCOMP_RET_KILL_THREAD, "KILL_THREAD" },
	{ SECCOMP_RET_TRAP, "TRAP" },
	{ SECCOMP_RET_ERRNO, "ERRNO" },
	{ SECCOMP_RET_USER_NOTIF, "NOTIFY" },
	{ SECCOMP_RET_TRACE, "TRACE" },
	{ SECCOMP_RET_LOG, "LOG" },
	{ SECCOMP_RET_ALLOW, "ALLOW" },
};

void explain_result(struct buffer *out, uint32_t result)
{
	const uint32_t data = result & SECCOMP_RET_DATA;
	const char *name = "KILL_PROCESS"; /* what the kernel makes of an unknown action */

	table_for_each (row, actions)
		if (row->action == (result & SECCOMP_RET_ACTION_FULL))
			name = row->name;
	buffer_add(out, name);
	if (strcmp(name, "ERRNO") == 0 && strerrorname_np((int)data))
		buffer_format(out, "(%s)", strerrorname_np((int)data));
	else if (strcmp(name, "ERRNO") == 0 || strcmp(name, "TRACE") == 0)
		buffer_format(out, "(%u)", data);
}

/* An equation of some bits of one argument: (arg & mask) == bits. */
struct equation {
	uint64_t mask, bits;
};

static bool is_argument(const struct explain_condition *condition)
{
	return condition->value.word >= FIRST_ARGUMENT_WORD;
}

static unsigned argument_of(const struct explain_condition *condition)
{
	return (condition->value.word - FIRST_ARGUMENT_WORD) / 2U;
}

static unsigned shift_of(const struct explain_condition *condition)
{
	return condition->value.word % 2 == HIGH_WORD ? 32 : 0;
}

static bool mask_of(const struct explain_condition *condition, uint32_t *mask)
{
	*mask = UINT32_MAX;
	for (size_t i = 0; i < condition->value.operation_count; i++) {
		if (BPF_OP(condition->value.operations[i].code) != BPF_AND)
			return false;
		*mask &= condition->value.operations[i].k;
	}
	return true;
}

static bool equation_of(const struct explain_condition *condition, struct equation *equation)
{
	uint32_t mask;

	if (!is_argument(condition) || condition->compare != BPF_JEQ || !mask_of(condition, &mask))
		return false;
	equation->mask = (uint64_t)mask << shift_of(condition);
	equation->bits = (uint64_t)condition->with << shift_of(condition);
	return true;
}

static void print_equation(struct buffer *out, unsigned argument, const struct equation *equation)
{
	if (equation->mask == UINT64_MAX)
		buffer_format(out, "arg%u == %#llx", argument, (unsigned long long)equation->bits);
	else
		buffer_format(out, "(arg%u & %#llx) == %#llx", argument,
			      (unsigned long long)equation->mask,
			      (unsigned long long)equation->bits);
}

static void print_value(struct buffer *out, const struct explain_condition *condition)
{
	static const char *const operators[] = { "+", "-", "*", "/", "|", "&", "<<", ">>" };
	const struct explain_value *value = &condition->value;

	for (size_t i = 0; i < value->operation_count; i++)
		buffer_add(out, "(");
	if (!is_argument(condition))
		buffer_add(out, value->word % 2 == HIGH_WORD ? "(ip >> 32)" : "(ip & 0xffffffff)");
	else
		buffer_format(out, shift_of(condition) ? "(arg%u >> 32)" : "(arg%u & 0xffffffff)",
			      argument_of(condition));
	for (size_t i = 0; i < value->operation_count; i++) {
		const unsigned operation = BPF_OP(value->operations[i].code) >> 4;

		if (operation < ARRAY_SIZE(operators))
			buffer_format(out, " %s %#x)", operators[operation],
				      value->operations[i].k);
		else
			buffer_format(out,
				      BPF_OP(value->operations[i].code) == BPF_XOR ? " ^ %#x)"
										   : " * -1)",
				      value->operations[i].k);
	}
}

static void print_condition(struct buffer *out, const struct explain_condition *condition)
{
	const bool holds = condition->holds;
	struct equation equation;

	if (equation_of(condition, &equation)) {
		buffer_format(out, "(arg%u & %#llx) != %#llx", argument_of(condition),
			      (unsigned long long)equation.mask, (unsigned long long)equation.bits);
		return;
	}

	if (condition->compare == BPF_JSET) {
		buffer_add(out, "(");
		print_value(out, condition);
		buffer_format(out, " & %#x) %s 0", condition->with, holds ? "!=" : "==");
		return;
	}
	print_value(out, condition);
	if (condition->compare == BPF_JEQ)
		buffer_add(out, holds ? " == " : " != ");
	else if (condition->compare == BPF_JGT && condition->with == 0)
		buffer_add(out, holds ? " != " : " == ");
	else if (condition->compare == BPF_JGT)
		buffer_add(out, holds ? " > " : " <= ");
	else
		buffer_add(out, holds ? " >= " : " < ");
	buffer_format(out, "%#x", condition->with);
}

/* All equations of one argument are one: their masks and bits together. False: it was part of an
 * earlier one. */
static bool join_equations(const struct explain_case *one, size_t i, struct equation *equation)
{
	for (size_t k = 0; k < one->count; k++) {
		struct equation other;

		if (k == i || !one->conditions[k].holds ||
		    !equation_of(&one->conditions[k], &other) ||
		    argument_of(&one->conditions[k]) != argument_of(&one->conditions[i]))
			continue;
		if (k < i)
			return false;
		equation->mask |= other.mask;
		equation->bits |= other.bits;
	}
	return true;
}

bool explain_part(const struct explain_case *one, size_t n, struct explain_part *part)
{
	const struct explain_condition *condition = &one->conditions[n];
	struct equation equation;

	if (!condition->holds || !equation_of(condition, &equation)) {
		print_condition(&part->text, condition);
		return true;
	}
	if (!join_equations(one, n, &equation))
		return false;
	print_equation(&part->text, argument_of(condition), &equation);
	part->is_equation = true;
	part->argument = argument_of(condition);
	part->mask = equation.mask;
	part->bits = equation.bits;
	return true;
}

void explain_conditions(struct buffer *out, const struct explain_case *one)
{
	bool first = true;

	for (size_t i = 0; i < one->count; i++) {
		struct explain_part part = { .text = { 0 } };

		if (explain_part(one, i, &part)) {
			buffer_format(out, "%s%s", first ? "" : " and ",
				      part.text.text ? part.text.text : "");
			first = false;
		}
		buffer_free(&part.text);
	}
}

/* ---- disassembly ---- */

static const char *data_name(uint32_t offset)
{
	static const char *const names[] = {
		"nr",	    "arch",	 "ip.low",   "ip.high",	  "arg0.low", "arg0.high",
		"arg1.low", "arg1.high", "arg2.low", "arg2.high", "arg3.low", "arg3.high",
		"arg4.low", "arg4.high", "arg5.low", "arg5.high",
	};

	return offset % 4 == 0 && offset / 4 < ARRAY_SIZE(names) ? names[offset / 4] : "?";
}

static void show_jump(struct buffer *out, const struct sock_filter *instruction, size_t at)
{
	static const struct {
		uint16_t operation;
		const char *name;
	} names[] = { { BPF_JEQ, "==" }, { BPF_JGT, ">" }, { BPF_JGE, ">=" }, { BPF_JSET, "&" } };

	if (BPF_OP(instruction->code) == BPF_JA) {
		buffer_format(out, "goto %zu", at + 1 + instruction->k);
		return;
	}
	table_for_each (row, names)
		if (row->operation == BPF_OP(instruction->code))
			buffer_format(out, "if A %s ", row->name);
	if (BPF_SRC(instruction->code) == BPF_X)
		buffer_add(out, "X");
	else
		buffer_format(out, "%#x", instruction->k);
	buffer_format(out, " goto %zu else %zu", at + 1 + instruction->jt,
		      at + 1 + instruction->jf);
}

static void show_load(struct buffer *out, const struct sock_filter *instruction)
{
	const char *to = BPF_CLASS(instruction->code) == BPF_LDX ? "X" : "A";

	switch (BPF_MODE(instruction->code)) {
	case BPF_ABS:
		buffer_format(out, "%s = %s", to, data_name(instruction->k));
		break;
	case BPF_IMM:
		buffer_format(out, "%s = %#x", to, instruction->k);
		break;
	case BPF_LEN:
		buffer_format(out, "%s = length", to);
		break;
	default:
		buffer_format(out, "%s = M[%u]", to, instruction->k);
		break;
	}
}

static void show_calculation(struct buffer *out, const struct sock_filter *instruction)
{
	static const char *const operators[] = { "+=",	"-=",  "*=", "/=", "|=", "&=",
						 "<<=", ">>=", "",   "%=", "^=" };
	const unsigned operation = BPF_OP(instruction->code) >> 4;

	if (BPF_OP(instruction->code) == BPF_NEG || operation >= ARRAY_SIZE(operators))
		buffer_add(out, "A = -A");
	else if (BPF_SRC(instruction->code) == BPF_X)
		buffer_format(out, "A %s X", operators[operation]);
	else
		buffer_format(out, "A %s %#x", operators[operation], instruction->k);
}

static void show(struct buffer *out, const struct sock_filter *instruction, size_t at)
{
	switch (BPF_CLASS(instruction->code)) {
	case BPF_LD:
	case BPF_LDX:
		show_load(out, instruction);
		break;
	case BPF_ST:
		buffer_format(out, "M[%u] = A", instruction->k);
		break;
	case BPF_STX:
		buffer_format(out, "M[%u] = X", instruction->k);
		break;
	case BPF_ALU:
		show_calculation(out, instruction);
		break;
	case BPF_JMP:
		show_jump(out, instruction, at);
		break;
	case BPF_RET:
		buffer_add(out, "return ");
		if (BPF_RVAL(instruction->code) == BPF_A)
			buffer_add(out, "A");
		else
			explain_result(out, instruction->k);
		break;
	default:
		buffer_add(out, BPF_MISCOP(instruction->code) == BPF_TAX ? "X = A" : "A = X");
		break;
	}
}

void explain_disassemble(struct buffer *out, const struct seccomp_program *program)
{
	for (size_t i = 0; i < program->length; i++) {
		const struct sock_filter *instruction = &program->instructions[i];

		buffer_format(out, "%4zu: %02x %02x %02x %08x  ", i, instruction->code,
			      instruction->jt, instruction->jf, instruction->k);
		show(out, instruction, i);
		buffer_add(out, "\n");
	}
}
