/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.memoryPolicy: flags that no kernel takes together, or with this mode. The names, and
 * whether the host has the nodes, are runtime/process/memory_policy.c's.
 *
 * set_mempolicy(2). syscalls: none
 */
#include <stdbool.h>
#include <string.h>

#include "base/string.h"
#include "spec/validate.h"

static bool has_flag(const struct memory_policy_spec *policy, const char *name)
{
	for (size_t i = 0; i < policy->flags.count; i++)
		if (strcmp(policy->flags.items[i], name) == 0)
			return true;
	return false;
}

/* MPOL_PREFERRED without nodes is MPOL_LOCAL to the kernel. */
static bool is_local(const struct memory_policy_spec *policy)
{
	return string_equal(policy->mode, "MPOL_LOCAL") ||
	       (string_equal(policy->mode, "MPOL_PREFERRED") && !policy->nodes);
}

static int check_node_flags(const struct memory_policy_spec *policy, struct error *err)
{
	const bool fixed = has_flag(policy, "MPOL_F_STATIC_NODES");
	const bool relative = has_flag(policy, "MPOL_F_RELATIVE_NODES");

	if (fixed && relative)
		return error_set(err, "/linux/memoryPolicy/flags: MPOL_F_STATIC_NODES and "
				      "MPOL_F_RELATIVE_NODES exclude each other");
	if ((fixed || relative) && is_local(policy))
		return error_set(err, "/linux/memoryPolicy/flags: %s needs nodes",
				 fixed ? "MPOL_F_STATIC_NODES" : "MPOL_F_RELATIVE_NODES");
	return 0;
}

/* With MPOL_PREFERRED_MANY since Linux 6.10. */
static int check_balancing(const struct memory_policy_spec *policy, struct error *err)
{
	if (!has_flag(policy, "MPOL_F_NUMA_BALANCING") || string_equal(policy->mode, "MPOL_BIND") ||
	    string_equal(policy->mode, "MPOL_PREFERRED_MANY"))
		return 0;
	return error_set(err, "/linux/memoryPolicy/flags: MPOL_F_NUMA_BALANCING goes with "
			      "MPOL_BIND only");
}

int validate_memory_policy(const struct container_spec *spec, struct report *report,
			   struct error *err)
{
	const struct memory_policy_spec *policy = &spec->linux.memory_policy;

	if (!policy->present)
		return 0;
	if ((check_node_flags(policy, err) < 0 && !report_tell(report, err)) ||
	    (check_balancing(policy, err) < 0 && !report_tell(report, err)))
		return -1;
	return 0;
}
