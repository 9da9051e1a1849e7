/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits of a container that exists (cgroup-v2.rst).
 *
 * syscalls: those of limits.c, of state.c and of the driver
 */
#include "cgroups/update.h"

#include <errno.h>
#include <string.h>

#include "cgroups/ancestors.h"
#include "cgroups/controllers.h"
#include "cgroups/convert.h"
#include "cgroups/driver.h"
#include "cgroups/hierarchy.h"
#include "cgroups/limits.h"
#include "cgroups/resources.h"
#include "cgroups/state.h"
#include "cgroups/usage.h"

static bool has_write(const struct cgroup_writes *writes, const struct cgroup_write *wanted)
{
	for (size_t i = 0; i < writes->count; i++) {
		if (strcmp(writes->items[i].file, wanted->file) == 0 &&
		    strcmp(writes->items[i].text, wanted->text) == 0)
			return true;
	}
	return false;
}

/*
 * Of what holds from now on, what was asked for or is new: a file that nobody mentioned isn't
 * touched. A row that the change alone can't fill (swap without limit) counts as mentioned.
 */
static int plan(const struct cgroup_change *change, struct cgroup_writes *writes, struct error *err)
{
	for (size_t i = 0;; i++) {
		struct cgroup_writes all = { .arena = writes->arena };
		struct cgroup_writes before = { .arena = writes->arena };
		struct cgroup_writes asked = { .arena = writes->arena };
		struct error ignored;
		int result = 0, alone = 0;

		if (!convert_row(i, change->merged, &all, &result, err))
			return 0;
		if (result < 0)
			return -1;
		(void)convert_row(i, change->old, &before, &result, &ignored);
		(void)convert_row(i, change->asked, &asked, &alone, &ignored);
		for (size_t j = 0; j < all.count; j++) {
			const struct cgroup_write *write = &all.items[j];

			if ((alone < 0 || has_write(&asked, write) || !has_write(&before, write)) &&
			    convert_append(writes, write, err) < 0)
				return -1;
		}
	}
}

/* The manager goes by what the files say then, and writes them, too: so they come twice. */
void cgroup_update_undo(const struct cgroup_place *place, int cgroup,
			const struct cgroup_undo *undo, struct error *err)
{
	const struct cgroup_driver *driver = cgroup_driver_of(place->manager);
	struct error failed, told = *err;

	if (!undo->old)
		return;
	limits_put_back(cgroup, &undo->writes, undo->old, err);
	if (!driver || !driver->update)
		return;
	if (driver->update(place, &undo->writes, &failed) < 0)
		(void)error_context(err, "%s; and before", failed.text);
	else
		limits_put_back(cgroup, &undo->writes, undo->old, &told);
}

/*
 * What fails because the container is no more (its cgroup is empty, or systemd has taken it away)
 * says that. A limit of memory below what is in use is one that the kernel enforces by killing.
 */
static int explain_end(int cgroup, const struct cgroup_writes *writes, struct error *err)
{
	struct cgroup_state state;

	if (state_read(cgroup, &state) < 0 ? errno != ENODEV : state.populated)
		return -1;
	for (size_t i = 0; i < writes->count; i++) {
		if (strcmp(writes->items[i].file, "memory.max") == 0)
			return error_of_kind(
				err, ERROR_CONTAINER_STOPPED,
				"the container ended while its limits changed: memory.max %s "
				"makes the kernel kill what doesn't fit",
				writes->items[i].text);
	}
	return error_of_kind(err, ERROR_CONTAINER_STOPPED,
			     "the container ended while its limits changed");
}

/* The manager comes last: of what the kernel refuses it never hears. It writes the files, too, also
 * those of which it was told less (cpu.max of "unified"), so they are written once more. */
static int apply(const struct cgroup_place *place, int cgroup, struct cgroup_undo *undo,
		 struct error *err)
{
	const struct cgroup_driver *driver = cgroup_driver_of(place->manager);
	const struct cgroup_writes *writes = &undo->writes;

	undo->old = limits_read(cgroup, writes, err);
	if (!undo->old || limits_change(cgroup, writes, err) < 0)
		return -1;
	if (!driver || !driver->update)
		return 0;
	if (driver->update(place, writes, err) < 0)
		limits_put_back(cgroup, writes, undo->old, err);
	else if (limits_apply(cgroup, writes, err) < 0)
		cgroup_update_undo(place, cgroup, undo, err);
	else
		return 0;
	return -1;
}

int cgroup_update(const struct cgroup_place *place, int cgroup, const struct cgroup_change *change,
		  struct arena *arena, struct cgroup_undo *undo, struct error *err)
{
	const struct cgroup_driver *driver = cgroup_driver_of(place->manager);
	struct cgroup_writes *writes = &undo->writes;
	struct hierarchy hierarchy;

	*undo = (struct cgroup_undo){ .writes.arena = arena };
	if (resources_check(change->asked, NULL, err) < 0 || plan(change, writes, err) < 0)
		return -1;
	if (writes->count == 0)
		return 0;
	if (driver && driver->fit && driver->fit(writes, err) < 0)
		return -1;
	if (hierarchy_find(&hierarchy, false, arena, err) < 0)
		return -1;
	if (!hierarchy.mount)
		return error_set(err, "cgroup v2 is not mounted on this host");
	if (controllers_check(hierarchy.mount, writes, NULL, err) < 0 ||
	    usage_check(hierarchy.mount, place->path, cgroup, change->merged, writes, err) < 0 ||
	    ancestors_check_change(hierarchy.mount, place->path, cgroup, writes, err) < 0 ||
	    controllers_enable(hierarchy.mount, place->path, cgroup, writes, false, err) < 0)
		return -1;
	return apply(place, cgroup, undo, err) < 0 ? explain_end(cgroup, writes, err) : 0;
}
