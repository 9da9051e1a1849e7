/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules for a cgroup's place, as text: nothing here touches a file system (cgroups(7)).
 *
 * syscalls: none
 */
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "base/path.h"
#include "base/string.h"
#include "cgroups/fs_driver.h"

static bool has_dot_dot(const char *path)
{
	while (*path) {
		size_t length = strcspn(path, "/");

		if (length == 2 && path[0] == '.' && path[1] == '.')
			return true;
		path += length;
		path += strspn(path, "/");
	}
	return false;
}

static int check(const char *cgroups_path, struct error *err)
{
	/* "/a/../../x" would leave what the caller meant to confine the container to */
	if (has_dot_dot(cgroups_path))
		return error_set(err, "/linux/cgroupsPath: \"..\" is not allowed: %s",
				 cgroups_path);
	if (strchr(cgroups_path, '\n'))
		return error_set(err, "/linux/cgroupsPath: a newline is not allowed");
	return 0;
}

/* Length of the own cgroup's parent without a trailing slash: "/a/b" 2, "/a" and "/" 0. */
static int parent_length(const char *own)
{
	const char *slash = strrchr(own, '/');

	return slash ? (int)(slash - own) : 0;
}

const char *fs_driver_place(const struct hierarchy *hierarchy, const char *cgroups_path,
			    const char *id, struct arena *arena, struct error *err)
{
	const char *own = hierarchy->own ? hierarchy->own : "/";
	char clean[PATH_MAX];
	const char *path;

	if (cgroups_path && check(cgroups_path, err) < 0)
		return NULL;
	if (!cgroups_path)
		path = arena_format(arena, "%.*s/minirun-%s", parent_length(own), own, id);
	else if (cgroups_path[0] == '/')
		path = cgroups_path;
	else
		path = arena_format(arena, "%.*s/%s", parent_length(own), own, cgroups_path);
	if (!path) {
		(void)error_set(err, "out of memory");
		return NULL;
	}
	if (!path_clean(path, clean)) {
		(void)error_set(err, "/linux/cgroupsPath: is too long");
		return NULL;
	}
	if (string_equal(clean, "/")) {
		/* deleting the container would kill every process of the host */
		(void)error_set(err, "/linux/cgroupsPath: names the root of the hierarchy: %s",
				cgroups_path);
		return NULL;
	}

	const char *place = arena_format(arena, "%s%s", hierarchy->mount, clean);

	if (!place)
		(void)error_set(err, "out of memory");
	return place;
}
