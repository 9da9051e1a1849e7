/* SPDX-License-Identifier: Apache-2.0 */
/* exec --user: every text is exactly the ids that it says or refused (CVE-2026-30892). */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/table.h"
#include "runtime/process/process.h"

#define OLD_UID 4711
#define OLD_GID 4712

static void parses(const char *text, uint32_t uid, uint32_t gid)
{
	struct user_spec user = { .uid = OLD_UID, .gid = OLD_GID };
	struct error err = { 0 };

	if (user_parse(text, &user, &err) != 0)
		fail_msg("\"%s\" was refused: %s", text, err.text);
	if (user.uid != uid || user.gid != gid)
		fail_msg("\"%s\" became %" PRIu32 ":%" PRIu32, text, user.uid, user.gid);
}

static void refused(const char *text)
{
	struct user_spec user = { .uid = OLD_UID, .gid = OLD_GID };
	struct error err = { 0 };

	if (user_parse(text, &user, &err) != -1)
		fail_msg("\"%s\" became %" PRIu32 ":%" PRIu32, text, user.uid, user.gid);
	assert_int_equal(user.uid, OLD_UID);
	assert_int_equal(user.gid, OLD_GID);
	assert_true(err.text[0] != '\0');
}

static void numbers_are_taken(void **state)
{
	static const struct {
		const char *text;
		uint32_t uid, gid;
	} rows[] = {
		{ "0", 0, OLD_GID },
		{ "1", 1, OLD_GID },
		{ "00", 0, OLD_GID },
		{ "05", 5, OLD_GID },
		{ "010", 10, OLD_GID },
		{ "1000", 1000, OLD_GID },
		{ "65534", 65534, OLD_GID },
		{ "2147483647", 2147483647, OLD_GID },
		{ "2147483648", 2147483648U, OLD_GID },
		{ "4294967294", 4294967294U, OLD_GID },
		{ "0:0", 0, 0 },
		{ "0:1", 0, 1 },
		{ "1:0", 1, 0 },
		{ "1000:100", 1000, 100 },
		{ "4294967294:4294967294", 4294967294U, 4294967294U },
		{ "7:007", 7, 7 },
	};

	(void)state;
	table_for_each (row, rows)
		parses(row->text, row->uid, row->gid);
}

static void everything_else_is_refused(void **state)
{
	static const char *const texts[] = {
		"",
		":",
		"::",
		":1",
		"1:",
		"1::",
		"1:2:",
		"1:2:3",
		"::1",
		"1.0",
		"1,2",
		"1;2",
		"1/2",
		"1 2",
		"1e3",
		"1_000",
		"1'000",
		"4294967295",
		"4294967296",
		"4294967297",
		"8589934592",
		"18446744073709551615",
		"18446744073709551616",
		"18446744073709551617",
		"99999999999999999999999999",
		"1:4294967295",
		"1:4294967296",
		"1:18446744073709551616",
		"4294967295:1",
		"000000000000000000000000000000000000000000001",
		"0x0",
		"0x1",
		"0X1",
		"0b1",
		"0o7",
		"1h",
		"root",
		"root:root",
		"nobody",
		"0root",
		"root0",
		"0:root",
		"root:0",
		"1000:users",
		"daemon:1",
		"#0",
		"$UID",
		"~",
		"*",
		"?",
		"null",
		"true",
		"NaN",
		"inf",
		"\xd9\xa0",	    /* Arabic-Indic zero */
		"\xd9\xa1",	    /* one */
		"\xef\xbc\x90",	    /* full-width zero */
		"\xef\xbc\x91",	    /* one */
		"\xe0\xa5\xa6",	    /* Devanagari zero */
		"\xf0\x9d\x9f\x98", /* mathematical zero */
		"\xc2\xb2",	    /* superscript two */
		"\xe2\x81\xbb\x31", /* superscript minus */
		"\xe2\x88\x92\x31", /* minus sign */
		"\xe2\x80\x8b\x31", /* zero-width space */
		"\x31\xe2\x80\x8b", /* after it */
		"\xc2\xa0\x31",	    /* no-break space */
		"\xef\xbb\xbf\x31", /* byte order mark */
		"\xff",
		"\x80\x31",
		"\x01",
		"1\x7f",
	};

	(void)state;
	table_for_each (text, texts)
		refused(*text);
}

