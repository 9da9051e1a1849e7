/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config-linux.md#seccomp. Actions, operators, architectures and flags are names of the installed
 * libseccomp, which seccomp/ knows. Tables only.
 *
 * syscalls: none
 */
#include "spec/field.h"

static const struct field seccomp_arg_fields[] = {
	{ FIELD("index", struct seccomp_arg_spec, index), .required = true, .max = 5 },
	{ FIELD("value", struct seccomp_arg_spec, value), .required = true },
	{ FIELD("valueTwo", struct seccomp_arg_spec, value_two) },
	{ FIELD("op", struct seccomp_arg_spec, op), .required = true },
	{ .kind = FIELD_END },
};

static const struct field syscall_fields[] = {
	{ FIELD("names", struct syscall_spec, names), .required = true, .form = FORM_NOT_EMPTY },
	{ FIELD("action", struct syscall_spec, action), .required = true },
	{ FIELD("errnoRet", struct syscall_spec, errno_ret), .max = UINT32_MAX },
	{ OBJECT_LIST("args", struct syscall_spec, args, seccomp_arg_fields) },
	{ .kind = FIELD_END },
};

const struct field seccomp_fields[] = {
	{ FIELD("defaultAction", struct seccomp_spec, default_action), .required = true },
	{ FIELD("defaultErrnoRet", struct seccomp_spec, default_errno_ret), .max = UINT32_MAX },
	{ FIELD("architectures", struct seccomp_spec, architectures) },
	{ FIELD("flags", struct seccomp_spec, flags) },
	{ FIELD("listenerPath", struct seccomp_spec, listener_path), .form = FORM_EMPTY_IS_ABSENT },
	{ FIELD("listenerMetadata", struct seccomp_spec, listener_metadata),
	  .form = FORM_EMPTY_IS_ABSENT },
	{ OBJECT_LIST("syscalls", struct seccomp_spec, syscalls, syscall_fields) },
	{ .kind = FIELD_END },
};
