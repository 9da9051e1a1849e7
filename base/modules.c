/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the lists of modules say. modules.dep(5). syscalls: openat read uname
 */
#include "base/modules.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#include "base/cleanup.h"
#include "base/file.h"

#define LIST_MAX ((size_t)16 << 20)

bool modules_list_in(const char *directory, const char *list, const char *text)
{
	autofree char *lines = NULL;
	struct error reason;
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", directory, list);
	if (file_read_at(AT_FDCWD, path, LIST_MAX, &lines, NULL, &reason) < 0)
		return reason.code != ENOENT;
	return strstr(lines, text) != NULL;
}

bool modules_list(const char *list, const char *text)
{
	struct utsname kernel;
	char directory[160];

	if (uname(&kernel) < 0)
		return true;
	(void)snprintf(directory, sizeof(directory), "/lib/modules/%.64s", kernel.release);
	return modules_list_in(directory, list, text);
}
