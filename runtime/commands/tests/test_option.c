/* SPDX-License-Identifier: Apache-2.0 */
/* runtime/commands/option.c */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "runtime/commands/option.h"

struct values {
	bool detach, tty;
	const char *bundle, *user;
	int fds;
	struct option_list env;
};

#define ROW(member) .offset = offsetof(struct values, member)

static const struct option rows[] = {
	{ .name = "detach", .letter = 'd', .kind = OPTION_FLAG, ROW(detach), .help = "" },
	{ .name = "tty", .letter = 't', .kind = OPTION_FLAG, ROW(tty), .help = "" },
	{ .name = "bundle", .letter = 'b', .kind = OPTION_TEXT, ROW(bundle), .value = "DIR" },
	{ .name = "user", .letter = 'u', .kind = OPTION_TEXT, ROW(user), .value = "UID" },
	{ .name = "preserve-fds", .kind = OPTION_NUMBER, ROW(fds), .value = "N" },
	{ .name = "env", .letter = 'e', .kind = OPTION_LIST, ROW(env), .value = "X" },
};
static const struct option_table table = OPTION_TABLE(rows);

static struct arena arena;
static struct values values;
static char *arguments[16];
static struct error err;
static bool help;

static int free_arena(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* Parses words that are separated by blanks; "_" stands for an empty word. */
static int parse(enum option_order order, const char *words)
{
	static char text[256];
	int count = 0;

	struct option_request request = { &table, order, &values, &arena, false };
	int kept;

	values = (struct values){ .bundle = "." };
	(void)strcpy(text, words);
	for (char *word = strtok(text, " "); word; word = strtok(NULL, " "))
		arguments[count++] = strcmp(word, "_") == 0 ? word + 1 : word;
	arguments[count] = NULL;
	kept = options_parse(&request, arguments, count, &err);
	help = request.help;
	return kept;
}

static void values_come_with_a_blank_or_an_equals_sign(void **state)
{
	(void)state;
	assert_int_equal(parse(ORDER_ANY, "--bundle /b --preserve-fds=3 id"), 1);
	assert_string_equal(values.bundle, "/b");
	assert_int_equal(values.fds, 3);
	assert_string_equal(arguments[0], "id");
	assert_null(arguments[1]);
	assert_int_equal(parse(ORDER_ANY, "--bundle= --user --detach"), 0);
	assert_string_equal(values.bundle, "");
	assert_string_equal(values.user, "--detach");
	assert_false(values.detach);
}

static void letters_can_be_joined(void **state)
{
	(void)state;
	assert_int_equal(parse(ORDER_ANY, "-dtu1:2 -b=/x id"), 1);
	assert_true(values.detach);
	assert_true(values.tty);
	assert_string_equal(values.user, "1:2");
	assert_string_equal(values.bundle, "/x");
	assert_int_equal(parse(ORDER_ANY, "-td -u 5"), 0);
	assert_string_equal(values.user, "5");
}

static void whole_names_may_have_one_dash(void **state)
{
	(void)state;
	assert_int_equal(parse(ORDER_ANY, "-detach -preserve-fds 3 -bundle=/x id"), 1);
	assert_true(values.detach);
	assert_int_equal(values.fds, 3);
	assert_string_equal(values.bundle, "/x");
	assert_int_equal(parse(ORDER_ANY, "-preserve 3"), -1); /* no whole name */
	assert_int_equal(parse(ORDER_ANY, "-u5"), 0);
	assert_string_equal(values.user, "5");
}

static void options_may_follow_the_arguments(void **state)
{
	(void)state;
	assert_int_equal(parse(ORDER_ANY, "id -d 9 --bundle /b"), 2);
	assert_true(values.detach);
	assert_string_equal(arguments[0], "id");
	assert_string_equal(arguments[1], "9");
	assert_string_equal(values.bundle, "/b");
}

static void what_follows_the_first_argument_can_belong_to_somebody_else(void **state)
{
	(void)state;
	assert_int_equal(parse(ORDER_FIRST, "-d id ls -l --bundle x -- y"), 7);
	assert_true(values.detach);
	assert_string_equal(values.bundle, ".");
	assert_string_equal(arguments[2], "-l");
	assert_string_equal(arguments[5], "--");
	assert_null(arguments[7]);
}

static void two_dashes_end_the_options(void **state)
{
	(void)state;
	assert_int_equal(parse(ORDER_ANY, "-d -- --tty -x -"), 3);
	assert_false(values.tty);
	assert_string_equal(arguments[0], "--tty");
	assert_int_equal(parse(ORDER_ANY, "- _"), 2);
	assert_string_equal(arguments[0], "-");
	assert_string_equal(arguments[1], "");
}

static void lists_collect_and_others_keep_the_last(void **state)
{
	(void)state;
	assert_int_equal(parse(ORDER_ANY, "-e A=1 --env=B=2 -eC --user 1 --user 2"), 0);
	assert_int_equal(values.env.count, 3);
	assert_string_equal(values.env.items[0], "A=1");
	assert_string_equal(values.env.items[1], "B=2");
	assert_string_equal(values.env.items[2], "C");
	assert_string_equal(values.user, "2");
}

static void flags_can_be_switched_off_and_are_known_to_be_given(void **state)
{
	(void)state;
	assert_int_equal(parse(ORDER_ANY, "id"), 1);
	assert_int_equal(parse(ORDER_ANY, "--detach=false --tty=true -t=false"), 0);
	assert_false(values.detach);
	assert_false(values.tty);
}

static void errors_name_the_option(void **state)
{
	static const char *const pairs[][2] = {
		{ "--bundle", "flag needs an argument: --bundle" },
		{ "-du", "flag needs an argument: -u" },
		{ "--bund /x", "flag provided but not defined: --bund" },
		{ "--bundles=/x", "flag provided but not defined: --bundles" },
		{ "-dx", "flag provided but not defined: -x" },
		{ "id -9", "flag provided but not defined: -9" },
		{ "--preserve-fds -1",
		  "invalid value \"-1\" for flag --preserve-fds: expected a number from 0 on" },
		{ "--preserve-fds=99999999999", "invalid value \"99999999999\" for flag "
						"--preserve-fds: expected a number from 0 on" },
		{ "--detach=yes",
		  "invalid value \"yes\" for flag --detach: expected true or false" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		assert_int_equal(parse(ORDER_ANY, pairs[i][0]), -1);
		assert_string_equal(err.text, pairs[i][1]);
	}
}

static void help_wins_over_what_follows(void **state)
{
	(void)state;
	assert_true(parse(ORDER_ANY, "id --help --nonsense") >= 0);
	assert_true(help);
	assert_true(parse(ORDER_ANY, "-dh") >= 0);
	assert_true(help);
	assert_true(parse(ORDER_FIRST, "id --help") == 2);
	assert_false(help);
}

#define TEST(test) cmocka_unit_test_teardown(test, free_arena)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(values_come_with_a_blank_or_an_equals_sign),
		TEST(letters_can_be_joined),
		TEST(whole_names_may_have_one_dash),
		TEST(options_may_follow_the_arguments),
		TEST(what_follows_the_first_argument_can_belong_to_somebody_else),
		TEST(two_dashes_end_the_options),
		TEST(lists_collect_and_others_keep_the_last),
		TEST(flags_can_be_switched_off_and_are_known_to_be_given),
		TEST(errors_name_the_option),
		TEST(help_wins_over_what_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
