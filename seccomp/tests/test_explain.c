/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The analyser beside a plain evaluator (evaluate.h) and beside the kernel, over all system calls
 * of many generated filters. The numbers are generated from a fixed seed.
 */
#include <errno.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/table.h"
#include "seccomp/domain.h"
#include "seccomp/explain.h"
#include "seccomp/families.h"
#include "seccomp/tests/evaluate.h"

#define LAST_CALL 480
#define ENTRIES 24

static struct error err;
static uint64_t seed = 1;

static uint64_t next(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed;
}

/* Numbers that meet: small ones, powers of two and their neighbours, both halves. */
static uint64_t interesting(void)
{
	const uint64_t one = UINT64_C(1) << next() % 64;

	switch (next() % 6) {
	case 0:
		return next() % 4;
	case 1:
		return one;
	case 2:
		return one - 1;
	case 3:
		return one | UINT64_C(1) << next() % 64;
	case 4:
		return UINT64_MAX - next() % 3;
	default:
		return next() % 3 << 32 | next() % 3;
	}
}

struct profile {
	struct seccomp_spec spec;
	struct syscall_spec entries[ENTRIES];
	const char *names[ENTRIES];
	struct seccomp_arg_spec args[ENTRIES][3];
	char text[ENTRIES][40];
};

static const char *const compares[] = { "SCMP_CMP_NE",	     "SCMP_CMP_LT", "SCMP_CMP_LE",
					"SCMP_CMP_EQ",	     "SCMP_CMP_GE", "SCMP_CMP_GT",
					"SCMP_CMP_MASKED_EQ" };

static void generate_entry(struct profile *profile, size_t i, bool only_errno)
{
	static const char *const results[] = { "SCMP_ACT_ALLOW",	"SCMP_ACT_LOG",
					       "SCMP_ACT_TRACE",	"SCMP_ACT_TRAP",
					       "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
					       "SCMP_ACT_ERRNO" };
	struct syscall_spec *entry = &profile->entries[i];
	char *name = NULL;

	/* the test needs exit_group for itself */
	while (!name || strcmp(name, "exit_group") == 0) {
		free(name);
		name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)(next() % 450));
	}
	(void)snprintf(profile->text[i], sizeof(profile->text[i]), "%s", name);
	free(name);
	profile->names[i] = profile->text[i];
	*entry = (struct syscall_spec){
		.names = { &profile->names[i], 1, true },
		.action = only_errno ? "SCMP_ACT_ERRNO" : results[next() % ARRAY_SIZE(results)],
	};
	if (strcmp(entry->action, "SCMP_ACT_ERRNO") == 0)
		entry->errno_ret = (struct opt_uint){ true, 1 + next() % 100 };
	entry->args.items = profile->args[i];
	entry->args.count = next() % 4;
	for (size_t k = 0; k < entry->args.count; k++)
		profile->args[i][k] =
			(struct seccomp_arg_spec){ (uint32_t)(next() % 3), interesting(),
						   interesting(),
						   compares[next() % ARRAY_SIZE(compares)] };
}

/* only_errno: nothing but numbers, so that the kernel can be asked without anything happening; but
 * for the call with which the answer comes back. */
static struct seccomp_program generate(struct profile *profile, bool only_errno)
{
	struct seccomp_program program;

	memset(profile, 0, sizeof(*profile));
	profile->spec.present = true;
	profile->spec.default_action =
		only_errno || next() % 2 ? "SCMP_ACT_ERRNO" : "SCMP_ACT_ALLOW";
	profile->spec.syscalls.items = profile->entries;
	profile->spec.syscalls.count = ENTRIES;
	for (size_t i = 0; i < ENTRIES; i++)
		generate_entry(profile, i, only_errno);
	if (only_errno) {
		profile->names[0] = "exit_group";
		profile->entries[0].action = "SCMP_ACT_ALLOW";
		profile->entries[0].errno_ret = (struct opt_uint){ 0 };
		profile->entries[0].args.count = 0;
	}
	if ((next() % 2 ? seccomp_compile : seccomp_compile_to_keep)(&profile->spec, &program,
								     &err) < 0)
		fail_msg("%s", err.text);
	return program;
}

/* The arguments that the rules are about, or close by. */
static struct seccomp_data generate_call(const struct profile *profile, uint32_t number)
{
	struct seccomp_data data = { .nr = (int)number, .arch = call_native_arch() };

