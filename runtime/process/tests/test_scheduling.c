/* SPDX-License-Identifier: Apache-2.0 */
/* process.scheduler, ioPriority, execCPUAffinity, linux.memoryPolicy: what is refused, and where.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "runtime/process/process.h"

static void check(const struct process_spec *process, const char *expected)
{
	struct error err = { 0 };
	int result = scheduling_check(process, NULL, &err);

	assert_int_equal(result, expected ? -1 : 0);
	if (expected && strncmp(err.text, expected, strlen(expected)) != 0)
		fail_msg("\"%s\" instead of \"%s\"", err.text, expected);
}

static struct process_spec scheduled(const char *policy)
{
	return (struct process_spec){ .scheduler = { .present = true, .policy = policy } };
}

static void each_policy_and_flag_of_the_specification_is_known(void **state)
{
	static const char *const policies[] = { "SCHED_OTHER", "SCHED_FIFO", "SCHED_RR",
						"SCHED_BATCH", "SCHED_IDLE", "SCHED_DEADLINE" };
	static const char *flags[] = {
		"SCHED_FLAG_RESET_ON_FORK",  "SCHED_FLAG_RECLAIM",     "SCHED_FLAG_DL_OVERRUN",
		"SCHED_FLAG_KEEP_POLICY",    "SCHED_FLAG_KEEP_PARAMS", "SCHED_FLAG_UTIL_CLAMP_MIN",
		"SCHED_FLAG_UTIL_CLAMP_MAX",
	};

	(void)state;
	table_for_each (policy, policies) {
		struct process_spec process = scheduled(*policy);

		process.scheduler.flags = (struct string_list){ flags, ARRAY_SIZE(flags), true };
		check(&process, NULL);
	}
}

static void a_policy_must_be_known(void **state)
{
	struct process_spec process = scheduled("SCHED_ISO");

	(void)state;
	check(&process, "/process/scheduler/policy: SCHED_ISO");
	process.scheduler.policy = "SCHED_NORMAL";
	check(&process, "/process/scheduler/policy: unknown policy \"SCHED_NORMAL\"");
}

static void io_classes_take_a_level_but_for_idle(void **state)
{
	struct process_spec process = { .io_priority = { .present = true,
							 .class = "IOPRIO_CLASS_RT" } };

	(void)state;
	check(&process, "/process/ioPriority/priority: is required");
	process.io_priority.class = "IOPRIO_CLASS_IDLE";
	check(&process, NULL);
	process.io_priority.class = "IOPRIO_CLASS_BE";
	process.io_priority.priority = (struct opt_int){ true, 0 };
	check(&process, NULL);
	process.io_priority.class = "IOPRIO_CLASS_NONE";
	check(&process, "/process/ioPriority/class: unknown class \"IOPRIO_CLASS_NONE\"");
}

static void affinity_is_two_lists(void **state)
{
	struct process_spec process = { .exec_cpu_affinity = { true, "0-8191", "1,2" } };

	(void)state;
	check(&process, NULL);
	process.exec_cpu_affinity.final = "8192";
	check(&process, "/process/execCPUAffinity/final: \"8192\": not a list");
	process.exec_cpu_affinity.initial = "x";
	check(&process, "/process/execCPUAffinity/initial: \"x\": not a list");
}

static void only_batch_and_other_differ_without_rights(void **state)
{
	struct process_spec process = scheduled("SCHED_FIFO");
	struct error err;

	(void)state;
	/* no kernel takes 0: refused for that, or for want of rights */
	assert_int_equal(scheduling_apply(&process, NULL, 0, &err), -1);
	assert_non_null(strstr(err.text, "/process/scheduler: set SCHED_FIFO"));
	process = scheduled("SCHED_BATCH");
	process.io_priority = (struct io_priority_spec){ true, "IOPRIO_CLASS_BE", { true, 7 } };
	assert_int_equal(scheduling_apply(&process, NULL, 0, &err), 0);
}

static void check_memory(const struct memory_policy_spec *policy, const char *expected)
{
	struct error err = { 0 };
	int result = memory_policy_check(policy, &err);

	assert_int_equal(result, expected ? -1 : 0);
	if (expected && !strstr(err.text, expected))
		fail_msg("\"%s\" instead of \"%s\"", err.text, expected);
}

static void memory_policies_take_the_nodes_that_they_need(void **state)
{
	static const struct {
		const char *mode, *nodes, *expected;
	} cases[] = {
		{ "MPOL_DEFAULT", NULL, NULL },
		{ "MPOL_DEFAULT", "0,2",
		  "/nodes: MPOL_DEFAULT: memory policy mode requires 0 nodes but got 2" },
		{ "MPOL_LOCAL", "0", "requires 0 nodes but got 1" },
		{ "MPOL_BIND", NULL, "requires at least one node" },
		{ "MPOL_BIND", "1023", NULL },
		{ "MPOL_BIND", "1024", "invalid memory policy node" },
		{ "MPOL_PREFERRED", NULL, NULL },
		{ "MPOL_PREFERRED_MANY", "0", NULL },
		{ "MPOL_INTERLEAVE", "0-1", NULL },
		{ "MPOL_WEIGHTED_INTERLEAVE", "0-1", NULL },
		{ "MPOL_MAX", NULL, "/mode: invalid memory policy mode \"MPOL_MAX\"" },
	};
	static const char *flags[] = { "MPOL_F_STATIC_NODES", "MPOL_F_STATIC" };
	struct memory_policy_spec policy = { 0 };

	(void)state;
	check_memory(&policy, NULL);
	table_for_each (row, cases) {
		policy = (struct memory_policy_spec){ true, row->mode, row->nodes, { 0 } };
		check_memory(&policy, row->expected);
	}
	policy = (struct memory_policy_spec){ true, "MPOL_BIND", "0", { flags, 1, true } };
	check_memory(&policy, NULL);
	policy.flags.count = 2;
	check_memory(&policy, "/flags/1: invalid memory policy flag \"MPOL_F_STATIC\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_policy_and_flag_of_the_specification_is_known),
		cmocka_unit_test(a_policy_must_be_known),
		cmocka_unit_test(io_classes_take_a_level_but_for_idle),
		cmocka_unit_test(affinity_is_two_lists),
		cmocka_unit_test(only_batch_and_other_differ_without_rights),
		cmocka_unit_test(memory_policies_take_the_nodes_that_they_need),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
