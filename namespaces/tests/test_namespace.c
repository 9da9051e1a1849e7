/* SPDX-License-Identifier: Apache-2.0 */
/* Which namespaces are made, joined, shared; the texts of maps and offsets. */
#include "namespaces/namespace.h"

#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/sys.h"
#include "base/table.h"
#include "namespaces/time.h"
#include "namespaces/user.h"

static struct error err;
static struct namespace_plan plan;

static int plan_namespaces(struct namespace_spec *items, size_t count)
{
	struct container_spec spec = { 0 };

	spec.linux.namespaces.items = items;
	spec.linux.namespaces.count = count;
	memset(&err, 0, sizeof(err));
	return namespace_plan(&spec, &plan, NULL, &err);
}

static void listed_types_are_made_and_others_shared(void **state)
{
	struct namespace_spec items[] = { { "pid", NULL }, { "network", NULL }, { "mount", NULL } };

	(void)state;
	assert_int_equal(plan_namespaces(items, ARRAY_SIZE(items)), 0);
	assert_int_equal(plan.create, CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS);
	assert_int_equal(plan.join, 0);
	assert_true(namespace_is_private(&plan, CLONE_NEWNET));
	assert_false(namespace_is_private(&plan, CLONE_NEWUTS));
}

static void count_finding(void *data, bool error, const char *text)
{
	(void)error;
	assert_non_null(strstr(text, "/linux/namespaces/"));
	++*(size_t *)data;
}

static bool look_nowhere(void *data, const char *pointer)
{
	(void)data;
	return strcmp(pointer, "/linux/namespaces/0/path") != 0;
}

static void with_a_report_each_one_is_told(void **state)
{
	struct namespace_spec items[] = {
		{ "ipc", "/no/such/thing" }, { "no", NULL }, { "uts", "relative" }, { "pid", NULL }
	};
	struct container_spec spec = { .linux.namespaces = { items, ARRAY_SIZE(items) } };
	size_t told = 0;
	struct report report = { .say = count_finding, .data = &told };

	(void)state;
	assert_int_equal(namespace_plan(&spec, &plan, &report, &err), 0);
	assert_int_equal(told, 3);
	assert_int_equal(plan.create, CLONE_NEWPID);
	assert_int_equal(plan.join, CLONE_NEWIPC | CLONE_NEWUTS);
	report.may_look = look_nowhere;
	told = 0;
	assert_int_equal(namespace_plan(&spec, &plan, &report, &err), 0);
	assert_int_equal(told, 2);
}

static void all_eight_types_are_known(void **state)
{
	struct namespace_spec items[] = {
		{ "user", NULL },    { "cgroup", NULL }, { "ipc", NULL },   { "uts", NULL },
		{ "network", NULL }, { "pid", NULL },	 { "mount", NULL }, { "time", NULL },
	};

	(void)state;
	assert_int_equal(plan_namespaces(items, ARRAY_SIZE(items)), 0);
	assert_int_equal(plan.create, CLONE_NEWUSER | CLONE_NEWCGROUP | CLONE_NEWIPC |
					      CLONE_NEWUTS | CLONE_NEWNET | CLONE_NEWPID |
					      CLONE_NEWNS | CLONE_NEWTIME);
}

static void a_type_that_appears_twice_is_refused(void **state)
{
	struct namespace_spec items[] = { { "uts", NULL }, { "uts", NULL } };

	(void)state;
	assert_int_equal(plan_namespaces(items, 2), -1);
	assert_string_equal(err.text, "/linux/namespaces/1/type: \"uts\" appears twice");
}

static void ones_own_path_means_sharing(void **state)
{
	struct namespace_spec items[] = { { "uts", "/proc/self/ns/uts" },
					  { "network", "/proc/self/ns/net" },
					  { "user", "/proc/self/ns/user" },
					  { "mount", "/proc/self/ns/mnt" } };

	(void)state;
	assert_int_equal(plan_namespaces(items, ARRAY_SIZE(items)), 0);
	assert_int_equal(plan.create | plan.join, 0);
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
		assert_int_equal(plan.fd[kind], -1);
}

static void a_path_of_another_type_is_refused(void **state)
{
	struct namespace_spec items[] = { { "network", "/proc/self/ns/uts" } };

	(void)state;
	assert_int_equal(plan_namespaces(items, 1), -1);
	assert_string_equal(err.text, "/linux/namespaces/0/path: /proc/self/ns/uts is a uts "
				      "namespace, not network");
}

