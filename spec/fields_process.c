/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.md#process, #posix-process, #linux-process, #user: the object "process" of config.json and
 * the document of `exec --process`. Tables only.
 *
 * syscalls: none
 */
#include "spec/field.h"

static const struct field console_size_fields[] = {
	{ FIELD("height", struct console_size, height), .required = true },
	{ FIELD("width", struct console_size, width), .required = true },
	{ .kind = FIELD_END },
};

static const struct field user_fields[] = {
	{ FIELD("uid", struct user_spec, uid), .required = true },
	{ FIELD("gid", struct user_spec, gid) }, /* absent: 0, as for other runtimes */
	{ FIELD("umask", struct user_spec, umask), .max = 0777 },
	{ UINT32_LIST("additionalGids", struct user_spec, additional_gids) },
	IGNORED("username"), /* Windows */
	{ .kind = FIELD_END },
};

/* Names are checked by runtime/process/capabilities.c: unknown ones are a warning. */
static const struct field capabilities_fields[] = {
	{ FIELD("bounding", struct capabilities_spec, bounding) },
	{ FIELD("effective", struct capabilities_spec, effective) },
	{ FIELD("inheritable", struct capabilities_spec, inheritable) },
	{ FIELD("permitted", struct capabilities_spec, permitted) },
	{ FIELD("ambient", struct capabilities_spec, ambient) },
	{ .kind = FIELD_END },
};

static const struct field rlimit_fields[] = {
	{ FIELD("type", struct rlimit_spec, type), .required = true },
	{ FIELD("soft", struct rlimit_spec, soft), .required = true },
	{ FIELD("hard", struct rlimit_spec, hard), .required = true },
	{ .kind = FIELD_END },
};

/* Names of policies, flags and classes are checked by runtime/process/scheduling.c. */
static const struct field scheduler_fields[] = {
	{ FIELD("policy", struct scheduler_spec, policy), .required = true },
	{ FIELD("nice", struct scheduler_spec, nice), .min = -20, .max = 19 },
	{ FIELD("priority", struct scheduler_spec, priority), .min = INT32_MIN, .max = INT32_MAX },
	{ FIELD("flags", struct scheduler_spec, flags) },
	{ FIELD("runtime", struct scheduler_spec, runtime) },
	{ FIELD("deadline", struct scheduler_spec, deadline) },
	{ FIELD("period", struct scheduler_spec, period) },
	{ .kind = FIELD_END },
};

static const struct field io_priority_fields[] = {
	{ FIELD("class", struct io_priority_spec, class), .required = true },
	{ FIELD("priority", struct io_priority_spec, priority), .min = 0, .max = 7 },
	{ .kind = FIELD_END },
};

static const struct field cpu_affinity_fields[] = {
	{ FIELD("initial", struct cpu_affinity_spec, initial), .form = FORM_EMPTY_IS_ABSENT },
	{ FIELD("final", struct cpu_affinity_spec, final), .form = FORM_EMPTY_IS_ABSENT },
	{ .kind = FIELD_END },
};

const struct field process_fields[] = {
	{ FIELD("terminal", struct process_spec, terminal) },
	{ OBJECT("consoleSize", struct process_spec, console_size, console_size_fields),
	  PRESENT(struct process_spec, console_size.present) },
	{ FIELD("cwd", struct process_spec, cwd), .required = true },
	{ FIELD("env", struct process_spec, env) },
	{ FIELD("args", struct process_spec, args) },
	{ OBJECT_LIST("rlimits", struct process_spec, rlimits, rlimit_fields) },
	{ FIELD("apparmorProfile", struct process_spec, apparmor_profile),
	  .form = FORM_EMPTY_IS_ABSENT },
	{ OBJECT("capabilities", struct process_spec, capabilities, capabilities_fields),
	  PRESENT(struct process_spec, capabilities.present) },
	{ FIELD("noNewPrivileges", struct process_spec, no_new_privileges) },
	{ FIELD("oomScoreAdj", struct process_spec, oom_score_adj), .min = -1000, .max = 1000 },
	{ OBJECT("scheduler", struct process_spec, scheduler, scheduler_fields),
	  PRESENT(struct process_spec, scheduler.present) },
	{ FIELD("selinuxLabel", struct process_spec, selinux_label), .form = FORM_EMPTY_IS_ABSENT },
	{ OBJECT("ioPriority", struct process_spec, io_priority, io_priority_fields),
	  PRESENT(struct process_spec, io_priority.present) },
	{ OBJECT("execCPUAffinity", struct process_spec, exec_cpu_affinity, cpu_affinity_fields),
	  PRESENT(struct process_spec, exec_cpu_affinity.present) },
	/* optional as a whole (process documents come without): root, as everywhere */
	{ OBJECT("user", struct process_spec, user, user_fields) },
	IGNORED("commandLine"), /* Windows */
	{ .kind = FIELD_END },
};
