/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.memoryPolicy: on which NUMA nodes the process's memory comes to lie, set_mempolicy(2),
 * numa(7). Kept over fork(2) and execve(2).
 *
 * syscalls: set_mempolicy
 */
#include <errno.h>
#include <string.h>

#include "base/string.h"
#include "base/sys.h"
#include "base/table.h"
#include "runtime/process/process.h"

#define NODE_COUNT_MAX 1024 /* the kernel's largest MAX_NUMNODES */

enum nodes_wanted { NODES_NONE, NODES_ANY, NODES_SOME };

/* linux/mempolicy.h; numbers of its enum, whose newest members Debian 12's header lacks. */
static const struct mode {
	const char *name;
	int value;
	enum nodes_wanted nodes;
} modes[] = {
	{ "MPOL_DEFAULT", 0, NODES_NONE },
	{ "MPOL_BIND", 2, NODES_SOME },
	{ "MPOL_INTERLEAVE", 3, NODES_SOME },
	{ "MPOL_WEIGHTED_INTERLEAVE", 6, NODES_SOME }, /* Linux 6.9 */
	{ "MPOL_PREFERRED", 1, NODES_ANY },	       /* without one: the local node */
	{ "MPOL_PREFERRED_MANY", 5, NODES_SOME },
	{ "MPOL_LOCAL", 4, NODES_NONE },
};

static const struct flag {
	const char *name;
	int value;
} flags[] = {
	{ "MPOL_F_NUMA_BALANCING", 1 << 13 },
	{ "MPOL_F_RELATIVE_NODES", 1 << 14 },
	{ "MPOL_F_STATIC_NODES", 1 << 15 },
};

struct policy {
	const struct mode *mode;
	int flags;
	uint64_t nodes[NODE_COUNT_MAX / 64];
};

const char *memory_policy_mode_name(size_t n)
{
	return n < ARRAY_SIZE(modes) ? modes[n].name : NULL;
}

const char *memory_policy_flag_name(size_t n)
{
	return n < ARRAY_SIZE(flags) ? flags[n].name : NULL;
}

static int read_flags(const struct memory_policy_spec *spec, struct policy *policy,
		      struct error *err)
{
	for (size_t i = 0; i < spec->flags.count; i++) {
		int value = 0;

		table_for_each (flag, flags) {
			if (strcmp(flag->name, spec->flags.items[i]) == 0)
				value = flag->value;
		}
		if (value == 0)
			return error_set(err,
					 "/linux/memoryPolicy/flags/%zu: invalid memory policy "
					 "flag \"%.64s\"",
					 i, spec->flags.items[i]);
		policy->flags |= value;
	}
	return 0;
}

static size_t count_nodes(const struct policy *policy)
{
	size_t count = 0;

	for (size_t i = 0; i < ARRAY_SIZE(policy->nodes); i++)
		count += (size_t)__builtin_popcountll(policy->nodes[i]);
	return count;
}

static int read_nodes(const struct memory_policy_spec *spec, struct policy *policy,
		      struct error *err)
{
	size_t count;

	if (spec->nodes && !string_to_set(spec->nodes, NODE_COUNT_MAX, policy->nodes))
		return error_set(err,
				 "/linux/memoryPolicy/nodes: invalid memory policy node \"%.64s\": "
				 "not a list like 0-3,7 of numbers below %d",
				 spec->nodes, NODE_COUNT_MAX);
	count = count_nodes(policy);
	if (policy->mode->nodes == NODES_NONE && count > 0)
		return error_set(err,
				 "/linux/memoryPolicy/nodes: %s: memory policy mode requires 0 "
				 "nodes but got %zu",
				 spec->mode, count);
	if (policy->mode->nodes == NODES_SOME && count == 0)
		return error_set(err,
				 "/linux/memoryPolicy/nodes: %s: memory policy mode requires at "
				 "least one node but got 0",
				 spec->mode);
	return 0;
}

static int read_policy(const struct memory_policy_spec *spec, struct policy *policy,
		       struct error *err)
{
	*policy = (struct policy){ 0 };
	table_for_each (mode, modes) {
		if (strcmp(mode->name, spec->mode) == 0)
			policy->mode = mode;
	}
	if (!policy->mode)
		return error_set(err,
				 "/linux/memoryPolicy/mode: invalid memory policy mode \"%.64s\"",
				 spec->mode);
	if (read_flags(spec, policy, err) < 0)
		return -1;
	return read_nodes(spec, policy, err);
}

int memory_policy_check(const struct memory_policy_spec *spec, struct error *err)
{
	struct policy policy;

	return spec->present ? read_policy(spec, &policy, err) : 0;
}

int memory_policy_apply(const struct memory_policy_spec *spec, struct error *err)
{
	struct policy policy;

	if (!spec->present)
		return 0;
	if (read_policy(spec, &policy, err) < 0)
		return -1;
	/* the kernel takes one off the number of bits that it is told */
	if (sys_set_mempolicy(policy.mode->value | policy.flags, policy.nodes,
			      NODE_COUNT_MAX + 1) == 0)
		return 0;
	if (errno == ENOSYS)
		return error_errno(err, "/linux/memoryPolicy: this kernel has no NUMA policies");
	return error_errno(err, "/linux/memoryPolicy: set %s for nodes \"%.64s\"%s", spec->mode,
			   spec->nodes ? spec->nodes : "",
			   errno == EINVAL ? " (the nodes must have memory that the cpuset allows, "
					     "the flags must go together, and the kernel know the "
					     "mode)"
					   : "");
}
