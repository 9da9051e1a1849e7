/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which directory of which cgroup file system a process is in: cgroups(7), "/proc/[pid]/cgroup";
 * proc_pid_mountinfo(5).
 *
 * syscalls: none
 */
#include <string.h>

#include "base/table.h"
#include "cgroups/controllers.h"
#include "runtime/inspect/cgroup_facts.h"

const char *const cgroup_controller_names[CONTROLLER_COUNT] = {
	[CONTROLLER_MEMORY] = "memory",	  [CONTROLLER_PIDS] = "pids",
	[CONTROLLER_CPU] = "cpu",	  [CONTROLLER_CPUACCT] = "cpuacct",
	[CONTROLLER_CPUSET] = "cpuset",	  [CONTROLLER_IO] = "io",
	[CONTROLLER_HUGETLB] = "hugetlb", [CONTROLLER_DEVICES] = "devices",
	[CONTROLLER_FREEZER] = "freezer", [CONTROLLER_UNIFIED] = "unified",
};

static const char *v1_name(int controller)
{
	return controller == CONTROLLER_IO ? "blkio" : cgroup_controller_names[controller];
}

enum cgroup_controller cgroup_find_controller(const char *name)
{
	for (int i = 0; i < CONTROLLER_COUNT; i++)
		if (strcmp(name, cgroup_controller_names[i]) == 0 || strcmp(name, v1_name(i)) == 0)
			return (enum cgroup_controller)i;
	return CONTROLLER_COUNT;
}

/* The word of a list with this separator. */
static bool has_word(const char *list, size_t length, const char *word, char separator)
{
	size_t size = strlen(word);

	while (length >= size) {
		const char *end = memchr(list, separator, length);
		size_t this = end ? (size_t)(end - list) : length;

		if (this == size && memcmp(list, word, size) == 0)
			return true;
		if (!end)
			return false;
		list = end + 1;
		length -= this + 1;
	}
	return false;
}

/* The path of "N:CONTROLLERS:PATH"; NULL: no such line. word NULL: the line of v2. */
static const char *find_path(const char *cgroups, const char *word, struct arena *arena)
{
	for (const char *line = cgroups; *line; line = strchrnul(line, '\n')) {
		const char *list, *path;

		line += *line == '\n';
		list = strchr(line, ':');
		path = list ? strchr(list + 1, ':') : NULL;
		if (!path || path > strchrnul(line, '\n'))
			continue;
		if (word ? has_word(list + 1, (size_t)(path - list - 1), word, ',')
			 : strncmp(line, "0::", 3) == 0)
			return arena_format(arena, "%.*s", (int)strcspn(path + 1, "\n"), path + 1);
	}
	return NULL;
}

static const char *field(const char *line, int n)
{
	while (n-- > 0 && line) {
		line = memchr(line, ' ', strcspn(line, "\n"));
		line = line ? line + 1 : NULL;
	}
	return line;
}

/* True if a later mount lies over this place, so that no name leads there any more. */
static bool is_covered(const char *line)
{
	const char *place = field(line, 4), *later = strchr(line, '\n');

	for (; place && later && later[1]; later = strchr(later + 1, '\n')) {
		const char *over = field(later + 1, 4);
		size_t length = over ? strcspn(over, " ") : 0;

		if (length > 1 && strncmp(place, over, length) == 0 &&
		    (place[length] == '/' || place[length] == ' '))
			return true;
	}
	return false;
}

/* A mount whose super options have the controller, or the cgroup2 mount: root and mount point. */
static bool find_mount(const char *mountinfo, const char *controller, struct arena *arena,
		       const char **root, const char **mount)
{
	static const char v1[] = " - cgroup ", v2[] = " - cgroup2 ";
	bool found = false;

	for (const char *line = mountinfo; *line; line = strchrnul(line, '\n')) {
		size_t length;
		const char *type, *options, *places;

		line += *line == '\n';
		length = strcspn(line, "\n");
		type = memmem(line, length, controller ? v1 : v2, strlen(controller ? v1 : v2));
		if (!type || is_covered(line))
			continue;
		options = field(type + 3, 2);
		places = field(line, 3);
		if (!options || !places)
			continue;
		if (controller && !has_word(options, strcspn(options, "\n"), controller, ','))
			continue;
		/* of several cgroup2 mounts /sys/fs/cgroup or the first */
		if (!controller && found && strncmp(field(line, 4), "/sys/fs/cgroup", 14) != 0)
			continue;
		*root = arena_format(arena, "%.*s", (int)strcspn(places, " "), places);
		places = field(line, 4);
		*mount = arena_format(arena, "%.*s", (int)strcspn(places, " "), places);
		found = *root && *mount;
	}
	return found;
}

static void place(struct cgroup_where *where, const char *path, const char *root,
		  struct arena *arena)
{
	size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);

	if (strncmp(path, "/..", 3) == 0) {
		where->why = "it lies outside of the caller's cgroup namespace";
		return;
	}
	if (strncmp(path, root, length) != 0 || (path[length] != '/' && path[length] != '\0')) {
		where->why = "it lies outside of what is mounted";
		return;
	}
	path += length;
	where->relative = *path ? arena_string(arena, path) : "/";
	where->path = arena_format(arena, "%s%s", where->mount, strcmp(path, "/") == 0 ? "" : path);
}

void cgroup_where(struct cgroup_where *where, const char *cgroups, const char *mountinfo,
		  const char *v2_controllers, struct arena *arena)
{
	for (int i = 0; i < CONTROLLER_COUNT; i++) {
		const char *root = NULL, *path;
		struct cgroup_where *one = &where[i];

		*one = (struct cgroup_where){ .why = "this host has no such controller" };
		if (i != CONTROLLER_UNIFIED &&
		    find_mount(mountinfo, v1_name(i), arena, &root, &one->mount)) {
			one->version = 1;
			path = find_path(cgroups, v1_name(i), arena);
		} else if ((i == CONTROLLER_UNIFIED || i == CONTROLLER_FREEZER ||
			    controllers_list_has(v2_controllers, cgroup_controller_names[i])) &&
			   find_mount(mountinfo, NULL, arena, &root, &one->mount)) {
			one->version = 2;
			path = find_path(cgroups, NULL, arena);
		} else {
			continue;
		}
		one->why = "the process has no line about it";
		if (path && root)
			place(one, path, root, arena);
	}
}

const char *cgroup_mode(const struct cgroup_where *where)
{
	bool v1 = false;

	for (int i = 0; i < CONTROLLER_COUNT; i++)
		v1 |= where[i].version == 1;
	if (where[CONTROLLER_UNIFIED].version == 2)
		return v1 ? "hybrid" : "v2";
	return v1 ? "v1" : "none";
}
