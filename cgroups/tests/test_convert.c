/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "cgroups/convert.h"

static struct arena arena;
static struct error err;

static int release(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* "file=text file=text": what is written, in order; "?" behind a value that asks for nothing. */
static const char *converted(const struct resources_spec *resources)
{
	static char text[1024];
	struct cgroup_writes writes = { .arena = &arena };

	text[0] = '\0';
	err.text[0] = '\0';
	if (convert_resources(resources, &writes, NULL, &err) < 0)
		return err.text;
	for (size_t i = 0; i < writes.count; i++)
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s=%s%s",
			       i ? ", " : "", writes.items[i].file, writes.items[i].text,
			       writes.items[i].asks ? "" : "?");
	return text;
}

static struct opt_int number(int64_t value)
{
	return (struct opt_int){ true, value };
}

static struct opt_uint count(uint64_t value)
{
	return (struct opt_uint){ true, value };
}

static void memory_and_swap(void **state)
{
	static const struct {
		struct opt_int limit, swap;
		const char *writes;
	} rows[] = {
		{ { true, 100 }, { false, 0 }, "memory.max=100" },
		{ { true, 0 }, { true, 0 }, "" },
		{ { true, -1 }, { false, 0 }, "memory.swap.max=max?, memory.max=max?" },
		{ { true, 100 }, { true, -1 }, "memory.swap.max=max?, memory.max=100" },
		{ { true, 100 }, { true, 300 }, "memory.swap.max=200, memory.max=100" },
		{ { true, 100 }, { true, 100 }, "memory.swap.max=0?, memory.max=100" },
		{ { true, -1 }, { true, -1 }, "memory.swap.max=max?, memory.max=max?" },
		{ { false, 0 }, { true, -1 }, "memory.swap.max=max?" },
	};

	(void)state;
	table_for_each (row, rows) {
		struct resources_spec resources = { 0 };

		resources.memory.limit = row->limit;
		resources.memory.swap = row->swap;
		assert_string_equal(converted(&resources), row->writes);
	}
}

static void contradictions_of_memory_and_swap(void **state)
{
	struct resources_spec resources = { 0 };

	(void)state;
	resources.memory.swap = number(100);
	assert_non_null(strstr(converted(&resources), "without memory limit"));
	resources.memory.limit = number(-1);
	assert_non_null(strstr(converted(&resources), "without memory limit"));
	resources.memory.limit = number(101);
	assert_non_null(strstr(converted(&resources), "should be >= memory limit"));
}

static void shares_become_weights(void **state)
{
	static const uint64_t rows[][2] = {
		{ 1, 1 },	 { 2, 1 },	    { 3, 2 },	       { 512, 59 },
		{ 1023, 100 },	 { 1024, 100 },	    { 1025, 101 },     { 2048, 174 },
		{ 65536, 3023 }, { 262143, 10000 }, { 262144, 10000 }, { UINT64_MAX, 10000 },
	};

	(void)state;
	table_for_each (row, rows)
		assert_int_equal(convert_shares((*row)[0]), (*row)[1]);
	for (uint64_t shares = 2; shares < 300000; shares++)
		assert_true(convert_shares(shares) <= convert_shares(shares + 1));
}

static void cpu_files(void **state)
{
	struct resources_spec resources = { 0 };

	(void)state;
	resources.cpu.quota = number(50000);
	assert_string_equal(converted(&resources), "cpu.max=50000 100000");
	resources.cpu.period = count(20000);
	resources.cpu.burst = count(1000);
	assert_string_equal(converted(&resources), "cpu.max.burst=1000, cpu.max=50000 20000");
	resources.cpu.quota = number(-1);
	resources.cpu.burst = count(0);
	assert_string_equal(converted(&resources), "cpu.max.burst=0?, cpu.max=max 20000?");
	resources = (struct resources_spec){ 0 };
	resources.cpu.cpus = "0-1";
	resources.cpu.mems = "0";
	assert_string_equal(converted(&resources), "cpuset.cpus=0-1, cpuset.mems=0");
}

static void an_idle_cgroup_has_no_weight(void **state)
{
	struct resources_spec resources = { 0 };

	(void)state;
	resources.cpu.idle = number(0);
	resources.cpu.shares = count(512);
	assert_string_equal(converted(&resources), "cpu.idle=0?, cpu.weight=59");
	resources.cpu.idle = number(1);
	assert_non_null(strstr(converted(&resources), "unable to apply both"));
	resources.cpu.shares = count(1024);
	assert_string_equal(converted(&resources), "cpu.idle=1");
}

static void pids_zero_is_one(void **state)
{
	struct resources_spec resources = { 0 };

	(void)state;
	resources.pids.limit = number(0);
	assert_string_equal(converted(&resources), "pids.max=1");
	resources.pids.limit = number(-1);
	assert_string_equal(converted(&resources), "pids.max=max?");
	resources.pids.limit = number(7);
	assert_string_equal(converted(&resources), "pids.max=7");
}