	for (size_t i = 0; i < 6; i++)
		data.args[i] = interesting();
	for (size_t i = 0; i < ENTRIES; i++) {
		const struct syscall_spec *entry = &profile->entries[i];

		if (seccomp_syscall_resolve_name(entry->names.items[0]) != (int)number ||
		    next() % 2)
			continue;
		for (size_t k = 0; k < entry->args.count; k++)
			data.args[entry->args.items[k].index] =
				entry->args.items[k].value + next() % 3 - 1;
	}
	return data;
}

/* As seccomp_run_filters() in the kernel: from the newest to the oldest, the first of the highest
 * precedence. */
static uint32_t evaluate_stack(const struct seccomp_stack *stack, const struct seccomp_data *data)
{
	uint32_t result = SECCOMP_RET_ALLOW;

	for (size_t i = stack->count; i-- > 0;) {
		const uint32_t answer = evaluate(&stack->programs[i], data);

		if ((int32_t)(answer & SECCOMP_RET_ACTION_FULL) <
		    (int32_t)(result & SECCOMP_RET_ACTION_FULL))
			result = answer;
	}
	return result;
}

static void check_call(const struct seccomp_stack *stack, const struct explain_cases *cases,
		       const struct seccomp_data *data)
{
	const uint32_t expected = evaluate_stack(stack, data);
	size_t matching = 0;

	for (size_t i = 0; i < cases->count; i++) {
		if (!explain_matches(&cases->items[i], data))
			continue;
		matching++;
		if (cases->items[i].result != expected)
			fail_msg("call %d: 0x%x instead of 0x%x", data->nr, cases->items[i].result,
				 expected);
	}
	if (matching != 1)
		fail_msg("call %d: %zu cases match", data->nr, matching);
}

static void check_stack(const struct seccomp_stack *stack, const struct profile *profiles)
{
	for (uint32_t number = 0; number < LAST_CALL; number++) {
		struct explain_cases cases;

		if (explain_call(stack, call_native_arch(), number, &cases, &err) < 0)
			fail_msg("%s", err.text);
		for (size_t i = 0; i < (cases.count > 1 ? 24 : 1); i++) {
			const struct seccomp_data data =
				generate_call(&profiles[i % stack->count], number);

			check_call(stack, &cases, &data);
		}
		explain_cases_free(&cases);
	}
}

static void each_call_has_exactly_one_case_and_it_is_the_evaluators(void **state)
{
	static struct profile profiles[3];
	struct seccomp_program programs[3];

	(void)state;
	for (size_t round = 0; round < 60; round++) {
		const struct seccomp_stack stack = { programs, 1 + round % 3 };

		for (size_t i = 0; i < stack.count; i++)
			programs[i] = generate(&profiles[i], false);
		check_stack(&stack, profiles);
		for (size_t i = 0; i < stack.count; i++)
			seccomp_program_free(&programs[i]);
	}
}

/* ---- the kernel ---- */

/* uretprobe and uprobe of x86-64 are made by the kernel's own trampolines, and newer kernels ask no
 * filter about them; anybody else who makes them gets SIGILL. */
static bool passes_by(const struct seccomp_data *call)
{
	return call->arch == SCMP_ARCH_X86_64 && (call->nr == 335 || call->nr == 336);
}

/* _exit(2), but not declared as a function that doesn't return: before one of these a sanitizer
 * makes calls of its own, which the filter refuses. */
static void leave(int status)
{
	(void)syscall(SYS_exit_group, status);
}

/* Under the filters: every call, which must answer what was foretold. Exit status 0, or 1. */
static void ask_kernel(const struct seccomp_stack *stack, const struct seccomp_data *calls,
		       const uint32_t *foretold, size_t count)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		leave(2);
	for (size_t i = 0; i < stack->count; i++)
		if (seccomp_program_load(&stack->programs[i], &err) < 0)
			leave(3);
	for (size_t i = 0; i < count; i++) {
		const __u64 *a = calls[i].args;

		if (explain_lets_through(foretold[i]) || passes_by(&calls[i]))
			continue;
		errno = 0;
		if (syscall(calls[i].nr, a[0], a[1], a[2], a[3], a[4], a[5]) != -1 ||
		    errno != (int)(foretold[i] & SECCOMP_RET_DATA))
			leave(1);
	}
	leave(0);
}

static void the_kernel_answers_what_is_foretold(void **state)
{
	static struct seccomp_data calls[LAST_CALL * 4];
	static uint32_t foretold[ARRAY_SIZE(calls)];
	static struct profile profile;

	(void)state;
	for (size_t round = 0; round < 40; round++) {
		struct seccomp_program program = generate(&profile, true);
		const struct seccomp_stack stack = { &program, 1 };
		int status = 0;
		pid_t pid;

		for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
			calls[i] = generate_call(&profile, (uint32_t)(i % LAST_CALL));
			assert_int_equal(
				explain_verdict(&stack, &calls[i], &foretold[i], NULL, &err), 0);
		}
		pid = fork();
		if (pid == 0)
			ask_kernel(&stack, calls, foretold, ARRAY_SIZE(calls));
		assert_true(pid > 0 && waitpid(pid, &status, 0) == pid);
		assert_true(WIFEXITED(status));
		assert_int_equal(WEXITSTATUS(status), 0);
		seccomp_program_free(&program);
	}
}

