/* SPDX-License-Identifier: Apache-2.0 */
/* runtime/commands/signal_name.c */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/table.h"
#include "runtime/commands/signal_name.h"

static void names_numbers_and_real_time_signals_are_known(void **state)
{
	const struct {
		const char *text;
		int signal;
	} known[] = {
		{ "9", SIGKILL },
		{ "KILL", SIGKILL },
		{ "SIGKILL", SIGKILL },
		{ "sigkill", SIGKILL },
		{ "Term", SIGTERM },
		{ "SIGIO", SIGIO },
		{ "POLL", SIGPOLL },
		{ "CLD", SIGCHLD },
		{ "iot", SIGABRT },
		{ "64", SIGRTMAX },
		{ "RTMIN", SIGRTMIN },
		{ "SIGRTMIN+3", SIGRTMIN + 3 },
		{ "rtmax-1", SIGRTMAX - 1 },
		{ "STKFLT", SIGSTKFLT },
		{ "SIGRTMIN+30", SIGRTMAX },
		{ "37", 37 },
		{ "0", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		assert_int_equal(signal_from_name(known[i].text), known[i].signal);
}

static void everything_else_is_no_signal(void **state)
{
	static const char *const unknown[] = {
		"",	      "-0",	"-9",	   "+9",      "65",	  "SIG",    "BOGUS",
		"SIGSIGKILL", "KILL ",	"RTMIN-1", "RTMAX+1", "RTMIN+31", "RTMIN+", "SIG9",
		"9x",	      "RTMAX1", "1000000", "SIGRT",   "RTMIN+-1",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		assert_int_equal(signal_from_name(unknown[i]), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_numbers_and_real_time_signals_are_known),
		cmocka_unit_test(everything_else_is_no_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
