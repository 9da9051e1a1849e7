/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules between members of config.json, one function each, in one table. Rules for a single
 * value (range, absolute path, one of these words) are in its row in fields_*.c; those of larger
 * objects are in validate_*.c.
 *
 * time_namespaces(7), uts_namespaces(7). syscalls: none
 */
#include "spec/validate.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "base/string.h"
#include "base/table.h"
#include "spec/annotations.h"

#define NAME_LENGTH_MAX 64 /* sethostname(2), setdomainname(2): __NEW_UTS_LEN */

const struct namespace_spec *validate_find_namespace(const struct container_spec *spec,
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
	if (validate_find_namespace(spec, type))
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

static int check_version(const struct container_spec *spec, struct report *report,
			 struct error *err)
{
	(void)report; /* there is one */
	if (!is_version(spec->oci_version))
		return error_set(err, "/ociVersion: must be a version like 1.3.0 (SemVer 2.0.0)");
	if (!string_starts_with(spec->oci_version, "1."))
		return error_set(err, "/ociVersion: %.64s isn't supported, 1.x is",
				 spec->oci_version);
	return 0;
}

static int check_root(const struct container_spec *spec, struct report *report, struct error *err)
{
	(void)report; /* there is one */
	if (!spec->root.readonly)
		return 0;
	return need_namespace(spec, "mount", "/root/readonly", err);
}

static int check_process(const struct container_spec *spec, struct report *report,
			 struct error *err)
{
	return spec->process.present ? validate_process(&spec->process, "/process", report, err)
				     : 0;
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

static int check_names(const struct container_spec *spec, struct report *report, struct error *err)
{
	if (check_name(spec, spec->hostname, "/hostname", err) < 0 && !report_tell(report, err))
		return -1;
	if (check_name(spec, spec->domainname, "/domainname", err) < 0 && !report_tell(report, err))
		return -1;
	return 0;
}

static int check_hooks(const struct container_spec *spec, struct report *report, struct error *err)
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
			if (validate_environment(&list->items[i].env, pointer, report, err) < 0)
				return -1;
		}
	}
	return 0;
}

static int check_namespaces(const struct container_spec *spec, struct report *report,
			    struct error *err)
{
	for (size_t i = 0; i < spec->linux.namespaces.count; i++) {
		const struct namespace_spec *namespace = &spec->linux.namespaces.items[i];

		if (validate_find_namespace(spec, namespace->type) == namespace)
			continue;
		(void)error_set(err, "/linux/namespaces/%zu: type %s occurs twice", i,
				namespace->type);
		if (!report_tell(report, err))
			return -1;
	}
	return 0;
}

static int check_mounts(const struct container_spec *spec, struct report *report, struct error *err)
{
	if (spec->mounts.count == 0)
		return 0;
	if (validate_mounts(spec, report, err) < 0)
		return -1;
	if (need_namespace(spec, "mount", "/mounts", err) < 0 && !report_tell(report, err))
		return -1;
	return 0;
}

static int check_time_offsets(const struct container_spec *spec, struct report *report,
			      struct error *err)
{
	const struct namespace_spec *time = validate_find_namespace(spec, "time");

	(void)report; /* there is one */
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

static int check_personality(const struct container_spec *spec, struct report *report,
			     struct error *err)
{
	const struct string_list *flags = &spec->linux.personality.flags;

	(void)report; /* there is one */
	if (flags->count == 0)
		return 0;
	return error_set(
		err, "/linux/personality/flags/0: \"%.64s\": the specification has no flags yet",
		flags->items[0]);
}

static int check_hidden_paths(const struct container_spec *spec, struct report *report,
			      struct error *err)
{
	if (spec->linux.masked_paths.count > 0 &&
	    need_namespace(spec, "mount", "/linux/maskedPaths", err) < 0 &&
	    !report_tell(report, err))
		return -1;
	if (spec->linux.readonly_paths.count > 0 &&
	    need_namespace(spec, "mount", "/linux/readonlyPaths", err) < 0 &&
	    !report_tell(report, err))
		return -1;
	for (size_t i = 0; i < spec->linux.masked_paths.count; i++) {
		char path[PATH_MAX];

		if (!path_clean(spec->linux.masked_paths.items[i], path) || strcmp(path, "/") != 0)
			continue;
		(void)error_set(err, "/linux/maskedPaths/%zu: the root can't be masked", i);
		if (!report_tell(report, err))
			return -1;
	}
	return 0;
}

static int check_propagation(const struct container_spec *spec, struct report *report,
			     struct error *err)
{
	(void)report; /* there is one */
	if (!spec->linux.rootfs_propagation)
		return 0;
	return need_namespace(spec, "mount", "/linux/rootfsPropagation", err);
}

static int check_cgroups_path(const struct container_spec *spec, struct report *report,
			      struct error *err)
{
	const char *at = spec->linux.cgroups_path;

	(void)report; /* there is one */
	while (at && *at) {
		size_t length = strcspn(at, "/");

		if (length == 2 && strncmp(at, "..", 2) == 0)
			return error_set(err, "/linux/cgroupsPath: must not contain \"..\"");
		at += length;
		at += strspn(at, "/");
	}
	return 0;
}

static int check_resources(const struct container_spec *spec, struct report *report,
			   struct error *err)
{
	return validate_resources(&spec->linux.resources, "/linux/resources", report, err);
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
	{ "id mappings", validate_user_namespace, "config-linux.md#user-namespace-mappings" },
	{ "time offsets", check_time_offsets, "config-linux.md#offset-for-time-namespace" },
	{ "devices", validate_devices, "config-linux.md#devices" },
	{ "masked and read-only paths", check_hidden_paths, "config-linux.md#masked-paths" },
	{ "propagation", check_propagation, "config-linux.md#rootfs-mount-propagation" },
	{ "resctrl", validate_intel_rdt, "config-linux.md#intelrdt" },
	{ "network devices", validate_net_devices, "config-linux.md#network-devices" },
	{ "cgroups path", check_cgroups_path, "config-linux.md#cgroups-path" },
	{ "resources", check_resources, "config-linux.md#control-groups" },
	{ "memory policy", validate_memory_policy, "config-linux.md#memory-policy" },
	{ "seccomp", validate_seccomp, "config-linux.md#seccomp" },
	{ "personality", check_personality, "config-linux.md#personality" },
	{ "seccomp listener", validate_notify, "config-linux.md#seccomp" },
	{ "annotations", annotations_check, "config.md#annotations" },
};

const size_t validate_rule_count = ARRAY_SIZE(validate_rules);

int validate_spec(const struct container_spec *spec, struct error *err)
{
	table_for_each (rule, validate_rules) {
		if (rule->check(spec, NULL, err) < 0)
			return -1;
	}
	return 0;
}
