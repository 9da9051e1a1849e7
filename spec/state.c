/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The state document, runtime.md#state: what hooks read on stdin and what `state` prints.
 *
 * syscalls: none
 */
#include "spec/state.h"

#include "spec/json_out.h"

/* An empty map is left out, as engines are used to see it. */
static void write_annotations(struct json_out *json, const struct string_map *annotations)
{
	if (!annotations || annotations->count == 0)
		return;
	json_begin_object(json, "annotations");
	for (size_t i = 0; i < annotations->count; i++)
		json_string(json, annotations->items[i].name, annotations->items[i].value);
	json_end_object(json);
}

void state_write_member(struct json_out *json, const char *name, const struct state_document *state)
{
	json_begin_object(json, name);
	json_string(json, "ociVersion", state->oci_version);
	json_string(json, "id", state->id);
	json_string(json, "status", state->status);
	json_int(json, "pid", state->pid);
	json_string(json, "bundle", state->bundle);
	write_annotations(json, state->annotations);
	json_end_object(json);
}

void state_write_for_hook(struct buffer *out, const struct state_document *state)
{
	struct json_out json = json_out(out, 0);

	state_write_member(&json, NULL, state);
}

void state_write(struct json_out *json, const struct state_document *state)
{
	json_begin_object(json, NULL);
	json_string(json, "ociVersion", state->oci_version);
	json_string(json, "id", state->id);
	json_int(json, "pid", state->pid);
	json_string(json, "status", state->status);
	json_string(json, "bundle", state->bundle);
	if (state->rootfs)
		json_string(json, "rootfs", state->rootfs);
	if (state->created)
		json_string(json, "created", state->created);
	write_annotations(json, state->annotations);
	if (state->owner)
		json_string(json, "owner", state->owner);
	if (state->mounts && state->mounts->count > 0)
		live_mounts_write(json, "mounts", state->mounts, false);
	json_end_object(json);
}
