/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sizes on the command line.
 *
 * syscalls: none
 */
#include "runtime/commands/size.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/string.h"

bool size_parse(const char *text, int64_t *bytes)
{
	static const char units[] = "kmgtp";
	size_t digits = strspn(text, "0123456789");
	char number[24];
	const char *unit = text + digits, *found;
	uint64_t value;
	int shift = 0;

	if (strcmp(text, "-1") == 0) {
		*bytes = -1;
		return true;
	}
	if (digits >= sizeof(number))
		return false;
	(void)snprintf(number, sizeof(number), "%.*s", (int)digits, text);
	if (!string_to_uint(number, INT64_MAX, &value))
		return false;
	found = *unit ? strchr(units, *unit | 0x20) : NULL;
	if (found) {
		shift = 10 * (int)(found - units + 1);
		unit++;
		if (strcasecmp(unit, "ib") == 0)
			unit++;
	}
	if (*unit && strcasecmp(unit, "b") != 0)
		return false;
	if (value > (uint64_t)INT64_MAX >> shift)
		return false;
	*bytes = (int64_t)(value << shift);
	return true;
}
