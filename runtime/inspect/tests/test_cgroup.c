/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a process is, on the three kinds of host.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "runtime/inspect/cgroup.h"
#include "runtime/inspect/cgroup_cells.h"
#include "runtime/inspect/engine.h"

static const char hybrid_mounts[] =
	"30 25 0:26 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
	"31 30 0:27 / /sys/fs/cgroup/unified rw shared:9 - cgroup2 cgroup2 rw\n"
	"32 30 0:28 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n"
	"33 30 0:29 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n"
	"34 30 0:30 / /sys/fs/cgroup/blkio rw - cgroup cgroup rw,blkio\n";

static void test_hybrid(void **state)
{
	struct cgroup_where where[CONTROLLER_COUNT];
	struct arena arena = { 0 };

	(void)state;
	cgroup_where(where, "5:memory:/a/b\n4:cpu,cpuacct:/\n3:blkio:/c\n0::/u:v\n", hybrid_mounts,
		     "hugetlb", &arena);
	assert_string_equal(where[CONTROLLER_MEMORY].path, "/sys/fs/cgroup/memory/a/b");
	assert_string_equal(where[CONTROLLER_MEMORY].relative, "/a/b");
	assert_string_equal(where[CONTROLLER_CPU].path, "/sys/fs/cgroup/cpu,cpuacct");
	assert_string_equal(where[CONTROLLER_CPU].relative, "/");
	assert_string_equal(where[CONTROLLER_IO].path, "/sys/fs/cgroup/blkio/c");
	assert_string_equal(where[CONTROLLER_UNIFIED].path, "/sys/fs/cgroup/unified/u:v");
	assert_int_equal(where[CONTROLLER_HUGETLB].version, 2);
	assert_int_equal(where[CONTROLLER_PIDS].version, 0);
	assert_null(where[CONTROLLER_PIDS].path);
	assert_string_equal(cgroup_mode(where), "hybrid");
	arena_free(&arena);
}

static void test_unified(void **state)
{
	static const char mounts[] = "30 25 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n";
	struct cgroup_where where[CONTROLLER_COUNT];
	struct arena arena = { 0 };

	(void)state;
	cgroup_where(where, "0::/a\n", mounts, "cpu io memory pids", &arena);
	assert_string_equal(where[CONTROLLER_MEMORY].path, "/sys/fs/cgroup/a");
	assert_int_equal(where[CONTROLLER_DEVICES].version, 0);
	assert_string_equal(cgroup_mode(where), "v2");
	arena_free(&arena);
}

static void test_covered(void **state)
{
	autobuffer mounts = { 0 };
	struct cgroup_where where[CONTROLLER_COUNT];
	struct arena arena = { 0 };

	(void)state;
	buffer_format(&mounts, "%s40 30 0:40 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
		      hybrid_mounts);
	cgroup_where(where, "5:memory:/a/b\n0::/c\n", mounts.text, "pids", &arena);
	assert_null(where[CONTROLLER_MEMORY].path);
	assert_string_equal(where[CONTROLLER_PIDS].path, "/sys/fs/cgroup/c");
	assert_string_equal(cgroup_mode(where), "v2");
	arena_free(&arena);
}

static void test_namespaced(void **state)
{
	static const char mounts[] = "30 25 0:26 /pod/c /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n";
	struct cgroup_where where[CONTROLLER_COUNT];
	struct arena arena = { 0 };

	(void)state;
	cgroup_where(where, "0::/pod/c/d\n", mounts, "", &arena);
	assert_string_equal(where[CONTROLLER_UNIFIED].path, "/sys/fs/cgroup/d");
	cgroup_where(where, "0::/pod/cd\n", mounts, "", &arena);
	assert_null(where[CONTROLLER_UNIFIED].path);
	cgroup_where(where, "0::/../x\n", mounts, "", &arena);
	assert_null(where[CONTROLLER_UNIFIED].path);
	assert_non_null(strstr(where[CONTROLLER_UNIFIED].why, "namespace"));
	cgroup_where(where, "", "", "", &arena);
	assert_string_equal(cgroup_mode(where), "none");
	arena_free(&arena);
}

