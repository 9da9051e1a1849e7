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
	{ FIELD("gid", struct user_spec, gid), .required = true },
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
	NOT_YET("scheduler"),
	{ FIELD("selinuxLabel", struct process_spec, selinux_label), .form = FORM_EMPTY_IS_ABSENT },
	NOT_YET("ioPriority"),
	NOT_YET("execCPUAffinity"),
	/* optional as a whole (process documents come without): root, as everywhere */
	{ OBJECT("user", struct process_spec, user, user_fields) },
	IGNORED("commandLine"), /* Windows */
	{ .kind = FIELD_END },
};