/* ---- by hand ---- */

#define LOAD(offset)                                                                               \
	{                                                                                          \
		BPF_LD | BPF_W | BPF_ABS, 0, 0, (offset)                                           \
	}
#define RETURN(value)                                                                              \
	{                                                                                          \
		BPF_RET | BPF_K, 0, 0, (value)                                                     \
	}

static void explain_hand_made(const struct sock_filter *code, size_t length,
			      struct explain_cases *cases, int expected)
{
	const struct seccomp_program program = { (struct sock_filter *)(uintptr_t)code,
						 (uint16_t)length, 0 };
	const struct seccomp_stack stack = { &program, 1 };

	assert_int_equal(explain_call(&stack, call_native_arch(), 1, cases, &err), expected);
}

static void scratch_memory_and_arithmetic_are_followed(void **state)
{
	static const struct sock_filter code[] = {
		LOAD(16),
		{ BPF_ALU | BPF_RSH | BPF_K, 0, 0, 4 },
		{ BPF_ST, 0, 0, 3 },
		{ BPF_LD | BPF_IMM, 0, 0, 7 },
		{ BPF_MISC | BPF_TAX, 0, 0, 0 },
		{ BPF_LD | BPF_MEM, 0, 0, 3 },
		{ BPF_ALU | BPF_ADD | BPF_X, 0, 0, 0 },
		{ BPF_JMP | BPF_JEQ | BPF_K, 0, 1, 9 },
		RETURN(SECCOMP_RET_ERRNO | 5),
		RETURN(SECCOMP_RET_ALLOW),
	};
	struct seccomp_data data = { .args = { 0x2f } };
	struct explain_cases cases;

	(void)state;
	explain_hand_made(code, ARRAY_SIZE(code), &cases, 0);
	assert_int_equal(cases.count, 2);
	for (size_t i = 0; i < 2; i++) {
		data.args[0] = 0x2f;
		assert_int_equal(explain_matches(&cases.items[i], &data),
				 cases.items[i].result == (SECCOMP_RET_ERRNO | 5));
		data.args[0] = 0x3f;
		assert_int_equal(explain_matches(&cases.items[i], &data),
				 cases.items[i].result == SECCOMP_RET_ALLOW);
	}
	explain_cases_free(&cases);
}

static void what_is_not_understood_is_said(void **state)
{
	static const struct sock_filter two_unknown[] = {
		LOAD(16),
		{ BPF_MISC | BPF_TAX, 0, 0, 0 },
		LOAD(24),
		{ BPF_JMP | BPF_JEQ | BPF_X, 0, 0, 0 },
		RETURN(SECCOMP_RET_ALLOW),
	};
	static const struct sock_filter endless[] = { LOAD(16) };
	static const struct sock_filter beyond[] = { LOAD(64), RETURN(0) };
	struct explain_cases cases;

	(void)state;
	explain_hand_made(two_unknown, ARRAY_SIZE(two_unknown), &cases, -1);
	assert_non_null(strstr(err.text, "instruction 3: computes with two unknown values"));
	explain_hand_made(endless, 1, &cases, -1);
	explain_hand_made(beyond, 2, &cases, -1);
	explain_cases_free(&cases);
}

static void no_filter_allows(void **state)
{
	const struct seccomp_stack stack = { NULL, 0 };
	struct explain_cases cases;

	(void)state;
	assert_int_equal(explain_call(&stack, call_native_arch(), 1, &cases, &err), 0);
	assert_int_equal(cases.count, 1);
	assert_int_equal(cases.items[0].result, SECCOMP_RET_ALLOW);
	explain_cases_free(&cases);
}

static void impossible_ways_are_not_told(void **state)
{
	static const struct sock_filter code[] = {
		LOAD(16),
		{ BPF_JMP | BPF_JGT | BPF_K, 0, 2, 10 },
		{ BPF_JMP | BPF_JGE | BPF_K, 1, 0, 5 }, /* always: above 10 */
		RETURN(SECCOMP_RET_KILL_PROCESS),
		RETURN(SECCOMP_RET_ALLOW),
	};
	struct explain_cases cases;

	(void)state;
	explain_hand_made(code, ARRAY_SIZE(code), &cases, 0);
	assert_int_equal(cases.count, 2);
	for (size_t i = 0; i < cases.count; i++) {
		assert_int_equal(cases.items[i].result, SECCOMP_RET_ALLOW);
		assert_int_equal(cases.items[i].count, 1);
	}
	explain_cases_free(&cases);
}

