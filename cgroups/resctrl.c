/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.intelRdt in the resctrl file system.
 *
 * resctrl.rst of the kernel. syscalls: statfs openat mkdirat unlinkat fstatat flock read write
 */
#include "cgroups/resctrl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "base/string.h"
#include "cgroups/hierarchy.h"

#define RESCTRL_MAGIC 0x7655821 /* linux/magic.h: RDTGROUP_SUPER_MAGIC */
#define MOUNTINFO_MAX ((size_t)64 << 20)
#define SCHEMATA_MAX ((size_t)1 << 20)
#define STATUS_MAX 4096
#define TASKS_MAX ((size_t)16 << 20)
#define USUAL_MOUNT "/sys/fs/resctrl"
#define LOCK_TIMEOUT 10000 /* ms; who holds it makes a directory and writes a few lines */
#define LOCK_PAUSE 10	   /* ms between two tries: a lock that wakes us has no timeout */

/* --- where it is ----------------------------------------------------------------------------- */

static bool find_mount(char *mount, struct error *err)
{
	autofree char *mountinfo = NULL;
	struct statfs filesystem;

	if (statfs(USUAL_MOUNT, &filesystem) == 0 &&
	    (unsigned long)filesystem.f_type == RESCTRL_MAGIC) {
		(void)strcpy(mount, USUAL_MOUNT); /* it has PATH_MAX bytes */
		return true;
	}
	return file_read_at(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &mountinfo, NULL,
			    err) == 0 &&
	       hierarchy_find_type(mountinfo, "resctrl", mount);
}

int resctrl_open(struct error *err)
{
	char mount[PATH_MAX];
	int fd;

	if (!find_mount(mount, err))
		return error_set(err,
				 "/linux/intelRdt: no resctrl file system is mounted (mount -t "
				 "resctrl resctrl " USUAL_MOUNT
				 "; it needs a CPU with such a feature)");
	fd = openat(AT_FDCWD, mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? error_errno(err, "/linux/intelRdt: open %s", mount) : fd;
}

int resctrl_lock(int root, struct error *err)
{
	for (int waited = 0; flock(root, LOCK_EX | LOCK_NB) < 0; waited += LOCK_PAUSE) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_errno(err, "/linux/intelRdt: lock resctrl");
		if (waited >= LOCK_TIMEOUT)
			return error_set(err,
					 "/linux/intelRdt: another program has held resctrl's lock "
					 "for %d s (flock of its root directory: see lslocks)",
					 LOCK_TIMEOUT / 1000);
		(void)poll(NULL, 0, LOCK_PAUSE); /* only a wait */
	}
	return 0;
}

void resctrl_unlock(int root)
{
	(void)flock(root, LOCK_UN); /* can't fail for a descriptor that holds it */
}

/* What the kernel says about its last refusal; it knows more than an errno. */
static int refused(int root, struct error *err)
{
	const struct error first = *err;
	autofree char *status = NULL;
	struct error ignored;

	if (file_read_at(root, "info/last_cmd_status", STATUS_MAX, &status, NULL, &ignored) < 0)
		return -1;
	status[strcspn(status, "\n")] = '\0';
	if (*status && strcmp(status, "ok") != 0)
		(void)error_set(err, "%.350s (last_cmd_status: %.100s)", first.text, status);
	return -1;
}

/* --- shares -------------------------------------------------------------------------------------
 */

/* Equal as numbers of one base: leading blanks and zeros (the kernel pads with either) and the
 * letters' case don't count. */
static bool same_value(const char *a, size_t a_length, const char *b, size_t b_length)
{
	while (a_length > 1 && (*a == '0' || *a == ' '))
		a++, a_length--;
	while (b_length > 1 && (*b == '0' || *b == ' '))
		b++, b_length--;
	return a_length == b_length && strncasecmp(a, b, a_length) == 0;
}

/* "0=f" in "0=ff;1=f": the value of the domain, up to the next ";" or end of line. */
static bool domain_holds(const char *pair, size_t length, const char *pairs)
{
	const char *equals = memchr(pair, '=', length);
	const size_t name = equals ? (size_t)(equals - pair) : 0;

	while (equals && *pairs && *pairs != '\n') {
		const size_t other = strcspn(pairs, ";\n");
		const char *value = memchr(pairs, '=', other);

		if (value && same_value(pair, name, pairs, (size_t)(value - pairs)))
			return same_value(equals + 1, length - name - 1, value + 1,
					  other - (size_t)(value + 1 - pairs));
		pairs += other + (pairs[other] == ';');
	}
	return false;
}

/* The text behind "RESOURCE:" in a schemata file; NULL: it has no such line. */
static const char *find_resource(const char *resource, size_t length, const char *schemata)
{
	while (*schemata) {
		schemata += strspn(schemata, " \t");
		if (strncmp(schemata, resource, length) == 0 && schemata[length] == ':')
			return schemata + length + 1;
		schemata += strcspn(schemata, "\n");
		schemata += *schemata == '\n';
	}
	return NULL;
}

