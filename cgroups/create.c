/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's cgroup made, limited and entered (cgroups(7), clone(2) CLONE_INTO_CGROUP,
 * cgroup-v2.rst).
 *
 * syscalls: those of the driver, of limits.c and device_filter.c; open faccessat rmdir write
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "cgroups/cgroup.h"
#include "cgroups/controllers.h"
#include "cgroups/device_filter.h"
#include "cgroups/driver.h"
#include "cgroups/hierarchy.h"
#include "cgroups/limits.h"
#include "cgroups/mark.h"
#include "cgroups/steps.h"

static int open_usable(const char *path, pid_t keeper, struct error *err)
{
	autofd cgroup = cgroup_open_directory(path);

	if (cgroup < 0)
		return error_errno(err, "cgroup %s", path);
	if (cgroup_check_usable(cgroup, path, keeper, err) < 0)
		return -1;
	return fd_take(&cgroup);
}

/* Who moves a process needs to write cgroup.procs of the nearest cgroup above both places
 * (cgroups(7), "Delegation containment"). A cgroup that nobody asked for lies beside our own. */
static bool may_be_entered(const char *path)
{
	autofd cgroup = cgroup_open_directory(path);

	return cgroup >= 0 && faccessat(cgroup, "../cgroup.procs", W_OK, AT_EACCESS) == 0;
}

int cgroup_create(struct cgroup_plan *plan, bool *none, struct error *err)
{
	const struct cgroup_place *place = &plan->place;
	int cgroup;

	plan->made = false;
	*none = place->path == NULL;
	if (*none)
		return -1;
	if (cgroup_driver_of(place->manager)->create(plan, &plan->made, err) < 0) {
		*none = plan->optional && cgroup_is_not_permitted(err) &&
			cgroup_may_do_without(plan);
		if (*none)
			log_debug("no cgroup: %s", err->text);
		else if (cgroup_is_not_permitted(err) && hierarchy_is_unprivileged())
			(void)cgroup_explain_permission(plan, err);
		return -1;
	}
	if (plan->made && plan->optional && !may_be_entered(place->path) &&
	    cgroup_may_do_without(plan)) {
		log_debug("no cgroup: %s could not be entered", place->path);
		(void)rmdir(place->path); /* made above, and still empty */
		*none = true;
		return -1;
	}
	cgroup = open_usable(place->path, plan->keeper, err);
	if (cgroup >= 0 && place->mark && mark_set(cgroup, place->path, place->mark, err) < 0) {
		(void)close(cgroup); /* read-only: nothing to lose */
		return -1;	     /* and if we made it, it is another's by now */
	}
	if (cgroup < 0 && plan->made)
		(void)rmdir(place->path); /* the first cause is what the user reads */
	return cgroup;
}

void cgroup_settle(struct cgroup_plan *plan)
{
	const struct cgroup_driver *driver = cgroup_driver_of(plan->place.manager);

	if (driver && driver->settle)
		driver->settle(plan);
}

int cgroup_apply_limits(const struct cgroup_plan *plan, int cgroup, struct error *err)
{
	const struct cgroup_driver *driver = cgroup_driver_of(plan->place.manager);

	if (cgroup < 0)
		return 0;
	if (controllers_enable(plan->mount, plan->place.path, cgroup, plan->limits,
			       !driver->keeps_tree, err) < 0)
		return -1;
	if (limits_apply(cgroup, plan->limits, err) < 0)
		return -1;
	return driver->limited ? driver->limited(plan, cgroup, err) : 0;
}

int cgroup_attach_devices(const struct cgroup_plan *plan, int cgroup, struct error *err)
{
	if (!plan->devices || cgroup < 0)
		return 0;
	return device_filter_attach(plan->devices, cgroup, err);
}

static int write_procs(int cgroup, pid_t pid, struct error *err)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%d", pid);
	if (file_write_at(cgroup, "cgroup.procs", text, err) == 0)
		return 0;
	if (err->code == EBUSY)
		return error_set(err, "cgroup.procs: the cgroup hands controllers down to others "
				      "(cgroup.subtree_control): no process can be put into it");
	if (err->code == EOPNOTSUPP)
		return error_set(err,
				 "cgroup.procs: the cgroup or its parent is threaded: no process "
				 "can be put into it");
	return -1;
}

int cgroup_enter(const struct cgroup_place *place, int cgroup, pid_t pid, struct error *err)
{
	const struct cgroup_driver *driver = place ? cgroup_driver_of(place->manager) : NULL;

	if (write_procs(cgroup, pid, err) == 0)
		return 0;
	return driver && driver->enter ? driver->enter(place, pid, err) : -1;
}
