/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.personality: which system the process takes this one for, personality(2). Kept over fork(2)
 * and, but for what an executable's own kind demands, over execve(2).
 *
 * syscalls: personality
 */
#include <string.h>
#include <sys/personality.h>

#include "runtime/process/process.h"

int personality_apply(const struct personality_spec *spec, struct error *err)
{
	/* the two that spec/fields_linux.c lets through */
	if (!spec->domain)
		return 0;
	if (personality(strcmp(spec->domain, "LINUX32") == 0 ? PER_LINUX32 : PER_LINUX) < 0)
		return error_errno(err, "/linux/personality/domain: %s", spec->domain);
	return 0;
}