bool resctrl_line_holds(const char *line, const char *schemata)
{
	const size_t resource = strcspn(line, ":");
	const char *pairs = find_resource(line, resource, schemata);
	const char *at = line + resource + 1;

	if (line[resource] != ':' || !pairs)
		return false;
	pairs += strspn(pairs, " \t");
	for (;;) {
		const size_t length = strcspn(at, ";");

		if (length > 0 && !domain_holds(at, length, pairs))
			return false;
		if (!at[length])
			return true;
		at += length + 1;
	}
}

/* The lines in the order in which they count; NULL after the last. */
static const char *nth_line(const struct intel_rdt_spec *rdt, size_t n, char *pointer, size_t size)
{
	(void)snprintf(pointer, size, "l3CacheSchema");
	if (rdt->l3_cache_schema && n-- == 0)
		return rdt->l3_cache_schema;
	(void)snprintf(pointer, size, "memBwSchema");
	if (rdt->mem_bw_schema && n-- == 0)
		return rdt->mem_bw_schema;
	(void)snprintf(pointer, size, "schemata/%zu", n);
	return n < rdt->schemata.count ? rdt->schemata.items[n] : NULL;
}

static bool has_lines(const struct intel_rdt_spec *rdt)
{
	char ignored[32];

	return nth_line(rdt, 0, ignored, sizeof(ignored)) != NULL;
}

