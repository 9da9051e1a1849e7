/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_UPDATE_H
#define RUNTIME_UPDATE_H

#include "base/error.h"
#include "base/process.h"
#include "base/string.h"
#include "runtime/container.h"
#include "spec/spec.h"

/* A device whose use is allowed or denied from now on, and where its node is. */
struct device_change {
	const char *text; /* as it was given */
	struct device_rule rule;
	const char *path;    /* of the node in the container, NULL: none is known, or a wildcard */
	bool must_have_node; /* it was given by its path */
};

struct update_options {
	const char *id;
	struct resources_spec asked; /* its devices aren't looked at: engines send "deny all" */
	const struct device_change *devices;
	size_t device_count;
	const char *l3_cache_schema, *mem_bw_schema; /* of linux.intelRdt; NULL: not given */
};

/*
 * Changes a created, running or paused container: what isn't given stays, and after -1 everything
 * is as it was. What holds is kept in the state directory as JOURNAL_RESOURCES, beginning with the
 * first update; config.json says it until then.
 */
int container_update(const struct settings *settings, const struct update_options *options,
		     struct arena *arena, struct error *err);

/*
 * "c 10:229 rwm" (type, numbers or "*", accesses) or "/dev/fuse", "/dev/fuse:rw" (a node of the
 * host's). The node's path comes from the given one, or from sysfs, if the device is on the host.
 */
int device_change_parse(const char *text, bool allow, struct device_change *change,
			struct arena *arena, struct error *err);

/*
 * 1: a node that is made in the container of init would open nothing, since its user namespace
 * isn't ours, or ours isn't the host's (user_namespaces(7)): the host's is mounted instead. What
 * counts is the namespace that the process is in, not what config.json calls one. 0, or -1. Runs
 * in: update.
 */
int device_nodes_are_bound(pid_t init, struct error *err);

/*
 * Where device_nodes_are_bound(): mounts the host's nodes of what is allowed by its path and
 * isn't in the container yet. All or none. Takes the container's lock for itself. Runs in: update,
 * before anything else of it. device_nodes_unbind() undoes that.
 */
struct device_binds {
	struct buffer mounts; /* the caller frees its text */
	size_t count;
};
int device_nodes_bind(const struct settings *settings, const struct update_options *options,
		      struct device_binds *binds, struct error *err);
void device_nodes_unbind(const struct settings *settings, const struct update_options *options,
			 const struct device_binds *binds);

/* These three look up names in the container: only in deadline_run()'s child.
 *
 * Is the node in the container of init: 1. 0: nothing, or an empty file to mount it on. */
int device_node_find(const struct process_identity *init, const struct device_change *change,
		     struct error *err);

/* Makes the node in the container of init, or finds that it is there. Returns 1 if it was made. */
int device_node_make(const struct process_identity *init, const struct device_change *change,
		     struct error *err);
/* What device_node_make() made. */
void device_node_remove(const struct process_identity *init, const struct device_change *change);

#endif
