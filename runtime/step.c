/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The executor of the step tables.
 *
 * syscalls: none of its own
 */
#include "runtime/step.h"

#include "base/log.h"
#include "runtime/fault.h"

static int step_run(const struct step_table *table, size_t index, struct creation *creation,
		    struct error *err)
{
	const struct step *step = &table->steps[index];

	if (step->wanted && !step->wanted(creation))
		return 0;
	log_debug("%s %zu/%zu %s", table->actor, index + 1, table->count, step->name);
	if (fault_before(table->actor, step->name, err) < 0)
		return -1;
	if (step->run(creation, err) < 0)
		return -1;
	return fault_after(table->actor, step->name, err);
}

int steps_run(const struct step_table *table, struct creation *creation, struct error *err)
{
	for (size_t i = 0; i < table->count; i++)
		if (step_run(table, i, creation, err) < 0)
			return -1;
	return 0;
}
