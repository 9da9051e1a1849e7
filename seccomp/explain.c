/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A walk over classic BPF with unknown arguments. The instructions are those that seccomp(2) admits
 * (seccomp_check_filter() in the kernel): loads of 32 bits of struct seccomp_data, constants,
 * scratch memory, arithmetic, jumps forward, return.
 *
 * seccomp(2). syscalls: none
 */
#include "seccomp/explain.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "seccomp/domain.h"

#define CASES_MAX 4096
#define STEPS_MAX (64U << 20) /* instructions, over all ways: a bound on time */

#define WORD_NUMBER 0
#define WORD_ARCH 1

/* One way through the program so far. */
struct way {
	struct explain_value a, x;
	struct explain_value memory[BPF_MEMWORDS];
	struct explain_case one;
	size_t at;
};

struct walk {
	const struct seccomp_program *program;
	uint32_t arch, number;
	struct explain_cases *cases;
	uint32_t steps;
	struct error *err;
};

static struct explain_value constant(uint32_t value)
{
	return (struct explain_value){ .constant = true, .with = value };
}

static uint32_t compute(uint16_t code, uint32_t left, uint32_t right)
{
	switch (BPF_OP(code)) {
	case BPF_ADD:
		return left + right;
	case BPF_SUB:
		return left - right;
	case BPF_MUL:
		return left * right;
	case BPF_DIV:
		return right ? left / right : 0;
	case BPF_OR:
		return left | right;
	case BPF_AND:
		return left & right;
	case BPF_LSH:
		return right < 32 ? left << right : 0;
	case BPF_RSH:
		return right < 32 ? left >> right : 0;
	case BPF_XOR:
		return left ^ right;
	case BPF_NEG:
		return -left;
	default:
		return 0;
	}
}

bool explain_compare(uint16_t compare, uint32_t left, uint32_t right)
{
	switch (compare) {
	case BPF_JEQ:
		return left == right;
	case BPF_JGT:
		return left > right;
	case BPF_JGE:
		return left >= right;
	default:
		return (left & right) != 0;
	}
}

uint32_t explain_value_of(const struct explain_value *value, uint32_t word)
{
	if (value->constant)
		return value->with;
	for (size_t i = 0; i < value->operation_count; i++)
		word = compute(value->operations[i].code, word, value->operations[i].k);
	return word;
}

static int refuse(const struct walk *walk, size_t at, const char *why)
{
	return error_set(walk->err, "filter, instruction %zu: %s", at, why);
}

/* ---- the instructions ---- */

static int load_data(const struct walk *walk, struct way *way, uint32_t offset)
{
	if (offset % 4 != 0 || offset >= sizeof(struct seccomp_data))
		return refuse(walk, way->at, "reads beyond the call's data");
	if (offset / 4 == WORD_NUMBER)
		way->a = constant(walk->number);
	else if (offset / 4 == WORD_ARCH)
		way->a = constant(walk->arch);
	else
		way->a = (struct explain_value){ .word = (uint8_t)(offset / 4) };
	return 0;
}

static int load(const struct walk *walk, struct way *way, const struct sock_filter *instruction)
{
	struct explain_value *to = BPF_CLASS(instruction->code) == BPF_LDX ? &way->x : &way->a;

	switch (instruction->code & ~0x07) {
	case BPF_W | BPF_ABS:
		if (to == &way->x)
			return refuse(walk, way->at, "loads the call's data into X");
		return load_data(walk, way, instruction->k);
	case BPF_IMM:
		*to = constant(instruction->k);
		return 0;
	case BPF_W | BPF_LEN:
		*to = constant(sizeof(struct seccomp_data));
		return 0;
	case BPF_MEM:
		if (instruction->k >= BPF_MEMWORDS)
			return refuse(walk, way->at, "memory that doesn't exist");
		*to = way->memory[instruction->k];
		return 0;
	default:
		return refuse(walk, way->at, "a load that seccomp doesn't take");
	}
}

static int store(const struct walk *walk, struct way *way, const struct sock_filter *instruction)
{
	if (instruction->k >= BPF_MEMWORDS)
		return refuse(walk, way->at, "memory that doesn't exist");
	way->memory[instruction->k] = BPF_CLASS(instruction->code) == BPF_STX ? way->x : way->a;
	return 0;
}

/* The right side of an operation: K, or X, which must be known then. */
static int operand(const struct walk *walk, const struct way *way,
		   const struct sock_filter *instruction, uint32_t *right)
{
	*right = instruction->k;
	if (BPF_SRC(instruction->code) == BPF_K)
		return 0;
	if (!way->x.constant)
		return refuse(walk, way->at, "computes with two unknown values");
	*right = way->x.with;
	return 0;
}

