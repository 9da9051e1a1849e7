/* SPDX-License-Identifier: Apache-2.0 */
/* No faults: what ships. */
#include "runtime/fault.h"

int fault_before(const char *actor, const char *step, struct error *err)
{
	(void)actor;
	(void)step;
	(void)err;
	return 0;
}

int fault_after(const char *actor, const char *step, struct error *err)
{
	(void)actor;
	(void)step;
	(void)err;
	return 0;
}
