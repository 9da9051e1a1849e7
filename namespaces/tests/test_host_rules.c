/* SPDX-License-Identifier: Apache-2.0 */
/* namespaces/host_rules.h: what a rule looks at it tells first, one path at a time */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "namespaces/host_rules.h"
#include "namespaces/namespace.h"

struct told {
	char looks[4][REPORT_PLACE_SIZE];
	char finding[sizeof(((struct error *)0)->text)];
	size_t look_count, finding_count;
	const char *held; /* passed over */
};

static bool look(void *data, const char *pointer)
{
	struct told *told = data;

	if (told->held && strcmp(told->held, pointer) == 0)
		return false;
	assert_true(told->look_count < ARRAY_SIZE(told->looks));
	(void)snprintf(told->looks[told->look_count++], REPORT_PLACE_SIZE, "%s", pointer);
	return true;
}

static void find(void *data, bool error, const char *text)
{
	struct told *told = data;

	assert_true(error);
	told->finding_count++;
	(void)snprintf(told->finding, sizeof(told->finding), "%s", text);
}

static void ask(const char *id, const struct container_spec *spec, struct told *told)
{
	struct arena arena = { 0 };
	struct namespace_plan namespaces = { 0 };
	const struct host host = {
		.spec = spec, .bundle = "/", .namespaces = &namespaces, .arena = &arena
	};
	struct report report = { .say = find, .data = told, .may_look = look };
	struct error err;

	for (size_t i = 0; i < namespaces_host_rules.count; i++)
		if (strcmp(namespaces_host_rules.rows[i].id, id) == 0)
			assert_int_equal(namespaces_host_rules.rows[i].check(&host, &report, &err),
					 0);
	arena_free(&arena);
}

/* Three that are slow together are none that hangs. */
static void each_layer_of_an_overlay_is_told(void **state)
{
	const char *options[] = { "lowerdir=/:/no/such/layer:/usr", "upperdir=/tmp" };
	struct mount_spec mount = { .destination = "/x",
				    .type = "overlay",
				    .options = { options, 2, true } };
	const struct container_spec spec = { .root.path = "/rootfs", .mounts = { &mount, 1 } };
	struct told told = { 0 };

	(void)state;
	ask("HOST-overlay", &spec, &told);
	assert_int_equal(told.look_count, 3); /* the missing one ends its list */
	assert_string_equal(told.looks[0], "/mounts/0/options/0: lowerdir /");
	assert_string_equal(told.looks[1], "/mounts/0/options/0: lowerdir /no/such/layer");
	assert_string_equal(told.looks[2], "/mounts/0/options/1: upperdir /tmp");
	assert_int_equal(told.finding_count, 1);
	assert_non_null(strstr(told.finding, "/mounts/0/options/0: lowerdir /no/such/layer"));
	told = (struct told){ .held = "/mounts/0/options/0: lowerdir /no/such/layer" };
	ask("HOST-overlay", &spec, &told);
	assert_int_equal(told.look_count, 3);
	assert_string_equal(told.looks[1], "/mounts/0/options/0: lowerdir /usr");
	assert_int_equal(told.finding_count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_layer_of_an_overlay_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
