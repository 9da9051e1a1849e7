/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of `minirun check`. Each HOST rule is a plan function of creation_plan(), so that what
 * is found here is what create would say; but all of them are asked, not only the first.
 *
 * syscalls: those of the plan functions, which only look
 */
#include "runtime/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/table.h"
#include "cgroups/cgroup.h"
#include "namespaces/namespace.h"
#include "namespaces/net_devices.h"
#include "namespaces/rootfs.h"
#include "namespaces/sysctl.h"
#include "namespaces/time.h"
#include "runtime/creation.h"
#include "runtime/process/process.h"
#include "seccomp/filter.h"
#include "spec/check.h"

/* ---- findings ---- */

void findings_add(struct findings *findings, const char *rule, const char *section,
		  enum finding_level level, const char *text)
{
	const char *end = *text == '/' ? strstr(text, ": ") : NULL;
	struct finding *finding;

	if (findings->count == findings->capacity) {
		size_t capacity = findings->capacity ? findings->capacity * 2 : 16;
		void *grown = realloc(findings->items, capacity * sizeof(*findings->items));

		findings->failed |= !grown;
		if (!grown)
			return;
		findings->items = grown;
		findings->capacity = capacity;
	}
	finding = &findings->items[findings->count];
	*finding = (struct finding){
		.rule = arena_string(&findings->arena, rule),
		.section = section,
		.level = level,
		.pointer =
			end ? arena_format(&findings->arena, "%.*s", (int)(end - text), text) : "",
		.text = arena_string(&findings->arena, end ? end + 2 : text),
	};
	findings->failed |= !finding->rule || !finding->pointer || !finding->text;
	if (findings->failed)
		return;
	findings->count++;
	findings->of_level[level]++;
}

void findings_free(struct findings *findings)
{
	free(findings->items);
	arena_free(&findings->arena);
	*findings = (struct findings){ 0 };
}

/* ---- HOST ---- */

static int check_user_namespace(const struct check_context *context, struct error *err)
{
	const struct linux_spec *linux = &context->spec->linux;
	struct namespace_plan plan;
	int result = namespace_plan(context->spec, &plan, err);

	if (result == 0)
		result = time_check(linux, &plan, err);
	namespace_plan_close(&plan);
	return result;
}

static int check_sysctl(const struct check_context *context, struct error *err)
{
	struct namespace_plan plan;
	struct error ignored; /* has a rule of its own */
	int result = namespace_plan(context->spec, &plan, &ignored) < 0
			     ? 0
			     : sysctl_check(&context->spec->linux.sysctl, &plan, err);

	namespace_plan_close(&plan);
	return result;
}

static int check_net_devices(const struct check_context *context, struct error *err)
{
	struct namespace_plan plan;
	struct error ignored;
	int result = namespace_plan(context->spec, &plan, &ignored) < 0
			     ? 0
			     : net_devices_check(&context->spec->linux, &plan, err);

	namespace_plan_close(&plan);
	return result;
}

static int check_mounts(const struct check_context *context, struct error *err)
{
	struct rootfs rootfs = { .root = -1, .null_device = -1, .cgroup = -1, .pid_namespace = -1 };
	struct namespace_plan plan;
	struct error ignored;
	int result = 0;

	if (namespace_plan(context->spec, &plan, &ignored) == 0) {
		result = rootfs_plan(&rootfs, context->spec, context->bundle, &plan, false,
				     context->arena, err);
		rootfs_close(&rootfs);
	}
	namespace_plan_close(&plan);
	return result;
}

static int check_root(const struct check_context *context, struct error *err)
{
	const char *path = context->spec->root.path;
	const char *full =
		*path == '/' ? path : arena_format(context->arena, "%s/%s", context->bundle, path);
	struct stat attributes;

	if (!full)
		return error_set(err, "memory is exhausted");
	if (fstatat(AT_FDCWD, full, &attributes, 0) < 0)
		return error_errno(err, "/root/path: %s", full);
	if (!S_ISDIR(attributes.st_mode))
		return error_set(err, "/root/path: %s: no directory", full);
	return 0;
}

static int check_cgroup(const struct check_context *context, struct error *err)
{
	struct cgroup_plan plan = { .keeper = 0 };

	if (context->exists)
		return 0;
	return cgroup_plan(&plan, context->spec, "check", &context->settings->cgroup,
			   context->arena, err);
}

static int check_capabilities(const struct check_context *context, struct error *err)
{
	struct capability_plan plan;

	return capabilities_plan(&context->spec->process.capabilities,
				 has_user_namespace(context->spec), &plan, err);
}

static int check_rlimits(const struct check_context *context, struct error *err)
{
	return rlimits_check(&context->spec->process, err);
}

static int check_scheduling(const struct check_context *context, struct error *err)
{
	return scheduling_check(&context->spec->process, err);
}

static int check_label(const struct check_context *context, struct error *err)
{
	return lsm_check(&context->spec->process, err);
}

static int check_memory_policy(const struct check_context *context, struct error *err)
{
	return memory_policy_check(&context->spec->linux.memory_policy, err);
}

