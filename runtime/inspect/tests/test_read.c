/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Targets, the parsers of /proc's files, hostile text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>
#include <unistd.h>

#include "runtime/inspect/namespaces.h"
#include "runtime/inspect/target.h"
#include "runtime/inspect/text.h"

static bool only_five(const char *id, void *data)
{
	(void)data;
	return strcmp(id, "5") == 0;
}

static enum target_kind kind_of(const char *text)
{
	struct target target;
	struct error err;

	if (target_parse(&target, text, only_five, NULL, &err) < 0)
		fail_msg("%s: %s", text, err.text);
	return target.kind;
}

static void test_targets(void **state)
{
	(void)state;
	assert_int_equal(kind_of("web.1"), TARGET_CONTAINER);
	assert_int_equal(kind_of("id:self"), TARGET_CONTAINER);
	assert_int_equal(kind_of("6"), TARGET_PROCESS);
	assert_int_equal(kind_of("pid:5"), TARGET_PROCESS);
	assert_int_equal(kind_of("id:5"), TARGET_CONTAINER);
	assert_int_equal(kind_of("self"), TARGET_SELF);
	assert_int_equal(kind_of("host"), TARGET_HOST);
	assert_int_equal(kind_of("."), TARGET_BUNDLE);
	assert_int_equal(kind_of("5/"), TARGET_BUNDLE);
}

static void test_wrong_targets(void **state)
{
	static const char *const wrong[] = { "5",     "",  "id:",	  "pid:",  "pid:0",
					     "pid:x", "0", "99999999999", "pid:-1" };
	struct target target;
	struct error err;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(target_parse(&target, wrong[i], only_five, NULL, &err), -1);
	assert_int_equal(target_parse(&target, "5", only_five, NULL, &err), -1);
	assert_non_null(strstr(err.text, "pid:5 or id:5"));
}

static void test_status(void **state)
{
	static const char text[] =
		"Name:\ta\\nUid:\t7\nState:\tZ (zombie)\nTgid:\t12\nPPid:\t3\n"
		"Uid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t1 2 \nNSpid:\t12\t7\t1\n"
		"CapInh:\t0000000000000000\nCapPrm:\t0000000000000021\n"
		"CapEff:\t0000000000000020\nCapBnd:\t000001ffffffffff\n"
		"CapAmb:\t0000000000000001\nNoNewPrivs:\t1\nSeccomp:\t2\n";
	struct arena arena = { 0 };
	struct status_facts status;

	(void)state;
	status_parse(text, &status, &arena);
	assert_int_equal(status.state, 'Z');
	assert_int_equal(status.tgid, 12);
	assert_int_equal(status.ppid, 3);
	assert_int_equal(status.uid[1], 2);
	assert_int_equal(status.gid[3], 8);
	assert_int_equal(status.nspid_count, 3);
	assert_int_equal(status.nspid[2], 1);
	assert_int_equal(status.set[CAPABILITY_PERMITTED], 0x21);
	assert_int_equal(status.set[CAPABILITY_AMBIENT], 1);
	assert_int_equal(status.no_new_privs.value, 1);
	assert_int_equal(status.seccomp.value, 2);
	assert_int_equal(status.seccomp_filters.fact.state, FACT_ABSENT);
	status_parse("", &status, &arena);
	assert_false(status.has_capabilities);
	arena_free(&arena);
}

static void test_id_map(void **state)
{
	uint32_t inside = 0;

	(void)state;
	assert_true(id_map_inside("         0     100000      65536\n", 100005, &inside));
	assert_int_equal(inside, 5);
	assert_true(id_map_inside(" 0 1000 1\n 1 100000 10\n", 100000, &inside));
	assert_int_equal(inside, 1);
	assert_false(id_map_inside(" 0 1000 1\n", 0, &inside));
	assert_false(id_map_inside("", 0, &inside));
}

static void test_ns_link(void **state)
{
	enum namespace_kind kind;
	uint64_t inode;

	(void)state;
	assert_true(ns_parse_link("net:[4026531840]", &kind, &inode));
	assert_int_equal(kind, NAMESPACE_NETWORK);
	assert_int_equal(inode, 4026531840);
	assert_false(ns_parse_link("net:[]", &kind, &inode));
	assert_false(ns_parse_link("socket:[5]", &kind, &inode));
	assert_false(ns_parse_link("net:[5] (deleted)", &kind, &inode));
}

static void shows(const char *text, bool utf8, const char *wanted)
{
	const struct text_style style = { .utf8 = utf8 };
	autobuffer out = { 0 };

	buffer_add(&out, "");
	text_escaped(&out, text, &style);
	assert_string_equal(out.text, wanted);
}

static void test_hostile_text(void **state)
{
	(void)state;
	shows("plain text", false, "plain text");
	shows("a\033[31mb", true, "a\\x1b[31mb");
	shows("a\nb\tc\177", true, "a\\x0ab\\x09c\\x7f");
	shows("\\", true, "\\\\");
	shows("\xc3\xa9", true, "\xc3\xa9");
	shows("\xc3\xa9", false, "\\xc3\\xa9");
	shows("\xc2\x9b", true, "\\xc2\\x9b");		/* CSI */
	shows("\xd8\x9c", true, "\\xd8\\x9c");		/* Arabic letter mark */
	shows("\xe2\x80\xae", true, "\\xe2\\x80\\xae"); /* right-to-left override */
	shows("\xff\x9b", true, "\\xff\\x9b");
}

static void test_width(void **state)
{
	const struct text_style style = { .utf8 = true };
	autobuffer out = { 0 };

	(void)state;
	text_escaped_width(&out, "abcdefgh", 8, &style);
	buffer_add(&out, "|");
	text_escaped_width(&out, "abcdefghi", 8, &style);
	buffer_add(&out, "|");
	text_arguments(&out, "sh\0-c\0x y", 9, 20, &style);
	assert_string_equal(out.text, "abcdefgh|abcde...|sh -c x y");
}

static void test_unknown(void **state)
{
	const struct fact denied = fact_from_errno(13, "x");
	autobuffer out = { 0 };
	struct json_out json = json_out(&out, 0);

	(void)state;
	assert_true(json_unknown(&json, NULL, &denied));
	assert_string_equal(out.text, "{\"denied\":\"EACCES\",\"need\":\"CAP_SYS_PTRACE\"}");
	out.length = 0;
	text_unknown(&out, &denied);
	assert_string_equal(out.text, "? (EACCES: needs CAP_SYS_PTRACE)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_targets), cmocka_unit_test(test_wrong_targets),
		cmocka_unit_test(test_status),	cmocka_unit_test(test_id_map),
		cmocka_unit_test(test_ns_link), cmocka_unit_test(test_hostile_text),
		cmocka_unit_test(test_width),	cmocka_unit_test(test_unknown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