static int calculate(const struct walk *walk, struct way *way,
		     const struct sock_filter *instruction)
{
	uint32_t right;

	if (operand(walk, way, instruction, &right) < 0)
		return -1;
	if (way->a.constant) {
		way->a.with = compute(instruction->code, way->a.with, right);
		return 0;
	}
	if (way->a.operation_count == EXPLAIN_OPERATIONS_MAX)
		return refuse(walk, way->at, "a long calculation with an argument");
	way->a.operations[way->a.operation_count].code = instruction->code;
	way->a.operations[way->a.operation_count++].k = right;
	return 0;
}

static int add_case(const struct walk *walk, const struct explain_case *one)
{
	struct explain_cases *cases = walk->cases;

	if (cases->count >= CASES_MAX)
		return error_set(walk->err, "filter: more than %d cases for one system call",
				 CASES_MAX);
	if (cases->count == cases->capacity) {
		size_t capacity = cases->capacity ? cases->capacity * 2 : 8;
		void *grown = realloc(cases->items, capacity * sizeof(*cases->items));

		if (!grown)
			return error_set(walk->err, "out of memory");
		cases->items = grown;
		cases->capacity = capacity;
	}
	cases->items[cases->count++] = *one;
	return 0;
}

static int follow(struct walk *walk, struct way *way);

/* Both ways where both are possible. */
static int branch(struct walk *walk, struct way *way, const struct sock_filter *instruction,
		  uint32_t right)
{
	struct explain_condition condition = {
		.value = way->a,
		.compare = BPF_OP(instruction->code),
		.with = right,
	};

	if (way->one.count == EXPLAIN_CONDITIONS_MAX)
		return refuse(walk, way->at, "too many conditions on the arguments");
	for (int holds = 0; holds < 2; holds++) {
		struct way other = *way;

		condition.holds = holds == 1;
		other.one.conditions[other.one.count++] = condition;
		other.at += 1U + (holds ? instruction->jt : instruction->jf);
		if (!domain_is_possible(&other.one))
			continue;
		if (domain_is_implied(&way->one, &condition)) /* the other way isn't possible */
			other.one.count--;
		if (follow(walk, &other) < 0)
			return -1;
	}
	return 0;
}

/* *done: the way was followed to its end, by branch(). */
static int jump(struct walk *walk, struct way *way, const struct sock_filter *instruction,
		bool *done)
{
	uint32_t right;

	if (BPF_OP(instruction->code) == BPF_JA) {
		way->at += 1U + (size_t)instruction->k;
		return 0;
	}
	if (operand(walk, way, instruction, &right) < 0)
		return -1;
	if (way->a.constant) {
		way->at += 1U + (explain_compare(BPF_OP(instruction->code), way->a.with, right)
					 ? instruction->jt
					 : instruction->jf);
		return 0;
	}
	*done = true;
	return branch(walk, way, instruction, right);
}

/* Drops what the other conditions say already. */
static void simplify(struct explain_case *one)
{
	for (size_t i = 0; i < one->count;) {
		struct explain_case others = *one;

		others.count--;
		memmove(others.conditions + i, others.conditions + i + 1,
			(others.count - i) * sizeof(others.conditions[0]));
		if (domain_is_implied(&others, &one->conditions[i]))
			*one = others;
		else
			i++;
	}
}

static int answer(const struct walk *walk, struct way *way, const struct sock_filter *instruction)
{
	way->one.result = instruction->k;
	if (BPF_RVAL(instruction->code) == BPF_A) {
		if (!way->a.constant)
			return refuse(walk, way->at, "the answer is computed from an argument");
		way->one.result = way->a.with;
	}
	simplify(&way->one);
	return add_case(walk, &way->one);
}

static int step(struct walk *walk, struct way *way, bool *done)
{
	const struct sock_filter *instruction = &walk->program->instructions[way->at];
	int result;

	switch (BPF_CLASS(instruction->code)) {
	case BPF_RET:
		*done = true;
		return answer(walk, way, instruction);
	case BPF_JMP:
		return jump(walk, way, instruction, done);
	case BPF_LD:
	case BPF_LDX:
		result = load(walk, way, instruction);
		break;
	case BPF_ST:
	case BPF_STX:
		result = store(walk, way, instruction);
		break;
	case BPF_ALU:
		result = calculate(walk, way, instruction);
		break;
	default: /* BPF_MISC */
		result = 0;
		if (BPF_MISCOP(instruction->code) == BPF_TAX)
			way->x = way->a;
		else
			way->a = way->x;
		break;
	}
	way->at++;
	return result;
}

static int follow(struct walk *walk, struct way *way)
{
	bool done = false;

	while (!done) {
		if (way->at >= walk->program->length)
			return refuse(walk, way->at, "the program ends without an answer");
		if (walk->steps++ > STEPS_MAX)
			return error_set(walk->err, "filter: too many ways through it");
		if (step(walk, way, &done) < 0)
			return -1;
	}
	return 0;
}

