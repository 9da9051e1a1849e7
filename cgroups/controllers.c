/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Controllers: needed, there, handed down (cgroups(7), "Cgroups v2 controllers").
 *
 * syscalls: openat read write
 */
#include "cgroups/controllers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/string.h"
#include "base/table.h"
#include "cgroups/state.h"

#define LIST_SIZE 512 /* bytes of cgroup.controllers: nine names today */
#define MOUNTINFO_MAX ((size_t)64 << 20)

/* What Linux has; "cgroup" is the core, which is always there. */
static const char *const known[] = { "cpuset", "cpu",  "io",   "memory", "hugetlb",
				     "pids",   "rdma", "misc", "dmem",	 "cgroup" };

bool controllers_list_has(const char *list, const char *controller)
{
	size_t length = strlen(controller);

	for (list += strspn(list, " \n"); *list; list += strspn(list, " \n")) {
		size_t word = strcspn(list, " \n");

		if (word == length && strncmp(list, controller, length) == 0)
			return true;
		list += word;
	}
	return false;
}

static bool is_core(const char *controller)
{
	return strcmp(controller, "cgroup") == 0;
}

static bool is_known(const char *controller)
{
	table_for_each (name, known) {
		if (strcmp(*name, controller) == 0)
			return true;
	}
	return false;
}

/* The super options of a v1 mount are the list of its controllers and a few other words. */
bool controllers_find_v1(const char *mountinfo, const char *controller, char *place)
{
	for (const char *line = mountinfo; *line;) {
		const char *next = strchrnul(line, '\n');
		const char *type = memmem(line, (size_t)(next - line), " - cgroup ", 10);
		char options[LIST_SIZE] = "";

		if (type && sscanf(type, " - cgroup %*s %511s", options) == 1) {
			for (char *comma = options; (comma = strchr(comma, ',')) != NULL;)
				*comma = ' ';
			if (controllers_list_has(options, controller) &&
			    sscanf(line, "%*s %*s %*s %*s %4095s", place) == 1)
				return true;
		}
		line = *next ? next + 1 : next;
	}
	return false;
}

/* "unified" is the member of everybody: the file says more. */
static int name_write(const struct cgroup_write *write, struct error *err)
{
	if (strcmp(write->member, "unified") == 0)
		return error_context(
			err, "/linux/resources/unified: cannot set unified resource \"%.100s\"",
			write->file);
	return error_context(err, "/linux/resources/%s", write->member);
}

static int refuse(const char *mount, const struct cgroup_write *write, struct error *err)
{
	autofree char *mountinfo = NULL;
	char place[PATH_MAX];
	const char *name = write->controller;

	if (!is_known(name))
		(void)error_set(err, "unknown controller \"%.100s\"", name);
	else if (file_read_at(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &mountinfo, NULL,
			      err) == 0 &&
		 controllers_find_v1(mountinfo, name, place))
		(void)error_set(err,
				"controller \"%s\" not available at %s: cgroup v1 holds it at %s "
				"(boot with cgroup_no_v1=%s to free it)",
				name, mount, place, name);
	else
		(void)error_set(err,
				"controller \"%s\" not available at %s: this kernel, or whoever "
				"made this cgroup namespace, doesn't offer it",
				name, mount);
	return name_write(write, err);
}

static int read_list(int directory, const char *path, const char *name, char *list,
		     struct error *err)
{
	if (state_read_file(directory, name, list, LIST_SIZE) < 0)
		return error_errno(err, "cgroup %s: %s", path, name);
	return 0;
}

static int open_directory(const char *path, struct error *err)
{
	int directory = openat(AT_FDCWD, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

	return directory < 0 ? error_errno(err, "cgroup %s", path) : directory;
}

static bool needs_controller(const struct cgroup_write *write)
{
	return write->asks && !is_core(write->controller);
}

/* The first write whose controller the list lacks; NULL: all are there. */
static const struct cgroup_write *find_missing(const struct cgroup_writes *writes, const char *list)
{
	for (size_t i = 0; i < writes->count; i++) {
		const struct cgroup_write *write = &writes->items[i];

		if (needs_controller(write) && !controllers_list_has(list, write->controller))
			return write;
	}
	return NULL;
}

int controllers_check(const char *mount, const struct cgroup_writes *writes, struct error *err)
{
	const struct cgroup_write *missing = find_missing(writes, "");
	autofd directory = -1;
	char list[LIST_SIZE];

	if (!missing)
		return 0;
	directory = open_directory(mount, err);
	if (directory < 0 || read_list(directory, mount, "cgroup.controllers", list, err) < 0)
		return -1;
	missing = find_missing(writes, list);
	return missing ? refuse(mount, missing, err) : 0;
}

static int explain(const char *path, const struct cgroup_write *write, struct error *err)
{
	const int code = err->code;
	const char *why = error_reason(code);

	if (code == EBUSY)
		why = "processes are in it: they must go into a cgroup below it first";
	else if (code == ENOENT)
		why = "its parents don't hand the controller down";
	else if (code == EOPNOTSUPP)
		why = "it is threaded";
	(void)error_set(err, "controller \"%s\" can't be enabled in %s: %s", write->controller,
			path, why);
	err->code = code;
	return name_write(write, err);
}

/* "No internal processes" (cgroups(7)), which doesn't bind the root. The kernel refuses only some
 * controllers; with the others it makes the cgroup threaded, and nobody's process can be put below
 * it any more. */
static bool has_processes(int directory)
{
	char text[32];

	return state_read_file(directory, "cgroup.type", text, sizeof(text)) == 0 &&
	       state_read_file(directory, "cgroup.procs", text, sizeof(text)) == 0 && text[0];
}

/* Hands down what path's children lack. */
static int enable_at(const char *path, const struct cgroup_writes *writes, struct error *err)
{
	autofd directory = open_directory(path, err);
	char list[LIST_SIZE];

	if (directory < 0 || read_list(directory, path, "cgroup.subtree_control", list, err) < 0)
		return -1;
	for (size_t i = 0; i < writes->count; i++) {
		const struct cgroup_write *write = &writes->items[i];
		char text[LIST_SIZE];

		if (!needs_controller(write) || controllers_list_has(list, write->controller))
			continue;
		if (has_processes(directory)) {
			err->code = EBUSY;
			return explain(path, write, err);
		}
		(void)snprintf(text, sizeof(text), "+%s", write->controller);
		if (file_write_at(directory, "cgroup.subtree_control", text, err) < 0)
			return explain(path, write, err);
		(void)snprintf(list + strlen(list), sizeof(list) - strlen(list), " %s",
			       write->controller);
	}
	return 0;
}

int controllers_enable(const char *mount, const char *path, int cgroup,
		       const struct cgroup_writes *writes, struct error *err)
{
	char list[LIST_SIZE], above[PATH_MAX];
	size_t length = strlen(mount);

	if (!find_missing(writes, ""))
		return 0;
	if (read_list(cgroup, path, "cgroup.controllers", list, err) < 0)
		return -1;
	if (!find_missing(writes, list))
		return 0;
	if (strlen(path) >= sizeof(above))
		return error_set(err, "cgroup %.100s...: the path is too long", path);
	/* "/sys/fs/cgroup", "/sys/fs/cgroup/a", ... but not the container's own */
	while (path[length] != '\0') {
		(void)snprintf(above, sizeof(above), "%.*s", (int)length, path);
		if (enable_at(above, writes, err) < 0)
			return -1;
		length += 1 + strcspn(path + length + 1, "/");
	}
	return 0;
}
