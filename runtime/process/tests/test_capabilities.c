/* SPDX-License-Identifier: Apache-2.0 */
/* process.capabilities: names, and what a plan makes of the five lists. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include <linux/capability.h>

#include "base/table.h"
#include "runtime/process/process.h"

#define BIT(number) (UINT64_C(1) << (number))

static struct string_list list(const char **items, size_t count)
{
	return (struct string_list){ .items = items, .count = count, .present = true };
}

#define LIST(...)                                                                                  \
	list((const char *[]){ __VA_ARGS__ },                                                      \
	     sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(const char *))

static const struct capability_limits everything = { UINT64_MAX, UINT64_MAX };

static void names_and_numbers_lead_to_each_other(void **state)
{
	(void)state;
	assert_true(capability_count() >= 38);
	assert_int_equal(capability_from_name("CAP_CHOWN"), CAP_CHOWN);
	assert_int_equal(capability_from_name("CAP_SYS_ADMIN"), CAP_SYS_ADMIN);
	assert_int_equal(capability_from_name("CAP_AUDIT_READ"), CAP_AUDIT_READ);
	assert_string_equal(capability_name(CAP_CHOWN), "CAP_CHOWN");
	for (int number = 0; number <= CAP_AUDIT_READ; number++) {
		const char *name = capability_name(number);

		assert_non_null(name);
		assert_int_equal(capability_from_name(name), number);
		assert_ptr_equal(capability_name(number), name);
	}
	assert_null(capability_name(-1));
	assert_null(capability_name(63));
	assert_null(capability_name(64));
}

static void only_exact_names_are_known(void **state)
{
	static const char *const wrong[] = {
		"",	      "CAP_",	     "CHOWN",	     "cap_chown",   "CAP_chown",
		"Cap_CHOWN",  "CAP_CHOWN ",  " CAP_CHOWN",   "CAP_CHOWN,",  "CAP_CHOWN,CAP_KILL",
		"CAP_CHOWN=", "CAP_CHOWN+e", "CAP_CHOW",     "CAP_CHOWNX",  "0",
		"CAP_0",      "21",	     "CAP_\xC3\x96", "CAP_NO_SUCH", "all",
		"=ep",	      "CAP_ALL",
	};

	(void)state;
	table_for_each (name, wrong)
		assert_int_equal(capability_from_name(*name), -1);
}

static void an_absent_object_drops_everything(void **state)
{
	struct capabilities_spec spec = { 0 };
	struct capability_plan plan;

	(void)state;
	spec.bounding = LIST("CAP_KILL");
	memset(&plan, 0xff, sizeof(plan));
	capabilities_plan_within(&spec, &everything, &plan);
	for (int i = 0; i < CAPABILITY_SET_COUNT; i++)
		assert_int_equal(plan.set[i], 0);
}

static void each_list_becomes_its_own_set(void **state)
{
	struct capabilities_spec spec = { .present = true };
	struct capability_plan plan;

	(void)state;
	spec.bounding = LIST("CAP_CHOWN", "CAP_KILL", "CAP_SETUID", "CAP_CHOWN");
	spec.permitted = LIST("CAP_CHOWN", "CAP_KILL");
	spec.effective = LIST("CAP_KILL");
	spec.inheritable = LIST("CAP_CHOWN", "CAP_SETUID");
	spec.ambient = LIST("CAP_CHOWN");
	capabilities_plan_within(&spec, &everything, &plan);
	assert_int_equal(plan.set[CAPABILITY_BOUNDING],
			 BIT(CAP_CHOWN) | BIT(CAP_KILL) | BIT(CAP_SETUID));
	assert_int_equal(plan.set[CAPABILITY_PERMITTED], BIT(CAP_CHOWN) | BIT(CAP_KILL));
	assert_int_equal(plan.set[CAPABILITY_EFFECTIVE], BIT(CAP_KILL));
	assert_int_equal(plan.set[CAPABILITY_INHERITABLE], BIT(CAP_CHOWN) | BIT(CAP_SETUID));
	assert_int_equal(plan.set[CAPABILITY_AMBIENT], BIT(CAP_CHOWN));
}

static void unknown_names_are_left_out(void **state)
{
	struct capabilities_spec spec = { .present = true };
	struct capability_plan plan;

	(void)state;
	spec.bounding = LIST("CAP_NOT_INVENTED", "CAP_KILL", "kill");
	capabilities_plan_within(&spec, &everything, &plan);
	assert_int_equal(plan.set[CAPABILITY_BOUNDING], BIT(CAP_KILL));
}

static void what_we_lack_ourselves_is_left_out(void **state)
{
	const struct capability_limits limits = {
		.permitted = BIT(CAP_CHOWN) | BIT(CAP_SETUID),
		.bounding = BIT(CAP_CHOWN) | BIT(CAP_KILL),
	};
	struct capabilities_spec spec = { .present = true };
	struct capability_plan plan;

	(void)state;
	spec.bounding = LIST("CAP_CHOWN", "CAP_KILL", "CAP_SETUID");
	spec.permitted = spec.effective = spec.inheritable = spec.ambient = spec.bounding;
	capabilities_plan_within(&spec, &limits, &plan);
	assert_int_equal(plan.set[CAPABILITY_BOUNDING], BIT(CAP_CHOWN) | BIT(CAP_KILL));
	assert_int_equal(plan.set[CAPABILITY_PERMITTED], BIT(CAP_CHOWN) | BIT(CAP_SETUID));
	assert_int_equal(plan.set[CAPABILITY_EFFECTIVE], BIT(CAP_CHOWN) | BIT(CAP_SETUID));
	assert_int_equal(plan.set[CAPABILITY_INHERITABLE], BIT(CAP_CHOWN));
	assert_int_equal(plan.set[CAPABILITY_AMBIENT], BIT(CAP_CHOWN));
}

static void effective_is_within_permitted(void **state)
{
	struct capabilities_spec spec = { .present = true };
	struct capability_plan plan;

	(void)state;
	spec.permitted = LIST("CAP_KILL");
	spec.effective = LIST("CAP_KILL", "CAP_CHOWN");
	capabilities_plan_within(&spec, &everything, &plan);
	assert_int_equal(plan.set[CAPABILITY_EFFECTIVE], BIT(CAP_KILL));
}

static void inheritable_is_within_bounding(void **state)
{
	struct capabilities_spec spec = { .present = true };
	struct capability_plan plan;

	(void)state;
	spec.bounding = LIST("CAP_KILL");
	spec.inheritable = LIST("CAP_KILL", "CAP_CHOWN");
	capabilities_plan_within(&spec, &everything, &plan);
	assert_int_equal(plan.set[CAPABILITY_INHERITABLE], BIT(CAP_KILL));
}

/* CVE-2022-29162: inheritable comes from its own list alone; ambient needs both others. */
static void ambient_never_fills_inheritable(void **state)
{
	struct capabilities_spec spec = { .present = true };
	struct capability_plan plan;

	(void)state;
	spec.bounding = spec.permitted = spec.effective = LIST("CAP_KILL", "CAP_CHOWN");
	spec.ambient = LIST("CAP_KILL");
	capabilities_plan_within(&spec, &everything, &plan);
	assert_int_equal(plan.set[CAPABILITY_INHERITABLE], 0);
	assert_int_equal(plan.set[CAPABILITY_AMBIENT], 0);
}

