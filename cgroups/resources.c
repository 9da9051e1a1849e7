/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What linux.resources asks for, member by member (config-linux.md#control-groups; the kernel's
 * Documentation/admin-guide/cgroup-v2.rst for what v2 has of it).
 *
 * syscalls: none
 */
#include "cgroups/resources.h"
#include "base/table.h"

/* -1 and 0: no limit, nothing set. */
static bool asks_limit(const void *member)
{
	const struct opt_int *limit = member;

	return limit->present && limit->value != 0 && limit->value != -1;
}

/* pids.limit 0 is a limit that lets nothing be forked, unlike the other zeros. */
static bool asks_pids(const void *member)
{
	const struct opt_int *limit = member;

	return limit->present && limit->value != -1;
}

static bool asks_quota(const void *member)
{
	const struct opt_int *quota = member;

	return quota->present && quota->value > 0;
}

static bool asks_int(const void *member)
{
	const struct opt_int *number = member;

	return number->present && number->value != 0;
}

static bool asks_uint(const void *member)
{
	const struct opt_uint *number = member;

	return number->present && number->value != 0;
}

static bool asks_shares(const void *member)
{
	const struct opt_uint *shares = member;

	return shares->present && shares->value != 0 && shares->value != RESOURCES_SHARES_DEFAULT;
}

static bool asks_bool(const void *member)
{
	const struct opt_bool *truth = member;

	return truth->present && truth->value;
}

static bool asks_text(const void *member)
{
	const char *const *text = member;

	return *text && **text;
}

static bool asks_weight_device(const void *member)
{
	const struct resources_spec *resources = member;

	for (size_t i = 0; i < resources->block_io.weight_device.count; i++) {
		if (asks_uint(&resources->block_io.weight_device.items[i].weight))
			return true;
	}
	return false;
}

static bool asks_leaf_weight_device(const void *member)
{
	const struct resources_spec *resources = member;

	for (size_t i = 0; i < resources->block_io.weight_device.count; i++) {
		if (asks_uint(&resources->block_io.weight_device.items[i].leaf_weight))
			return true;
	}
	return false;
}

/* Rate 0 took a limit away on v1; a new cgroup has none to take away. */
static bool asks_throttle(const void *member)
{
	const struct throttle_list *list = member;

	for (size_t i = 0; i < list->count; i++) {
		if (list->items[i].rate != 0)
			return true;
	}
	return false;
}

static bool asks_hugepages(const void *member)
{
	const struct resources_spec *resources = member;

	return resources->hugepage_limits.count > 0;
}

static bool asks_priorities(const void *member)
{
	const struct resources_spec *resources = member;

	for (size_t i = 0; i < resources->network.priorities.count; i++) {
		if (resources->network.priorities.items[i].priority != 0)
			return true;
	}
	return false;
}

static bool asks_rdma(const void *member)
{
	const struct resources_spec *resources = member;

	for (size_t i = 0; i < resources->rdma.count; i++) {
		if (resources->rdma.items[i].hca_handles.present ||
		    resources->rdma.items[i].hca_objects.present)
			return true;
	}
	return false;
}

static bool asks_unified(const void *member)
{
	const struct string_map *map = member;

	return map->count > 0;
}

#define WHOLE 0 /* for predicates that take the struct: its lists have no type to point to */
#define OFFSET(member) offsetof(struct resources_spec, member)
#define NO_EFFECT RESOURCE_HAS_NO_EFFECT
#define FILES RESOURCE_HAS_FILES
#define NEVER RESOURCE_NEVER

