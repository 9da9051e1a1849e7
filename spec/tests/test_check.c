/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "spec/check.h"

static char told[2048];

static void tell(void *data, const char *rule, const char *section, enum finding_level level,
		 const char *text)
{
	size_t used = strlen(told);

	(void)data;
	assert_true(*section != '\0');
	(void)snprintf(told + used, sizeof(told) - used, "%d %s %.*s\n", (int)level, rule,
		       (int)strcspn(text, ":"), text);
}

static bool checked(const char *text)
{
	struct container_spec spec;
	bool good;

	told[0] = '\0';
	good = spec_check(&spec, text, strlen(text), tell, NULL);
	spec_free(&spec);
	return good;
}

#define START "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"}"

static void a_good_document_has_none(void **state)
{
	(void)state;
	assert_true(checked(START "}"));
	assert_string_equal(told, "");
}

static void each_member_is_told(void **state)
{
	(void)state;
	assert_false(checked("{\"root\":{\"readonly\":1,\"x\":2},\"hostname\":3}"));
	assert_string_equal(told, "0 SPEC-members /root/readonly\n1 SPEC-unknown /root/x\n"
				  "0 SPEC-members /root/path\n0 SPEC-members /hostname\n"
				  "0 SPEC-members /ociVersion\n");
}

static void unknown_members_alone_are_no_error(void **state)
{
	(void)state;
	assert_true(checked(START ",\"x\":{\"y\":1}}"));
	assert_string_equal(told, "1 SPEC-unknown /x\n");
}

static void each_rule_is_asked(void **state)
{
	(void)state;
	assert_false(checked(START ",\"hostname\":\"h\",\"mounts\":[{\"destination\":\"/a\"}]}"));
	assert_string_equal(told, "0 SPEC-mounts /mounts\n0 SPEC-names /hostname\n");
}

static void each_element_is_told(void **state)
{
	(void)state;
	assert_false(checked(START ",\"annotations\":{\"a\":1,\"b\":\"x\",\"c\":2},"
				   "\"process\":{\"cwd\":\"/\",\"args\":[1,\"a\",2]}}"));
	assert_string_equal(told, "0 SPEC-members /annotations/a\n"
				  "0 SPEC-members /annotations/c\n"
				  "0 SPEC-members /process/args/0\n"
				  "0 SPEC-members /process/args/2\n");
	assert_false(checked(START
			     ",\"process\":{\"cwd\":\"x\",\"args\":[\"\"],\"env\":[\"A\","
			     "\"B=\",\"=C\"],\"user\":{\"uid\":4294967295,\"gid\":4294967295}}}"));
	assert_string_equal(told, "0 SPEC-process /process/args/0\n0 SPEC-process /process/cwd\n"
				  "0 SPEC-process /process/env/0\n0 SPEC-process /process/env/2\n"
				  "0 SPEC-process /process/user/uid\n"
				  "0 SPEC-process /process/user/gid\n");
}

static void what_is_no_json_is_one_finding(void **state)
{
	(void)state;
	assert_false(checked("{\"a\":1,\"a\":2}"));
	assert_non_null(strstr(told, "0 SPEC-json "));
	assert_false(checked(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_document_has_none),
		cmocka_unit_test(each_member_is_told),
		cmocka_unit_test(unknown_members_alone_are_no_error),
		cmocka_unit_test(each_rule_is_asked),
		cmocka_unit_test(each_element_is_told),
		cmocka_unit_test(what_is_no_json_is_one_finding),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
