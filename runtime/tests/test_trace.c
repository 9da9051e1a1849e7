/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is printed of a page that another process writes, too.
 *
 * syscalls: none of its own
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "runtime/trace.h"

static void rows_that_are_none_are_left_out(void **state)
{
	struct error err;
	struct trace *trace = trace_make(&err);
	struct trace_entry *entry;
	char text[1024] = "";
	autofd out = memfd_create("trace", MFD_CLOEXEC);

	(void)state;
	assert_non_null(trace);
	trace_end(trace_begin(trace, &parent_table, &parent_table.steps[0]), 0, &err);
	entry = trace_begin(trace, &init_table, &init_table.steps[0]);
	entry->step = (const struct step *)(uintptr_t)0x10;
	entry = trace_begin(trace, &init_table, &init_table.steps[0]);
	entry->table = (const struct step_table *)(uintptr_t)0x10;
	entry = trace_begin(trace, &init_table, &init_table.steps[0]);
	entry->step = (const void *)((const char *)&init_table.steps[0] + 1);
	assert_int_equal(trace_print(trace, out, false, false, &err), 0);
	assert_true(pread(out, text, sizeof(text) - 1, 0) > 0);
	assert_non_null(strstr(text, parent_table.steps[0].name));
	assert_non_null(strstr(text, ", 1 steps\n"));
	trace_free(trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_that_are_none_are_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
