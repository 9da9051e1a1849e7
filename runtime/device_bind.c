/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device nodes for a container with a user namespace that lives. A node that is made there opens
 * nothing (user_namespaces(7)), so the host's is mounted in its place, as create does, by what
 * `mounts add` works with; `state` shows it there, and `mounts remove` takes it away.
 *
 * syscalls: stat, those of live_mounts.c and device_change.c
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "runtime/deadline.h"
#include "runtime/destroy.h"
#include "runtime/info.h"
#include "runtime/store.h"
#include "runtime/update.h"
#include "spec/json_out.h"

int device_nodes_are_bound(pid_t init, struct error *err)
{
	struct stat ours, theirs;
	char path[64];

	if (process_in_user_namespace())
		return 1;
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)init);
	if (stat("/proc/self/ns/user", &ours) < 0 || stat(path, &theirs) < 0)
		return errno == ENOENT
			       ? error_of_kind(err, ERROR_CONTAINER_STOPPED,
					       "container not running")
			       : error_errno(err,
					     "compare our user namespace with the container's");
	return ours.st_dev != theirs.st_dev || ours.st_ino != theirs.st_ino;
}

/* As device_nodes_are_bound(). 0 as well for a container that has ended: update itself says so. */
static int wants_binds(const struct settings *settings, const char *id, struct container_info *info,
		       struct error *err)
{
	struct store store = STORE_INIT;
	int result = -1;

	if (store_open(&store, settings, id, err) == 0 && container_read(&store, info, err) == 0)
		result = info->pid > 0 ? device_nodes_are_bound(info->pid, err) : 0;
	store_close(&store);
	return result;
}

static bool wants_node(const struct device_change *change)
{
	return change->rule.allow && change->must_have_node;
}

static void add_mount(struct json_out *json, const char *path)
{
	json_begin_object(json, NULL);
	json_string(json, "destination", path);
	json_string(json, "source", path);
	json_string(json, "type", "bind");
	json_begin_array(json, "options");
	json_string(json, NULL, "bind");
	json_string(json, NULL, "nosuid");
	json_string(json, NULL, "noexec");
	json_string(json, NULL, "private");
	json_end_array(json);
	json_end_object(json);
}

struct search {
	struct process_identity init;
	const struct device_change *change;
};

static int find_node(void *data, struct error *err)
{
	const struct search *search = data;

	return device_node_find(&search->init, search->change, err);
}

/* Those that aren't there yet as `mounts add` wants to read them. */
static int list_mounts(const struct container_info *info, const struct update_options *options,
		       struct device_binds *binds, struct error *err)
{
	struct search search = { .init = record_init(&info->record) };
	struct json_out json = json_out(&binds->mounts, 0);

	json_begin_array(&json, NULL);
	for (size_t i = 0; i < options->device_count; i++) {
		const struct device_change *change = &options->devices[i];
		int found;

		if (!wants_node(change))
			continue;
		search.change = change;
		found = deadline_run(find_node, &search, err);
		if (found < 0)
			return error_context(err, "device %s", change->path);
		if (found)
			continue;
		add_mount(&json, change->path);
		binds->count++;
	}
	json_end_array(&json);
	return binds->mounts.failed ? error_set(err, "out of memory") : 0;
}

static struct mounts_document document_of(const struct device_binds *binds)
{
	return (struct mounts_document){ "devices", binds->mounts.text, binds->mounts.length };
}

int device_nodes_bind(const struct settings *settings, const struct update_options *options,
		      struct device_binds *binds, struct error *err)
{
	struct container_info info = { 0 };
	struct mounts_document document;
	bool wanted = false;
	int result;

	for (size_t i = 0; i < options->device_count; i++)
		wanted = wanted || wants_node(&options->devices[i]);
	if (!wanted)
		return 0;
	result = wants_binds(settings, options->id, &info, err);
	if (result == 1)
		result = list_mounts(&info, options, binds, err);
	container_info_free(&info);
	if (result < 0 || binds->count == 0)
		return result;
	document = document_of(binds);
	if (container_mounts_change(settings, options->id, false, &document, err) == 0)
		return 0;
	binds->count = 0;
	return error_context(err, "the host's node for the container");
}

void device_nodes_unbind(const struct settings *settings, const struct update_options *options,
			 const struct device_binds *binds)
{
	const struct mounts_document document = document_of(binds);
	struct error ignored; /* the cause of the undo is what the user reads */

	if (binds->count > 0)
		(void)container_mounts_change(settings, options->id, true, &document, &ignored);
}
