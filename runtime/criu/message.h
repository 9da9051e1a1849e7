/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRIU_MESSAGE_H
#define CRIU_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/string.h"

/*
 * CRIU's own protocol: one protobuf message (proto2, images/rpc.proto of CRIU) in each datagram of
 * a SOCK_SEQPACKET pair. We write about forty fields and read a dozen, so the encoder is a table
 * and the decoder a loop: https://protobuf.dev/programming-guides/encoding/
 */
enum criu_request_type {
	CRIU_DUMP = 1,
	CRIU_RESTORE = 2,
	CRIU_PRE_DUMP = 4,
	CRIU_NOTIFY = 6,
	CRIU_FEATURE_CHECK = 9,
	CRIU_VERSION = 10,
};

enum criu_cgroups_mode {
	CRIU_CGROUPS_IGNORE = 0,
	CRIU_CGROUPS_SOFT = 3,
	CRIU_CGROUPS_FULL = 4,
	CRIU_CGROUPS_STRICT = 5,
};

enum criu_network_lock {
	CRIU_LOCK_IPTABLES = 1,
	CRIU_LOCK_NFTABLES = 2,
	CRIU_LOCK_SKIP = 3,
};

/* Two texts that belong together: the protocol has three kinds of them. */
struct criu_pair {
	const char *key, *value;
};
struct criu_pairs {
	struct criu_pair *items;
	size_t count;
};

struct criu_inherited {
	const char *key;
	int32_t fd; /* its number in CRIU */
};

/* criu_opts. Absent are: texts that are NULL, numbers that are -1 (empty_ns: 0), flags that are
 * false. Start from CRIU_OPTIONS_INIT. */
struct criu_options {
	int32_t images_dir, work_dir; /* numbers of descriptors of ours */
	int32_t pid, log_level, cgroups_mode, network_lock;
	uint32_t empty_ns; /* CLONE_NEW* */
	const char *log_file, *root, *parent_image, *freeze_cgroup, *config_file;
	const char *lsm_profile, *lsm_mount_context;
	bool leave_running, ext_unix_sk, tcp_established, tcp_skip_in_flight, tcp_close;
	bool evasive_devices, shell_job, file_locks, notify_scripts, track_mem, auto_dedup;
	bool link_remap, manage_cgroups, rst_sibling, lazy_pages, orphan_pts_master;
	const char *page_server; /* address; NULL: none */
	int32_t page_server_port;
	struct criu_pairs ext_mounts;	/* dump: mount point, key; restore: key, source */
	struct criu_pairs cgroup_roots; /* controller, path */
	struct criu_pairs join_ns;	/* kind, path */
	const char *external[2];	/* "net[inode]:key"; NULL: fewer */
	struct criu_inherited inherited[5];
	size_t inherited_count;
};
#define CRIU_OPTIONS_INIT                                                                          \
	{                                                                                          \
		.images_dir = -1, .work_dir = -1, .pid = -1, .log_level = -1, .cgroups_mode = -1,  \
		.network_lock = -1, .page_server_port = -1                                         \
	}

struct criu_request {
	enum criu_request_type type;
	const struct criu_options *options; /* NULL: none */
	bool notify_success;		    /* NOTIFY: go on */
	bool ask_mem_track, ask_lazy_pages; /* FEATURE_CHECK */
};

/* criu_resp, as far as we look at it. */
struct criu_reply {
	uint32_t type;
	bool success;
	int32_t code;	   /* cr_errno */
	char message[200]; /* cr_errmsg, printable */
	char script[32];   /* NOTIFY: what CRIU has come to */
	int32_t pid;	   /* NOTIFY, RESTORE: of the restored init; 0: not told */
	bool mem_track, lazy_pages;
	int32_t major, minor, sublevel;
};

/* Appends the message; out->failed without memory. */
void criu_encode(struct buffer *out, const struct criu_request *request);

/* Fields that we don't know are passed over, as protobuf asks. -1: it isn't such a message. */
int criu_decode(const void *data, size_t length, struct criu_reply *reply, struct error *err);

#endif