static int open_group(int root, const char *group, struct error *err)
{
	int fd = openat(root, group, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? error_errno(err, "/linux/intelRdt: group %s of resctrl", group) : fd;
}

static int compare_lines(const struct resctrl_plan *plan, const struct intel_rdt_spec *rdt,
			 struct error *err)
{
	autofd group = open_group(plan->root, plan->group, err);
	autofree char *schemata = NULL;
	const char *line;
	char pointer[32];

	if (group < 0)
		return -1;
	if (file_read_at(group, "schemata", SCHEMATA_MAX, &schemata, NULL, err) < 0)
		return error_context(err, "/linux/intelRdt: group %s of resctrl", plan->group);
	for (size_t n = 0; (line = nth_line(rdt, n, pointer, sizeof(pointer))); n++)
		if (!resctrl_line_holds(line, schemata))
			return error_set(err,
					 "/linux/intelRdt/%s: group %s is there already and its "
					 "schemata don't say %.128s",
					 pointer, plan->group, line);
	return 0;
}

static int write_lines(int root, const char *name, const struct intel_rdt_spec *rdt,
		       struct error *err)
{
	autofd group = open_group(root, name, err);
	const char *line;
	char pointer[32];

	if (group < 0)
		return -1;
	/* one write for each: of two that name the same domain the later one counts */
	for (size_t n = 0; (line = nth_line(rdt, n, pointer, sizeof(pointer))); n++) {
		autobuffer text = { 0 };

		buffer_format(&text, "%s\n", line);
		if (text.failed)
			return error_set(err, "/linux/intelRdt: out of memory");
		if (file_write_at(group, "schemata", text.text, err) < 0) {
			(void)error_context(err, "/linux/intelRdt/%s: group %s", pointer, name);
			return refused(root, err);
		}
	}
	return 0;
}

int resctrl_write_schemata(const struct resctrl_plan *plan, const struct intel_rdt_spec *rdt,
			   struct error *err)
{
	return plan->make && has_lines(rdt) ? write_lines(plan->root, plan->group, rdt, err) : 0;
}

int resctrl_change(int root, const char *group, const struct intel_rdt_spec *rdt, char **old,
		   struct error *err)
{
	autofd directory = open_group(root, group, err);

	*old = NULL;
	if (directory < 0 || file_read_at(directory, "schemata", SCHEMATA_MAX, old, NULL, err) < 0)
		return -1;
	if (write_lines(root, group, rdt, err) == 0)
		return 0;
	resctrl_put_back(root, group, *old, err);
	return -1;
}

void resctrl_put_back(int root, const char *group, const char *old, struct error *err)
{
	struct error failed;
	autofd directory = open_group(root, group, &failed);
	bool lost = directory < 0;

	while (!lost && *old) {
		autobuffer line = { 0 };

		old += strspn(old, " \t"); /* the kernel aligns them */
		buffer_format(&line, "%.*s\n", (int)strcspn(old, "\n"), old);
		lost = line.failed ||
		       (strcspn(old, "\n") > 0 &&
			file_write_at(directory, "schemata", line.text, &failed) < 0);
		old += strcspn(old, "\n");
		old += *old == '\n';
	}
	if (lost)
		(void)error_context(err, "the old schemata could not be put back: %.100s; before",
				    failed.text);
}

/* --- groups -------------------------------------------------------------------------------------
 */

/* resctrl's own directories below its root. */
static bool is_reserved(const char *name)
{
	return strcmp(name, "info") == 0 || strcmp(name, "mon_groups") == 0 ||
	       strcmp(name, "mon_data") == 0;
}

const char *resctrl_group(const struct intel_rdt_spec *rdt, const char *id)
{
	if (!rdt->clos_id)
		return id;
	return strcmp(rdt->clos_id, "/") == 0 ? "." : rdt->clos_id;
}

static int plan_group(struct resctrl_plan *plan, const struct intel_rdt_spec *rdt,
		      struct error *err)
{
	struct stat st;

	plan->make = fstatat(plan->root, plan->group, &st, AT_SYMLINK_NOFOLLOW) < 0;
	if (plan->make && errno != ENOENT)
		return error_errno(err, "/linux/intelRdt: group %s of resctrl", plan->group);
	if (plan->make && rdt->clos_id && !has_lines(rdt))
		return error_set(err,
				 "/linux/intelRdt/closID: resctrl has no group %s, and no schema "
				 "is given to make it with",
				 rdt->clos_id);
	return !plan->make && has_lines(rdt) ? compare_lines(plan, rdt, err) : 0;
}

int resctrl_plan(struct resctrl_plan *plan, const struct intel_rdt_spec *rdt, const char *id,
		 struct arena *arena, struct error *err)
{
	struct stat st;
	int result;

	plan->group = resctrl_group(rdt, id);
	plan->keep = rdt->clos_id != NULL;
	if (is_reserved(plan->group))
		return error_set(err, "/linux/intelRdt: resctrl has a directory %s of its own",
				 plan->group);
	if (resctrl_lock(plan->root, err) < 0)
		return -1;
	result = plan_group(plan, rdt, err);
	resctrl_unlock(plan->root);
	if (result < 0)
		return -1;
	plan->monitor = NULL;
	if (!rdt->enable_monitoring)
		return 0;
	plan->monitor = arena_format(arena, "%s/mon_groups/%s", plan->group, id);
	if (!plan->monitor)
		return error_code(err, ENOMEM, "/linux/intelRdt");
	if (fstatat(plan->root, plan->monitor, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return error_set(err, "/linux/intelRdt/enableMonitoring: %s is there already",
				 plan->monitor);
	return 0;
}

static int make(int root, const char *name, const char *pointer, struct error *err)
{
	const int code = mkdirat(root, name, 0755) < 0 ? errno : 0;

	if (code == 0)
		return 0;
	(void)error_errno(err, "%s: make %s in resctrl", pointer, name);
	(void)refused(root, err);
	err->code = code;
	return -1;
}

int resctrl_make_group(struct resctrl_plan *plan, const struct intel_rdt_spec *rdt,
		       struct error *err)
{
	if (!plan->make)
		return 0;
	if (make(plan->root, plan->group, "/linux/intelRdt", err) == 0)
		return 0;
	if (err->code != EEXIST || !plan->keep)
		return -1;
	plan->make = false;
	return compare_lines(plan, rdt, err);
}

int resctrl_make_monitor(const struct resctrl_plan *plan, struct error *err)
{
	if (!plan->monitor)
		return 0;
	return make(plan->root, plan->monitor, "/linux/intelRdt/enableMonitoring", err);
}

static int add(int root, const char *name, const char *pid, struct error *err)
{
	autofd group = open_group(root, name, err);

	if (group < 0)
		return -1;
	if (file_write_at(group, "tasks", pid, err) == 0)
		return 0;
	(void)error_context(err, "/linux/intelRdt: process %s into group %s", pid, name);
	return refused(root, err);
}

/* The class first: a monitoring group takes only processes of its own class. */
int resctrl_add(int root, const char *group, const char *monitor, pid_t pid, struct error *err)
{
	char text[16];

	(void)snprintf(text, sizeof(text), "%d", pid);
	if (add(root, group, text, err) < 0)
		return -1;
	return monitor ? add(root, monitor, text, err) : 0;
}

/* A zombie stays in the list until its parent reaps it, and uses nothing. What can't be seen of a
 * process means that it is there. */
static bool is_alive(pid_t task)
{
	struct process_status status;

	return process_read_status(task, &status) < 0 ? errno != ESRCH
						      : status.state != 'Z' && status.state != 'X';
}

/* Somebody else's processes are in it. */
static bool is_used(int root, const char *group)
{
	autofd directory = openat(root, group, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	autofree char *tasks = NULL;
	struct error ignored;

	if (directory < 0 ||
	    file_read_at(directory, "tasks", TASKS_MAX, &tasks, NULL, &ignored) < 0)
		return false;
	for (char *line, *rest = tasks; (line = strsep(&rest, "\n")) != NULL;)
		if (*line && is_alive((pid_t)strtol(line, NULL, 10)))
			return true;
	return false;
}

int resctrl_remove(const char *group, bool shared, struct error *err)
{
	char mount[PATH_MAX];
	autofd root = -1;

	if (!find_mount(mount, err))
		return 0; /* and with it all groups */
	root = openat(AT_FDCWD, mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_errno(err, "open %s", mount);
	if (shared) { /* the lock goes with the descriptor */
		if (resctrl_lock(root, err) < 0)
			return -1;
		if (is_used(root, group))
			return 0;
	}
	if (unlinkat(root, group, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return error_errno(err, "remove %s from %s", group, mount);
	return 0;
}
