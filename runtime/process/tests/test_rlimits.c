/* SPDX-License-Identifier: Apache-2.0 */
/* process.rlimits: the sixteen types, and what is refused before anything is started. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/table.h"
#include "runtime/process/process.h"

static const struct {
	const char *name;
	int resource;
} known[] = {
	{ "RLIMIT_AS", RLIMIT_AS },
	{ "RLIMIT_CORE", RLIMIT_CORE },
	{ "RLIMIT_CPU", RLIMIT_CPU },
	{ "RLIMIT_DATA", RLIMIT_DATA },
	{ "RLIMIT_FSIZE", RLIMIT_FSIZE },
	{ "RLIMIT_LOCKS", RLIMIT_LOCKS },
	{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
	{ "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
	{ "RLIMIT_NICE", RLIMIT_NICE },
	{ "RLIMIT_NOFILE", RLIMIT_NOFILE },
	{ "RLIMIT_NPROC", RLIMIT_NPROC },
	{ "RLIMIT_RSS", RLIMIT_RSS },
	{ "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
	{ "RLIMIT_RTTIME", RLIMIT_RTTIME },
	{ "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
	{ "RLIMIT_STACK", RLIMIT_STACK },
};

static struct process_spec with(struct rlimit_spec *limits, size_t count)
{
	struct process_spec process = { .present = true };

	process.rlimits.items = limits;
	process.rlimits.count = count;
	return process;
}

static void each_type_of_the_kernel_is_known(void **state)
{
	struct rlimit_spec limits[ARRAY_SIZE(known)];
	struct process_spec process = with(limits, ARRAY_SIZE(known));
	struct error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		limits[i] = (struct rlimit_spec){ known[i].name, 1, UINT64_MAX };
	assert_int_equal(rlimits_check(&process, NULL, &err), 0);
}

static void unknown_types_are_refused_by_name(void **state)
{
	static const char *const wrong[] = {
		"",	      "NOFILE",		"rlimit_nofile",  "RLIMIT_",
		"RLIMIT_FOO", "RLIMIT_NOFILE ", "RLIMIT_NOFILES", "RLIMIT_OFILE",
	};

	(void)state;
	table_for_each (name, wrong) {
		struct rlimit_spec limits[] = { { "RLIMIT_CORE", 0, 0 }, { *name, 0, 0 } };
		struct process_spec process = with(limits, 2);
		struct error err;

		assert_int_equal(rlimits_check(&process, NULL, &err), -1);
		assert_non_null(strstr(err.text, "/process/rlimits/1/type"));
		assert_non_null(strstr(err.text, *name));
	}
}

static void a_type_that_is_there_twice_is_refused(void **state)
{
	struct rlimit_spec limits[] = {
		{ "RLIMIT_NOFILE", 1, 1 },
		{ "RLIMIT_CORE", 1, 1 },
		{ "RLIMIT_NOFILE", 1, 1 },
	};
	struct process_spec process = with(limits, ARRAY_SIZE(limits));
	struct error err;

	(void)state;
	assert_int_equal(rlimits_check(&process, NULL, &err), -1);
	assert_string_equal(err.text, "/process/rlimits/2/type: RLIMIT_NOFILE is there twice");
}

static void soft_above_hard_is_refused(void **state)
{
	struct rlimit_spec limits[] = { { "RLIMIT_NOFILE", UINT64_MAX, 1024 } };
	struct process_spec process = with(limits, 1);
	struct error err;

	(void)state;
	assert_int_equal(rlimits_check(&process, NULL, &err), -1);
	assert_non_null(strstr(err.text, "/process/rlimits/0/soft"));
}

static int lower_and_read(void)
{
	struct rlimit_spec limits[] = { { "RLIMIT_NOFILE", 32, 64 }, { "RLIMIT_CORE", 0, 0 } };
	struct process_spec process = with(limits, 2);
	struct rlimit value;
	struct error err;

	if (rlimits_apply(&process, 0, &err) < 0)
		return 1;
	if (getrlimit(RLIMIT_NOFILE, &value) < 0 || value.rlim_cur != 32 || value.rlim_max != 64)
		return 2;
	if (getrlimit(RLIMIT_CORE, &value) < 0 || value.rlim_cur != 0 || value.rlim_max != 0)
		return 3;
	return 0;
}

static void limits_can_be_lowered_by_anybody(void **state)
{
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(lower_and_read());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_refused_limit_is_named_with_its_values(void **state)
{
	struct rlimit_spec limits[] = { { "RLIMIT_NOFILE", 1, UINT64_MAX } };
	struct process_spec process = with(limits, 1);
	struct error err;

	(void)state;
	/* fs.nr_open is the ceiling for everybody */
	assert_int_equal(rlimits_apply(&process, 0, &err), -1);
	assert_non_null(strstr(err.text, "RLIMIT_NOFILE"));
	assert_non_null(strstr(err.text, "fs.nr_open"));
}

/* In a child, since a hard limit that was lowered may stay so. */
static void raising_needs_a_capability(void **state)
{
	struct rlimit_spec limits[] = { { "RLIMIT_STACK", 1, 4096 }, { "RLIMIT_CORE", 1, 101 } };
	const struct rlimit own = { 100, 100 };
	struct process_spec process = with(limits, 2);
	struct error err;
	int status;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		if (setrlimit(RLIMIT_CORE, &own) < 0 || capabilities_set_effective(0) < 0)
			_exit(1);
		if (rlimits_permitted(&process, NULL, &err) == 0 ||
		    !strstr(err.text, "/process/rlimits/1: set RLIMIT_CORE to 1, hard 101") ||
		    !strstr(err.text, "CAP_SYS_RESOURCE"))
			_exit(2);
		limits[1].hard = 100;
		_exit(rlimits_permitted(&process, NULL, &err) == 0 ? 0 : 3);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_of_the_kernel_is_known),
		cmocka_unit_test(unknown_types_are_refused_by_name),
		cmocka_unit_test(a_type_that_is_there_twice_is_refused),
		cmocka_unit_test(soft_above_hard_is_refused),
		cmocka_unit_test(limits_can_be_lowered_by_anybody),
		cmocka_unit_test(a_refused_limit_is_named_with_its_values),
		cmocka_unit_test(raising_needs_a_capability),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
