/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config-linux.md#control-groups, the object "resources". Types and ranges only: whether a limit
 * can be set on this host, and what becomes of it on cgroup v2, is decided in cgroups/. Tables
 * only.
 *
 * syscalls: none
 */
#include "spec/field.h"

#define R struct resources_spec

/* -1 lifts a limit; what other negative numbers should mean is not said anywhere */
#define LIMIT .min = -1, .max = INT64_MAX
#define DEVICE_NUMBER .max = UINT32_MAX
#define DEVICE_NUMBER_OR_ANY .min = -1, .max = UINT32_MAX

static const char *const device_rule_types[] = { "a", "b", "c", NULL };

static const struct field device_rule_fields[] = {
	{ FIELD("allow", struct device_rule, allow), .required = true },
	{ FIELD("type", struct device_rule, type), .form = FORM_EMPTY_IS_ABSENT,
	  .values = device_rule_types },
	{ FIELD("major", struct device_rule, major), DEVICE_NUMBER_OR_ANY },
	{ FIELD("minor", struct device_rule, minor), DEVICE_NUMBER_OR_ANY },
	{ FIELD("access", struct device_rule, access), .form = FORM_EMPTY_IS_ABSENT },
	{ .kind = FIELD_END },
};

static const struct field memory_fields[] = {
	{ FIELD("limit", R, memory.limit), LIMIT },
	{ FIELD("reservation", R, memory.reservation), LIMIT },
	{ FIELD("swap", R, memory.swap), LIMIT },
	{ FIELD("kernel", R, memory.kernel), LIMIT },
	{ FIELD("kernelTCP", R, memory.kernel_tcp), LIMIT },
	{ FIELD("swappiness", R, memory.swappiness), .max = 100 },
	{ FIELD("disableOOMKiller", R, memory.disable_oom_killer) },
	{ FIELD("useHierarchy", R, memory.use_hierarchy) },
	{ FIELD("checkBeforeUpdate", R, memory.check_before_update) },
	{ .kind = FIELD_END },
};

static const struct field cpu_fields[] = {
	{ FIELD("shares", R, cpu.shares) },
	{ FIELD("quota", R, cpu.quota), LIMIT },
	{ FIELD("burst", R, cpu.burst) },
	{ FIELD("period", R, cpu.period) },
	{ FIELD("realtimeRuntime", R, cpu.realtime_runtime), LIMIT },
	{ FIELD("realtimePeriod", R, cpu.realtime_period) },
	{ FIELD("cpus", R, cpu.cpus), .form = FORM_EMPTY_IS_ABSENT },
	{ FIELD("mems", R, cpu.mems), .form = FORM_EMPTY_IS_ABSENT },
	{ FIELD("idle", R, cpu.idle), .max = 1 },
	{ .kind = FIELD_END },
};

static const struct field pids_fields[] = {
	{ FIELD("limit", R, pids.limit), LIMIT },
	{ .kind = FIELD_END },
};

static const struct field weight_device_fields[] = {
	{ FIELD("major", struct weight_device, major), .required = true, DEVICE_NUMBER },
	{ FIELD("minor", struct weight_device, minor), .required = true, DEVICE_NUMBER },
	{ FIELD("weight", struct weight_device, weight), .max = 1000 },
	{ FIELD("leafWeight", struct weight_device, leaf_weight), .max = 1000 },
	{ .kind = FIELD_END },
};

static const struct field throttle_fields[] = {
	{ FIELD("major", struct throttle_device, major), .required = true, DEVICE_NUMBER },
	{ FIELD("minor", struct throttle_device, minor), .required = true, DEVICE_NUMBER },
	{ FIELD("rate", struct throttle_device, rate), .required = true },
	{ .kind = FIELD_END },
};

static const struct field block_io_fields[] = {
	{ FIELD("weight", R, block_io.weight), .max = 1000 }, /* 0: nothing is asked for */
	{ FIELD("leafWeight", R, block_io.leaf_weight), .max = 1000 },
	{ OBJECT_LIST("weightDevice", R, block_io.weight_device, weight_device_fields) },
	{ OBJECT_LIST("throttleReadBpsDevice", R, block_io.throttle_read_bps_device,
		      throttle_fields) },
	{ OBJECT_LIST("throttleWriteBpsDevice", R, block_io.throttle_write_bps_device,
		      throttle_fields) },
	{ OBJECT_LIST("throttleReadIOPSDevice", R, block_io.throttle_read_iops_device,
		      throttle_fields) },
	{ OBJECT_LIST("throttleWriteIOPSDevice", R, block_io.throttle_write_iops_device,
		      throttle_fields) },
	{ .kind = FIELD_END },
};

static const struct field hugepage_limit_fields[] = {
	{ FIELD("pageSize", struct hugepage_limit, page_size), .required = true },
	{ FIELD("limit", struct hugepage_limit, limit), .required = true },
	{ .kind = FIELD_END },
};

static const struct field priority_fields[] = {
	{ FIELD("name", struct interface_priority, name), .required = true,
	  .form = FORM_NOT_EMPTY },
	{ FIELD("priority", struct interface_priority, priority), .required = true },
	{ .kind = FIELD_END },
};

static const struct field network_fields[] = {
	{ FIELD("classID", R, network.class_id), .max = UINT32_MAX },
	{ OBJECT_LIST("priorities", R, network.priorities, priority_fields) },
	{ .kind = FIELD_END },
};

static const struct field rdma_fields[] = {
	{ FIELD("hcaHandles", struct rdma_limit, hca_handles), .max = UINT32_MAX },
	{ FIELD("hcaObjects", struct rdma_limit, hca_objects), .max = UINT32_MAX },
	{ .kind = FIELD_END },
};

const struct field resources_fields[] = {
	{ OBJECT_LIST("devices", R, devices, device_rule_fields), PRESENT(R, devices.present) },
	{ GROUP("memory", memory_fields) },
	{ GROUP("cpu", cpu_fields) },
	{ GROUP("pids", pids_fields) },
	{ GROUP("blockIO", block_io_fields) },
	{ OBJECT_LIST("hugepageLimits", R, hugepage_limits, hugepage_limit_fields) },
	{ GROUP("network", network_fields) },
	{ OBJECT_MAP("rdma", R, rdma, rdma_fields), .form = FORM_NOT_EMPTY },
	{ FIELD("unified", R, unified), .form = FORM_NOT_EMPTY },
	{ .kind = FIELD_END },
};
