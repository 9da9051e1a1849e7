/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_SPEC_H
#define SPEC_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"

/*
 * config.json as C: one struct per object of the OCI runtime specification 1.3, members in document
 * order, names snake_cased mechanically (additionalGids -> additional_gids), so that grep finds a
 * member from either side. Filled by spec_load() (spec/load.h), read-only afterwards.
 *
 * Absent is not zero: where the difference matters a member is an opt_* or a pointer. Strings and
 * arrays live in the arena of struct container_spec. Strings never contain NUL and are valid UTF-8.
 */

struct opt_int {
	bool present;
	int64_t value;
};
struct opt_uint {
	bool present;
	uint64_t value;
};
struct opt_bool {
	bool present;
	bool value;
};

struct string_list {
	const char **items; /* NULL-terminated, as execve(2) takes them; NULL where absent */
	size_t count;
	bool present; /* false: the member is absent; true with count 0: an empty array */
};
struct string_pair {
	const char *name, *value;
};
struct string_map { /* in document order */
	struct string_pair *items;
	size_t count;
};

struct id_mapping {
	uint32_t container_id, host_id, size;
};
struct id_mapping_list {
	struct id_mapping *items;
	size_t count;
};

/* config.md#root */
struct root_spec {
	const char *path;
	bool readonly;
};

/* config.md#process */
struct console_size {
	bool present;
	uint64_t height, width; /* <= 65535 when terminal is set; ignored when it isn't */
};
struct user_spec {
	uint32_t uid, gid;
	struct opt_uint umask;
	bool keep_groups; /* the annotation run.oci.keep_original_groups */
	struct {
		uint32_t *items;
		size_t count;
	} additional_gids;
};
struct capabilities_spec {
	bool present;
	struct string_list bounding, effective, inheritable, permitted, ambient;
};
struct rlimit_spec {
	const char *type;
	uint64_t soft, hard;
};
struct scheduler_spec {
	bool present;
	const char *policy;
	struct opt_int nice, priority;
	struct string_list flags;
	struct opt_uint runtime, deadline, period; /* nanoseconds */
};
struct io_priority_spec {
	bool present;
	const char *class;
	struct opt_int priority;
};
struct cpu_affinity_spec { /* lists as in cpuset(7): "0-3,7" */
	bool present;
	const char *initial, *final; /* NULL: absent */
};
struct process_spec {
	bool present;
	bool terminal;
	struct console_size console_size;
	const char *cwd;
	struct string_list env, args;
	struct {
		struct rlimit_spec *items;
		size_t count;
	} rlimits;
	const char *apparmor_profile; /* NULL or non-empty */
	struct capabilities_spec capabilities;
	bool no_new_privileges;
	struct opt_int oom_score_adj;
	struct scheduler_spec scheduler;
	const char *selinux_label; /* NULL or non-empty */
	struct io_priority_spec io_priority;
	struct cpu_affinity_spec exec_cpu_affinity;
	struct user_spec user;
};

/* config.md#mounts */
struct mount_spec {
	const char *destination;
	const char *source; /* NULL: absent */
	const char *type;   /* NULL: absent */
	struct string_list options;
	struct id_mapping_list uid_mappings, gid_mappings; /* both or none */
};

/* config.md#posix-platform-hooks */
enum hook_point {
	HOOK_PRESTART,
	HOOK_CREATE_RUNTIME,
	HOOK_CREATE_CONTAINER,
	HOOK_START_CONTAINER,
	HOOK_POSTSTART,
	HOOK_POSTSTOP,
	HOOK_POINT_COUNT,
};
struct hook_spec {
	const char *path;
	struct string_list args, env;
	struct opt_int timeout; /* seconds, > 0 */
};
struct hook_list {
	struct hook_spec *items;
	size_t count;
};

/* config-linux.md */
struct namespace_spec {
	const char *type; /* checked: one of the eight names */
	const char *path; /* NULL: a new one */
};
struct device_spec {
	const char *type; /* checked: "c", "b", "u" or "p" */
	const char *path;
	struct opt_int major, minor; /* present unless type is "p" */
	struct opt_uint file_mode, uid, gid;
};
struct time_offset {
	bool present;
	int64_t secs;
	uint32_t nanosecs;
};

