/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the specification's members, which speak of v1, to files of v2
 * (config-linux.md#control-groups; the kernel's Documentation/admin-guide/cgroup-v2.rst).
 *
 * syscalls: none
 */
#include "cgroups/convert.h"

#include <inttypes.h>
#include <string.h>

#include "base/string.h"
#include "base/table.h"
#include "cgroups/convert_lists.h"
#include "cgroups/resources.h"

#define MAX "max"
#define DEFAULT_PERIOD 100000 /* microseconds, the kernel's own */

static const char *number_or_max(struct arena *arena, int64_t number)
{
	return number < 0 ? MAX : arena_format(arena, "%" PRId64, number);
}

/* -1: no limit; 0: nothing is asked for, the file stays as it is. */
static int add_limit(const struct resource_file *row, const struct opt_int *limit,
		     struct cgroup_writes *writes, struct error *err)
{
	if (!limit->present || limit->value == 0)
		return 0;
	return convert_add(writes, row, row->file, number_or_max(writes->arena, limit->value),
			   limit->value > 0, err);
}

/*
 * v1's number is memory and swap together, v2's is swap alone. A limit that is lifted lifts the
 * sum's, too, unless that one is given.
 */
static int format_swap(const struct resource_file *row, const struct resources_spec *resources,
		       struct cgroup_writes *writes, struct error *err)
{
	const struct opt_int *limit = &resources->memory.limit, *swap = &resources->memory.swap;
	int64_t value = swap->present ? swap->value : 0;

	if (value == 0 && limit->present && limit->value == -1)
		value = -1;
	if (value == 0)
		return 0;
	if (value < 0)
		return convert_add(writes, row, row->file, MAX, false, err);
	if (!limit->present || limit->value <= 0)
		return error_set(err, "/linux/resources/memory/swap: unable to set swap limit "
				      "without memory limit: it is the sum of memory and swap");
	if (value < limit->value)
		return error_set(err,
				 "/linux/resources/memory/swap: memory+swap limit should be >= "
				 "memory limit: %" PRId64 " is less than %" PRId64,
				 value, limit->value);
	/* a kernel without swap accounting has no such file, and no swap to use beyond */
	return convert_add(writes, row, row->file,
			   arena_format(writes->arena, "%" PRId64, value - limit->value),
			   value > limit->value, err);
}

static int format_limit(const struct resource_file *row, const struct resources_spec *resources,
			struct cgroup_writes *writes, struct error *err)
{
	return add_limit(row, &resources->memory.limit, writes, err);
}

static int format_reservation(const struct resource_file *row,
			      const struct resources_spec *resources, struct cgroup_writes *writes,
			      struct error *err)
{
	return add_limit(row, &resources->memory.reservation, writes, err);
}

static bool is_idle(const struct resources_spec *resources)
{
	return resources->cpu.idle.present && resources->cpu.idle.value == 1;
}

static int format_idle(const struct resource_file *row, const struct resources_spec *resources,
		       struct cgroup_writes *writes, struct error *err)
{
	if (!resources->cpu.idle.present)
		return 0;
	return convert_add(writes, row, row->file, is_idle(resources) ? "1" : "0",
			   is_idle(resources), err);
}

static int format_weight(const struct resource_file *row, const struct resources_spec *resources,
			 struct cgroup_writes *writes, struct error *err)
{
	uint64_t shares = resources->cpu.shares.present ? resources->cpu.shares.value : 0;

	if (shares == 0 || (is_idle(resources) && shares == RESOURCES_SHARES_DEFAULT))
		return 0;
	if (is_idle(resources)) /* the kernel gives it the smallest weight and accepts no other */
		return error_set(err, "/linux/resources/cpu: unable to apply both shares and idle: "
				      "an idle cgroup has no weight of its own");
	if (convert_add(writes, row, row->file,
			arena_format(writes->arena, "%" PRIu64, convert_shares(shares)),
			shares != RESOURCES_SHARES_DEFAULT, err) < 0)
		return -1;
	writes->items[writes->count - 1].needs_other = true; /* cpu.idle */
	return 0;
}

static int format_burst(const struct resource_file *row, const struct resources_spec *resources,
			struct cgroup_writes *writes, struct error *err)
{
	const struct opt_uint *burst = &resources->cpu.burst;

	if (!burst->present)
		return 0;
	if (convert_add(writes, row, row->file,
			arena_format(writes->arena, "%" PRIu64, burst->value), burst->value > 0,
			err) < 0)
		return -1;
	/* at most the quota, the old one or the new one: which must come first depends on them */
	writes->items[writes->count - 1].needs_other = true;
	return 0;
}

static int format_quota(const struct resource_file *row, const struct resources_spec *resources,
			struct cgroup_writes *writes, struct error *err)
{
	const struct opt_int *quota = &resources->cpu.quota;
	const struct opt_uint *period = &resources->cpu.period;
	const bool limits = quota->present && quota->value > 0;
	const uint64_t length = period->present ? period->value : 0;

	if ((!quota->present || quota->value == 0) && length == 0)
		return 0;
	if (convert_add(writes, row, row->file,
			arena_format(writes->arena, "%s %" PRIu64,
				     number_or_max(writes->arena, limits ? quota->value : -1),
				     length ? length : DEFAULT_PERIOD),
			limits, err) < 0)
		return -1;
	writes->items[writes->count - 1].needs_other = true; /* an old burst may be larger */
	return 0;
}

static int format_cpus(const struct resource_file *row, const struct resources_spec *resources,
		       struct cgroup_writes *writes, struct error *err)
{
	const char *cpus = resources->cpu.cpus;

	return cpus && *cpus ? convert_add(writes, row, row->file, cpus, true, err) : 0;
}

static int format_mems(const struct resource_file *row, const struct resources_spec *resources,
		       struct cgroup_writes *writes, struct error *err)
{
	const char *mems = resources->cpu.mems;

	return mems && *mems ? convert_add(writes, row, row->file, mems, true, err) : 0;
}

static int format_pids(const struct resource_file *row, const struct resources_spec *resources,
		       struct cgroup_writes *writes, struct error *err)
{
	const struct opt_int *limit = &resources->pids.limit;

	if (!limit->present)
		return 0;
	/* 0 lets nothing be forked: init is in the cgroup already, so 1 says the same, and also to
	 * systemd, whose TasksMax= can't be 0 */
	return convert_add(writes, row, row->file,
			   number_or_max(writes->arena, limit->value == 0 ? 1 : limit->value),
			   limit->value >= 0, err);
}

/* One row per file, in the order of writing. What "unified" names comes last and so wins. */
static const struct resource_file resource_files[] = {
	{ "memory/swap", "memory", "memory.swap.max", format_swap },
	{ "memory/limit", "memory", "memory.max", format_limit },
	{ "memory/reservation", "memory", "memory.low", format_reservation },
	{ "cpu/idle", "cpu", "cpu.idle", format_idle },
	{ "cpu/shares", "cpu", "cpu.weight", format_weight },
	{ "cpu/burst", "cpu", "cpu.max.burst", format_burst },
	{ "cpu/quota", "cpu", "cpu.max", format_quota },
	{ "cpu/cpus", "cpuset", "cpuset.cpus", format_cpus },
	{ "cpu/mems", "cpuset", "cpuset.mems", format_mems },
	{ "pids/limit", "pids", "pids.max", format_pids },
	{ "blockIO/weight", "io", "io.bfq.weight", format_io_weight },
	{ "blockIO/weightDevice", "io", "io.bfq.weight", format_io_weight_device },
	{ "blockIO/throttleReadBpsDevice", "io", "io.max", format_read_bps },
	{ "blockIO/throttleWriteBpsDevice", "io", "io.max", format_write_bps },
	{ "blockIO/throttleReadIOPSDevice", "io", "io.max", format_read_iops },
	{ "blockIO/throttleWriteIOPSDevice", "io", "io.max", format_write_iops },
	{ "hugepageLimits", "hugetlb", "hugetlb.%s.max", format_hugepages },
	{ "hugepageLimits", "hugetlb", "hugetlb.%s.rsvd.max", format_hugepages_reserved },
	{ "rdma", "rdma", "rdma.max", format_rdma },
	{ "unified", NULL, NULL, format_unified },
};

bool convert_row(size_t index, const struct resources_spec *resources, struct cgroup_writes *writes,
		 int *result, struct error *err)
{
	if (index >= ARRAY_SIZE(resource_files))
		return false;
	*result = resource_files[index].format(&resource_files[index], resources, writes, err);
	return true;
}

int convert_resources(const struct resources_spec *resources, struct cgroup_writes *writes,
		      struct report *report, struct error *err)
{
	table_for_each (row, resource_files) {
		if (row->format(row, resources, writes, err) < 0 && !report_tell(report, err))
			return -1;
	}
	return 0;
}

int convert_append(struct cgroup_writes *writes, const struct cgroup_write *write,
		   struct error *err)
{
	if (writes->count == writes->capacity) {
		size_t capacity =
			writes->capacity ? 2 * writes->capacity : ARRAY_SIZE(resource_files);
		struct cgroup_write *items = arena_array(writes->arena, capacity, sizeof(*items));

		if (!items)
			return error_set(err, "out of memory");
		if (writes->count > 0)
			memcpy(items, writes->items, writes->count * sizeof(*items));
		writes->items = items;
		writes->capacity = capacity;
	}
	writes->items[writes->count++] = *write;
	return 0;
}

int convert_add(struct cgroup_writes *writes, const struct resource_file *row, const char *file,
		const char *text, bool asks, struct error *err)
{
	const struct cgroup_write write = {
		.member = row->member,
		.controller = row->controller,
		.file = file,
		.text = text,
		.asks = asks,
	};

	if (!file || !text)
		return error_set(err, "out of memory");
	return convert_append(writes, &write, err);
}