static void guesses(const char *cgroups, const char *engine, const char *id)
{
	struct engine_guess guess;

	assert_int_equal(engine_guess(cgroups, &guess), engine != NULL);
	if (!engine)
		return;
	assert_string_equal(guess.engine, engine);
	assert_string_equal(guess.id, id);
}

static void test_engines(void **state)
{
	(void)state;
	guesses("0::/system.slice/docker-"
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef.scope\n",
		"docker", "0123456789ab");
	guesses("1:pids:/libpod_parent/libpod-aa0123456789abcdef0123456789abcdef/x\n", "podman",
		"aa0123456789");
	guesses("0::/machine.slice/libpod-conmon-aa01.scope\n", NULL, NULL);
	guesses("0::/lxc.payload.web\n", "lxc", "web");
	guesses("0::/kubepods/pod1/cri-containerd-ff.scope\n", "containerd", "ff");
	guesses("0::/user.slice\n", NULL, NULL);
	guesses("0::/docker/\n", NULL, NULL);
}

static void holds(const char *comm, const char *cmdline, size_t length, const char *engine,
		  const char *id)
{
	struct engine_guess guess;

	assert_int_equal(engine_of_holder(comm, cmdline, length, &guess), engine != NULL);
	if (!engine)
		return;
	assert_string_equal(guess.engine, engine);
	assert_string_equal(guess.id, id);
}

static void test_holders(void **state)
{
	static const char conmon[] = "/usr/bin/conmon\0--api-version\0"
				     "1\0-c\0aa0123456789abcdef0123456789abcdef\0-u\0x";
	static const char cut[] = "conmon\0-c";

	(void)state;
	holds("conmon", conmon, sizeof(conmon), "podman", "aa0123456789");
	holds("conmon", cut, sizeof(cut), "podman", "");
	holds("lxc-start", "lxc-start\0-n\0web", 16, "lxc", "web");
	holds("bwrap", "", 0, "bubblewrap", "");
	holds("bash", conmon, sizeof(conmon), NULL, NULL);
}

static void test_cores(void **state)
{
	struct cgroup_facts before = { .cpu_usec = { fact_known(NULL), 1000000 } };
	struct cgroup_facts now = { .cpu_usec = { fact_known(NULL), 2000000 } };
	uint64_t milli = 0;

	(void)state;
	assert_true(cgroup_cores(&now, &before, 2000, &milli));
	assert_int_equal(milli, 500);
	assert_false(cgroup_cores(&now, NULL, 2000, &milli));
	assert_false(cgroup_cores(&before, &now, 2000, &milli));
}

static void test_pressure(void **state)
{
	struct cgroup_facts facts = { .pressure = { { fact_known(NULL), { 0, 1.5, 12 } },
						    { fact_known(NULL), { 0 } },
						    { fact_known(NULL), { 0 } } } };
	struct buffer out = { 0 };

	(void)state;
	cgroup_pressure_text(&out, &facts);
	assert_string_equal(out.text, "pressure  avg10 avg60 avg300 (some, in %)\n"
				      "          cpu 0.00 1.50 12.00   memory 0.00 0.00 0.00   "
				      "io 0.00 0.00 0.00\n");
	buffer_free(&out);
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 3; k++)
			facts.pressure[i].average[k] = 100;
	out = (struct buffer){ 0 };
	cgroup_pressure_text(&out, &facts);
	assert_non_null(strstr(out.text, "memory 100.00 100.00 100.00\n          io 100.00 "));
	buffer_free(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_hybrid),	   cmocka_unit_test(test_unified),
		cmocka_unit_test(test_namespaced), cmocka_unit_test(test_engines),
		cmocka_unit_test(test_holders),	   cmocka_unit_test(test_cores),
		cmocka_unit_test(test_covered),	   cmocka_unit_test(test_pressure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
