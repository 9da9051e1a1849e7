/* SPDX-License-Identifier: Apache-2.0 */
/* runtime/commands/table_out.c, process_table.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/commands/process_table.h"
#include "runtime/commands/table_out.h"

static void columns_are_as_wide_as_their_longest_cell_and_three(void **state)
{
	static const char *const cells[] = {
		"ID", "BUNDLE",	     "OWNER", /**/
		"a",  "/123456789/", "root",  /**/
		"é",  "/\n",	     "#1000",
	};
	autobuffer out = { 0 };

	(void)state;
	table_write(&out, cells, 3, 3);
	assert_string_equal(out.text, "ID          BUNDLE        OWNER\n"
				      "a           /123456789/   root\n"
				      "é           /?            #1000\n");
}

static void missing_memory_is_noticed(void **state)
{
	static const char *const cells[] = { "ID", NULL };
	autobuffer out = { 0 };

	(void)state;
	table_write(&out, cells, 1, 2);
	assert_true(out.failed);
}

static const char listing[] = "USER         PID    PPID CMD\n"
			      "root         123       1 sleep 456\n"
			      "root         456       1 sleep 123\n"
			      "root        1234     123 sh";

static void only_lines_of_the_given_pids_are_kept(void **state)
{
	const pid_t pids[] = { 1234, 123 };
	autobuffer out = { 0 };

	(void)state;
	assert_true(process_table_filter(&out, listing,
					 &(struct process_table){ .pids = pids, .count = 2 }));
	assert_string_equal(out.text, "USER         PID    PPID CMD\n"
				      "root         123       1 sleep 456\n"
				      "root        1234     123 sh");
}

static void a_container_without_processes_is_a_header(void **state)
{
	autobuffer out = { 0 };

	(void)state;
	assert_true(process_table_filter(&out, listing, &(struct process_table){ 0 }));
	assert_string_equal(out.text, "USER         PID    PPID CMD\n");
}

static void a_listing_without_pids_is_refused(void **state)
{
	autobuffer out = { 0 };

	(void)state;
	assert_false(
		process_table_filter(&out, "USER PPID\nroot 1\n", &(struct process_table){ 0 }));
	assert_false(process_table_filter(&out, "", &(struct process_table){ 0 }));
}

static void inner_pids_come_from_nspid(void **state)
{
	static const char status[] = "Name:\tx\nNSpid:\t4242\t17\t1\nNSpgid:\t1\n";
	size_t levels;

	(void)state;
	assert_int_equal(process_table_inner_pid(status, 0, &levels), 1);
	assert_int_equal(levels, 3);
	assert_int_equal(process_table_inner_pid(status, 1, NULL), 4242);
	assert_int_equal(process_table_inner_pid(status, 2, NULL), 17);
	assert_int_equal(process_table_inner_pid(status, 4, NULL), 0);
	assert_int_equal(process_table_inner_pid("Name:\tx\n", 1, NULL), 0);
	assert_int_equal(process_table_inner_pid("\nNSpid:\t", 0, &levels), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(inner_pids_come_from_nspid),
		cmocka_unit_test(columns_are_as_wide_as_their_longest_cell_and_three),
		cmocka_unit_test(missing_memory_is_noticed),
		cmocka_unit_test(only_lines_of_the_given_pids_are_kept),
		cmocka_unit_test(a_container_without_processes_is_a_header),
		cmocka_unit_test(a_listing_without_pids_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
