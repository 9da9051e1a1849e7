/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HOST rules of linux.resources and linux.intelRdt: the plans of a create.
 *
 * syscalls: those of the plans, which only look
 */
#include "cgroups/host_rules.h"

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/table.h"
#include "cgroups/cgroup.h"
#include "cgroups/resctrl.h"

#define NO_CONTAINER "minirun-check" /* the id of one that isn't there */

static int check_cgroup(const struct host *host, struct report *report, struct error *err)
{
	return host->exists ? 0 : cgroup_check(host, report, err);
}

static int check_resctrl(const struct host *host, struct report *report, struct error *err)
{
	const struct intel_rdt_spec *rdt = &host->spec->linux.intel_rdt;
	struct resctrl_plan plan = RESCTRL_PLAN_INIT;
	int result;

	(void)report;
	if (!rdt->present || host->exists)
		return 0;
	plan.root = resctrl_open(err);
	if (plan.root < 0)
		return -1;
	result = resctrl_plan(&plan, rdt, NO_CONTAINER, host->arena, err);
	fd_close(&plan.root);
	return result;
}

static const struct host_rule rows[] = {
	{ "HOST-cgroup", "cgroups(7)",
	  "the limits must be expressible with the controllers that this host has",
	  "leave the limit out, or enable the controller in cgroup.subtree_control", false,
	  check_cgroup },
	{ "HOST-resctrl", "config-linux.md#intelrdt",
	  "a class needs the resctrl file system, and a CPU that has the resource",
	  "mount -t resctrl resctrl /sys/fs/resctrl, or leave linux.intelRdt out", false,
	  check_resctrl },
};
const struct host_rules cgroups_host_rules = { rows, ARRAY_SIZE(rows) };
