/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun features: features.md. minirun-features(8)
 *
 * What is listed comes from the tables that create works with, so that nothing is promised that
 * isn't there. What isn't supported is false or empty, never absent: absent means "unknown".
 *
 * syscalls: write
 */
#include "base/string.h"
#include "base/table.h"
#include "namespaces/mount_options.h"
#include "namespaces/net_devices.h"
#include "runtime/commands/command.h"
#include "runtime/commands/usage.h"
#include "runtime/commands/version.h"
#include "runtime/criu/program.h"
#include "runtime/hooks.h"
#include "runtime/process/process.h"
#include "seccomp/names.h"
#include "spec/annotations.h"
#include "spec/json_out.h"

#define CAPABILITY_MAX 63 /* a set has 64 bits */

static void write_names(struct json_out *json, const char *name, const char *(*name_of)(size_t n))
{
	const char *text;

	json_begin_array(json, name);
	for (size_t n = 0; (text = name_of(n)); n++)
		json_string(json, NULL, text);
	json_end_array(json);
}

static void write_hooks(struct json_out *json)
{
	json_begin_array(json, "hooks");
	for (int point = 0; point < HOOK_POINT_COUNT; point++)
		json_string(json, NULL, hook_point_name((enum hook_point)point));
	json_end_array(json);
}

static void write_namespaces(struct json_out *json)
{
	json_begin_array(json, "namespaces");
	table_for_each (namespace, namespace_types)
		json_string(json, NULL, namespace->type);
	json_end_array(json);
}

static void write_capabilities(struct json_out *json)
{
	json_begin_array(json, "capabilities");
	for (int number = 0; number <= CAPABILITY_MAX; number++) {
		const char *name = capability_name(number);

		if (name)
			json_string(json, NULL, name);
	}
	json_end_array(json);
}

/* The v2 tree is all there is. */
static void write_cgroup(struct json_out *json)
{
	const bool systemd = cgroup_manager_is_built(CGROUP_MANAGER_SYSTEMD);

	json_begin_object(json, "cgroup");
	json_bool(json, "v1", false);
	json_bool(json, "v2", true);
	json_bool(json, "systemd", systemd);
	json_bool(json, "systemdUser", systemd);
	json_bool(json, "rdma", true);
	json_end_object(json);
}

static void write_seccomp(struct json_out *json)
{
	static const struct {
		const char *name;
		enum seccomp_list list;
	} lists[] = {
		{ "actions", SECCOMP_ACTIONS },
		{ "operators", SECCOMP_OPERATORS },
		{ "archs", SECCOMP_ARCHITECTURES },
		{ "knownFlags", SECCOMP_KNOWN_FLAGS },
		{ "supportedFlags", SECCOMP_SUPPORTED_FLAGS },
	};

	json_begin_object(json, "seccomp");
	json_bool(json, "enabled", true);
	table_for_each (row, lists) {
		const char *name;

		json_begin_array(json, row->name);
		for (size_t n = 0; (name = seccomp_list_name(row->list, n)); n++)
			json_string(json, NULL, name);
		json_end_array(json);
	}
	json_end_object(json);
}

static void write_mount_options(struct json_out *json)
{
	json_begin_array(json, "mountOptions");
	for (size_t i = 0; i < mount_options_count; i++)
		json_string(json, NULL, mount_options[i].name);
	json_end_array(json);
}

/* What is there or not: /linux/OBJECT/[INNER/]MEMBER. Rows of one object stand together. */
static const struct {
	const char *object, *inner, *member;
	bool value;
} switches[] = {
	{ "apparmor", NULL, "enabled", true },	  { "selinux", NULL, "enabled", true },
	{ "intelRdt", NULL, "enabled", true },	  { "intelRdt", NULL, "schemata", true },
	{ "intelRdt", NULL, "monitoring", true }, { "mountExtensions", "idmap", "enabled", true },
};

static void write_switches(struct json_out *json)
{
	const char *open = NULL;

	table_for_each (row, switches) {
		if (!string_equal(open, row->object)) {
			if (open)
				json_end_object(json);
			json_begin_object(json, row->object);
			open = row->object;
		}
		if (row->inner)
			json_begin_object(json, row->inner);
		json_bool(json, row->member, row->value);
		if (row->inner)
			json_end_object(json);
	}
	json_end_object(json);
}

static void write_linux(struct json_out *json)
{
	json_begin_object(json, "linux");
	write_namespaces(json);
	write_capabilities(json);
	write_cgroup(json);
	write_seccomp(json);
	json_begin_object(json, "memoryPolicy");
	write_names(json, "modes", memory_policy_mode_name);
	write_names(json, "flags", memory_policy_flag_name);
	json_end_object(json);
	write_switches(json);
	json_begin_object(json, "netDevices");
	json_bool(json, "enabled", net_devices_supported());
	json_end_object(json);
	json_end_object(json);
}

/* It is criu that can do it, or can't. */
static bool has_checkpoint(const struct settings *settings)
{
	char path[PATH_MAX];
	struct error ignored;

	return criu_find(settings->criu, path, &ignored) == 0;
}

/* runc's name for "checkpoint" is the one that engines look for. */
static void write_annotations(struct json_out *json, const struct settings *settings)
{
	json_begin_object(json, "annotations");
	json_string(json, "io.github.seccomp.libseccomp.version", seccomp_library_version());
	json_string(json, "org.minirun.commit", version_commit);
	json_string(json, "org.minirun.version", version_text);
	json_string(json, "org.opencontainers.runc.checkpoint.enabled",
		    has_checkpoint(settings) ? "true" : "false");
	json_end_object(json);

	/* those that change what runs, or keep it from running */
	json_begin_array(json, "potentiallyUnsafeConfigAnnotations");
	for (size_t i = 0; i < known_annotation_count; i++)
		json_string(json, NULL, known_annotations[i].name);
	json_end_array(json);
}

static int run(const struct invocation *invocation, const void *options, struct error *err)
{
	autobuffer out = { 0 };
	struct json_out json = json_out(&out, 4);

	(void)options; /* there are none */
	json_begin_object(&json, NULL);
	json_string(&json, "ociVersionMin", VERSION_SPEC_MIN);
	json_string(&json, "ociVersionMax", VERSION_SPEC_MAX);
	write_hooks(&json);
	write_mount_options(&json);
	write_linux(&json);
	write_annotations(&json, invocation->settings);
	json_end_object(&json);
	buffer_add(&out, "\n");
	return usage_print(&out, err);
}

const struct command features_command = {
	.name = "features",
	.knows_no_container = true,
	.usage = "",
	.help = "print what this runtime supports as JSON",
	.description = "Tells what is built in, not what the host allows; seccomp's lists follow\n"
		       "the libseccomp and the kernel at hand.\n"
		       "\n"
		       "Example:\n"
		       "  minirun features | jq .linux.namespaces\n",
	.failure = "",
	.failure_status = 1,
	.run = run,
};
