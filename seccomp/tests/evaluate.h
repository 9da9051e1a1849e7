/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECCOMP_TESTS_EVALUATE_H
#define SECCOMP_TESTS_EVALUATE_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "seccomp/filter.h"

/* Runs a filter as the kernel would, over the instructions that seccomp(2) admits; whatever else it
 * meets fails the test. */

static inline uint32_t evaluate_alu(uint16_t code, uint32_t left, uint32_t right)
{
	switch (BPF_OP(code)) {
	case BPF_AND:
		return left & right;
	case BPF_OR:
		return left | right;
	case BPF_LSH:
		return left << right;
	case BPF_RSH:
		return left >> right;
	default:
		fail_msg("unexpected instruction 0x%x", code);
		return 0;
	}
}

static inline bool evaluate_condition(uint16_t code, uint32_t left, uint32_t right)
{
	switch (BPF_OP(code)) {
	case BPF_JEQ:
		return left == right;
	case BPF_JGT:
		return left > right;
	case BPF_JGE:
		return left >= right;
	case BPF_JSET:
		return (left & right) != 0;
	default:
		fail_msg("unexpected jump 0x%x", code);
		return false;
	}
}

static inline uint32_t evaluate(const struct seccomp_program *program,
				const struct seccomp_data *data)
{
	uint32_t accumulator = 0;

	for (size_t i = 0; i < program->length; i++) {
		const struct sock_filter *instruction = &program->instructions[i];

		switch (BPF_CLASS(instruction->code)) {
		case BPF_RET:
			assert_int_equal(instruction->code, BPF_RET | BPF_K);
			return instruction->k;
		case BPF_LD:
			assert_int_equal(instruction->code, BPF_LD | BPF_W | BPF_ABS);
			assert_true(instruction->k % 4 == 0 && instruction->k < sizeof(*data));
			memcpy(&accumulator, (const char *)data + instruction->k, 4);
			break;
		case BPF_ALU:
			accumulator = evaluate_alu(instruction->code, accumulator, instruction->k);
			break;
		case BPF_JMP:
			if (BPF_OP(instruction->code) == BPF_JA)
				i += instruction->k;
			else if (evaluate_condition(instruction->code, accumulator, instruction->k))
				i += instruction->jt;
			else
				i += instruction->jf;
			break;
		default:
			fail_msg("unexpected instruction 0x%x", instruction->code);
		}
	}
	fail_msg("the filter ends without an answer");
	return 0;
}

#endif
