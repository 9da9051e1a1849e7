/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.scheduler: which members go with which policy, and what every kernel refuses. Names of
 * policies and flags, and whether this kernel has them, are runtime/process/scheduling.c's.
 *
 * sched(7), sched_setattr(2). syscalls: none
 */
#include <inttypes.h>
#include <string.h>

#include "base/table.h"
#include "spec/validate.h"

#define PRIORITY_MAX 99	   /* sched(7) */
#define RUNTIME_MIN 1024   /* ns, sched(7): the kernel's 1 << DL_SCALE */
#define TIME_MAX INT64_MAX /* ns, sched_setattr(2): the highest bit must be 0 */

static bool is_real_time(const struct scheduler_spec *scheduler)
{
	return strcmp(scheduler->policy, "SCHED_FIFO") == 0 ||
	       strcmp(scheduler->policy, "SCHED_RR") == 0;
}

static int check_priority(const struct scheduler_spec *scheduler, const char *prefix,
			  struct error *err)
{
	const int64_t priority = scheduler->priority.value; /* 0 where absent */

	if (is_real_time(scheduler) && (priority < 1 || priority > PRIORITY_MAX))
		return error_set(err, "%s/scheduler/priority: %s needs one from 1 to %d", prefix,
				 scheduler->policy, PRIORITY_MAX);
	if (!is_real_time(scheduler) && priority != 0)
		return error_set(err,
				 "%s/scheduler/priority: can only be specified for the policies "
				 "SCHED_FIFO and SCHED_RR",
				 prefix);
	return 0;
}

static int check_no_times(const struct scheduler_spec *scheduler, const char *prefix,
			  struct report *report, struct error *err)
{
	const struct {
		const char *name;
		const struct opt_uint *value;
	} times[] = {
		{ "runtime", &scheduler->runtime },
		{ "deadline", &scheduler->deadline },
		{ "period", &scheduler->period },
	};

	table_for_each (time, times) {
		if (time->value->value == 0)
			continue;
		(void)error_set(err,
				"%s/scheduler/%s: can only be specified for the policy "
				"SCHED_DEADLINE",
				prefix, time->name);
		if (!report_tell(report, err))
			return -1;
	}
	return 0;
}

/* A period of 0 is the deadline. */
static int check_times(const struct scheduler_spec *scheduler, const char *prefix,
		       struct error *err)
{
	const uint64_t runtime = scheduler->runtime.value, deadline = scheduler->deadline.value;
	const uint64_t period = scheduler->period.value;

	if (runtime < RUNTIME_MIN)
		return error_set(err, "%s/scheduler/runtime: SCHED_DEADLINE needs at least %d ns",
				 prefix, RUNTIME_MIN);
	if (deadline < runtime || deadline > TIME_MAX)
		return error_set(err,
				 "%s/scheduler/deadline: %" PRIu64
				 " isn't from the runtime (%" PRIu64 ") to 2^63 - 1",
				 prefix, deadline, runtime);
	if (period != 0 && (period < deadline || period > TIME_MAX))
		return error_set(err,
				 "%s/scheduler/period: %" PRIu64
				 " isn't from the deadline (%" PRIu64 ") to 2^63 - 1",
				 prefix, period, deadline);
	return 0;
}

int validate_scheduler(const struct scheduler_spec *scheduler, const char *prefix,
		       struct report *report, struct error *err)
{
	if (!scheduler->present)
		return 0;
	if (check_priority(scheduler, prefix, err) < 0 && !report_tell(report, err))
		return -1;
	if (strcmp(scheduler->policy, "SCHED_DEADLINE") != 0)
		return check_no_times(scheduler, prefix, report, err);
	if (check_times(scheduler, prefix, err) < 0 && !report_tell(report, err))
		return -1;
	return 0;
}
