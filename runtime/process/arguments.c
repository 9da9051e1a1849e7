/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether args and env are together more than execve(2) takes, "Limits on size of arguments and
 * environment". What one of them may have is a rule of spec/validate_process.c.
 *
 * syscalls: none
 */
#include <stdint.h>
#include <string.h>

#include "runtime/process/process.h"

#define TOTAL_MIN UINT64_C(131072)    /* ARG_MAX, whatever the stack's limit */
#define TOTAL_MAX (UINT64_C(6) << 20) /* three quarters of the usual stack */
#define STACK_PART 4		      /* of the limit of the stack */

static uint64_t total_limit(const struct process_spec *process, uint64_t stack)
{
	for (size_t i = 0; i < process->rlimits.count; i++)
		if (strcmp(process->rlimits.items[i].type, "RLIMIT_STACK") == 0)
			stack = process->rlimits.items[i].soft;
	stack /= STACK_PART;
	if (stack > TOTAL_MAX)
		return TOTAL_MAX;
	return stack > TOTAL_MIN ? stack : TOTAL_MIN;
}

int arguments_check(const struct process_spec *process, const char *const *env, uint64_t stack,
		    struct error *err)
{
	const uint64_t limit = total_limit(process, stack);
	uint64_t total = 0;

	for (size_t i = 0; i < process->args.count; i++)
		total += strlen(process->args.items[i]) + 1 + sizeof(char *);
	for (; *env; env++)
		total += strlen(*env) + 1 + sizeof(char *);
	if (total <= limit)
		return 0;
	return error_set(err,
			 "/process/args: start will fail: args and env have %ju bytes, and the "
			 "kernel takes %ju (a quarter of the stack's limit, 6 MiB at most)",
			 (uintmax_t)total, (uintmax_t)limit);
}