static int explain_program(const struct seccomp_program *program, uint32_t arch, uint32_t number,
			   struct explain_cases *cases, struct error *err)
{
	struct walk walk = { program, arch, number, cases, 0, err };
	struct way way = { .a = constant(0), .x = constant(0) };

	for (size_t i = 0; i < BPF_MEMWORDS; i++)
		way.memory[i] = constant(0);
	return follow(&walk, &way);
}

/* ---- several filters ---- */

/* The kernel compares the action without its data as a signed number: KILL_PROCESS is the only
 * negative one. */
static int32_t precedence(uint32_t result)
{
	return (int32_t)(result & SECCOMP_RET_ACTION_FULL);
}

static int combine_two(const struct walk *walk, const struct explain_case *older,
		       const struct explain_case *newer, uint16_t index)
{
	struct explain_case one = *older;

	if (older->count + newer->count > EXPLAIN_CONDITIONS_MAX)
		return error_set(walk->err, "filters: too many conditions together");
	memcpy(one.conditions + one.count, newer->conditions,
	       newer->count * sizeof(newer->conditions[0]));
	one.count = (uint16_t)(one.count + newer->count);
	if (precedence(newer->result) <= precedence(older->result)) {
		one.result = newer->result;
		one.filter = index;
	}
	if (!domain_is_possible(&one))
		return 0;
	simplify(&one);
	return add_case(walk, &one);
}

/* Each case of the newer filter with each of the older ones that may come together with it. */
static int combine(const struct explain_cases *older, const struct explain_cases *newer,
		   uint16_t index, struct explain_cases *both, struct error *err)
{
	const struct walk walk = { .cases = both, .err = err };

	for (size_t i = 0; i < newer->count; i++)
		for (size_t k = 0; k < older->count; k++)
			if (combine_two(&walk, &older->items[k], &newer->items[i], index) < 0)
				return -1;
	return 0;
}

#define autocases __attribute__((cleanup(explain_cases_free))) struct explain_cases

static int add_filter(const struct seccomp_stack *stack, size_t index, uint32_t arch,
		      uint32_t number, struct explain_cases *cases, struct error *err)
{
	autocases newer = { 0 };
	autocases both = { 0 };
	struct explain_cases older;

	if (explain_program(&stack->programs[index], arch, number, &newer, err) < 0 ||
	    combine(cases, &newer, (uint16_t)index, &both, err) < 0)
		return -1; /* NOLINT(clang-analyzer-unix.Malloc): freed by autocases */
	older = *cases;
	*cases = both;
	both = older;
	return 0;
}

int explain_call(const struct seccomp_stack *stack, uint32_t arch, uint32_t number,
		 struct explain_cases *cases, struct error *err)
{
	const struct explain_case nothing = { .result = SECCOMP_RET_ALLOW };

	*cases = (struct explain_cases){ 0 };
	if (stack->count == 0)
		return add_case(&(struct walk){ .cases = cases, .err = err }, &nothing);
	if (explain_program(&stack->programs[0], arch, number, cases, err) < 0)
		return -1;
	for (size_t i = 1; i < stack->count; i++)
		if (add_filter(stack, i, arch, number, cases, err) < 0)
			return -1;
	return 0;
}

void explain_cases_free(struct explain_cases *cases)
{
	free(cases->items);
	*cases = (struct explain_cases){ 0 };
}

static uint32_t word_of(const struct seccomp_data *data, uint8_t word)
{
	uint32_t value;

	memcpy(&value, (const char *)data + sizeof(value) * word, sizeof(value));
	return value;
}

bool explain_matches(const struct explain_case *one, const struct seccomp_data *data)
{
	for (size_t i = 0; i < one->count; i++) {
		const struct explain_condition *condition = &one->conditions[i];
		uint32_t value =
			explain_value_of(&condition->value, word_of(data, condition->value.word));

		if (explain_compare(condition->compare, value, condition->with) != condition->holds)
			return false;
	}
	return true;
}

int explain_verdict(const struct seccomp_stack *stack, const struct seccomp_data *data,
		    uint32_t *result, size_t *filter, struct error *err)
{
	autocases cases = { 0 };

	if (explain_call(stack, data->arch, (uint32_t)data->nr, &cases, err) < 0)
		return -1; /* NOLINT(clang-analyzer-unix.Malloc): freed by autocases */
	for (size_t i = 0; i < cases.count; i++) {
		if (!explain_matches(&cases.items[i], data))
			continue;
		*result = cases.items[i].result;
		if (filter)
			*filter = cases.items[i].filter;
		return 0; /* NOLINT(clang-analyzer-unix.Malloc): freed by autocases */
	}
	return error_set(err,
			 "filter: no case for this call"); /* can't be: they leave nothing out */
}

bool explain_lets_through(uint32_t result)
{
	switch (result & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
		return true;
	default:
		return false;
	}
}
