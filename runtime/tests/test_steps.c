/* SPDX-License-Identifier: Apache-2.0 */
/* The step tables as facts: what explain, trace and the fault tests rely on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "runtime/step.h"

static const struct step_table *const tables[] = { &parent_table, &init_table };

static size_t index_of(const struct step_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (strcmp(table->steps[i].name, name) == 0)
			return i;
	fail_msg("%s has no step %s", table->actor, name);
	return 0;
}

static void every_row_says_what_it_calls_and_why_it_stands_there(void **state)
{
	(void)state;
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (size_t i = 0; i < tables[t]->count; i++) {
			const struct step *step = &tables[t]->steps[i];

			assert_non_null(step->name);
			assert_non_null(step->calls);
			assert_non_null(step->why);
			assert_non_null(step->run);
			if (step->pointer)
				assert_int_equal(step->pointer[0], '/');
		}
}

static void names_are_unique_within_a_table(void **state)
{
	(void)state;
	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (size_t i = 0; i < tables[t]->count; i++)
			assert_int_equal(index_of(tables[t], tables[t]->steps[i].name), i);
}

static void before(const struct step_table *table, const char *first, const char *second)
{
	if (index_of(table, first) >= index_of(table, second))
		fail_msg("%s: %s must come before %s", table->actor, first, second);
}

static void the_journal_comes_before_everything_that_it_names(void **state)
{
	(void)state;
	before(&parent_table, "journal", "cgroup");
	before(&parent_table, "journal", "start socket");
	before(&parent_table, "journal", "clone");
	before(&parent_table, "commit", "committed");
	before(&parent_table, "device filter", "clone");
	before(&parent_table, "device filter", "runtime hooks");
}

static void the_order_of_init_is_the_security_argument(void **state)
{
	(void)state;
	before(&init_table, "time offsets", "become root");
	before(&init_table, "become root", "out of reach");
	before(&init_table, "out of reach", "isolate mounts");
	before(&init_table, "isolate mounts", "mounts");
	before(&init_table, "mounts", "devices");
	before(&init_table, "runtime hooks", "createContainer hooks");
	before(&init_table, "createContainer hooks", "pivot");
	before(&init_table, "sysctl", "read-only paths");
	before(&init_table, "label file", "pivot");
	before(&init_table, "masked paths", "pivot");
	before(&init_table, "working directory, read-only root", "seal");
	before(&init_table, "seal", "pivot");
	before(&init_table, "pivot", "executable");
	before(&init_table, "descriptors", "enter pid namespace");
	before(&init_table, "descriptors", "filter, joined pid namespace");
	before(&init_table, "user, joined pid namespace", "enter pid namespace");
	before(&init_table, "verify user, joined pid namespace", "enter pid namespace");
	before(&init_table, "descriptors", "created");
	before(&init_table, "created", "limits");
	before(&init_table, "user", "filter without no_new_privs");
	before(&init_table, "home", "filter without no_new_privs");
	before(&init_table, "verify user", "filter without no_new_privs");
	before(&init_table, "user", "home");
	before(&init_table, "verify user", "filter");
	before(&init_table, "filter", "startContainer hooks");
	before(&init_table, "startContainer hooks", "exec");
}

/* Nobody outside may notice a rehearsal. */
static void a_rehearsal_passes_over_what_others_would_notice(void **state)
{
	static const char *const of_parent[] = { "state directory", "journal",	     "config copy",
						 "start socket",    "cgroup",	     "limits",
						 "device filter",   "identity",	     "resctrl",
						 "network devices", "runtime hooks", "pid file",
						 "commit" };
	static const char *const of_init[] = { "keyring",	   "hostname",
					       "runtime hooks",	   "createContainer hooks",
					       "standard streams", "enter pid namespace",
					       "created",	   "exec" };

	(void)state;
	table_for_each (name, of_parent)
		assert_null(parent_table.steps[index_of(&parent_table, *name)].rehearse);
	table_for_each (name, of_init)
		assert_null(init_table.steps[index_of(&init_table, *name)].rehearse);
	assert_non_null(init_table.steps[index_of(&init_table, "mounts")].rehearse);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_row_says_what_it_calls_and_why_it_stands_there),
		cmocka_unit_test(names_are_unique_within_a_table),
		cmocka_unit_test(the_journal_comes_before_everything_that_it_names),
		cmocka_unit_test(the_order_of_init_is_the_security_argument),
		cmocka_unit_test(a_rehearsal_passes_over_what_others_would_notice),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
