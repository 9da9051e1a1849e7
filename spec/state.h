/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_STATE_H
#define SPEC_STATE_H

#include <sys/types.h>

#include "base/string.h"
#include "spec/record.h"
#include "spec/spec.h"

/* The OCI state document (runtime.md#state): for hooks, `state`, `list` and the seccomp agent. */
struct state_document {
	const char *oci_version;
	const char *id;
	const char *status; /* creating created running paused stopped */
	pid_t pid;	    /* 0: none */
	const char *bundle;
	const struct string_map *annotations;
	/* for `state` and `list` only, NULL otherwise */
	const char *rootfs, *created, *owner;
	const struct live_mount_list *mounts; /* what `mounts add` has added */
};

/* For hooks: compact, keys ociVersion id status pid bundle annotations. */
void state_write_for_hook(struct buffer *out, const struct state_document *state);

/* The same as a member of another document: of the seccomp agent's. */
struct json_out;
void state_write_member(struct json_out *json, const char *name,
			const struct state_document *state);

/* For `state` (indent 2, no final newline) and, with json open in an array, for `list`: runc's key
 * order ociVersion id pid status bundle rootfs created annotations owner. */
void state_write(struct json_out *json, const struct state_document *state);

#endif
