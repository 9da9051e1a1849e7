/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts in three values.
 *
 * syscalls: none
 */
#include "runtime/inspect/fact.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct fact fact_known(const char *source)
{
	return (struct fact){ .state = FACT_KNOWN, .source = source };
}

struct fact fact_absent(const char *why)
{
	return (struct fact){ .state = FACT_ABSENT, .why = why };
}

struct fact fact_from_errno(int code, const char *source)
{
	struct fact fact = { .state = FACT_DENIED, .code = code, .source = source };

	switch (code) {
	case ENOENT:
		fact.source = NULL; /* there is no such file to be looked at */
		fact.state = FACT_ABSENT;
		break;
	case ESRCH:
	case EINVAL:
	case ENODEV:
	case EOPNOTSUPP:
		fact.state = FACT_ABSENT;
		break;
	case EACCES: /* ptrace(2), "Ptrace access mode checking": what most of /proc/PID asks for */
	case EPERM:
		fact.need = "CAP_SYS_PTRACE";
		break;
	default:
		break;
	}
	return fact;
}

const char *fact_errno_name(int code)
{
	static char number[16];
	const char *name = strerrorname_np(code);

	if (name)
		return name;
	(void)snprintf(number, sizeof(number), "%d", code);
	return number;
}
