/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ENOSYS for what is newer than the profile. seccomp(2), syscall(2), errno(3)
 *
 * In front of the profile's program:
 *
 *	A = arch
 *	for each architecture:	if A == it: A = nr
 *		for each of its sets of numbers: if A < end of the set: A > newest ? ENOSYS :
 *profile profile: ...
 *
 * syscalls: none
 */
#include "seccomp/newer.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define X32_BIT 0x40000000U
#define ORDINARY_END 0x0f0000U /* above: ARM's private calls, x32, and the -1 of tracers */
#define X32_END UINT32_MAX
#define STUB_MAX 160 /* instructions: 25 architectures with at most 6 each, and two */

/* One set of numbers: what libseccomp calls an architecture. x32 shares the kernel's with x86-64.
 */
struct number_set {
	uint32_t token;
	uint32_t arch; /* as in struct seccomp_data */
	uint32_t end;
	uint32_t newest; /* 0: the profile names nothing of this set */
};

static void measure(const struct seccomp_spec *seccomp, struct number_set *set)
{
	const uint32_t start = set->token == SCMP_ARCH_X32 ? X32_BIT : 0;

	for (size_t i = 0; i < seccomp->syscalls.count; i++) {
		const struct string_list *names = &seccomp->syscalls.items[i].names;

		for (size_t k = 0; k < names->count; k++) {
			int number = seccomp_syscall_resolve_name_arch(set->token, names->items[k]);

			/* negative ones are libseccomp's own, for calls that this set lacks */
			if (number >= 0 && (uint32_t)number >= start &&
			    (uint32_t)number < set->end && (uint32_t)number > set->newest)
				set->newest = (uint32_t)number;
		}
	}
}

struct prologue {
	struct sock_filter code[STUB_MAX];
	size_t length;
	size_t denying[32]; /* jumps whose jt leads to ENOSYS */
	size_t leaving[32]; /* jumps to the profile */
	size_t denying_count, leaving_count;
};

static size_t emit(struct prologue *prologue, uint16_t code, uint32_t k)
{
	prologue->code[prologue->length] = (struct sock_filter){ code, 0, 0, k };
	return prologue->length++;
}

/* A holds the number: below the set's end it is decided here. */
static void emit_set(struct prologue *prologue, const struct number_set *set)
{
	if (set->newest == 0)
		return;
	prologue->code[emit(prologue, BPF_JMP | BPF_JGE | BPF_K, set->end)].jt = 1;
	prologue->denying[prologue->denying_count++] =
		emit(prologue, BPF_JMP | BPF_JGT | BPF_K, set->newest);
}

static bool is_first_of_arch(const struct number_set *sets, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (sets[k].arch == sets[i].arch)
			return false;
	return true;
}

/* All sets of the kernel's architecture of set i, those with the smaller numbers first. */
static void emit_arch(struct prologue *prologue, const struct number_set *sets, size_t count,
		      size_t i)
{
	const size_t test = emit(prologue, BPF_JMP | BPF_JEQ | BPF_K, sets[i].arch);

	(void)emit(prologue, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (uint64_t end = ORDINARY_END; end <= X32_END; end += X32_END - ORDINARY_END)
		for (size_t k = i; k < count; k++)
			if (sets[k].arch == sets[i].arch && sets[k].end == end)
				emit_set(prologue, &sets[k]);
	prologue->leaving[prologue->leaving_count++] = emit(prologue, BPF_JMP | BPF_JA, 0);
	prologue->code[test].jf = (uint8_t)(prologue->length - test - 1);
}

/* Where the jumps lead is known only now: the profile begins behind the ENOSYS. */
static void finish(struct prologue *prologue)
{
	const size_t end = emit(prologue, BPF_JMP | BPF_JA, 1); /* no architecture of ours */
	const size_t denial = emit(prologue, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);

	for (size_t i = 0; i < prologue->denying_count; i++) {
		struct sock_filter *jump = &prologue->code[prologue->denying[i]];

		jump->jt = (uint8_t)(denial - prologue->denying[i] - 1);
		jump->jf = (uint8_t)(end - prologue->denying[i] - 1);
	}
	for (size_t i = 0; i < prologue->leaving_count; i++)
		prologue->code[prologue->leaving[i]].k = (uint32_t)(end - prologue->leaving[i] - 1);
}

static int prepend(const struct prologue *prologue, struct seccomp_program *program,
		   struct error *err)
{
	const size_t total = prologue->length + program->length;
	struct sock_filter *joined;

	if (total > BPF_MAXINSNS)
		return error_set(
			err, "/linux/seccomp: the filter has %zu instructions, the kernel takes %d",
			total, BPF_MAXINSNS);
	joined = malloc(total * sizeof(*joined));
	if (!joined)
		return error_set(err, "out of memory");
	memcpy(joined, prologue->code, prologue->length * sizeof(*joined));
	memcpy(joined + prologue->length, program->instructions, program->length * sizeof(*joined));
	free(program->instructions);
	program->instructions = joined;
	program->length = (uint16_t)total;
	return 0;
}

static bool lets_through(uint32_t action)
{
	switch (action & SECCOMP_RET_ACTION_FULL) {
	case SECCOMP_RET_ALLOW:
	case SECCOMP_RET_LOG:
	case SECCOMP_RET_TRACE: /* a tracer knows best what it makes of a new call */
		return true;
	default:
		return action == (SECCOMP_RET_ERRNO | ENOSYS);
	}
}

int newer_calls_prepend(const struct seccomp_spec *seccomp, uint32_t default_action,
			const uint32_t *architectures, size_t count,
			struct seccomp_program *program, struct error *err)
{
	struct number_set sets[24];
	struct prologue prologue = { .length = 0 };

	if (lets_through(default_action) || count > sizeof(sets) / sizeof(sets[0]))
		return 0;
	for (size_t i = 0; i < count; i++) {
		const uint32_t token = architectures[i];
		const bool x32 = token == SCMP_ARCH_X32;

		sets[i] = (struct number_set){ token, x32 ? SCMP_ARCH_X86_64 : token,
					       x32 ? X32_END : ORDINARY_END, 0 };
		measure(seccomp, &sets[i]);
	}
	(void)emit(&prologue, BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch));
	for (size_t i = 0; i < count; i++)
		if (is_first_of_arch(sets, i))
			emit_arch(&prologue, sets, count, i);
	finish(&prologue);
	return prologue.denying_count > 0 ? prepend(&prologue, program, err) : 0;
}
