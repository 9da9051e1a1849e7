/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules between members of config.json, one function each, in one table. Rules for a single
 * value (range, absolute path, one of these words) are in its row in fields_*.c.
 *
 * user_namespaces(7), time_namespaces(7), uts_namespaces(7), mknod(2). syscalls: none
 */
#include "spec/validate.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/string.h"
#include "base/table.h"
#include "spec/annotations.h"

#define NAME_LENGTH_MAX 64   /* sethostname(2), setdomainname(2): __NEW_UTS_LEN */
#define ID_MAPPINGS_MAX 340  /* user_namespaces(7), since Linux 4.15 */
#define ERRNO_MAX 4095	     /* the kernel's MAX_ERRNO: seccomp(2) caps the value there */
#define TRACE_DATA_MAX 65535 /* SECCOMP_RET_DATA */

static const struct namespace_spec *find_namespace(const struct container_spec *spec,
						   const char *type)
{
	for (size_t i = 0; i < spec->linux.namespaces.count; i++)
		if (strcmp(spec->linux.namespaces.items[i].type, type) == 0)
			return &spec->linux.namespaces.items[i];
	return NULL;
}

static int need_namespace(const struct container_spec *spec, const char *type, const char *pointer,
			  struct error *err)
{
	if (find_namespace(spec, type))
		return 0;
	return error_set(err,
			 "%s: needs a %s namespace: without one in /linux/namespaces it would "
			 "change the host's",
			 pointer, type);
}

