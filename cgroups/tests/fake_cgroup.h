/* SPDX-License-Identifier: Apache-2.0 */
/* A directory of ordinary files in place of a cgroup: one per test, as its set-up and tear-down. */
#ifndef CGROUPS_TESTS_FAKE_CGROUP_H
#define CGROUPS_TESTS_FAKE_CGROUP_H

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/fd.h"
#include "base/file.h"

static char root[] = "/tmp/minirun-cgroup-XXXXXX";
static int root_fd = -1;
static struct error err;

static int make_root(void **state)
{
	(void)state;
	(void)strcpy(root + strlen(root) - 6, "XXXXXX");
	assert_non_null(mkdtemp(root));
	root_fd = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(root_fd >= 0);
	return 0;
}

static int remove_root(void **state)
{
	autofd parent = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	(void)state;
	fd_close(&root_fd);
	return file_remove_tree_at(parent, root + strlen("/tmp/"), &err);
}

/* A file with this text, whether it is there or not. */
static void put(const char *name, const char *text)
{
	autofd file = openat(root_fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(file >= 0);
	assert_int_equal(write(file, text, strlen(text)), strlen(text));
}

#endif