static void a_path_that_is_no_namespace_is_refused(void **state)
{
	struct namespace_spec file = { "network", "/proc/self/status" };
	struct namespace_spec missing = { "ipc", "/proc/self/ns/nothing" };
	struct namespace_spec relative = { "ipc", "proc/self/ns/ipc" };

	(void)state;
	assert_int_equal(plan_namespaces(&file, 1), -1);
	assert_non_null(strstr(err.text, "is no namespace"));
	assert_int_equal(plan_namespaces(&missing, 1), -1);
	assert_non_null(strstr(err.text, "/linux/namespaces/0/path"));
	assert_int_equal(plan_namespaces(&relative, 1), -1);
	assert_non_null(strstr(err.text, "isn't absolute"));
}

static void a_fifo_does_not_hold_us_up(void **state)
{
	char path[] = "/tmp/minirun-test-fifo-XXXXXX";
	struct namespace_spec item = { "ipc", path };
	int result;

	(void)state;
	assert_non_null(mkdtemp(path));
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	result = plan_namespaces(&item, 1);
	(void)unlink(path);
	assert_int_equal(result, -1);
	assert_non_null(strstr(err.text, "is no namespace"));
}

static void closing_a_plan_forgets_its_descriptors(void **state)
{
	(void)state;
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
		plan.fd[kind] = -1;
	plan.fd[NAMESPACE_UTS] = open("/proc/self/ns/uts", O_RDONLY | O_CLOEXEC);
	assert_true(plan.fd[NAMESPACE_UTS] >= 0);
	namespace_plan_close(&plan);
	assert_int_equal(plan.fd[NAMESPACE_UTS], -1);
}

static void maps_are_one_line_per_mapping(void **state)
{
	struct id_mapping items[] = { { 0, 1000, 1 }, { 1, 100000, 65535 } };
	struct id_mapping_list list = { items, 2 };
	autobuffer text = { 0 };

	(void)state;
	assert_int_equal(user_format_map(&list, &text, "/x", &err), 0);
	assert_string_equal(text.text, "0 1000 1\n1 100000 65535\n");
}

static void maps_that_the_kernel_would_refuse_are_refused_by_name(void **state)
{
	static struct id_mapping items[341];
	struct id_mapping_list none = { NULL, 0 };
	struct id_mapping_list many = { items, 341 };
	struct id_mapping_list long_text = { items, 340 };
	autobuffer text = { 0 };

	(void)state;
	assert_int_equal(user_format_map(&none, &text, "/linux/uidMappings", &err), -1);
	assert_non_null(strstr(err.text, "/linux/uidMappings"));
	assert_int_equal(user_format_map(&many, &text, "/linux/uidMappings", &err), -1);
	assert_non_null(strstr(err.text, "340"));
	for (size_t i = 0; i < ARRAY_SIZE(items); i++)
		items[i] = (struct id_mapping){ 4000000000U, 4000000000U, 1000000 };
	assert_int_equal(user_format_map(&long_text, &text, "/linux/uidMappings", &err), -1);
	assert_non_null(strstr(err.text, "4095"));
}

static void offsets_are_one_line_per_clock(void **state)
{
	struct linux_spec linux = { 0 };
	autobuffer text = { 0 };

	(void)state;
	assert_false(time_is_offset(&linux));
	linux.time_offsets.boottime = (struct time_offset){ true, -5, 999999999 };
	linux.time_offsets.monotonic = (struct time_offset){ true, 86400, 0 };
	assert_true(time_is_offset(&linux));
	time_format_offsets(&linux, &text);
	assert_string_equal(text.text, "monotonic 86400 0\nboottime -5 999999999\n");
}

static void offsets_need_a_new_time_namespace(void **state)
{
	struct linux_spec linux = { 0 };

	(void)state;
	plan = (struct namespace_plan){ 0 };
	assert_int_equal(time_check(&linux, &plan, &err), 0);
	linux.time_offsets.boottime.present = true;
	assert_int_equal(time_check(&linux, &plan, &err), -1);
	plan.join = CLONE_NEWTIME;
	assert_int_equal(time_check(&linux, &plan, &err), -1);
	plan.create = CLONE_NEWTIME;
	assert_int_equal(time_check(&linux, &plan, &err), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(listed_types_are_made_and_others_shared),
		cmocka_unit_test(with_a_report_each_one_is_told),
		cmocka_unit_test(all_eight_types_are_known),
		cmocka_unit_test(a_type_that_appears_twice_is_refused),
		cmocka_unit_test(ones_own_path_means_sharing),
		cmocka_unit_test(a_path_of_another_type_is_refused),
		cmocka_unit_test(a_path_that_is_no_namespace_is_refused),
		cmocka_unit_test(a_fifo_does_not_hold_us_up),
		cmocka_unit_test(closing_a_plan_forgets_its_descriptors),
		cmocka_unit_test(maps_are_one_line_per_mapping),
		cmocka_unit_test(maps_that_the_kernel_would_refuse_are_refused_by_name),
		cmocka_unit_test(offsets_are_one_line_per_clock),
		cmocka_unit_test(offsets_need_a_new_time_namespace),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
