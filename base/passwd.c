/* SPDX-License-Identifier: Apache-2.0 */
/*
 * passwd(5) as text.
 *
 * syscalls: none
 */
#include "base/passwd.h"

#include <stdio.h>
#include <string.h>

char *passwd_name(const char *passwd, uint32_t uid, struct arena *arena)
{
	char wanted[16];

	(void)snprintf(wanted, sizeof(wanted), ":%u:", (unsigned)uid);
	for (const char *line = passwd; line && *line;
	     line += strcspn(line, "\n"), line += *line != 0) {
		size_t length = strcspn(line, ":\n");
		const char *rest = line + length;

		if (length == 0 || *rest != ':')
			continue;
		rest += 1 + strcspn(rest + 1, ":\n");
		if (strncmp(rest, wanted, strlen(wanted)) == 0)
			return arena_format(arena, "%.*s", (int)length, line);
	}
	return NULL;
}