static int apply_in_child(const struct capability_plan *plan)
{
	struct error err;

	if (capabilities_before_user(plan, &err) < 0 || capabilities_apply(plan, 0, &err) < 0 ||
	    capabilities_verify(plan, &err) < 0) {
		(void)fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	return 0;
}

/* Everything that there is, asked for in all sets but the ambient one. */
static void plan_all(struct capability_plan *plan)
{
	struct capabilities_spec spec = { .present = true };
	const char *names[64];
	size_t count = 0;
	struct error err;

	for (int number = 0; number < capability_count(); number++) {
		if (capability_name(number))
			names[count++] = capability_name(number);
	}
	spec.bounding = spec.permitted = spec.effective = spec.inheritable = list(names, count);
	assert_int_equal(capabilities_plan(&spec, false, plan, &err), 0);
}

/* Whoever runs the tests: what a process has it can keep, and what it has kept is read back. */
static void own_sets_can_be_applied_and_verified(void **state)
{
	struct capability_plan plan;
	int status;
	pid_t pid;

	(void)state;
	plan_all(&plan);
	pid = fork();
	if (pid == 0)
		_exit(apply_in_child(&plan));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void verify_names_the_set_that_differs(void **state)
{
	struct capability_plan plan;
	struct error err;

	(void)state;
	plan_all(&plan);
	plan.set[CAPABILITY_BOUNDING] ^= 1;
	assert_int_equal(capabilities_verify(&plan, &err), -1);
	assert_non_null(strstr(err.text, "bounding set"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_numbers_lead_to_each_other),
		cmocka_unit_test(only_exact_names_are_known),
		cmocka_unit_test(an_absent_object_drops_everything),
		cmocka_unit_test(each_list_becomes_its_own_set),
		cmocka_unit_test(unknown_names_are_left_out),
		cmocka_unit_test(what_we_lack_ourselves_is_left_out),
		cmocka_unit_test(effective_is_within_permitted),
		cmocka_unit_test(inheritable_is_within_bounding),
		cmocka_unit_test(ambient_never_fills_inheritable),
		cmocka_unit_test(own_sets_can_be_applied_and_verified),
		cmocka_unit_test(verify_names_the_set_that_differs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
