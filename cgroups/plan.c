/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What of the container's cgroup can be decided before anything is made (cgroups(7),
 * cgroup-v2.rst).
 *
 * syscalls: open openat read faccessat
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/string.h"
#include "cgroups/ancestors.h"
#include "cgroups/cgroup.h"
#include "cgroups/controllers.h"
#include "cgroups/convert.h"
#include "cgroups/device_filter.h"
#include "cgroups/driver.h"
#include "cgroups/hierarchy.h"
#include "cgroups/limits.h"
#include "cgroups/processes.h"
#include "cgroups/resources.h"
#include "cgroups/state.h"
#include "cgroups/steps.h"

int cgroup_open_directory(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

bool cgroup_asks_for_limits(const struct cgroup_writes *limits, const char **member)
{
	for (size_t i = 0; i < limits->count; i++) {
		if (limits->items[i].asks) {
			*member = limits->items[i].member;
			return true;
		}
	}
	return false;
}

bool cgroup_may_do_without(const struct cgroup_plan *plan)
{
	if (plan->choice->permission == CGROUP_PERMISSION_AUTO)
		return hierarchy_is_unprivileged();
	return plan->choice->permission == CGROUP_PERMISSION_OPTIONAL;
}

/* There is no cgroup for this container: then nothing may depend on one. */
static int plan_without(struct cgroup_plan *plan, const char *why, bool allowed, struct error *err)
{
	const char *member;

	if (cgroup_asks_for_limits(plan->limits, &member))
		return error_set(err, "/linux/resources/%s: %s", member, why);
	if (plan->devices && !allowed && !cgroup_may_do_without(plan))
		return error_set(err, "/linux/resources/devices: %s", why);
	if (plan->devices)
		log_warning("device rules: not applied: %s", why);
	plan->devices = NULL;
	return 0;
}

/* Refuses a cgroup in which a container may not start; a new one can be so by its parent. keeper
 * is the driver's own process in it, 0: none. */
int cgroup_check_usable(int cgroup, const char *path, pid_t keeper, struct error *err)
{
	autoset set = { NULL, 0 };
	struct cgroup_state state;
	char type[32];

	if (state_read(cgroup, &state) < 0)
		return error_errno(err, "cgroup %s: cgroup.events", path);
	if (state.populated) {
		if (process_set_read(cgroup, &set, err) < 0)
			return -1;
		if (set.count != 1 || set.pids[0] != keeper)
			return error_of_kind(
				err, ERROR_CGROUP_IN_USE,
				"container's cgroup is not empty: %zu process(es) found",
				set.count);
	}
	if (state.frozen)
		return error_of_kind(err, ERROR_CGROUP_IN_USE,
				     "container's cgroup unexpectedly frozen");
	/* cgroups(7), "Thread mode": whole processes can't be put into these */
	if (state_read_file(cgroup, "cgroup.type", type, sizeof(type)) == 0 &&
	    (string_starts_with(type, "threaded") || string_starts_with(type, "domain invalid")))
		return error_set(err,
				 "cgroup %s: its parent is threaded: no process can be put into it",
				 path);
	return 0;
}

/* The journal will name this path, and `delete` kills what it finds there: a cgroup that belongs to
 * somebody else must be refused before. */
static int check_existing(const char *path, struct error *err)
{
	autofd cgroup = cgroup_open_directory(path);
	struct error refused = { 0 };

	if (cgroup >= 0 && cgroup_check_usable(cgroup, path, 0, &refused) < 0 &&
	    refused.code != ENODEV) {
		*err = refused;
		return -1;
	}
	if (cgroup >= 0) /* also one that has just been removed */
		return 0;
	if (errno == ENOENT || errno == EACCES)
		return 0;
	return error_errno(err, "cgroup %s", path);
}

static int plan_limits(struct cgroup_plan *plan, const struct cgroup_driver *driver,
		       struct arena *arena, struct report *report, struct error *err)
{
	const char *member;

	plan->limits = arena_alloc(arena, sizeof(*plan->limits));
	if (!plan->limits)
		return error_set(err, "out of memory");
	plan->limits->arena = arena;
	if (resources_check(&plan->spec->linux.resources, report, err) < 0 ||
	    convert_resources(&plan->spec->linux.resources, plan->limits, report, err) < 0)
		return -1;
	plan->optional = plan->optional && !cgroup_asks_for_limits(plan->limits, &member);
	return driver && driver->fit ? driver->fit(plan->limits, err) : 0;
}

static struct cgroup_plan begin_plan(const struct container_spec *spec, const char *id,
				     const struct cgroup_choice *choice)
{
	const char *path = spec->linux.cgroups_path;

	return (struct cgroup_plan){
		.place.manager = choice->manager,
		.spec = spec,
		.choice = choice,
		.id = id,
		.optional = !path || !*path,
	};
}

static int make_plan(struct cgroup_plan *plan, struct arena *arena, struct report *report,
		     struct error *err)
{
	const enum cgroup_manager manager = plan->choice->manager;
	const struct cgroup_driver *driver = cgroup_driver_of(manager);
	const char *why = NULL;

	if (plan_limits(plan, driver, arena, report, err) < 0)
		return -1;
	if (device_filter_compile(plan->spec, arena, &plan->devices, err) < 0 &&
	    !report_tell(report, err))
		return -1;
	if (!driver)
		return error_set(err,
				 "the cgroup manager \"%s\" is not in this build, which is static: "
				 "it needs libsystemd at run time",
				 cgroup_manager_name(manager));
	if (driver->place(plan, plan->id, arena, &why, err) < 0)
		return -1;
	if (!plan->place.path)
		return plan_without(plan, why, manager == CGROUP_MANAGER_DISABLED, err);
	if (controllers_check(plan->mount, plan->limits, report, err) < 0 ||
	    ancestors_check_new(plan->mount, plan->place.path, plan->limits, report, err) < 0)
		return -1;
	return plan->choice->only_plan ? 0 : check_existing(plan->place.path, err);
}

int cgroup_plan(struct cgroup_plan *plan, const struct container_spec *spec, const char *id,
		const struct cgroup_choice *choice, struct arena *arena, struct error *err)
{
	*plan = begin_plan(spec, id, choice);
	return make_plan(plan, arena, NULL, err);
}

bool cgroup_is_not_permitted(const struct error *err)
{
	return err->code == EACCES || err->code == EPERM || err->code == EROFS;
}

/* The words are those that other runtimes' callers look for. */
int cgroup_explain_permission(const struct cgroup_plan *plan, struct error *err)
{
	const int code = err->code;
	const char *member;

	(void)error_set(
		err,
		"unable to apply cgroup configuration: cgroup %s: %s (rootless needs no "
		"limits + no cgrouppath when no permission is granted for cgroups: delegate a "
		"cgroup to uid %u, as systemd's Delegate=yes does)",
		plan->place.path, code == EROFS ? "read-only file system" : "permission denied",
		(unsigned)geteuid());
	if (cgroup_asks_for_limits(plan->limits, &member))
		(void)error_context(
			err,
			"/linux/resources/%s: cannot set the limit: container could not "
			"join or create cgroup",
			member);
	err->code = code;
	return -1;
}

/* Whether the first directory that is there on the way to the cgroup lets us make the next. A
 * service manager's is the manager's to make. */
static int check_permission(const struct cgroup_plan *plan, struct error *err)
{
	const struct cgroup_driver *driver = cgroup_driver_of(plan->place.manager);
	char path[PATH_MAX];
	char *slash;

	if (!plan->place.path || !driver || driver->keeps_tree || !hierarchy_is_unprivileged() ||
	    (plan->optional && cgroup_may_do_without(plan)))
		return 0;
	(void)snprintf(path, sizeof(path), "%s", plan->place.path);
	while (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0) {
		slash = strrchr(path, '/');
		if (errno != ENOENT || !slash || slash == path) {
			err->code = errno;
			return cgroup_is_not_permitted(err) ? cgroup_explain_permission(plan, err)
							    : 0;
		}
		*slash = '\0';
	}
	return 0;
}

/* The id is one that no container has. */
int cgroup_check(const struct host *host, struct report *report, struct error *err)
{
	struct cgroup_plan plan = begin_plan(host->spec, "minirun-check", host->cgroups);

	if (make_plan(&plan, host->arena, report, err) < 0)
		return -1;
	if (check_permission(&plan, err) < 0 && !report_tell(report, err))
		return -1;
	return limits_check_files(plan.limits, report, err);
}
