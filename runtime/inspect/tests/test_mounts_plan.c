/* SPDX-License-Identifier: Apache-2.0 */
/* Where a destination lies, links of the image followed. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "runtime/inspect/document.h"

static struct arena arena;
static int root;
static char directory[] = "/tmp/minirun-mounts-XXXXXX";

static const struct {
	const char *name, *target;
} links[] = { { "abs", "/run/x" },
	      { "rel", "var/y" },
	      { "loop", "loop" },
	      { "up", "../../z" },
	      { "two", "abs/inner" } };

static int make_links(void **state)
{
	(void)state;
	assert_non_null(mkdtemp(directory));
	root = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_true(root >= 0);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		assert_int_equal(symlinkat(links[i].target, root, links[i].name), 0);
	return 0;
}

static int remove_links(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		(void)unlinkat(root, links[i].name, 0);
	(void)close(root);
	arena_free(&arena);
	return rmdir(directory);
}

static void words_alone_are_cleaned(void **state)
{
	(void)state;
	assert_string_equal(mount_resolve(-1, "/a//b/./c/../d/", true, &arena), "/a/b/d");
	assert_string_equal(mount_resolve(-1, "a", true, &arena), "/a");
	assert_string_equal(mount_resolve(-1, "/../..", true, &arena), "/");
	assert_string_equal(mount_resolve(-1, "/...", true, &arena), "/...");
}

static void links_are_followed_though_nothing_is_there(void **state)
{
	(void)state;
	assert_string_equal(mount_resolve(root, "/abs/q", true, &arena), "/run/x/q");
	assert_string_equal(mount_resolve(root, "/rel", true, &arena), "/var/y");
	assert_string_equal(mount_resolve(root, "/up/q", true, &arena), "/z/q");
	assert_string_equal(mount_resolve(root, "/two", true, &arena), "/run/x/inner");
	assert_string_equal(mount_resolve(root, "/rel", false, &arena), "/rel");
	assert_string_equal(mount_resolve(root, "/rel/q", false, &arena), "/var/y/q");
	assert_string_equal(mount_resolve(root, "/none/../rel", true, &arena), "/var/y");
}

static void a_loop_ends(void **state)
{
	(void)state;
	assert_string_equal(mount_resolve(root, "/loop/x", true, &arena), "/loop/x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_alone_are_cleaned),
		cmocka_unit_test(links_are_followed_though_nothing_is_there),
		cmocka_unit_test(a_loop_ends),
	};

	return cmocka_run_group_tests(tests, make_links, remove_links);
}
