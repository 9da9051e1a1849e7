/* SPDX-License-Identifier: Apache-2.0 */
/* mounts[].options, word by word and in combination. */
#include "namespaces/mount_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>

#include <cmocka.h>

#include "base/sys.h"
#include "base/table.h"

static struct arena arena;
static struct error err;

#define PARSE(options, ...)                                                                        \
	do {                                                                                       \
		const char *words[] = { __VA_ARGS__ };                                             \
		struct string_list list = { words, ARRAY_SIZE(words), true };                      \
		assert_int_equal(mount_options_parse(&list, 3, &arena, &(options), &err), 0);      \
	} while (0)

static int teardown(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void every_option_of_the_specification_is_known(void **state)
{
	static const char *const names[] = {
		"async",
		"atime",
		"bind",
		"defaults",
		"dev",
		"diratime",
		"dirsync",
		"exec",
		"iversion",
		"lazytime",
		"loud",
		"mand",
		"noatime",
		"nodev",
		"nodiratime",
		"noexec",
		"noiversion",
		"nolazytime",
		"nomand",
		"norelatime",
		"nostrictatime",
		"nosuid",
		"nosymfollow",
		"private",
		"ratime",
		"rbind",
		"rdev",
		"rdiratime",
		"relatime",
		"remount",
		"rexec",
		"rnoatime",
		"rnodev",
		"rnodiratime",
		"rnoexec",
		"rnorelatime",
		"rnostrictatime",
		"rnosuid",
		"rnosymfollow",
		"ro",
		"rprivate",
		"rrelatime",
		"rro",
		"rrw",
		"rshared",
		"rslave",
		"rstrictatime",
		"rsuid",
		"rsymfollow",
		"runbindable",
		"rw",
		"shared",
		"silent",
		"slave",
		"strictatime",
		"suid",
		"symfollow",
		"sync",
		"tmpcopyup",
		"unbindable",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct mount_options options;

		PARSE(options, names[i]);
		assert_int_equal(options.data_count, 0);
	}
}

static void the_table_is_sorted_without_duplicates(void **state)
{
	(void)state;
	for (size_t i = 1; i < mount_options_count; i++)
		assert_true(strcmp(mount_options[i - 1].name, mount_options[i].name) < 0);
}

static void no_option_says_nothing(void **state)
{
	struct string_list list = { NULL, 0, false };
	struct mount_options options;

	(void)state;
	assert_int_equal(mount_options_parse(&list, 0, &arena, &options, &err), 0);
	assert_false(options.exact);
	assert_int_equal(options.own.set | options.own.clear, 0);
	assert_int_equal(options.bind, MOUNT_BIND_NONE);
}

static void defaults_and_empty_words_leave_the_source_flags(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "bind", "", "defaults", "rprivate");
	assert_false(options.exact);
	assert_int_equal(options.data_count, 0);
	assert_int_equal(options.bind, MOUNT_BIND_ONE);
}

static void the_last_of_two_opposites_wins(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "ro", "rw", "noexec", "exec", "suid", "nosuid");
	assert_int_equal(options.own.set, MOUNT_ATTR_NOSUID);
	assert_int_equal(options.own.clear, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC);
	assert_true(options.exact);
}

static void one_word_about_the_mount_makes_it_exact(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "rbind", "rw");
	assert_true(options.exact);
	PARSE(options, "rbind", "rro");
	assert_false(options.exact);
}

static void access_time_words_replace_each_other(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "noatime", "strictatime");
	assert_int_equal(options.own.set & MOUNT_ATTR__ATIME, MOUNT_ATTR_STRICTATIME);
	assert_int_equal(options.own.clear & MOUNT_ATTR__ATIME, MOUNT_ATTR__ATIME);
	PARSE(options, "strictatime", "relatime");
	assert_int_equal(options.own.set & MOUNT_ATTR__ATIME, MOUNT_ATTR_RELATIME);
	assert_int_equal(options.own.clear & MOUNT_ATTR__ATIME, MOUNT_ATTR__ATIME);
}

