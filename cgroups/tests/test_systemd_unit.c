/* SPDX-License-Identifier: Apache-2.0 */
/* cgroupsPath as systemd's manager reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "cgroups/systemd_unit.h"

static struct arena arena;
static struct error err;

static int release(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void forms(void **state)
{
	static const struct {
		const char *cgroups_path, *name, *slice, *path;
		bool user, is_slice;
	} cases[] = {
		{ NULL, "minirun-c1.scope", "system.slice", "/system.slice/minirun-c1.scope", false,
		  false },
		{ NULL, "minirun-c1.scope", "user.slice", "/user.slice/minirun-c1.scope", true,
		  false },
		{ "machine.slice:libpod:4711", "libpod-4711.scope", "machine.slice",
		  "/machine.slice/libpod-4711.scope", false, false },
		{ "machine-libpod_pod_1.slice:libpod:4711", "libpod-4711.scope",
		  "machine-libpod_pod_1.slice",
		  "/machine.slice/machine-libpod_pod_1.slice/libpod-4711.scope", false, false },
		{ "a-b-c.slice:p:n", "p-n.scope", "a-b-c.slice",
		  "/a.slice/a-b.slice/a-b-c.slice/p-n.scope", false, false },
		{ ":docker:x", "docker-x.scope", "system.slice", "/system.slice/docker-x.scope",
		  false, false },
		{ ":libpod:x", "libpod-x.scope", "user.slice", "/user.slice/libpod-x.scope", true,
		  false },
		{ "system.slice::name", "name.scope", "system.slice", "/system.slice/name.scope",
		  false, false },
		{ "-.slice:p:n", "p-n.scope", "-.slice", "/p-n.scope", false, false },
		{ "machine.slice:p:machine-pod.slice", "machine-pod.slice", "machine.slice",
		  "/machine.slice/machine-pod.slice", false, true },
		{ "::pod.slice", "pod.slice", "system.slice", "/pod.slice", false, true },
		/* what systemd doesn't let look like a file of the kernel's */
		{ "cpu-a.slice::memory", "memory.scope", "cpu-a.slice",
		  "/_cpu.slice/cpu-a.slice/_memory.scope", false, false },
		{ "a.slice::..", "...scope", "a.slice", "/a.slice/_...scope", false, false },
		{ "a.slice::.x", ".x.scope", "a.slice", "/a.slice/_.x.scope", false, false },
		{ "_a.slice:_:x", "_-x.scope", "_a.slice", "/__a.slice/__-x.scope", false, false },
		{ "::pids.slice", "pids.slice", "system.slice", "/_pids.slice", false, true },
		{ "a.slice:cgroup.x:y", "cgroup.x-y.scope", "a.slice", "/a.slice/_cgroup.x-y.scope",
		  false, false },
		{ "a.slice::bpf-devices", "bpf-devices.scope", "a.slice",
		  "/a.slice/_bpf-devices.scope", false, false },
		{ "a.slice:memory:x", "memory-x.scope", "a.slice", "/a.slice/memory-x.scope", false,
		  false },
	};

	(void)state;
	table_for_each (row, cases) {
		struct systemd_unit unit;

		if (systemd_unit_plan(&unit, row->cgroups_path, "c1", row->user, &arena, &err) < 0)
			fail_msg("%s: %s", row->cgroups_path, err.text);
		assert_string_equal(unit.name, row->name);
		assert_string_equal(unit.slice, row->slice);
		assert_string_equal(unit.path, row->path);
		assert_int_equal(unit.is_slice, row->is_slice);
	}
}

static void an_id_that_looks_like_a_slice(void **state)
{
	struct systemd_unit unit;

	(void)state;
	assert_int_equal(systemd_unit_plan(&unit, NULL, "x.slice", false, &arena, &err), 0);
	assert_string_equal(unit.name, "minirun-x.slice.scope");
	assert_false(unit.is_slice);
}

static void wrong_forms(void **state)
{
	static const struct {
		const char *cgroups_path, *why;
	} cases[] = {
		{ "/a/b", "expected cgroupsPath to be of format \"slice:prefix:name\" for systemd "
			  "cgroups, got \"/a/b\" instead" },
		{ "a", "of format" },
		{ "a.slice:b", "of format" },
		{ "a.slice:b:c:d", "of format" },
		{ "a.slice:b:", "of format" },
		{ "a:b:c", "invalid slice name: a" },
		{ "a--b.slice:b:c", "invalid slice name: a--b.slice" },
		{ "-a.slice:b:c", "invalid slice name: -a.slice" },
		{ "a-.slice:b:c", "invalid slice name: a-.slice" },
		{ ".slice:b:c", "invalid slice name: .slice" },
		{ "../x.slice:b:c", "a unit's name has no \"/\"" },
		{ "a.slice:../b:c", "a unit's name has no \"/\"" },
		{ "a.slice::memory.x", "begins with a controller's" },
		{ "io.x.slice:b:c", "begins with a controller's" },
		{ "a.slice:b:c@d", "an instance of a template" },
		{ "a@b.slice:b:c", "an instance of a template" },
		{ "a.slice:b:c d", "a unit's name has no \" \"" },
		{ "a.slice:b:c\nd", "a unit's name has no" },
		{ "::-.slice", "names the root of the hierarchy" },
		{ "::a--b.slice", "invalid slice name" },
	};
	struct systemd_unit unit;

	(void)state;
	table_for_each (row, cases) {
		if (systemd_unit_plan(&unit, row->cgroups_path, "c1", false, &arena, &err) == 0)
			fail_msg("accepted: %s", row->cgroups_path);
		if (!strstr(err.text, row->why))
			fail_msg("%s: \"%s\" instead of \"%s\"", row->cgroups_path, err.text,
				 row->why);
	}
}

static void a_name_may_have_255_bytes(void **state)
{
	struct systemd_unit unit;
	char path[300];

	(void)state;
	(void)snprintf(path, sizeof(path), "::%0249d", 0);
	assert_int_equal(systemd_unit_plan(&unit, path, "c1", false, &arena, &err), 0);
	(void)snprintf(path, sizeof(path), "::%0250d", 0);
	assert_int_equal(systemd_unit_plan(&unit, path, "c1", false, &arena, &err), -1);
	assert_non_null(strstr(err.text, "is longer than 255"));
}

static void answers_that_are_no_cgroup(void **state)
{
	static const char *const good[] = { "", "/", "/init.scope",
					    "/user.slice/user-1000.slice/a b" };
	static const char *const bad[] = { "init.scope", "/..", "/../../etc", "/a/../b",
					   "/a/",	 "//a", "/a\nb",      "/a/." };

	(void)state;
	table_for_each (answer, good)
		if (!systemd_is_cgroup(*answer))
			fail_msg("refused: %s", *answer);
	table_for_each (answer, bad)
		if (systemd_is_cgroup(*answer))
			fail_msg("taken: %s", *answer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(forms, release),
		cmocka_unit_test_teardown(an_id_that_looks_like_a_slice, release),
		cmocka_unit_test_teardown(wrong_forms, release),
		cmocka_unit_test_teardown(a_name_may_have_255_bytes, release),
		cmocka_unit_test(answers_that_are_no_cgroup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
