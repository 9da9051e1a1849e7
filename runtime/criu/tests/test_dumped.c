/* SPDX-License-Identifier: Apache-2.0 */
/* What a restore does about namespaces is what the dump did, or an error. */
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/table.h"
#include "runtime/criu/dumped.h"

enum network { OWN, JOINED, SHARED };

static struct error err;

static struct namespace_plan plan_with(enum network network)
{
	struct namespace_plan plan = { .create = CLONE_NEWPID };

	for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
		plan.fd[kind] = -1;
	if (network == OWN)
		plan.create |= CLONE_NEWNET;
	if (network == JOINED)
		plan.fd[NAMESPACE_NETWORK] = 0;
	return plan;
}

static void the_network_is_left_as_the_dump_left_it(void **state)
{
	enum { REFUSED = -1, KEPT, LEFT };
	static const struct {
		const char *dumped; /* NULL: another runtime's images */
		enum network network;
		bool hooks, option;
		int expected;
	} rows[] = {
		{ NULL, OWN, false, false, KEPT },
		{ NULL, OWN, true, false, LEFT },
		{ NULL, JOINED, true, false, KEPT },
		{ NULL, OWN, false, true, LEFT },
		{ "own", OWN, false, false, KEPT },
		{ "own", OWN, true, false, REFUSED },
		{ "own", OWN, true, true, LEFT },
		{ "own", JOINED, false, false, REFUSED },
		{ "own", SHARED, false, false, REFUSED },
		{ "empty", OWN, true, false, LEFT },
		{ "empty", OWN, false, false, LEFT },
		{ "empty", OWN, false, true, LEFT },
		{ "empty", JOINED, true, false, REFUSED },
		{ "joined", JOINED, true, false, KEPT },
		{ "joined", OWN, true, false, REFUSED },
		{ "joined", SHARED, false, false, REFUSED },
		{ "shared", SHARED, true, false, KEPT },
		{ "shared", OWN, false, false, REFUSED },
	};
	struct hook_spec hook = { .path = "/bin/true" };

	(void)state;
	table_for_each (row, rows) {
		const struct criu_dumped dumped = { row->dumped, row->dumped ? "own" : NULL };
		const struct namespace_plan plan = plan_with(row->network);
		struct criu_options options = CRIU_OPTIONS_INIT;
		struct container_spec spec = { 0 };
		int result;

		if (row->hooks)
			spec.hooks[HOOK_CREATE_RUNTIME] = (struct hook_list){ &hook, 1 };
		options.empty_ns = row->option ? CLONE_NEWNET : 0;
		result = criu_follow_dump(&dumped, &spec, &plan, &options, &err);
		if (result == 0)
			result = options.empty_ns ? LEFT : KEPT;
		if (result != row->expected)
			print_error("row %zu\n", (size_t)(row - rows));
		assert_int_equal(result, row->expected);
	}
}

static void what_does_not_fit_is_named(void **state)
{
	const struct criu_dumped dumped = { "own", "joined" };
	const struct namespace_plan plan = plan_with(OWN);
	struct criu_options options = CRIU_OPTIONS_INIT;
	const struct container_spec spec = { 0 };

	(void)state;
	assert_int_equal(criu_follow_dump(&dumped, &spec, &plan, &options, &err), -1);
	assert_string_equal(err.text,
			    "/linux/namespaces: the checkpoint is of a container with a "
			    "pid namespace that it had joined by path, and only with such a "
			    "one can it be restored");
}

static void what_is_written_is_read_back(void **state)
{
	char directory[] = "/tmp/minirun-dumped-XXXXXX";
	struct criu_images images = CRIU_IMAGES_INIT;
	struct namespace_plan plan = plan_with(OWN);
	struct criu_options options = CRIU_OPTIONS_INIT;
	struct arena arena = { 0 };
	struct criu_dumped dumped;
	autofd tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	assert_non_null(mkdtemp(directory));
	images.path = directory;
	images.dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(criu_read_dumped(&images, &dumped, &arena, &err), 0);
	assert_null(dumped.network);
	options.empty_ns = CLONE_NEWNET;
	assert_int_equal(criu_write_dumped(&images, &plan, &options, &err), 0);
	assert_int_equal(criu_read_dumped(&images, &dumped, &arena, &err), 0);
	assert_string_equal(dumped.network, "empty");
	assert_string_equal(dumped.pid, "own");
	plan = plan_with(JOINED);
	assert_int_equal(criu_write_dumped(&images, &plan, &options, &err), 0);
	assert_int_equal(criu_read_dumped(&images, &dumped, &arena, &err), 0);
	assert_string_equal(dumped.network, "joined");
	criu_images_close(&images);
	arena_free(&arena);
	assert_int_equal(file_remove_tree_at(tmp, strrchr(directory, '/') + 1, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_network_is_left_as_the_dump_left_it),
		cmocka_unit_test(what_does_not_fit_is_named),
		cmocka_unit_test(what_is_written_is_read_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