struct net_device_spec {
	const char *host_name; /* the key */
	const char *name;      /* in the container, may be a template: "eth%d"; NULL: the same */
};
struct intel_rdt_spec {
	bool present;
	const char *clos_id; /* NULL: absent */
	struct string_list schemata;
	const char *l3_cache_schema, *mem_bw_schema; /* NULL: absent */
	bool enable_monitoring;
};
struct memory_policy_spec {
	bool present;
	const char *mode;
	const char *nodes; /* a list as in cpuset(7); NULL: none */
	struct string_list flags;
};
struct personality_spec {
	const char *domain; /* NULL: the object is absent */
	struct string_list flags;
};

struct device_rule { /* linux.resources.devices[] */
	bool allow;
	const char *type;	     /* "a", "b", "c"; NULL: absent = "a" */
	struct opt_int major, minor; /* absent = any; -1 = any */
	const char *access;	     /* of "rwm"; NULL: absent = "rwm" */
};
struct throttle_device {
	int64_t major, minor;
	uint64_t rate;
};
struct throttle_list {
	struct throttle_device *items;
	size_t count;
};
struct weight_device {
	int64_t major, minor;
	struct opt_uint weight, leaf_weight;
};
struct hugepage_limit {
	const char *page_size;
	uint64_t limit;
};
struct interface_priority {
	const char *name;
	uint32_t priority;
};
struct rdma_limit {
	const char *device; /* the key */
	struct opt_uint hca_handles, hca_objects;
};
struct resources_spec {
	struct {
		struct device_rule *items;
		size_t count;
		bool present;
	} devices;
	struct {
		struct opt_int limit, reservation, swap, kernel, kernel_tcp;
		struct opt_uint swappiness;
		struct opt_bool disable_oom_killer, use_hierarchy, check_before_update;
	} memory;
	struct {
		struct opt_uint shares;
		struct opt_int quota;
		struct opt_uint burst, period;
		struct opt_int realtime_runtime;
		struct opt_uint realtime_period;
		const char *cpus, *mems; /* NULL: absent */
		struct opt_int idle;
	} cpu;
	struct {
		struct opt_int limit;
	} pids;
	struct {
		struct opt_uint weight, leaf_weight;
		struct {
			struct weight_device *items;
			size_t count;
		} weight_device;
		struct throttle_list throttle_read_bps_device, throttle_write_bps_device,
			throttle_read_iops_device, throttle_write_iops_device;
	} block_io;
	struct {
		struct hugepage_limit *items;
		size_t count;
	} hugepage_limits;
	struct {
		struct opt_uint class_id;
		struct {
			struct interface_priority *items;
			size_t count;
		} priorities;
	} network;
	struct {
		struct rdma_limit *items;
		size_t count;
	} rdma;
	struct string_map unified;
};

struct seccomp_arg_spec {
	uint32_t index;
	uint64_t value, value_two;
	const char *op;
};
struct syscall_spec {
	struct string_list names;
	const char *action;
	struct opt_uint errno_ret;
	struct {
		struct seccomp_arg_spec *items;
		size_t count;
	} args;
};
struct seccomp_spec {
	bool present;
	const char *default_action;
	struct opt_uint default_errno_ret;
	struct string_list architectures;
	struct string_list flags; /* absent and empty differ: reference.md §2.9 */
	const char *listener_path, *listener_metadata;
	bool names_must_be_known; /* the annotation run.oci.seccomp_fail_unknown_syscall */
	struct {
		struct syscall_spec *items;
		size_t count;
	} syscalls;
};

struct linux_spec {
	struct {
		struct namespace_spec *items;
		size_t count;
	} namespaces;
	struct id_mapping_list uid_mappings, gid_mappings;
	struct {
		struct time_offset monotonic, boottime;
	} time_offsets;
	struct {
		struct device_spec *items;
		size_t count;
	} devices;
	struct {
		struct net_device_spec *items;
		size_t count;
	} net_devices;
	const char *cgroups_path; /* NULL: absent */
	struct resources_spec resources;
	struct intel_rdt_spec intel_rdt;
	struct memory_policy_spec memory_policy;
	struct string_map sysctl;
	struct seccomp_spec seccomp;
	const char *rootfs_propagation; /* NULL: absent */
	struct string_list masked_paths, readonly_paths;
	const char *mount_label; /* NULL or non-empty */
	struct personality_spec personality;
};

struct container_spec {
	const char *oci_version;
	struct root_spec root;
	struct {
		struct mount_spec *items;
		size_t count;
	} mounts;
	struct process_spec process;
	const char *hostname, *domainname; /* NULL: absent */
	struct hook_list hooks[HOOK_POINT_COUNT];
	struct string_map annotations;
	/* "linux" in the document. C extensions are off, so the name is no macro here. */
	struct linux_spec linux;

	struct arena arena; /* owns every string and array above */
};

#endif