/* ---- texts ---- */

static void results_and_conditions_are_readable(void **state)
{
	static const char *names[] = { "clone", "personality" };
	struct seccomp_arg_spec masked = { 0, 0x10000000, 0x10000000, "SCMP_CMP_MASKED_EQ" };
	struct seccomp_arg_spec equal = { 0, 8, 0, "SCMP_CMP_EQ" };
	struct syscall_spec entries[] = {
		{ .names = { names, 1, true }, .action = "SCMP_ACT_ERRNO", .args = { &masked, 1 } },
		{ .names = { names + 1, 1, true },
		  .action = "SCMP_ACT_KILL_PROCESS",
		  .args = { &equal, 1 } },
	};
	const struct seccomp_spec spec = { .present = true,
					   .default_action = "SCMP_ACT_ALLOW",
					   .syscalls = { entries, 2 } };
	static const struct {
		const char *name;
		const char *text;
	} expected[] = {
		{ "clone", "ERRNO(EPERM) if (arg0 & 0x10000000) == 0x10000000" },
		{ "personality", "KILL_PROCESS if arg0 == 0x8" },
	};
	struct seccomp_program program;
	const struct seccomp_stack stack = { &program, 1 };

	(void)state;
	assert_int_equal(seccomp_compile(&spec, &program, &err), 0);
	table_for_each (row, expected) {
		struct explain_cases cases;
		bool found = false;

		assert_int_equal(explain_call(&stack, call_native_arch(),
					      (uint32_t)call_number(call_native_arch(), row->name),
					      &cases, &err),
				 0);
		for (size_t i = 0; i < cases.count; i++) {
			struct buffer text = { 0 };

			explain_result(&text, cases.items[i].result);
			buffer_add(&text, " if ");
			explain_conditions(&text, &cases.items[i]);
			found |= strcmp(text.text, row->text) == 0;
			buffer_free(&text);
		}
		assert_true(found);
		explain_cases_free(&cases);
	}
	seccomp_program_free(&program);
}

static enum call_fate chmod_only(const char *name, void *data)
{
	(void)data;
	return strcmp(name, "chmod") == 0 || strcmp(name, "fchmod") == 0 ||
			       strcmp(name, "fchmodat") == 0
		       ? FATE_DENIED
	       : strcmp(name, "fchmodat2") == 0 ? FATE_OPEN
						: FATE_UNKNOWN;
}

static enum call_fate clone_by_flags(const char *name, void *data)
{
	(void)data;
	return strcmp(name, "clone") == 0 ? FATE_DEPENDS : FATE_OPEN;
}

static void holes_are_found(void **state)
{
	struct hole hole;

	(void)state;
	assert_true(hole_find(0, chmod_only, NULL, &hole));
	assert_string_equal(hole.id, "SEC03");
	assert_string_equal(hole.denied, "chmod");
	assert_string_equal(hole.open, "fchmodat2");
	assert_false(hole_find(1, chmod_only, NULL, &hole));
	assert_true(hole_find(0, clone_by_flags, NULL, &hole));
	assert_string_equal(hole.id, "SEC06");
	assert_false(hole_find(1, clone_by_flags, NULL, &hole));
}

static void newer_calls_have_names(void **state)
{
	struct buffer name = { 0 };

	(void)state;
	assert_int_equal(call_number(call_native_arch(), "fchmodat2"), 452);
	assert_true(call_name(call_native_arch(), 452, &name));
	assert_string_equal(name.text, "fchmodat2");
	assert_false(call_name(call_native_arch(), 100000, &name));
	buffer_free(&name);
	assert_int_equal(call_arch(call_arch_name(call_native_arch())), call_native_arch());
	assert_int_equal(call_arch("pdp11"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_has_exactly_one_case_and_it_is_the_evaluators),
		cmocka_unit_test(the_kernel_answers_what_is_foretold),
		cmocka_unit_test(scratch_memory_and_arithmetic_are_followed),
		cmocka_unit_test(what_is_not_understood_is_said),
		cmocka_unit_test(no_filter_allows),
		cmocka_unit_test(impossible_ways_are_not_told),
		cmocka_unit_test(results_and_conditions_are_readable),
		cmocka_unit_test(holes_are_found),
		cmocka_unit_test(newer_calls_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
