/* SPDX-License-Identifier: Apache-2.0 */
/* Against a temporary directory whose files are made to look like a cgroup's. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/table.h"
#include "cgroups/events.h"
#include "cgroups/stat_file.h"
#include "cgroups/stats.h"
#include "cgroups/tests/fake_cgroup.h"

/* The statistics of root must contain the text. */
static void expect(const char *part)
{
	autobuffer out = { 0 };
	struct json_out json = json_out(&out, 0);

	json_begin_object(&json, NULL);
	stats_write(&json, root_fd);
	json_end_object(&json);
	assert_false(out.failed);
	if (!strstr(out.text, part))
		fail_msg("%s\n  is not in\n%s", part, out.text);
}

static void test_numbers(void **state)
{
	static const char text[] = "usage_usec 12\nuser_usec 7\nmax_x 1\nmax max\nlast 3";
	uint64_t value;

	(void)state;
	assert_true(stat_number("17", &value) && value == 17);
	assert_true(stat_number("max", &value) && value == STAT_NO_LIMIT);
	assert_false(stat_number("", &value) || stat_number("-1", &value) ||
		     stat_number("1 2", &value) || stat_number("18446744073709551616", &value));
	assert_true(stat_find(text, "user_usec", &value) && value == 7);
	assert_true(stat_find(text, "max", &value) && value == STAT_NO_LIMIT);
	assert_true(stat_find(text, "last", &value) && value == 3);
	assert_false(stat_find(text, "usec", &value) || stat_find(text, "us", &value) ||
		     stat_find(NULL, "max", &value) || stat_find("", "max", &value));
}

/* No controller at all: every member of runc's is there, and nothing is made up. */
static void test_nothing(void **state)
{
	(void)state;
	put("cgroup.procs", "");
	expect("{\"cpu\":{\"usage\":{},\"throttling\":{},\"burst\":{}},\"cpuset\":{"
	       "\"cpu_exclusive\":0,");
	expect(",\"memory\":{},\"pids\":{\"current\":0},\"blkio\":{},\"hugetlb\":{}}");
}

static void test_cpu(void **state)
{
	(void)state;
	put("cpu.stat", "usage_usec 1500\nuser_usec 1000\nsystem_usec 500\nnr_periods 9\n"
			"nr_throttled 3\nthrottled_usec 20\nnr_bursts 2\nburst_usec 8\n");
	put("cpu.pressure", "some avg10=0.25 avg60=1.00 avg300=0.00 total=77\n"
			    "full avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");
	put("cpuset.cpus.effective", "0-2,7\n");
	put("cpuset.mems.effective", "0\n");
	expect("\"usage\":{\"total\":1500000,\"kernel\":500000,\"user\":1000000}");
	expect("\"throttling\":{\"periods\":9,\"throttledPeriods\":3,\"throttledTime\":20000}");
	expect("\"burst\":{\"bursts\":2,\"burstTime\":8000}");
	expect("\"psi\":{\"some\":{\"avg10\":0.25,\"avg60\":1.00,\"avg300\":0.00,\"total\":77},"
	       "\"full\":{\"avg10\":0.00,");
	expect("\"cpuset\":{\"cpus\":[0,1,2,7],\"mems\":[0],\"cpu_exclusive\":0,");
}

static void test_memory(void **state)
{
	(void)state;
	put("memory.current", "1000\n");
	put("memory.max", "4096\n");
	put("memory.peak", "3000\n");
	put("memory.events", "low 0\nhigh 1\nmax 5\noom 2\noom_kill 1\noom_group_kill 0\n");
	put("memory.swap.current", "24\n");
	put("memory.swap.max", "100\n");
	put("memory.swap.events", "high 0\nmax 4\nfail 0\n");
	put("memory.stat", "anon 300\nfile 200\nkernel 50\nsock 3\n");
	expect("\"memory\":{\"cache\":200,\"usage\":{\"limit\":4096,\"usage\":1000,\"max\":3000,"
	       "\"failcnt\":5},\"swap\":{\"limit\":4196,\"usage\":1024,\"failcnt\":4},"
	       "\"swap_only\":{\"limit\":100,\"usage\":24,\"failcnt\":4},");
	expect("\"kernel\":{\"limit\":18446744073709551615,\"usage\":50,\"failcnt\":0}");
	expect("\"raw\":{\"anon\":300,\"file\":200,\"kernel\":50,\"sock\":3},");
	expect("\"event_count\":{\"low\":0,\"high\":1,\"max\":5,\"oom\":2,\"oom_kill\":1,"
	       "\"oom_group_kill\":0}}");
	/* without a limit on either the sum has none */
	put("memory.swap.max", "max\n");
	expect("\"swap\":{\"limit\":18446744073709551615,\"usage\":1024,\"failcnt\":4}");
}

