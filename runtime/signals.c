/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signal dispositions and mask.
 *
 * syscalls: rt_sigaction, rt_sigprocmask
 */
#include "runtime/signals.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "base/table.h"

int signals_reset(struct error *err)
{
	struct sigaction standard = { .sa_handler = SIG_DFL };
	sigset_t none;

	/* SIGKILL, SIGSTOP and the two that glibc keeps for itself refuse: nothing to reset there
	 */
	for (int signal = 1; signal <= SIGRTMAX; signal++)
		(void)sigaction(signal, &standard, NULL);
	(void)sigemptyset(&none); /* fails only for an invalid pointer */
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0)
		return error_errno(err, "reset the signal mask");
	return 0;
}

/* 128 + n is what a shell makes of a process that a signal has ended */
static _Noreturn void end(int signal)
{
	_exit(128 + signal);
}

int signals_end_us(struct error *err)
{
	static const int ending[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM };
	const struct sigaction action = { .sa_handler = end };

	table_for_each (signal, ending) {
		if (sigaction(*signal, &action, NULL) < 0)
			return error_errno(err, "handle signal %d", *signal);
	}
	return 0;
}