static int check_filter(const struct check_context *context, struct error *err)
{
	struct seccomp_program program;
	int result = seccomp_compile(&context->spec->linux.seccomp, &program, err);

	seccomp_program_free(&program);
	return result;
}

static int check_agent(const struct check_context *context, struct error *err)
{
	const struct seccomp_spec *seccomp = &context->spec->linux.seccomp;
	struct stat attributes;

	if (!seccomp->listener_path || !seccomp_notifies(seccomp, NULL))
		return 0;
	if (fstatat(AT_FDCWD, seccomp->listener_path, &attributes, 0) < 0)
		return error_errno(err, "/linux/seccomp/listenerPath: %s", seccomp->listener_path);
	if (!S_ISSOCK(attributes.st_mode))
		return error_set(err, "/linux/seccomp/listenerPath: %s: no socket",
				 seccomp->listener_path);
	return 0;
}

const struct host_rule host_rules[] = {
	{ "HOST-root", "config.md#root", "the root file system is a directory of this host",
	  "unpack the image, or correct root.path", check_root },
	{ "HOST-namespaces", "namespaces(7)",
	  "namespaces of these kinds, and those at the given paths, must exist here",
	  "leave the kind out, or start what owns the path", check_user_namespace },
	{ "HOST-mounts", "mount(8)", "the mounts' options must be known and go together",
	  "minirun features lists the options", check_mounts },
	{ "HOST-sysctl", "sysctl(8)",
	  "a setting must belong to a namespace that the container has of its own",
	  "add the namespace to linux.namespaces, or set it on the host", check_sysctl },
	{ "HOST-net-devices", "config-linux.md#network-devices",
	  "devices can be moved only into a network namespace of the container's own",
	  "add a network namespace", check_net_devices },
	{ "HOST-cgroup", "cgroups(7)",
	  "the limits must be expressible with the controllers that this host has",
	  "leave the limit out, or enable the controller in cgroup.subtree_control", check_cgroup },
	{ "HOST-capabilities", "capabilities(7)", "the sets must be possible together",
	  "minirun caps BUNDLE/ shows what would come out", check_capabilities },
	{ "HOST-rlimits", "getrlimit(2)", "the limits must be ones of this kernel",
	  "correct the type", check_rlimits },
	{ "HOST-scheduling", "sched(7)", "scheduler and ioPriority must be ones of this kernel",
	  "correct the values", check_scheduling },
	{ "HOST-label", "apparmor(7), selinux(8)",
	  "a label needs the security module that it is for",
	  "leave the label out on a host without it", check_label },
	{ "HOST-memory-policy", "set_mempolicy(2)", "the mode and flags must go together",
	  "minirun features lists them", check_memory_policy },
	{ "HOST-seccomp", "seccomp(2)",
	  "the filter must be possible with this libseccomp and this kernel",
	  "minirun features lists actions, architectures and flags", check_filter },
	{ "HOST-seccomp-agent", "config-linux.md#seccomp",
	  "SCMP_ACT_NOTIFY needs its agent to listen before the container is started",
	  "start the agent", check_agent },
};
const size_t host_rule_count = ARRAY_SIZE(host_rules);

/* ---- all ---- */

static void take(void *data, const char *rule, const char *section, enum finding_level level,
		 const char *text)
{
	findings_add(data, rule, section, level, text);
}

/* What needs a process isn't asked without one. */
static bool applies(const struct host_rule *rule, const struct container_spec *spec)
{
	return spec->process.present ||
	       (rule->check != check_capabilities && rule->check != check_rlimits &&
		rule->check != check_scheduling && rule->check != check_label);
}

static void check_host(struct findings *findings, const struct check_context *context)
{
	table_for_each (rule, host_rules) {
		struct error err;

		if (applies(rule, context->spec) && rule->check(context, &err) < 0)
			findings_add(findings, rule->id, rule->section, FINDING_ERROR, err.text);
	}
}

int check_config(struct findings *findings, const struct settings *settings,
		 const struct check_subject *subject, struct error *err)
{
	struct arena arena = { 0 };
	struct container_spec spec;
	const struct check_context context = { settings, &spec, subject->bundle, subject->exists,
					       &arena };
	struct error added;

	*findings = (struct findings){ 0 };
	if (spec_check(&spec, subject->text, subject->length, take, findings)) {
		if (spec_add_user_namespace(&spec, &added) < 0)
			findings_add(findings, "HOST-namespaces", "user_namespaces(7)",
				     FINDING_ERROR, added.text);
		else
			check_host(findings, &context);
	}
	spec_free(&spec);
	arena_free(&arena);
	return findings->failed ? error_set(err, "memory is exhausted") : 0;
}

bool check_explain(struct buffer *out, const char *rule)
{
	struct buffer section = { 0 };

	table_for_each (row, host_rules) {
		if (strcmp(row->id, rule) != 0)
			continue;
		buffer_format(out, "%s: %s.\ncure: %s\nsee: %s\n", row->id, row->why, row->cure,
			      row->section);
		return true;
	}
	if (!spec_check_explain(&section, rule)) {
		buffer_free(&section);
		return false;
	}
	buffer_format(out, "%s: %s", rule, section.text ? section.text : "");
	buffer_free(&section);
	return true;
}