/* Skips dot-separated identifiers of SemVer; false when there is an empty or unfit one. */
static bool skip_identifiers(const char **text, bool leading_zeros)
{
	const char *at = *text;

	for (;;) {
		size_t length = strspn(at, "0123456789"
					   "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					   "abcdefghijklmnopqrstuvwxyz-");

		if (length == 0)
			return false;
		if (!leading_zeros && *at == '0' && length > 1 &&
		    strspn(at, "0123456789") == length)
			return false;
		at += length;
		if (*at != '.')
			break;
		at++;
	}
	*text = at;
	return true;
}

/* SemVer 2.0.0. */
static bool is_version(const char *text)
{
	for (int i = 0; i < 3; i++) {
		size_t length = strspn(text, "0123456789");

		if (length == 0 || (length > 1 && *text == '0'))
			return false;
		text += length;
		if (i < 2 && *text++ != '.')
			return false;
	}
	if (*text == '-') {
		text++;
		if (!skip_identifiers(&text, false))
			return false;
	}
	if (*text == '+') {
		text++;
		if (!skip_identifiers(&text, true))
			return false;
	}
	return *text == '\0';
}

static int check_version(const struct container_spec *spec, struct error *err)
{
	if (!is_version(spec->oci_version))
		return error_set(err, "/ociVersion: must be a version like 1.3.0 (SemVer 2.0.0)");
	if (!string_starts_with(spec->oci_version, "1."))
		return error_set(err, "/ociVersion: %.64s isn't supported, 1.x is",
				 spec->oci_version);
	return 0;
}

static int check_root(const struct container_spec *spec, struct error *err)
{
	if (!spec->root.readonly)
		return 0;
	return need_namespace(spec, "mount", "/root/readonly", err);
}

static int check_process(const struct container_spec *spec, struct error *err)
{
	return spec->process.present ? validate_process(&spec->process, "/process", err) : 0;
}

static int check_name(const struct container_spec *spec, const char *name, const char *pointer,
		      struct error *err)
{
	if (!name)
		return 0;
	if (strlen(name) > NAME_LENGTH_MAX)
		return error_set(err, "%s: longer than %d bytes", pointer, NAME_LENGTH_MAX);
	return need_namespace(spec, "uts", pointer, err);
}

static int check_names(const struct container_spec *spec, struct error *err)
{
	if (check_name(spec, spec->hostname, "/hostname", err) < 0)
		return -1;
	return check_name(spec, spec->domainname, "/domainname", err);
}

static int check_hooks(const struct container_spec *spec, struct error *err)
{
	static const char *const names[] = {
		[HOOK_PRESTART] = "prestart",
		[HOOK_CREATE_RUNTIME] = "createRuntime",
		[HOOK_CREATE_CONTAINER] = "createContainer",
		[HOOK_START_CONTAINER] = "startContainer",
		[HOOK_POSTSTART] = "poststart",
		[HOOK_POSTSTOP] = "poststop",
	};
	char pointer[64];

	_Static_assert(ARRAY_SIZE(names) == HOOK_POINT_COUNT, "a name for each hook point");
	for (size_t point = 0; point < HOOK_POINT_COUNT; point++) {
		const struct hook_list *list = &spec->hooks[point];

		for (size_t i = 0; i < list->count; i++) {
			(void)snprintf(pointer, sizeof(pointer), "/hooks/%s/%zu/env", names[point],
				       i); /* fits: 20 digits at most */
			if (validate_environment(&list->items[i].env, pointer, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int check_namespaces(const struct container_spec *spec, struct error *err)
{
	for (size_t i = 0; i < spec->linux.namespaces.count; i++) {
		const struct namespace_spec *namespace = &spec->linux.namespaces.items[i];

		if (find_namespace(spec, namespace->type) != namespace)
			return error_set(err, "/linux/namespaces/%zu: type %s occurs twice", i,
					 namespace->type);
	}
	return 0;
}

static bool ranges_overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a < (uint64_t)b + b_size && b < (uint64_t)a + a_size;
}

static int check_mapping(const struct id_mapping_list *list, size_t i, const char *pointer,
			 struct error *err)
{
	const struct id_mapping *mapping = &list->items[i];

	if (mapping->size == 0)
		return error_set(err, "%s/%zu/size: must not be 0", pointer, i);
	if (mapping->size > UINT32_MAX - mapping->container_id)
		return error_set(err, "%s/%zu: containerID + size is beyond the last id", pointer,
				 i);
	if (mapping->size > UINT32_MAX - mapping->host_id)
		return error_set(err, "%s/%zu: hostID + size is beyond the last id", pointer, i);
	for (size_t k = 0; k < i; k++) {
		const struct id_mapping *other = &list->items[k];

		if (ranges_overlap(mapping->container_id, mapping->size, other->container_id,
				   other->size))
			return error_set(err, "%s/%zu: overlaps entry %zu in the container",
					 pointer, i, k);
		if (ranges_overlap(mapping->host_id, mapping->size, other->host_id, other->size))
			return error_set(err, "%s/%zu: overlaps entry %zu on the host", pointer, i,
					 k);
	}
	return 0;
}

int validate_id_mappings(const struct id_mapping_list *list, const char *pointer, struct error *err)
{
	if (list->count > ID_MAPPINGS_MAX)
		return error_set(err, "%s: %zu entries, the kernel takes at most %d", pointer,
				 list->count, ID_MAPPINGS_MAX);
	for (size_t i = 0; i < list->count; i++)
		if (check_mapping(list, i, pointer, err) < 0)
			return -1;
	return 0;
}

static int check_mapping_list(const struct container_spec *spec, const struct id_mapping_list *list,
			      const char *pointer, struct error *err)
{
	if (list->count == 0)
		return 0;
	if (!find_namespace(spec, "user"))
		return error_set(err, "%s: needs a user namespace in /linux/namespaces", pointer);
	return validate_id_mappings(list, pointer, err);
}

static int check_id_mappings(const struct container_spec *spec, struct error *err)
{
	const struct linux_spec *linux = &spec->linux;
	const struct namespace_spec *user = find_namespace(spec, "user");

	/* without both the runtime chooses */
	if (user && !user->path &&
	    (linux->uid_mappings.count == 0) != (linux->gid_mappings.count == 0))
		return error_set(err, "%s: is missing, a new user namespace needs both or none",
				 linux->uid_mappings.count == 0 ? "/linux/uidMappings"
								: "/linux/gidMappings");
	if (check_mapping_list(spec, &linux->uid_mappings, "/linux/uidMappings", err) < 0)
		return -1;
	return check_mapping_list(spec, &linux->gid_mappings, "/linux/gidMappings", err);
}

static int check_mount_mappings(const struct mount_spec *mount, size_t i, struct error *err)
{
	char pointer[64];

	if ((mount->uid_mappings.count == 0) != (mount->gid_mappings.count == 0))
		return error_set(err, "/mounts/%zu/%s: needs %s as well", i,
				 mount->uid_mappings.count ? "uidMappings" : "gidMappings",
				 mount->uid_mappings.count ? "gidMappings" : "uidMappings");
	(void)snprintf(pointer, sizeof(pointer), "/mounts/%zu/uidMappings", i);
	if (validate_id_mappings(&mount->uid_mappings, pointer, err) < 0)
		return -1;
	(void)snprintf(pointer, sizeof(pointer), "/mounts/%zu/gidMappings", i);
	return validate_id_mappings(&mount->gid_mappings, pointer, err);
}

int validate_mounts(const struct container_spec *spec, struct error *err)
{
	for (size_t i = 0; i < spec->mounts.count; i++)
		if (check_mount_mappings(&spec->mounts.items[i], i, err) < 0)
			return -1;
	return 0;
}

static int check_mounts(const struct container_spec *spec, struct error *err)
{
	if (spec->mounts.count == 0)
		return 0;
	if (validate_mounts(spec, err) < 0)
		return -1;
	return need_namespace(spec, "mount", "/mounts", err);
}

static int check_time_offsets(const struct container_spec *spec, struct error *err)
{
	const struct namespace_spec *time = find_namespace(spec, "time");

	if (!spec->linux.time_offsets.monotonic.present &&
	    !spec->linux.time_offsets.boottime.present)
		return 0;
	if (!time)
		return error_set(err, "/linux/timeOffsets: needs a time namespace in "
				      "/linux/namespaces");
	if (time->path)
		return error_set(err,
				 "/linux/timeOffsets: the time namespace is joined by path, only "
				 "a new one takes offsets");
	return 0;
}

static int check_personality(const struct container_spec *spec, struct error *err)
{
	const struct string_list *flags = &spec->linux.personality.flags;

	if (flags->count == 0)
		return 0;
	return error_set(
		err, "/linux/personality/flags/0: \"%.64s\": the specification has no flags yet",
		flags->items[0]);
}

static mode_t device_mode(const char *type)
{
	switch (*type) {
	case 'b':
		return S_IFBLK;
	case 'p':
		return S_IFIFO;
	default: /* "c" and its old name "u" */
		return S_IFCHR;
	}
}

static int check_devices(const struct container_spec *spec, struct error *err)
{
	for (size_t i = 0; i < spec->linux.devices.count; i++) {
		const struct device_spec *device = &spec->linux.devices.items[i];
		mode_t type = (mode_t)device->file_mode.value & S_IFMT;

		if (*device->type != 'p' && !device->major.present)
			return error_set(err, "/linux/devices/%zu/major: is required but missing",
					 i);
		if (*device->type != 'p' && !device->minor.present)
			return error_set(err, "/linux/devices/%zu/minor: is required but missing",
					 i);
		if (type != 0 && type != device_mode(device->type))
			return error_set(err,
					 "/linux/devices/%zu/fileMode: its type bits are not "
					 "those of type \"%s\"",
					 i, device->type);
	}
	return 0;
}

static int check_hidden_paths(const struct container_spec *spec, struct error *err)
{
	if (spec->linux.masked_paths.count > 0 &&
	    need_namespace(spec, "mount", "/linux/maskedPaths", err) < 0)
		return -1;
	if (spec->linux.readonly_paths.count > 0 &&
	    need_namespace(spec, "mount", "/linux/readonlyPaths", err) < 0)
		return -1;
	return 0;
}

static int check_propagation(const struct container_spec *spec, struct error *err)
{
	if (!spec->linux.rootfs_propagation)
		return 0;
	return need_namespace(spec, "mount", "/linux/rootfsPropagation", err);
}

static int check_cgroups_path(const struct container_spec *spec, struct error *err)
{
	const char *at = spec->linux.cgroups_path;

	while (at && *at) {
		size_t length = strcspn(at, "/");

		if (length == 2 && strncmp(at, "..", 2) == 0)
			return error_set(err, "/linux/cgroupsPath: must not contain \"..\"");
		at += length;
		at += strspn(at, "/");
	}
	return 0;
}

static int check_errno(const char *action, const struct opt_uint *value, const char *pointer,
		       struct error *err)
{
	uint64_t max;

	if (!value->present)
		return 0;
	if (strcmp(action, "SCMP_ACT_ERRNO") == 0)
		max = ERRNO_MAX;
	else if (strcmp(action, "SCMP_ACT_TRACE") == 0)
		max = TRACE_DATA_MAX;
	else
		return error_set(err, "%s: action %.64s takes no errno", pointer, action);
	if (value->value > max)
		return error_set(err, "%s: expected an integer from 0 to %ju", pointer,
				 (uintmax_t)max);
	return 0;
}

static int check_seccomp(const struct container_spec *spec, struct error *err)
{
	const struct seccomp_spec *seccomp = &spec->linux.seccomp;
	char pointer[80];

	if (!seccomp->present)
		return 0;
	if (seccomp->listener_metadata && !seccomp->listener_path)
		return error_set(err, "/linux/seccomp/listenerMetadata: needs listenerPath");
	if (check_errno(seccomp->default_action, &seccomp->default_errno_ret,
			"/linux/seccomp/defaultErrnoRet", err) < 0)
		return -1;
	for (size_t i = 0; i < seccomp->syscalls.count; i++) {
		const struct syscall_spec *call = &seccomp->syscalls.items[i];

		if (call->names.count == 0)
			return error_set(err,
					 "/linux/seccomp/syscalls/%zu/names: needs at least one "
					 "entry",
					 i);
		(void)snprintf(pointer, sizeof(pointer), "/linux/seccomp/syscalls/%zu/errnoRet",
			       i); /* fits: 20 digits at most */
		if (check_errno(call->action, &call->errno_ret, pointer, err) < 0)
			return -1;
	}
	return 0;
}

/* Where the runtime itself would hang on the agent's answer: after the filter is loaded it still
 * has to speak to the other side, and with everything notified not even the agent's descriptor
 * would get there. */
static int check_notify(const struct container_spec *spec, struct error *err)
{
	const struct seccomp_spec *seccomp = &spec->linux.seccomp;

	if (!seccomp->present)
		return 0;
	if (string_equal(seccomp->default_action, "SCMP_ACT_NOTIFY"))
		return error_set(err, "/linux/seccomp/defaultAction: SCMP_ACT_NOTIFY cannot be "
				      "used as default action");
	for (size_t i = 0; i < seccomp->syscalls.count; i++) {
		const struct syscall_spec *call = &seccomp->syscalls.items[i];

		if (!string_equal(call->action, "SCMP_ACT_NOTIFY"))
			continue;
		if (!seccomp->listener_path)
			return error_set(
				err,
				"/linux/seccomp/syscalls/%zu/action: SCMP_ACT_NOTIFY needs "
				"/linux/seccomp/listenerPath",
				i);
		for (size_t k = 0; k < call->names.count; k++)
			if (string_equal(call->names.items[k], "write"))
				return error_set(err,
						 "/linux/seccomp/syscalls/%zu/names/%zu: "
						 "SCMP_ACT_NOTIFY cannot be used for the write "
						 "syscall",
						 i, k);
	}
	return 0;
}

static int check_resources(const struct container_spec *spec, struct error *err)
{
	return validate_resources(&spec->linux.resources, "/linux/resources", err);
}

/* Namespaces first: the others ask for them by type. */
const struct validate_rule validate_rules[] = {
	{ "version", check_version, "config.md#specification-version" },
	{ "namespaces", check_namespaces, "config-linux.md#namespaces" },
	{ "root", check_root, "config.md#root" },
	{ "mounts", check_mounts, "config.md#mounts" },
	{ "process", check_process, "config.md#process" },
	{ "names", check_names, "config.md#hostname" },
	{ "hooks", check_hooks, "config.md#posix-platform-hooks" },
	{ "id mappings", check_id_mappings, "config-linux.md#user-namespace-mappings" },
	{ "time offsets", check_time_offsets, "config-linux.md#offset-for-time-namespace" },
	{ "devices", check_devices, "config-linux.md#devices" },
	{ "masked and read-only paths", check_hidden_paths, "config-linux.md#masked-paths" },
	{ "propagation", check_propagation, "config-linux.md#rootfs-mount-propagation" },
	{ "resctrl", validate_intel_rdt, "config-linux.md#intelrdt" },
	{ "network devices", validate_net_devices, "config-linux.md#network-devices" },
	{ "cgroups path", check_cgroups_path, "config-linux.md#cgroups-path" },
	{ "resources", check_resources, "config-linux.md#control-groups" },
	{ "seccomp", check_seccomp, "config-linux.md#seccomp" },
	{ "personality", check_personality, "config-linux.md#personality" },
	{ "seccomp listener", check_notify, "config-linux.md#seccomp" },
	{ "annotations", annotations_check, "config.md#annotations" },
};

const size_t validate_rule_count = ARRAY_SIZE(validate_rules);

int validate_spec(const struct container_spec *spec, struct error *err)
{
	table_for_each (rule, validate_rules) {
		if (rule->check(spec, err) < 0)
			return -1;
	}
	return 0;
}