/* Each sign, blank and control character before, after and inside of each kind of id: more than
 * two hundred texts, and the first number that a lax parser would read is 0 in half of them. */
static void no_character_around_a_number_is_overlooked(void **state)
{
	static const char characters[] = " \t\n\r\v\f+-.,;/\\#%'\"`=()[]{}<>|&!@^_aAxX";
	static const char *const shapes[] = {
		"%c0", "0%c", "%c1", "1%c", "0%c0", "1:%c0", "1:0%c"
	};
	size_t tried = 0;

	(void)state;
	for (const char *c = characters; *c; c++) {
		table_for_each (shape, shapes) {
			char text[16], *place;

			(void)snprintf(text, sizeof(text), "%s", *shape);
			place = strstr(text, "%c");
			*place = *c;
			memmove(place + 1, place + 2, strlen(place + 2) + 1);
			refused(text);
			tried++;
		}
	}
	assert_true(tried >= 220);
}

static int become_ourselves(const struct user_spec *user, mode_t expected_umask)
{
	struct error err;
	bool stay = false;

	/* root sets the groups; somebody else may only keep what verify reads */
	if (geteuid() == 0 && user_apply(user, &stay, &err) < 0)
		return 1;
	if (geteuid() == 0 && umask(0) != expected_umask)
		return 2;
	return user_verify(user, stay, &err) < 0 ? 3 : 0;
}

static int in_child(const struct user_spec *user, mode_t expected_umask)
{
	pid_t pid = fork();
	int status;

	if (pid == 0)
		_exit(become_ourselves(user, expected_umask));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WEXITSTATUS(status);
}

static void own_ids_can_be_applied_and_verified(void **state)
{
	uint32_t groups[1024];
	struct user_spec user = { .uid = getuid(), .gid = getgid() };
	int count = getgroups(1024, groups);

	(void)state;
	assert_true(count >= 0);
	user.additional_gids.items = groups;
	user.additional_gids.count = (size_t)count;
	assert_int_equal(in_child(&user, 0022), 0);
	user.umask = (struct opt_uint){ .present = true, .value = 077 };
	assert_int_equal(in_child(&user, 0077), 0);
}

static void groups_are_compared_as_a_set(void **state)
{
	uint32_t groups[] = { 300, 100, 200, 100 };
	struct user_spec user = { 0 };

	(void)state;
	if (geteuid() != 0) {
		print_message("skip: needs root\n");
		skip();
	}
	user.additional_gids.items = groups;
	user.additional_gids.count = ARRAY_SIZE(groups);
	assert_int_equal(in_child(&user, 0022), 0);
}

static void verify_names_what_differs(void **state)
{
	struct user_spec user = { .uid = getuid() + 1, .gid = getgid() };
	uint32_t group = 0x7654321;
	struct error err;

	(void)state;
	assert_int_equal(user_verify(&user, false, &err), -1);
	assert_non_null(strstr(err.text, "user"));
	user.uid = getuid();
	user.gid = getgid() + 1;
	assert_int_equal(user_verify(&user, false, &err), -1);
	assert_non_null(strstr(err.text, "group id"));
	user.gid = getgid();
	user.additional_gids.items = &group;
	user.additional_gids.count = 1;
	assert_int_equal(user_verify(&user, false, &err), -1);
	assert_non_null(strstr(err.text, "groups"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_taken),
		cmocka_unit_test(everything_else_is_refused),
		cmocka_unit_test(no_character_around_a_number_is_overlooked),
		cmocka_unit_test(own_ids_can_be_applied_and_verified),
		cmocka_unit_test(groups_are_compared_as_a_set),
		cmocka_unit_test(verify_names_what_differs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
