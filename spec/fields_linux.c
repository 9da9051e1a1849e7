/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config-linux.md but for resources and seccomp. Tables only.
 *
 * syscalls: none
 */
#include "spec/field.h"

#define ID_MAX (UINT32_MAX - 1)	   /* 2^32 - 1 is "no id" in chown(2) and setuid(2) */
#define MAJOR_MAX ((1U << 12) - 1) /* the kernel's MKDEV: 12 bits */
#define MINOR_MAX ((1U << 20) - 1) /* and 20 */
#define FILE_MODE_MAX 0177777	   /* podman and containerd write st_mode with its type bits */

static const char *const namespace_types[] = { "mount", "pid",	  "network", "uts", "ipc",
					       "user",	"cgroup", "time",    NULL };

static const struct field namespace_fields[] = {
	{ FIELD("type", struct namespace_spec, type), .required = true, .values = namespace_types },
	{ FIELD("path", struct namespace_spec, path), .form = FORM_ABSOLUTE_OR_EMPTY },
	{ .kind = FIELD_END },
};

const struct field id_mapping_fields[] = {
	{ FIELD("containerID", struct id_mapping, container_id), .required = true },
	{ FIELD("hostID", struct id_mapping, host_id), .required = true },
	{ FIELD("size", struct id_mapping, size), .required = true },
	{ .kind = FIELD_END },
};

static const struct field time_offset_fields[] = {
	{ FIELD("secs", struct time_offset, secs) },
	{ FIELD("nanosecs", struct time_offset, nanosecs), .max = 999999999 },
	{ .kind = FIELD_END },
};

/* The names are clocks of time_namespaces(7), so another one is an unsupported value. */
static const struct field clock_fields[] = {
	{ OBJECT("monotonic", struct linux_spec, time_offsets.monotonic, time_offset_fields),
	  PRESENT(struct linux_spec, time_offsets.monotonic.present) },
	{ OBJECT("boottime", struct linux_spec, time_offsets.boottime, time_offset_fields),
	  PRESENT(struct linux_spec, time_offsets.boottime.present) },
	{ .kind = FIELD_END, .closed = true },
};

static const char *const device_types[] = { "c", "b", "u", "p", NULL };

static const struct field device_fields[] = {
	{ FIELD("type", struct device_spec, type), .required = true, .values = device_types },
	{ FIELD("path", struct device_spec, path), .required = true, .form = FORM_ABSOLUTE },
	{ FIELD("major", struct device_spec, major), .max = MAJOR_MAX },
	{ FIELD("minor", struct device_spec, minor), .max = MINOR_MAX },
	{ FIELD("fileMode", struct device_spec, file_mode), .max = FILE_MODE_MAX },
	{ FIELD("uid", struct device_spec, uid), .max = ID_MAX },
	{ FIELD("gid", struct device_spec, gid), .max = ID_MAX },
	{ .kind = FIELD_END },
};

static const struct field net_device_fields[] = {
	/* names: spec/validate_net_devices.c */
	{ FIELD("name", struct net_device_spec, name), .form = FORM_EMPTY_IS_ABSENT },
	{ .kind = FIELD_END },
};

static const struct field intel_rdt_fields[] = {
	/* their form: spec/validate_intel_rdt.c */
	{ FIELD("closID", struct intel_rdt_spec, clos_id), .form = FORM_EMPTY_IS_ABSENT },
	{ FIELD("schemata", struct intel_rdt_spec, schemata), .form = FORM_NOT_EMPTY },
	{ FIELD("l3CacheSchema", struct intel_rdt_spec, l3_cache_schema),
	  .form = FORM_EMPTY_IS_ABSENT },
	{ FIELD("memBwSchema", struct intel_rdt_spec, mem_bw_schema),
	  .form = FORM_EMPTY_IS_ABSENT },
	{ FIELD("enableMonitoring", struct intel_rdt_spec, enable_monitoring) },
	{ .kind = FIELD_END },
};

/* Names of modes and flags are checked by runtime/process/memory_policy.c, what goes together by
 * spec/validate_memory_policy.c. */
static const struct field memory_policy_fields[] = {
	{ FIELD("mode", struct memory_policy_spec, mode), .required = true },
	{ FIELD("nodes", struct memory_policy_spec, nodes), .form = FORM_EMPTY_IS_ABSENT },
	{ FIELD("flags", struct memory_policy_spec, flags) },
	{ .kind = FIELD_END },
};

static const char *const personality_domains[] = { "LINUX", "LINUX32", NULL };

static const struct field personality_fields[] = {
	{ FIELD("domain", struct personality_spec, domain), .required = true,
	  .values = personality_domains },
	{ FIELD("flags", struct personality_spec, flags) }, /* spec/validate.c: none are known */
	{ .kind = FIELD_END },
};

/* Engines write the recursive names too, which the specification doesn't list. */
static const char *const propagation_values[] = { "private",	"rprivate",    "shared",
						  "rshared",	"slave",       "rslave",
						  "unbindable", "runbindable", NULL };

const struct field linux_fields[] = {
	{ OBJECT_LIST("namespaces", struct linux_spec, namespaces, namespace_fields) },
	{ OBJECT_LIST("uidMappings", struct linux_spec, uid_mappings, id_mapping_fields) },
	{ OBJECT_LIST("gidMappings", struct linux_spec, gid_mappings, id_mapping_fields) },
	{ GROUP("timeOffsets", clock_fields) },
	{ OBJECT_LIST("devices", struct linux_spec, devices, device_fields) },
	{ OBJECT_MAP("netDevices", struct linux_spec, net_devices, net_device_fields) },
	{ FIELD("cgroupsPath", struct linux_spec, cgroups_path), .form = FORM_EMPTY_IS_ABSENT },
	{ OBJECT("resources", struct linux_spec, resources, resources_fields) },
	{ OBJECT("intelRdt", struct linux_spec, intel_rdt, intel_rdt_fields),
	  PRESENT(struct linux_spec, intel_rdt.present) },
	{ OBJECT("memoryPolicy", struct linux_spec, memory_policy, memory_policy_fields),
	  PRESENT(struct linux_spec, memory_policy.present) },
	/* that a key is namespaced is checked where it is written: namespaces/sysctl.c */
	{ FIELD("sysctl", struct linux_spec, sysctl), .form = FORM_NOT_EMPTY },
	{ OBJECT("seccomp", struct linux_spec, seccomp, seccomp_fields),
	  PRESENT(struct linux_spec, seccomp.present) },
	{ FIELD("rootfsPropagation", struct linux_spec, rootfs_propagation),
	  .values = propagation_values },
	{ FIELD("maskedPaths", struct linux_spec, masked_paths), .form = FORM_ABSOLUTE },
	{ FIELD("readonlyPaths", struct linux_spec, readonly_paths), .form = FORM_ABSOLUTE },
	{ FIELD("mountLabel", struct linux_spec, mount_label), .form = FORM_EMPTY_IS_ABSENT },
	{ OBJECT("personality", struct linux_spec, personality, personality_fields) },
	{ .kind = FIELD_END },
};
