/* SPDX-License-Identifier: Apache-2.0 */
/* What explain says, for plans that are made here: the order of time, quoting, no stale names. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "cgroups/convert.h"
#include "runtime/commands/explain_plan.h"

static void each_description_belongs_to_a_row(void **state)
{
	const struct step_table *table = NULL;
	const char *name;

	(void)state;
	for (size_t n = 0; (name = explain_described(n, &table)) != NULL; n++) {
		bool found = false;

		for (size_t i = 0; i < table->count; i++)
			found |= strcmp(table->steps[i].name, name) == 0;
		if (!found)
			fail_msg("%s has no row %s any more", table->actor, name);
	}
}

static size_t place(const struct timeline_row *rows, size_t count, const char *wanted)
{
	for (size_t i = 0; i < count; i++) {
		char id[64];

		step_id(&rows[i], id, sizeof(id));
		if (strcmp(id, wanted) == 0)
			return i;
	}
	fail_msg("no row %s", wanted);
	return 0;
}

static void rows_come_in_the_order_of_time(void **state)
{
	struct hook_spec hook = { .path = "/bin/true" };
	static const struct settings settings;
	static struct cgroup_writes none;
	static const struct create_options options;
	struct creation creation = {
		.settings = &settings,
		.options = &options,
		.cgroup = 7,
		.cgroup_plan = { .place.path = "/cgroup", .limits = &none },
		.namespaces.create = 0,
	};
	struct timeline_row rows[TIMELINE_MAX];
	size_t count;

	(void)state;
	creation.spec.hooks[HOOK_CREATE_RUNTIME] = (struct hook_list){ &hook, 1 };
	creation.spec.process.present = true;
	creation.rootfs.namespaces = &creation.namespaces;
	creation.rootfs.spec = &creation.spec;
	creation.cgroup_plan.spec = &creation.spec;
	count = steps_timeline(&creation, rows);
	assert_true(place(rows, count, "parent.clone") < place(rows, count, "init.lifeline"));
	assert_true(place(rows, count, "init.devices") < place(rows, count, "init.runtime-hooks"));
	assert_true(place(rows, count, "init.runtime-hooks") <
		    place(rows, count, "parent.runtime-hooks"));
	assert_true(place(rows, count, "parent.runtime-hooks") < place(rows, count, "init.pivot"));
	assert_true(place(rows, count, "init.created") <
		    place(rows, count, "parent.await-created"));
	assert_true(place(rows, count, "parent.committed") < place(rows, count, "init.user"));
	assert_int_equal(place(rows, count, "init.exec"), count - 1);
	assert_true(rows[count - 1].start);
	assert_false(rows[0].start);
}

static void each_row_that_waits_names_one_of_init(void **state)
{
	(void)state;
	for (size_t i = 0; i < parent_table.count; i++) {
		const char *after = parent_table.steps[i].after;
		bool found = !after;

		for (size_t j = 0; after && j < init_table.count; j++)
			found |= strcmp(init_table.steps[j].name, after) == 0;
		assert_true(found);
	}
}

static void words_are_quoted_for_the_shell(void **state)
{
	struct arena arena = { 0 };

	(void)state;
	assert_string_equal(shell_quote(&arena, "/proc/sys"), "/proc/sys");
	assert_string_equal(shell_quote(&arena, ""), "''");
	assert_string_equal(shell_quote(&arena, "a b"), "'a b'");
	assert_string_equal(shell_quote(&arena, "it's"), "'it'\\''s'");
	assert_string_equal(shell_quote(&arena, "$(reboot)"), "'$(reboot)'");
	assert_string_equal(shell_quote(&arena, "a\nb"), "'a\nb'");
	assert_string_equal(shell_quote(&arena, "~"), "'~'");
	assert_string_equal(shell_quote(&arena, "a\033[2J"), "'a'\"$(printf '\\033')\"'[2J'");
	assert_string_equal(shell_quote(&arena, "\xc2\x9b"), "''\"$(printf '\\302\\233')\"''");
	assert_string_equal(shell_quote(&arena, "\xc3\xa9"), "'\xc3\xa9'");
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_description_belongs_to_a_row),
		cmocka_unit_test(rows_come_in_the_order_of_time),
		cmocka_unit_test(each_row_that_waits_names_one_of_init),
		cmocka_unit_test(words_are_quoted_for_the_shell),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
