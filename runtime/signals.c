/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signal dispositions and mask.
 *
 * syscalls: rt_sigaction, rt_sigprocmask
 */
#include "runtime/signals.h"

#include <signal.h>
#include <stddef.h>

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
