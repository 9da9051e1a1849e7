/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names of signals: signal(7). The names come from sigabbrev_np(3), which knows those that this
 * architecture has.
 *
 * syscalls: none
 */
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#include "base/string.h"
#include "base/table.h"
#include "runtime/commands/signal_name.h"

/* Second names, which sigabbrev_np(3) doesn't give. */
static const struct {
	const char *name;
	int signal;
} aliases[] = {
	{ "CLD", SIGCHLD }, { "IO", SIGIO },	  { "IOT", SIGABRT },
	{ "POLL", SIGIO },  { "UNUSED", SIGSYS },
};

/* "RTMIN", "RTMIN+n", "RTMAX", "RTMAX-n". */
static int real_time_signal(const char *name)
{
	bool minimum = strncasecmp(name, "RTMIN", 5) == 0;
	uint64_t distance = 0;

	if (!minimum && strncasecmp(name, "RTMAX", 5) != 0)
		return -1;
	if (name[5] && (name[5] != (minimum ? '+' : '-') ||
			!string_to_uint(name + 6, (uint64_t)(SIGRTMAX - SIGRTMIN), &distance)))
		return -1;
	return minimum ? SIGRTMIN + (int)distance : SIGRTMAX - (int)distance;
}

int signal_from_name(const char *text)
{
	const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
	uint64_t number;

	if (string_to_uint(text, (uint64_t)SIGRTMAX, &number))
		return (int)number;
	for (int signal = 1; signal < SIGRTMIN; signal++) {
		const char *known = sigabbrev_np(signal);

		if (known && strcasecmp(known, name) == 0)
			return signal;
	}
	table_for_each (alias, aliases) {
		if (strcasecmp(alias->name, name) == 0)
			return alias->signal;
	}
	return real_time_signal(name);
}
