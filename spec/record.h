/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_RECORD_H
#define SPEC_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/string.h"
#include "spec/spec.h"

/*
 * The journal's record as JSON (file state.json of a container's state directory): what a command
 * is about to make and what exists. Read by the same strict scanner and field tables as
 * config.json.
 */
#define RECORD_FORMAT 1

/* What `mounts add` has mounted. */
struct live_mount {
	const char *destination; /* absolute and clean */
	const char *source, *type;
	struct string_list options;
	uint64_t mount_id; /* path_mount_id() */
	bool pending;	   /* about to be mounted: its id is above mount_id */
};
struct live_mount_list {
	struct live_mount *items;
	size_t count;
};

/* What linux.netDevices has moved, or is about to: the host had it when this was written. */
struct moved_device {
	const char *host_name;
	const char *name;    /* in the container; a template until it has one */
	const char *passage; /* on the way there, and back */
	const char *address; /* its hardware's: "02:11:22:33:44:55"; NULL: none */
};
struct moved_device_list {
	struct moved_device *items;
	size_t count;
};

struct record {
	int64_t format;
	const char *phase; /* "creating", "created" */
	const char *id, *bundle, *rootfs, *oci_version;
	const char *created; /* RFC 3339, UTC, nanoseconds */
	uint32_t owner;	     /* uid of the creator */
	const char *boot_id;
	int64_t runtime_pid; /* the minirun that creates: its identity */
	uint64_t runtime_start_time, runtime_pidfs_id;
	int64_t pid; /* init, 0 until it exists */
	uint64_t start_time, pidfs_id;
	const char *cgroup_manager;  /* "cgroupfs", "systemd", "disabled" */
	const char *cgroup_path;     /* absolute, NULL = none */
	uint64_t cgroup_inode;	     /* of that directory, 0 until init is in it */
	const char *cgroup_unit;     /* systemd's name for it, NULL = none */
	const char *cgroup_bus;	     /* D-Bus address of the systemd that has the unit, or NULL */
	const char *resctrl_group;   /* to be removed, below resctrl's root; NULL = none */
	const char *resctrl_monitor; /* the same for its monitoring group */
	bool private_pid_namespace;
	bool keyring;  /* it has a session keyring of its own: exec joins it, too */
	bool restored; /* its processes come from a checkpoint: none of them has executed anything
			*/
	struct string_map annotations;
	struct live_mount_list mounts;
	struct moved_device_list net_devices;
	const char *net_namespace; /* the path of a joined one that they went to, else NULL */
	struct arena arena;
};

/* Their JSON: an array that is a member of that name; mount_ids: ours, not for others. */
struct json_out;
void live_mounts_write(struct json_out *json, const char *name,
		       const struct live_mount_list *mounts, bool mount_ids);

/* As one JSON object; what was absent or NULL is left out. record_load() reads it back (name: for
 * errors); such a record owns its strings, and record_free() is for it alone. On failure there is
 * nothing to free. */
void record_write(struct buffer *out, const struct record *record);
int record_load(struct record *record, const char *name, const char *text, size_t length,
		struct error *err);
void record_free(struct record *record);

#endif
