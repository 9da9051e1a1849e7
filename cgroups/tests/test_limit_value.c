/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "cgroups/limit_value.h"

static void numbers_are_the_kernels(void **state)
{
	static const struct {
		const char *text;
		uint64_t value;
	} good[] = {
		{ "0", 0 },
		{ "4096\n", 4096 },
		{ "max", LIMIT_MAX },
		{ " max\n", LIMIT_MAX },
		{ "5k", 5120 },
		{ "1G", UINT64_C(1) << 30 },
		{ "7E", UINT64_C(7) << 60 },
	};
	static const char *const bad[] = { "",	  "\n",	 "-1",	"x",  "5x",	"k",
					   "5kk", "99E", "0x5", "5@", "maximum" };
	uint64_t value;

	(void)state;
	table_for_each (row, good) {
		assert_true(limit_number(row->text, &value));
		assert_int_equal(value, row->value);
	}
	table_for_each (text, bad)
		assert_false(limit_number(*text, &value));
}

static void files_have_their_kinds(void **state)
{
	(void)state;
	assert_int_equal(limit_kind_of("memory.max"), LIMIT_NUMBER);
	assert_int_equal(limit_kind_of("hugetlb.2MB.rsvd.max"), LIMIT_NUMBER);
	assert_int_equal(limit_kind_of("cpu.max"), LIMIT_RATIO);
	assert_int_equal(limit_kind_of("cpuset.mems"), LIMIT_SET);
	/* no limit of a size, or of another kind */
	assert_int_equal(limit_kind_of("cpu.max.burst"), LIMIT_OTHER);
	assert_int_equal(limit_kind_of("memory.low"), LIMIT_OTHER);
	assert_int_equal(limit_kind_of("io.max"), LIMIT_OTHER);
	assert_int_equal(limit_kind_of("hugetlb.2MB.current"), LIMIT_OTHER);
}

/* What the file shows after the write, rounded as the kernel does. */
static void what_is_in_force_is_no_change(void **state)
{
	static const struct {
		const char *file, *asked, *shown;
		bool same;
	} rows[] = {
		{ "memory.max", "60000000", "59998208\n", true },
		{ "memory.max", "60002304", "59998208\n", false },
		{ "memory.max", "59998207", "59998208\n", false },
		{ "memory.max", "max", "max\n", true },
		{ "memory.max", "max", "5\n", false },
		{ "memory.max", "5", "max\n", false },
		{ "pids.max", "20", "20\n", true },
		{ "pids.max", "21", "20\n", false },
		{ "hugetlb.2MB.max", "5000000", "4194304\n", true },
		{ "hugetlb.2MB.max", "6291456", "4194304\n", false },
		{ "hugetlb.1GB.rsvd.max", "2000000000", "1073741824\n", true },
		{ "cpu.max", "50000 100000", "50000 100000\n", true },
		{ "cpu.max", "50000", "50000 200000\n", true },
		{ "cpu.max", "max 100000", "max 100000\n", true },
		{ "cpu.max", "50000 200000", "50000 100000\n", false },
		{ "cpuset.cpus", "0,1,2", "0-2\n", true },
		{ "cpuset.cpus", "0-3", "0-2\n", false },
		{ "cpuset.cpus", "0", "\n", false },
		{ "io.max", "x", "x", false },
	};

	(void)state;
	table_for_each (row, rows) {
		if (limit_is_same(row->file, row->asked, row->shown) != row->same)
			fail_msg("%s: %s, %s", row->file, row->asked, row->shown);
	}
}

static void more_than_was_granted(void **state)
{
	static const struct {
		const char *asked, *granted;
		enum limit_kind kind;
		bool fits;
	} rows[] = {
		{ "100", "100", LIMIT_NUMBER, true },
		{ "101", "100", LIMIT_NUMBER, false },
		{ "101", "max", LIMIT_NUMBER, true },
		{ "max", "100", LIMIT_NUMBER, true }, /* asks for nothing */
		{ "nonsense", "100", LIMIT_NUMBER, true },
		{ "50000 100000", "100000 200000", LIMIT_RATIO, true },
		{ "50001 100000", "100000 200000", LIMIT_RATIO, false },
		{ "50000", "50000 100000", LIMIT_RATIO, true },
		{ "50000 50000", "50000 100000", LIMIT_RATIO, false },
		{ "max 100000", "50000 100000", LIMIT_RATIO, true },
		{ "50000 100000", "max 100000", LIMIT_RATIO, true },
		/* beyond what the kernel takes: nothing may overflow */
		{ "17592186044415 1048575", "17592186044415 1048575", LIMIT_RATIO, true },
		{ "17592186044415 1048574", "17592186044415 1048575", LIMIT_RATIO, false },
		{ "99999999999999999 1", "5 100000", LIMIT_RATIO, true },
		{ "0-1", "0-3", LIMIT_SET, true },
		{ "0-4", "0-3", LIMIT_SET, false },
		{ "8191", "0-3", LIMIT_SET, false },
		{ "8192", "0-3", LIMIT_SET, true }, /* no kernel has it: its error */
		{ "5", "1", LIMIT_OTHER, true },
	};

	(void)state;
	table_for_each (row, rows) {
		if (limit_fits(row->kind, row->asked, row->granted) != row->fits)
			fail_msg("%s, %s", row->asked, row->granted);
	}
	assert_true(limit_sets_meet("0-4", "4-5"));
	assert_false(limit_sets_meet("0-4", "5"));
	assert_true(limit_sets_meet("x", "5"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_the_kernels),
		cmocka_unit_test(files_have_their_kinds),
		cmocka_unit_test(what_is_in_force_is_no_change),
		cmocka_unit_test(more_than_was_granted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
