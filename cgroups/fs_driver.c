/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The "cgroupfs" manager: the rules for a cgroup's place, as text, and its directory (cgroups(7)).
 *
 * syscalls: mkdir
 */
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>

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

static int place(struct cgroup_plan *plan, const char *id, struct arena *arena, const char **why,
		 struct error *err)
{
	const char *path = plan->spec->linux.cgroups_path;
	struct hierarchy hierarchy;

	if (path && !*path)
		path = NULL;
	if (hierarchy_find(&hierarchy, !path || path[0] != '/', arena, err) < 0)
		return -1;
	*why = "cgroup v2 is not mounted on this host";
	if (!hierarchy.mount)
		return 0;
	plan->mount = hierarchy.mount;
	plan->place.path = fs_driver_place(&hierarchy, path, id, arena, err);
	return plan->place.path ? 0 : -1;
}

static int explain_mkdir(const char *path, struct error *err)
{
	switch (errno) {
	case EROFS:
		(void)error_set(err, "cgroup %s: the cgroup file system is read-only", path);
		err->code = EROFS;
		return -1;
	case EAGAIN: /* cgroup-v2.rst */
		return error_set(
			err,
			"cgroup %s: cgroup.max.descendants or cgroup.max.depth of a parent "
			"is reached",
			path);
	case EACCES:
	case EPERM:
		(void)error_errno(err, "cgroup %s", path);
		return error_kind(err, ERROR_CGROUP_NOT_DELEGATED);
	default:
		return error_errno(err, "cgroup %s", path);
	}
}

/* mkdir -p below the mount point; errno on failure. */
static int make_parents(const struct cgroup_plan *plan, struct arena *arena)
{
	char *path = arena_string(arena, plan->place.path);
	size_t mount_length = strlen(plan->mount);

	if (!path) {
		errno = ENOMEM;
		return -1;
	}
	for (char *slash = path + mount_length; (slash = strchr(slash + 1, '/')) != NULL;) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return 0;
}

/* errno on failure; one that exists is none. *made: it is new. */
static int make_directory(const struct cgroup_plan *plan, bool *made)
{
	struct arena arena = { NULL };
	int result;

	/* the parents mostly exist, so the whole path is tried first */
	*made = mkdir(plan->place.path, 0755) == 0;
	if (*made || errno == EEXIST)
		return 0;
	if (errno != ENOENT)
		return -1;
	result = make_parents(plan, &arena);
	arena_free(&arena);
	if (result < 0)
		return -1;
	*made = mkdir(plan->place.path, 0755) == 0;
	return *made || errno == EEXIST ? 0 : -1;
}

static int create(struct cgroup_plan *plan, bool *made, struct error *err)
{
	return make_directory(plan, made) < 0 ? explain_mkdir(plan->place.path, err) : 0;
}

const struct cgroup_driver fs_driver = { .name = "cgroupfs", .place = place, .create = create };
