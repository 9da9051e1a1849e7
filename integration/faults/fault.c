/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The faults of minirun-faults, the program that tests break: the same objects as minirun, with
 *this file in the place of runtime/fault.c.
 *
 *	MINIRUN_FAULT=list                       prints every place, "actor:step", and ends
 *	MINIRUN_FAULT=actor:step:before:ACTION   what happens before the step
 *	MINIRUN_FAULT=actor:step:after:ACTION    or after it
 *
 * ACTION: fail (the step reports an error), exit (the process ends without a word), kill (SIGKILL
 *to itself), hang (says "hanging" on standard error and waits for ever).
 */
#include "runtime/fault.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runtime/step.h"

static char wanted[256];
static const char *action = "";

static void list_table(const struct step_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		(void)printf("%s:%s\n", table->actor, table->steps[i].name);
}

/* Before main, which clears the environment. */
__attribute__((constructor)) static void read_environment(void)
{
	const char *text = getenv("MINIRUN_FAULT");
	char *colon;

	if (!text)
		return;
	if (strcmp(text, "list") == 0) {
		list_table(&parent_table);
		list_table(&init_table);
		exit(fflush(stdout) == 0 ? 0 : 1);
	}
	(void)snprintf(wanted, sizeof(wanted), "%s", text);
	colon = strrchr(wanted, ':');
	if (!colon) {
		(void)fprintf(stderr, "MINIRUN_FAULT: expected actor:step:before|after:action\n");
		exit(99);
	}
	*colon = '\0';
	action = colon + 1;
}

static int fault(const char *actor, const char *step, const char *when, struct error *err)
{
	char place[sizeof(wanted)];

	(void)snprintf(place, sizeof(place), "%s:%s:%s", actor, step, when);
	if (strcmp(place, wanted) != 0)
		return 0;
	if (strcmp(action, "fail") == 0)
		return error_set(err, "injected fault %s", place);
	if (strcmp(action, "exit") == 0)
		_exit(77);
	if (strcmp(action, "kill") == 0) {
		(void)raise(SIGKILL);
		__builtin_trap(); /* the init of a pid namespace can't kill itself by a signal */
	}
	if (write(STDERR_FILENO, "hanging\n", 8) < 0) /* nobody watches: nothing to wait for */
		_exit(78);
	for (;;)
		(void)pause();
}

int fault_before(const char *actor, const char *step, struct error *err)
{
	return fault(actor, step, "before", err);
}

int fault_after(const char *actor, const char *step, struct error *err)
{
	return fault(actor, step, "after", err);
}
