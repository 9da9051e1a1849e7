/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of cgroup managers.
 *
 * syscalls: none
 */
#include "cgroups/driver.h"

#include <string.h>

#include "base/sys.h"
#include "base/table.h"
#include "cgroups/fs_driver.h"
#include "cgroups/systemd_driver.h"

static int place_none(struct cgroup_plan *plan, const char *id, struct arena *arena,
		      const char **why, struct error *err)
{
	(void)plan;
	(void)id;
	(void)arena;
	(void)err;
	*why = "cgroups are disabled";
	return 0;
}

/* --cgroup-manager disabled: no cgroup at all. */
static const struct cgroup_driver no_driver = { .name = "disabled", .place = place_none };

static const struct cgroup_driver *const drivers[] = {
	[CGROUP_MANAGER_CGROUPFS] = &fs_driver,
	[CGROUP_MANAGER_SYSTEMD] = SYS_CAN_LOAD_LIBRARIES ? &systemd_driver : NULL,
	[CGROUP_MANAGER_DISABLED] = &no_driver,
};

const struct cgroup_driver *cgroup_driver_of(enum cgroup_manager manager)
{
	return drivers[manager];
}

const char *cgroup_manager_name(enum cgroup_manager manager)
{
	const struct cgroup_driver *driver = drivers[manager];

	return driver ? driver->name : "systemd";
}

bool cgroup_manager_is_built(enum cgroup_manager manager)
{
	return drivers[manager] != NULL;
}

enum cgroup_manager cgroup_manager_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(drivers); i++) {
		if (strcmp(cgroup_manager_name((enum cgroup_manager)i), name) == 0)
			return (enum cgroup_manager)i;
	}
	return CGROUP_MANAGER_CGROUPFS; /* the record's values are checked when it is read */
}
