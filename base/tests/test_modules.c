/* SPDX-License-Identifier: Apache-2.0 */
/* base/modules.h */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/modules.h"

static char directory[] = "/tmp/test_modules.XXXXXX";

static int make_directory(void **state)
{
	struct error err;
	const int dir = mkdtemp(directory) ? open(directory, O_RDONLY | O_DIRECTORY) : -1;

	(void)state;
	if (dir < 0 ||
	    file_replace_at(dir, "modules.alias", "alias fs-xfs xfs\n", 17, 0600, 0, &err) < 0 ||
	    mkdirat(dir, "modules.dep", 0700) < 0)
		return -1;
	return close(dir);
}

static int remove_directory(void **state)
{
	struct error err;
	autofd tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	return file_remove_tree_at(tmp, strrchr(directory, '/') + 1, &err);
}

static void what_the_list_has_is_found(void **state)
{
	(void)state;
	assert_true(modules_list_in(directory, "modules.alias", "alias fs-xfs "));
	assert_false(modules_list_in(directory, "modules.alias", "alias fs-x "));
}

static void without_the_list_there_is_none(void **state)
{
	(void)state;
	assert_false(modules_list_in(directory, "modules.builtin", "xfs"));
	assert_false(modules_list_in("/no/such/directory", "modules.alias", "xfs"));
}

static void what_cannot_be_read_may_have_it(void **state)
{
	(void)state;
	assert_true(modules_list_in(directory, "modules.dep", "xfs"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_list_has_is_found),
		cmocka_unit_test(without_the_list_there_is_none),
		cmocka_unit_test(what_cannot_be_read_may_have_it),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