static void cancelling_words_cancel_only_their_own_value(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "noatime", "atime");
	assert_int_equal(options.own.set & MOUNT_ATTR__ATIME, MOUNT_ATTR_RELATIME);
	PARSE(options, "strictatime", "atime");
	assert_int_equal(options.own.set & MOUNT_ATTR__ATIME, MOUNT_ATTR_STRICTATIME);
	PARSE(options, "noatime", "nostrictatime");
	assert_int_equal(options.own.set & MOUNT_ATTR__ATIME, MOUNT_ATTR_NOATIME);
	PARSE(options, "noatime", "norelatime");
	assert_int_equal(options.own.set & MOUNT_ATTR__ATIME, MOUNT_ATTR_NOATIME);
}

static void directory_access_time_is_a_bit_of_its_own(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "nodiratime", "noatime");
	assert_int_equal(options.own.set, MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOATIME);
}

static void recursive_words_reach_the_tree_and_the_top(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "rbind", "rro", "rnosymfollow");
	assert_int_equal(options.tree.set, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSYMFOLLOW);
	assert_int_equal(options.own.set, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSYMFOLLOW);
}

static void a_plain_word_after_a_recursive_one_is_for_the_top_only(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "rbind", "rro", "rw");
	assert_int_equal(options.tree.set, MOUNT_ATTR_RDONLY);
	assert_int_equal(options.own.set, 0);
	assert_int_equal(options.own.clear, MOUNT_ATTR_RDONLY);
	PARSE(options, "rbind", "ro", "rrw");
	assert_int_equal(options.own.set, 0);
	assert_int_equal(options.tree.clear, MOUNT_ATTR_RDONLY);
}

static void superblock_words_are_kept_apart(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "sync", "dirsync", "lazytime", "mand", "iversion", "async", "nomand");
	assert_int_equal(options.superblock, MOUNT_SUPERBLOCK_DIRSYNC | MOUNT_SUPERBLOCK_LAZYTIME |
						     MOUNT_SUPERBLOCK_IVERSION);
	assert_false(options.exact);
	assert_int_equal(options.superblock_index, 4);
}

static void unknown_words_are_for_the_file_system(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "nosuid", "size=64k", "mode=755", "inode64", "RO");
	assert_int_equal(options.data_count, 4);
	assert_string_equal(options.data[0], "size=64k");
	assert_string_equal(options.data[3], "RO");
	assert_int_equal(options.data_index, 4);
	assert_string_equal(mount_options_data(&options, "mode"), "755");
	assert_null(mount_options_data(&options, "mod"));
	assert_null(mount_options_data(&options, "inode64"));
}

static void the_last_value_of_a_parameter_counts(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "mode=755", "mode=700");
	assert_string_equal(mount_options_data(&options, "mode"), "700");
}

static void parameters_may_share_a_word(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "size=64k,mode=700", "context=a:c1,c2", "x=1\\,y=2",
	      "context=\"a:c1,b=c2,ro\"");
	assert_int_equal(options.data_count, 5);
	assert_string_equal(options.data[0], "size=64k");
	assert_string_equal(mount_options_data(&options, "mode"), "700");
	assert_string_equal(options.data[2], "context=a:c1,c2");
	assert_string_equal(options.data[3], "x=1\\,y=2");
	assert_int_equal(options.data_index, 3);
}

static void options_may_not_share_a_word(void **state)
{
	const char *const words[] = { "ro,nosuid", "mode=700,ro", "nosuid,size=1", "rbind,x" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *items[] = { "nodev", words[i] };
		const struct string_list list = { items, 2, true };
		struct mount_options options;

		assert_int_equal(mount_options_parse(&list, 3, &arena, &options, &err), -1);
		assert_non_null(strstr(err.text, "/mounts/3/options/1: \""));
		assert_non_null(strstr(err.text, "each option is an element of its own"));
	}
}

static void a_propagation_replaces_the_ones_before(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "rprivate", "rslave", "rprivate");
	assert_int_equal(options.propagation_count, 1);
	assert_int_equal(options.propagation[0].type, MS_PRIVATE);
	assert_true(options.propagation[0].recursive);
}

static void shared_comes_on_top_of_slave(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "rslave", "shared");
	assert_int_equal(options.propagation_count, 2);
	assert_int_equal(options.propagation[0].type, MS_SLAVE);
	assert_int_equal(options.propagation[1].type, MS_SHARED);
	assert_false(options.propagation[1].recursive);
}

