/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECCOMP_EXPLAIN_H
#define SECCOMP_EXPLAIN_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/string.h"
#include "seccomp/filter.h"

/*
 * What filters do, exactly: the programs themselves are walked, whoever made them, so there is no
 * difference between what is told and what the kernel does. For one system call the number and the
 * architecture are known and the arguments aren't: at each comparison that depends on them the walk
 * goes both ways and remembers the condition. What comes out is a list of cases that exclude each
 * other and leave nothing out.
 */

/* One comparison of 32 bits of the call's data: ((data[word] OP k) OP k ...) COMPARE with. */
#define EXPLAIN_OPERATIONS_MAX 6
struct explain_value {
	bool constant; /* then with holds it, and nothing else counts */
	uint8_t word;  /* index of 32 bits in struct seccomp_data */
	uint8_t operation_count;
	struct {
		uint16_t code; /* BPF_ALU | BPF_K | ... */
		uint32_t k;
	} operations[EXPLAIN_OPERATIONS_MAX];
	uint32_t with;
};

struct explain_condition {
	struct explain_value value;
	uint16_t compare; /* BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET */
	uint32_t with;
	bool holds; /* false: its opposite */
};

#define EXPLAIN_CONDITIONS_MAX 48
struct explain_case {
	uint32_t result; /* SECCOMP_RET_*, with its data */
	uint16_t filter; /* which one decided, 0 = the oldest */
	uint16_t count;
	struct explain_condition conditions[EXPLAIN_CONDITIONS_MAX];
};

struct explain_cases {
	struct explain_case *items; /* from malloc(3) */
	size_t count, capacity;
};

/* Filters of one process, the oldest first, as PTRACE_SECCOMP_GET_FILTER numbers them. */
struct seccomp_stack {
	const struct seccomp_program *programs;
	size_t count;
};

/*
 * All cases of one system call. Several filters are combined as the kernel does: each is asked, the
 * result of the highest precedence counts, of equal ones the newest filter's. -1: a program that
 * seccomp(2) wouldn't take, or that computes with two unknown values at once, or that has more than
 * some thousand cases. cases is to be freed even then. Pure. Runs in: commands.
 */
int explain_call(const struct seccomp_stack *stack, uint32_t arch, uint32_t number,
		 struct explain_cases *cases, struct error *err);
void explain_cases_free(struct explain_cases *cases);

/* Whether the case is the one of this call. Pure. */
bool explain_matches(const struct explain_case *one, const struct seccomp_data *data);

/* What the kernel would answer to exactly this call, and which filter decides (may be NULL); no
 * filter: ALLOW. Pure. */
int explain_verdict(const struct seccomp_stack *stack, const struct seccomp_data *data,
		    uint32_t *result, size_t *filter, struct error *err);

/* SECCOMP_RET_ALLOW, _LOG and _TRACE without a tracer aside: does the call reach the kernel? */
bool explain_lets_through(uint32_t result);

/* "ERRNO(EPERM)", "KILL_PROCESS". */
void explain_result(struct buffer *out, uint32_t result);
/* What the nth condition says, for who prints them one by one; false: it is part of an earlier one.
 * text begins empty, the caller frees it. */
struct explain_part {
	struct buffer text;
	bool is_equation; /* then (argument & mask) == bits, and text is the same */
	unsigned argument;
	uint64_t mask, bits;
};
bool explain_part(const struct explain_case *one, size_t n, struct explain_part *part);
/* "arg0 == 5 and (arg1 & 0x10) == 0x10"; "" for no condition. */
void explain_conditions(struct buffer *out, const struct explain_case *one);

/* The program as text, one instruction a line. */
void explain_disassemble(struct buffer *out, const struct seccomp_program *program);

#endif