const struct resource_row resource_rows[] = {
	{ "memory/limit", FILES, "memory limits", OFFSET(memory.limit), asks_limit },
	{ "memory/reservation", FILES, "memory reservations", OFFSET(memory.reservation),
	  asks_limit },
	{ "memory/swap", FILES, "swap limits", OFFSET(memory.swap), asks_limit },
	{ "memory/kernel", NEVER, "limit of kernel memory", OFFSET(memory.kernel), asks_limit },
	{ "memory/kernelTCP", NEVER, "limit of TCP buffer memory", OFFSET(memory.kernel_tcp),
	  asks_limit },
	{ "memory/swappiness", NEVER, "swappiness of a cgroup", OFFSET(memory.swappiness),
	  asks_uint },
	{ "memory/disableOOMKiller", NEVER, "switch for the OOM killer",
	  OFFSET(memory.disable_oom_killer), asks_bool },
	{ "memory/useHierarchy", NO_EFFECT, "v2 always counts hierarchically",
	  OFFSET(memory.use_hierarchy), asks_bool },
	{ "memory/checkBeforeUpdate", NO_EFFECT, "a new cgroup uses nothing yet",
	  OFFSET(memory.check_before_update), asks_bool },
	{ "cpu/shares", FILES, "cpu shares", OFFSET(cpu.shares), asks_shares },
	{ "cpu/quota", FILES, "cpu quotas", OFFSET(cpu.quota), asks_quota },
	{ "cpu/burst", FILES, "cpu bursts", OFFSET(cpu.burst), asks_uint },
	{ "cpu/period", NO_EFFECT, "a period says something only with a quota", OFFSET(cpu.period),
	  asks_uint },
	{ "cpu/realtimeRuntime", NEVER, "realtime runtime", OFFSET(cpu.realtime_runtime),
	  asks_int },
	{ "cpu/realtimePeriod", NEVER, "realtime period", OFFSET(cpu.realtime_period), asks_uint },
	{ "cpu/cpus", FILES, "cpu sets", OFFSET(cpu.cpus), asks_text },
	{ "cpu/mems", FILES, "memory node sets", OFFSET(cpu.mems), asks_text },
	{ "cpu/idle", FILES, "idle cgroups", OFFSET(cpu.idle), asks_int },
	{ "pids/limit", FILES, "pids limits", OFFSET(pids.limit), asks_pids },
	{ "blockIO/weight", FILES, "block I/O weights", OFFSET(block_io.weight), asks_uint },
	{ "blockIO/leafWeight", NEVER, "leaf weight for block I/O", OFFSET(block_io.leaf_weight),
	  asks_uint },
	{ "blockIO/weightDevice", FILES, "block I/O weights", WHOLE, asks_weight_device },
	{ "blockIO/weightDevice", NEVER, "leaf weight for block I/O", WHOLE,
	  asks_leaf_weight_device },
	{ "blockIO/throttleReadBpsDevice", FILES, "block I/O limits",
	  OFFSET(block_io.throttle_read_bps_device), asks_throttle },
	{ "blockIO/throttleWriteBpsDevice", FILES, "block I/O limits",
	  OFFSET(block_io.throttle_write_bps_device), asks_throttle },
	{ "blockIO/throttleReadIOPSDevice", FILES, "block I/O limits",
	  OFFSET(block_io.throttle_read_iops_device), asks_throttle },
	{ "blockIO/throttleWriteIOPSDevice", FILES, "block I/O limits",
	  OFFSET(block_io.throttle_write_iops_device), asks_throttle },
	{ "hugepageLimits", FILES, "huge page limits", WHOLE, asks_hugepages },
	{ "network/classID", NEVER, "network class", OFFSET(network.class_id), asks_uint },
	{ "network/priorities", NEVER, "network priority", WHOLE, asks_priorities },
	{ "rdma", FILES, "rdma limits", WHOLE, asks_rdma },
	{ "unified", FILES, "cgroup v2 files by name", OFFSET(unified), asks_unified },
};
const size_t resource_row_count = ARRAY_SIZE(resource_rows);

int resources_check(const struct resources_spec *resources, struct report *report,
		    struct error *err)
{
	table_for_each (row, resource_rows) {
		if (row->support != RESOURCE_NEVER ||
		    !row->asks((const char *)resources + row->offset))
			continue;
		(void)error_set(err, "/linux/resources/%s: cgroup v2 has no %s", row->member,
				row->what);
		if (!report_tell(report, err))
			return -1;
	}
	return 0;
}
