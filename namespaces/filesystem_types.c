/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which file systems there are. A module's aliases name what it brings: "alias fs-xfs xfs".
 *
 * filesystems(5), modules.alias(5). syscalls: open read
 */
#include "namespaces/filesystem_types.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/modules.h"

#define FILESYSTEMS_MAX ((size_t)64 << 10)

/* "nodev\ttmpfs" or "\text4" */
bool filesystem_types_have(const char *filesystems, const char *type, bool disk)
{
	const size_t length = strlen(type);

	while (*filesystems) {
		const size_t line = strcspn(filesystems, "\n");
		const char *tab = memchr(filesystems, '\t', line);
		const size_t name = tab ? line - (size_t)(tab + 1 - filesystems) : 0;

		if (tab && name == length && strncmp(tab + 1, type, length) == 0)
			return !disk || tab == filesystems;
		filesystems += line + (filesystems[line] == '\n');
	}
	return false;
}

static bool brings_filesystem(const char *type)
{
	char alias[80];

	if ((size_t)snprintf(alias, sizeof(alias), "alias fs-%s ", type) >= sizeof(alias))
		return false;
	return modules_list("modules.alias", alias);
}

enum filesystem_type_state filesystem_type_state(const char *type)
{
	autofree char *filesystems = NULL;
	const size_t length = strcspn(type, ".");
	struct error ignored;
	char main_type[80];

	/* "fuse.sshfs": what follows the dot is for the file system, get_fs_type() in the kernel */
	if (length < sizeof(main_type) && type[length]) {
		memcpy(main_type, type, length);
		main_type[length] = '\0';
		type = main_type;
	}

	if (file_read_at(AT_FDCWD, "/proc/filesystems", FILESYSTEMS_MAX, &filesystems, NULL,
			 &ignored) < 0)
		return FILESYSTEM_MODULE; /* nobody can tell */
	if (filesystem_types_have(filesystems, type, false))
		return FILESYSTEM_THERE;
	return brings_filesystem(type) ? FILESYSTEM_MODULE : FILESYSTEM_UNKNOWN;
}

bool filesystem_type_is_on_disk(const char *type)
{
	autofree char *filesystems = NULL;
	struct error ignored;

	return file_read_at(AT_FDCWD, "/proc/filesystems", FILESYSTEMS_MAX, &filesystems, NULL,
			    &ignored) == 0 &&
	       filesystem_types_have(filesystems, type, true);
}
