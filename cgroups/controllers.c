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
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/string.h"
#include "base/table.h"
#include "cgroups/state.h"

#define LIST_SIZE 512 /* bytes of cgroup.controllers: nine names today */
#define OFFER_MAX 32  /* controllers: the bits of a mask */
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
		(void)error_of_kind(
			err, ERROR_UNSUPPORTED,
			"controller \"%s\" not available at %s: cgroup v1 holds it at %s "
			"(boot with cgroup_no_v1=%s to free it%s)",
			name, mount, place, name,
			strcmp(name, "pids") == 0
				? "; podman asks for none with pids_limit=0 in containers.conf"
				: "");
	else
		(void)error_of_kind(
			err, ERROR_UNSUPPORTED,
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

/* The first write from this one on whose controller the list lacks; NULL: all are there. */
static const struct cgroup_write *find_missing(const struct cgroup_writes *writes, size_t from,
					       const char *list)
{
	for (size_t i = from; i < writes->count; i++) {
		const struct cgroup_write *write = &writes->items[i];

		if (needs_controller(write) && !controllers_list_has(list, write->controller))
			return write;
	}
	return NULL;
}

int controllers_check(const char *mount, const struct cgroup_writes *writes, struct report *report,
		      struct error *err)
{
	const struct cgroup_write *missing = find_missing(writes, 0, "");
	autofd directory = -1;
	char list[LIST_SIZE];

	if (!missing)
		return 0;
	directory = open_directory(mount, err);
	if (directory < 0 || read_list(directory, mount, "cgroup.controllers", list, err) < 0)
		return -1;
	for (size_t from = 0; (missing = find_missing(writes, from, list)); from++) {
		from = (size_t)(missing - writes->items);
		(void)refuse(mount, missing, err);
		if (!report_tell(report, err))
			return -1;
	}
	return 0;
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

/* ---- handing down ---- */

/* What the tree's root offers, and which of that is still to be handed down. */
struct offer {
	char text[LIST_SIZE];
	const char *names[OFFER_MAX]; /* into text */
	size_t count;
	uint32_t wanted; /* a bit per name */
};

static void offer_parse(struct offer *offer)
{
	char *rest = NULL;

	for (char *name = strtok_r(offer->text, " \n", &rest); name && offer->count < OFFER_MAX;
	     name = strtok_r(NULL, " \n", &rest))
		offer->names[offer->count++] = name;
}

/* The write that can't do without this controller; NULL: none. */
static const struct cgroup_write *find_need(const struct cgroup_writes *writes,
					    const char *controller)
{
	for (size_t i = 0; i < writes->count; i++) {
		if (needs_controller(&writes->items[i]) &&
		    strcmp(writes->items[i].controller, controller) == 0)
			return &writes->items[i];
	}
	return NULL;
}

/* What can't be handed down: an error if a limit needs it, else nobody asks for it any more. */
static int give_up(struct offer *offer, size_t i, const char *path,
		   const struct cgroup_writes *writes, struct error *err)
{
	const struct cgroup_write *need = find_need(writes, offer->names[i]);

	offer->wanted &= ~(UINT32_C(1) << i);
	return need ? explain(path, need, err) : 0;
}

/* Each in a write of its own: the kernel takes all of one write or nothing. */
static int enable_each(struct offer *offer, uint32_t lacking, const char *path, int directory,
		       const struct cgroup_writes *writes, struct error *err)
{
	const bool occupied = has_processes(directory);

	for (size_t i = 0; i < offer->count; i++) {
		char text[LIST_SIZE];

		if (!(lacking & UINT32_C(1) << i))
			continue;
		(void)snprintf(text, sizeof(text), "+%s", offer->names[i]);
		err->code = EBUSY;
		if (!occupied && file_write_at(directory, "cgroup.subtree_control", text, err) == 0)
			continue;
		if (give_up(offer, i, path, writes, err) < 0)
			return -1;
	}
	return 0;
}

/* Hands down what path's children lack. */
static int enable_at(struct offer *offer, const char *path, const struct cgroup_writes *writes,
		     struct error *err)
{
	autofd directory = open_directory(path, err);
	char list[LIST_SIZE], text[2 * LIST_SIZE] = "";
	uint32_t lacking = 0;

	if (directory < 0 || read_list(directory, path, "cgroup.subtree_control", list, err) < 0)
		return -1;
	for (size_t i = 0; i < offer->count; i++) {
		if (!(offer->wanted & UINT32_C(1) << i) ||
		    controllers_list_has(list, offer->names[i]))
			continue;
		lacking |= UINT32_C(1) << i;
		(void)snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s+%s",
			       *text ? " " : "", offer->names[i]);
	}
	if (!lacking || (!has_processes(directory) &&
			 file_write_at(directory, "cgroup.subtree_control", text, err) == 0))
		return 0;
	return enable_each(offer, lacking, path, directory, writes, err);
}

/* "/sys/fs/cgroup", "/sys/fs/cgroup/a", ... but not the container's own. */
static int enable_above(struct offer *offer, const char *mount, const char *path,
			const struct cgroup_writes *writes, struct error *err)
{
	size_t length = strlen(mount);
	char above[PATH_MAX];

	if (strlen(path) >= sizeof(above))
		return error_set(err, "cgroup %.100s...: the path is too long", path);
	while (path[length] != '\0' && offer->wanted) {
		(void)snprintf(above, sizeof(above), "%.*s", (int)length, path);
		if (enable_at(offer, above, writes, err) < 0)
			return -1;
		length += 1 + strcspn(path + length + 1, "/");
	}
	return 0;
}

static int read_offer(struct offer *offer, const char *mount, const char *has,
		      const struct cgroup_writes *writes, bool all, struct error *err)
{
	char file[PATH_MAX];

	(void)snprintf(file, sizeof(file), "%s/cgroup.controllers", mount);
	if (state_read_file(AT_FDCWD, file, offer->text, sizeof(offer->text)) < 0)
		return error_errno(err, "%s", file);
	offer_parse(offer);
	for (size_t i = 0; i < offer->count; i++) {
		if (!controllers_list_has(has, offer->names[i]) &&
		    (all || find_need(writes, offer->names[i])))
			offer->wanted |= UINT32_C(1) << i;
	}
	return 0;
}

int controllers_enable(const char *mount, const char *path, int cgroup,
		       const struct cgroup_writes *writes, bool all, struct error *err)
{
	struct offer offer = { .count = 0 };
	char has[LIST_SIZE];
	const struct cgroup_write *need = find_missing(writes, 0, "");

	if (!need && !all)
		return 0;
	if (read_list(cgroup, path, "cgroup.controllers", has, err) < 0)
		return need ? -1 : 0;
	need = find_missing(writes, 0, has);
	if (!need && !all)
		return 0;
	if (read_offer(&offer, mount, has, writes, all, err) < 0 ||
	    enable_above(&offer, mount, path, writes, err) < 0)
		return need ? -1 : 0; /* nobody depends on it */
	return 0;
}