static void block_io(void **state)
{
	struct weight_device weight = { .major = 8, .minor = 16, .weight = { true, 1000 } };
	struct throttle_device rates[] = { { 8, 0, 100 }, { 8, 16, 0 } };
	struct resources_spec resources = { 0 };
	struct cgroup_writes writes = { .arena = &arena };

	(void)state;
	resources.block_io.weight = count(10);
	resources.block_io.weight_device.items = &weight;
	resources.block_io.weight_device.count = 1;
	resources.block_io.throttle_write_iops_device.items = rates;
	resources.block_io.throttle_write_iops_device.count = 2;
	assert_string_equal(converted(&resources),
			    "io.bfq.weight=10, io.bfq.weight=8:16 1000, io.max=8:0 wiops=100, "
			    "io.max=8:16 wiops=max?");
	assert_int_equal(convert_resources(&resources, &writes, NULL, &err), 0);
	assert_string_equal(writes.items[0].other_file, "io.weight");
	assert_string_equal(writes.items[0].other_text, "default 1");
	assert_string_equal(writes.items[1].other_text, "8:16 10000");
	assert_string_equal(writes.items[2].undo, "8:0 wiops=max");
	assert_int_equal(convert_io_weight(500), 4950);
}

static void huge_pages_and_rdma(void **state)
{
	struct hugepage_limit page = { "2MB", 4194304 };
	struct rdma_limit devices[] = { { "mlx5_1", { true, 3 }, { true, 10000 } },
					{ "mlx4_0", { false, 0 }, { true, 0 } } };
	struct resources_spec resources = { 0 };

	(void)state;
	resources.hugepage_limits.items = &page;
	resources.hugepage_limits.count = 1;
	resources.rdma.items = devices;
	resources.rdma.count = 2;
	assert_string_equal(converted(&resources),
			    "hugetlb.2MB.max=4194304, hugetlb.2MB.rsvd.max=4194304?, "
			    "rdma.max=mlx5_1 hca_handle=3 hca_object=10000, "
			    "rdma.max=mlx4_0 hca_object=0");
}

static void unified_comes_last_and_line_by_line(void **state)
{
	struct string_pair pairs[] = { { "memory.max", "5" },
				       { "io.max", "8:0 rbps=1\n8:16 rbps=2\n" } };
	struct resources_spec resources = { 0 };
	struct cgroup_writes writes = { .arena = &arena };

	(void)state;
	resources.memory.limit = number(100);
	resources.unified.items = pairs;
	resources.unified.count = 2;
	assert_string_equal(converted(&resources),
			    "memory.max=100, memory.max=5, io.max=8:0 rbps=1, io.max=8:16 rbps=2");
	assert_int_equal(convert_resources(&resources, &writes, NULL, &err), 0);
	assert_string_equal(writes.items[1].controller, "memory");
	assert_string_equal(writes.items[3].controller, "io");
}

/* A device that had no limit has no old line: what takes the new one back comes from that. */
static void lines_of_unified_can_be_taken_back(void **state)
{
	static const struct {
		struct string_pair pair;
		const char *undo;
	} cases[] = {
		{ { "io.max", "8:0 rbps=1  wiops=max" }, "8:0 rbps=max wiops=max" },
		{ { "io.max", "8:0" }, "8:0" },
		{ { "io.max", " " }, NULL },
		{ { "io.latency", "8:0 target=75" }, "8:0 target=0" },
		{ { "rdma.max", "mlx4_0 hca_handle=2" }, "mlx4_0 hca_handle=max" },
		{ { "io.weight", "8:0 50" }, "8:0 default" },
		{ { "io.weight", "default 50" }, NULL },
		{ { "io.bfq.weight", "50" }, "50 default" },
		{ { "memory.max", "5" }, NULL },
	};

	(void)state;
	table_for_each (test, cases) {
		struct string_pair pair = test->pair;
		struct resources_spec resources = { .unified = { &pair, 1 } };
		struct cgroup_writes writes = { .arena = &arena };

		assert_int_equal(convert_resources(&resources, &writes, NULL, &err), 0);
		assert_int_equal(writes.count, 1);
		if (test->undo)
			assert_string_equal(writes.items[0].undo, test->undo);
		else
			assert_null(writes.items[0].undo);
	}
}

static void unified_keys_that_are_no_limits(void **state)
{
	static const char *const keys[] = { "cgroup.procs", "cgroup.kill", "cgroup.freeze",
					    "noform", ".hidden" };

	(void)state;
	table_for_each (key, keys) {
		struct string_pair pair = { *key, "1" };
		struct resources_spec resources = { .unified = { &pair, 1 } };

		assert_non_null(strstr(converted(&resources), *key));
		assert_non_null(strstr(err.text, "/linux/resources/unified: "));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(memory_and_swap, release),
		cmocka_unit_test_teardown(contradictions_of_memory_and_swap, release),
		cmocka_unit_test_teardown(shares_become_weights, release),
		cmocka_unit_test_teardown(cpu_files, release),
		cmocka_unit_test_teardown(an_idle_cgroup_has_no_weight, release),
		cmocka_unit_test_teardown(pids_zero_is_one, release),
		cmocka_unit_test_teardown(block_io, release),
		cmocka_unit_test_teardown(huge_pages_and_rdma, release),
		cmocka_unit_test_teardown(unified_comes_last_and_line_by_line, release),
		cmocka_unit_test_teardown(lines_of_unified_can_be_taken_back, release),
		cmocka_unit_test_teardown(unified_keys_that_are_no_limits, release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
