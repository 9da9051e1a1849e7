/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json's top level, mounts and hooks: config.md#root, #mounts, #posix-platform-hooks,
 * #annotations. Tables only.
 *
 * syscalls: none
 */
#include "spec/field.h"

static const struct field root_object_fields[] = {
	{ FIELD("path", struct root_spec, path), .required = true, .form = FORM_NOT_EMPTY },
	{ FIELD("readonly", struct root_spec, readonly) },
	{ .kind = FIELD_END },
};

static const struct field mount_fields[] = {
	/* relative ones are deprecated but accepted: from "/" */
	{ FIELD("destination", struct mount_spec, destination), .required = true,
	  .form = FORM_NOT_EMPTY },
	{ FIELD("source", struct mount_spec, source), .form = FORM_EMPTY_IS_ABSENT },
	{ FIELD("type", struct mount_spec, type), .form = FORM_EMPTY_IS_ABSENT },
	{ FIELD("options", struct mount_spec, options) }, /* podman writes empty ones too */
	{ OBJECT_LIST("uidMappings", struct mount_spec, uid_mappings, id_mapping_fields) },
	{ OBJECT_LIST("gidMappings", struct mount_spec, gid_mappings, id_mapping_fields) },
	{ .kind = FIELD_END },
};

static const struct field hook_fields[] = {
	{ FIELD("path", struct hook_spec, path), .required = true, .form = FORM_ABSOLUTE },
	{ FIELD("args", struct hook_spec, args) },
	{ FIELD("env", struct hook_spec, env) },
	{ FIELD("timeout", struct hook_spec, timeout), .min = 1, .max = INT32_MAX },
	{ .kind = FIELD_END },
};

#define HOOKS(json, point)                                                                         \
	{                                                                                          \
		OBJECT_LIST(json, struct container_spec, hooks[point], hook_fields)                \
	}

const struct field hooks_fields[] = {
	HOOKS("prestart", HOOK_PRESTART),
	HOOKS("createRuntime", HOOK_CREATE_RUNTIME),
	HOOKS("createContainer", HOOK_CREATE_CONTAINER),
	HOOKS("startContainer", HOOK_START_CONTAINER),
	HOOKS("poststart", HOOK_POSTSTART),
	HOOKS("poststop", HOOK_POSTSTOP),
	{ .kind = FIELD_END },
};

/* the document of `minirun mounts` */
const struct field mounts_fields[] = {
	{ OBJECT_LIST("mounts", struct container_spec, mounts, mount_fields), .required = true },
	{ .kind = FIELD_END, .closed = true },
};

const struct field root_fields[] = {
	{ FIELD("ociVersion", struct container_spec, oci_version), .required = true },
	{ OBJECT("root", struct container_spec, root, root_object_fields), .required = true },
	{ OBJECT_LIST("mounts", struct container_spec, mounts, mount_fields) },
	{ OBJECT("process", struct container_spec, process, process_fields),
	  PRESENT(struct container_spec, process.present) },
	{ FIELD("hostname", struct container_spec, hostname), .form = FORM_EMPTY_IS_ABSENT },
	{ FIELD("domainname", struct container_spec, domainname), .form = FORM_EMPTY_IS_ABSENT },
	{ GROUP("hooks", hooks_fields) },
	{ FIELD("annotations", struct container_spec, annotations), .form = FORM_NOT_EMPTY },
	{ OBJECT("linux", struct container_spec, linux, linux_fields) },
	IGNORED("windows"),
	IGNORED("solaris"),
	IGNORED("vm"),
	IGNORED("zos"),
	IGNORED("freebsd"),
	{ .kind = FIELD_END },
};