static void a_single_propagation_keeps_the_recursive_one_before(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "rslave", "private");
	assert_int_equal(options.propagation_count, 2);
	PARSE(options, "slave", "private");
	assert_int_equal(options.propagation_count, 1);
}

static void too_many_propagations_are_refused(void **state)
{
	const char *words[] = { "shared", "rshared", "shared", "rshared", "shared" };
	struct string_list list = { words, ARRAY_SIZE(words), true };
	struct mount_options options;

	(void)state;
	assert_int_equal(mount_options_parse(&list, 2, &arena, &options, &err), -1);
	assert_string_equal(err.text, "/mounts/2/options/4: too many propagation types");
}

static void idmap_may_bring_a_map(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "bind", "ridmap");
	assert_true(options.idmap && options.idmap_tree && options.idmap_index == 1);
	assert_null(options.idmap_text);
	PARSE(options, "ridmap", "idmap=uids=0-1-2;gids=0-1-2", "ro");
	assert_true(options.idmap && !options.idmap_tree && options.idmap_index == 1);
	assert_string_equal(options.idmap_text, "uids=0-1-2;gids=0-1-2");
	PARSE(options, "ridmap=x");
	assert_true(options.idmap_tree && options.data_count == 0);
	PARSE(options, "idmapper=x", "rid=1");
	assert_true(!options.idmap && options.data_count == 2);
}

static void symbolic_links_have_words_of_their_own(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "bind", "copy-symlink", "dest-nofollow", "src-nofollow");
	assert_int_equal(options.bind_how,
			 MOUNT_BIND_COPY_LINK | MOUNT_BIND_SOURCE_LINK | MOUNT_BIND_TARGET_LINK);
	assert_int_equal(options.bind_how_index, 3);
}

static void bind_words_choose_one_or_all(void **state)
{
	struct mount_options options;

	(void)state;
	PARSE(options, "bind", "rbind");
	assert_int_equal(options.bind, MOUNT_BIND_TREE);
	PARSE(options, "rbind", "bind");
	assert_int_equal(options.bind, MOUNT_BIND_ONE);
}

static void propagation_names_have_flags(void **state)
{
	(void)state;
	assert_int_equal(mount_propagation_flags("shared"), MS_SHARED);
	assert_int_equal(mount_propagation_flags("rslave"), MS_SLAVE | MS_REC);
	assert_int_equal(mount_propagation_flags("runbindable"), MS_UNBINDABLE | MS_REC);
	assert_int_equal(mount_propagation_flags("ro"), 0);
	assert_int_equal(mount_propagation_flags(""), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(every_option_of_the_specification_is_known, teardown),
		cmocka_unit_test(the_table_is_sorted_without_duplicates),
		cmocka_unit_test(no_option_says_nothing),
		cmocka_unit_test_teardown(defaults_and_empty_words_leave_the_source_flags,
					  teardown),
		cmocka_unit_test(the_last_of_two_opposites_wins),
		cmocka_unit_test(one_word_about_the_mount_makes_it_exact),
		cmocka_unit_test(access_time_words_replace_each_other),
		cmocka_unit_test(cancelling_words_cancel_only_their_own_value),
		cmocka_unit_test(directory_access_time_is_a_bit_of_its_own),
		cmocka_unit_test(recursive_words_reach_the_tree_and_the_top),
		cmocka_unit_test(a_plain_word_after_a_recursive_one_is_for_the_top_only),
		cmocka_unit_test(superblock_words_are_kept_apart),
		cmocka_unit_test_teardown(unknown_words_are_for_the_file_system, teardown),
		cmocka_unit_test_teardown(the_last_value_of_a_parameter_counts, teardown),
		cmocka_unit_test_teardown(parameters_may_share_a_word, teardown),
		cmocka_unit_test_teardown(options_may_not_share_a_word, teardown),
		cmocka_unit_test(a_propagation_replaces_the_ones_before),
		cmocka_unit_test(shared_comes_on_top_of_slave),
		cmocka_unit_test(a_single_propagation_keeps_the_recursive_one_before),
		cmocka_unit_test(too_many_propagations_are_refused),
		cmocka_unit_test(idmap_may_bring_a_map),
		cmocka_unit_test(symbolic_links_have_words_of_their_own),
		cmocka_unit_test(bind_words_choose_one_or_all),
		cmocka_unit_test(propagation_names_have_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
