/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Limits of a container that exists (cgroup-v2.rst).
 *
 * syscalls: those of limits.c and of the driver
 */
#include "cgroups/update.h"

#include <string.h>

#include "cgroups/controllers.h"
#include "cgroups/convert.h"
#include "cgroups/driver.h"
#include "cgroups/hierarchy.h"
#include "cgroups/limits.h"
#include "cgroups/resources.h"

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

/* The manager comes last: of what the kernel refuses it never hears. It writes the files, too, and
 * what it had to round, so they are written once more. */
static int apply(const struct cgroup_place *place, int cgroup, const struct cgroup_writes *writes,
		 struct error *err)
{
	const struct cgroup_driver *driver = cgroup_driver_of(place->manager);
	const char **old;

	if (!driver || !driver->update)
		return limits_change(cgroup, writes, err);
	old = limits_read(cgroup, writes, err);
	if (!old || limits_change(cgroup, writes, err) < 0)
		return -1;
	if (driver->update(place, writes, err) == 0)
		return limits_apply(cgroup, writes, err);
	limits_put_back(cgroup, writes, old, err);
	return -1;
}

int cgroup_update(const struct cgroup_place *place, int cgroup, const struct cgroup_change *change,
		  struct arena *arena, struct error *err)
{
	struct cgroup_writes writes = { .arena = arena };
	struct hierarchy hierarchy;

	if (resources_check(change->asked, err) < 0 || plan(change, &writes, err) < 0)
		return -1;
	if (writes.count == 0)
		return 0;
	if (hierarchy_find(&hierarchy, false, arena, err) < 0)
		return -1;
	if (!hierarchy.mount)
		return error_set(err, "cgroup v2 is not mounted on this host");
	if (controllers_check(hierarchy.mount, &writes, err) < 0 ||
	    limits_check_usage(cgroup, change->merged, err) < 0 ||
	    controllers_enable(hierarchy.mount, place->path, cgroup, &writes, false, err) < 0)
		return -1;
	return apply(place, cgroup, &writes, err);
}