static void test_pids_and_io(void **state)
{
	(void)state;
	put("pids.current", "3\n");
	put("pids.max", "max\n");
	put("io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6 cost.usage=7\n"
		       "253:16 rbytes=10 wbytes=0 rios=1 wios=0 dbytes=0 dios=0\n");
	expect("\"pids\":{\"current\":3}");
	expect("\"ioServiceBytesRecursive\":[{\"major\":8,\"minor\":0,\"op\":\"Read\",\"value\":1},"
	       "{\"major\":8,\"minor\":0,\"op\":\"Write\",\"value\":2},"
	       "{\"major\":8,\"minor\":0,\"op\":\"Discard\",\"value\":5},"
	       "{\"major\":253,\"minor\":16,\"op\":\"Read\",\"value\":10},");
	expect("\"ioServicedRecursive\":[{\"major\":8,\"minor\":0,\"op\":\"Read\",\"value\":3},");
	expect("\"ioCost\":[{\"major\":8,\"minor\":0,\"op\":\"usage\",\"value\":7}]");
	put("pids.max", "10\n");
	expect("\"pids\":{\"current\":3,\"limit\":10}");
}

static void test_hugetlb_rdma_misc(void **state)
{
	(void)state;
	put("hugetlb.2MB.max", "max\n");
	put("hugetlb.2MB.rsvd.max", "max\n");
	put("hugetlb.2MB.current", "1\n");
	put("hugetlb.2MB.rsvd.current", "2097152\n");
	put("hugetlb.2MB.events", "max 4\n");
	put("rdma.current", "mlx4_0 hca_handle=2 hca_object=2000\n");
	put("misc.current", "res_a 3\nres_b 0\n");
	put("misc.max", "res_a max\nres_b 4\n");
	put("misc.events", "res_a.max 2\nres_b.max 0\n");
	expect("\"hugetlb\":{\"2MB\":{\"usage\":2097152,\"failcnt\":4}}");
	expect("\"rdma\":{\"mlx4_0\":{\"hca_handle\":2,\"hca_object\":2000}}");
	expect("\"misc\":{\"res_a\":{\"limit\":18446744073709551615,\"usage\":3,\"failcnt\":2},"
	       "\"res_b\":{\"limit\":4,\"usage\":0,\"failcnt\":0}}");
}

/* What a kernel or a liar of a file system might say must neither end up in the output nor crash.
 */
static void test_nonsense(void **state)
{
	static const char *const texts[] = { "",
					     "\n\n",
					     "x",
					     "a b\n",
					     "=\n",
					     "8 =",
					     " = = ",
					     "some avg10=x total=1e9\n",
					     "8:0 rbytes=-1\n",
					     "8: rbytes=1\n:0 rbytes=1\n",
					     "99999999999-,\n",
					     "1-\n5-2\n" };
	static const char *const files[] = {
		"cpu.stat",	   "cpu.pressure",	  "memory.current", "memory.events",
		"memory.stat",	   "pids.current",	  "io.stat",	    "cpuset.cpus.effective",
		"hugetlb.2MB.max", "hugetlb.2MB.current", "rdma.current",   "misc.current",
		"memory.swap.max", "memory.max"
	};

	(void)state;
	table_for_each (text, texts) {
		table_for_each (file, files)
			put(*file, *text);
		expect("\"blkio\":{");
	}
}

static void test_watch(void **state)
{
	struct cgroup_watch watch = CGROUP_WATCH_INIT;

	(void)state;
	put("cgroup.events", "populated 1\nfrozen 0\n");
	put("memory.events", "max 2\noom 2\noom_kill 2\n");
	assert_int_equal(cgroup_watch_open(&watch, root_fd, &err), 0);
	assert_int_equal(cgroup_watch_oom_kills(&watch), 0);
	put("memory.events", "max 2\noom 5\noom_kill 5\n");
	assert_int_equal(cgroup_watch_oom_kills(&watch), 3);
	assert_int_equal(cgroup_watch_oom_kills(&watch), 0);
	assert_false(cgroup_watch_is_empty(&watch));
	/* as a file of a controller that is gone: nothing to read, and poll(2) would never wait */
	put("memory.events", "");
	assert_int_equal(cgroup_watch_oom_kills(&watch), 0);
	assert_int_equal(watch.memory, -1);
	put("cgroup.events", "populated 0\nfrozen 0\n");
	assert_true(cgroup_watch_is_empty(&watch));
	cgroup_watch_close(&watch);
}

static void test_watch_without_memory(void **state)
{
	struct cgroup_watch watch = CGROUP_WATCH_INIT;

	(void)state;
	assert_int_equal(cgroup_watch_open(&watch, root_fd, &err), -1);
	put("cgroup.events", "populated 1\nfrozen 0\n");
	assert_int_equal(cgroup_watch_open(&watch, root_fd, &err), 0);
	assert_int_equal(watch.memory, -1);
	assert_int_equal(cgroup_watch_oom_kills(&watch), 0);
	cgroup_watch_close(&watch);
}

#define IN_ROOT(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		IN_ROOT(test_nothing),
		IN_ROOT(test_cpu),
		IN_ROOT(test_memory),
		IN_ROOT(test_pids_and_io),
		IN_ROOT(test_hugetlb_rdma_misc),
		IN_ROOT(test_nonsense),
		IN_ROOT(test_watch),
		IN_ROOT(test_watch_without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
