/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which member of a profile keeps a container from its program. syscalls: none
 */
#include "seccomp/suspect.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/string.h"
#include "base/table.h"

struct answer {
	const char *action;
	const struct opt_uint *errno_ret;
	char pointer[48]; /* of the member that says so */
};

static bool names(const struct syscall_spec *rule, const char *call)
{
	for (size_t i = 0; i < rule->names.count; i++)
		if (string_equal(rule->names.items[i], call))
			return true;
	return false;
}

/* False: it depends on arguments. */
static bool find_answer(const struct seccomp_spec *seccomp, const char *call, struct answer *answer)
{
	for (size_t i = 0; i < seccomp->syscalls.count; i++) {
		const struct syscall_spec *rule = &seccomp->syscalls.items[i];

		if (!names(rule, call))
			continue;
		answer->action = rule->action;
		answer->errno_ret = &rule->errno_ret;
		(void)snprintf(answer->pointer, sizeof(answer->pointer),
			       "/linux/seccomp/syscalls/%zu", i);
		return rule->args.count == 0;
	}
	answer->action = seccomp->default_action;
	answer->errno_ret = &seccomp->default_errno_ret;
	(void)snprintf(answer->pointer, sizeof(answer->pointer), "/linux/seccomp/defaultAction");
	return true;
}

static bool is_errno(const struct answer *answer)
{
	return string_equal(answer->action, "SCMP_ACT_ERRNO");
}

/* What leaves no message behind. */
static bool silences(const struct answer *answer)
{
	return is_errno(answer) || string_equal(answer->action, "SCMP_ACT_TRAP") ||
	       string_equal(answer->action, "SCMP_ACT_KILL") ||
	       string_equal(answer->action, "SCMP_ACT_KILL_THREAD") ||
	       string_equal(answer->action, "SCMP_ACT_KILL_PROCESS");
}

static void tell(const struct answer *answer, const char *call, struct error *err)
{
	const struct error plain = *err;

	(void)snprintf(err->text, sizeof(err->text),
		       "%.320s (the container's seccomp filter: %s has %s for %s)", plain.text,
		       answer->pointer, answer->action, call);
}

void seccomp_suspect(const struct seccomp_spec *seccomp, bool died, struct error *err)
{
	static const char *const calls[] = { "write", "execve" };
	struct answer answer;

	if (!seccomp->present)
		return;
	table_for_each (call, calls) {
		const bool last = call == &calls[1];

		if (!find_answer(seccomp, *call, &answer))
			continue;
		if (died ? silences(&answer) && !(last && is_errno(&answer))
			 : last && is_errno(&answer) &&
				    err->code == (answer.errno_ret->present
							  ? (int)answer.errno_ret->value
							  : EPERM)) {
			tell(&answer, *call, err);
			return;
		}
	}
}
