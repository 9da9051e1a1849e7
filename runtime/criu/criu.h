/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRIU_CRIU_H
#define CRIU_CRIU_H

#include <stdbool.h>

#include "base/error.h"
#include "namespaces/namespace.h"
#include "runtime/container.h"
#include "spec/spec.h"

/*
 * Checkpoint and restore, as the commands call them. All of it needs the host's root and criu(8).
 */

/* What both have; the texts as they were given. */
struct criu_common {
	const char *image_path; /* "checkpoint" below the current directory by default */
	const char *work_path;	/* NULL: image_path */
	const char *manage_cgroups_mode, *empty_ns;
	bool tcp_established, ext_unix_sk, shell_job, file_locks, auto_dedup, link_remap;
	bool lazy_pages;
};

struct checkpoint_options {
	struct criu_common common;
	const char *parent_path, *page_server, *network_lock;
	int status_fd; /* -1: none */
	bool leave_running, pre_dump, tcp_skip_in_flight;
};

struct restore_options {
	struct criu_common common;
	struct create_options create; /* id, bundle, console_socket, pid_file, detach … */
	const char *lsm_profile, *lsm_mount_context;
	bool tcp_close;
};

/* The lowest version of CRIU that we talk to: 3.15 tells by a notification that lazy pages can be
 * fetched. */
#define CRIU_VERSION_MIN 31500

/* What the texts mean, as CRIU wants it: everything that can be refused without looking at a
 * container or starting anything. Pure. */
struct criu_options;
int criu_plan_common(const struct criu_common *common, struct criu_options *options,
		     struct error *err);
/* text keeps the address of the page server, without its port. */
int criu_plan_checkpoint(const struct checkpoint_options *given, struct criu_options *options,
			 char text[static 256], struct error *err);

/* What a checkpoint would lose without a word, and a restore couldn't give back: refused by both.
 * Pure. */
int criu_check_spec(const struct container_spec *spec, struct error *err);

/* Whether a criu of this version (31600: 3.16) can leave out and give back a namespace that the
 * container has joined. Pure. */
int criu_check_joined(int version, enum namespace_kind kind, struct error *err);

/* full and strict set properties of each cgroup that the processes were in. memberships is
 * /proc/self/cgroup: where it has version 1's, those are shared with the host. Pure. */
int criu_check_cgroups_mode(int32_t mode, const char *memberships, struct error *err);

/* The host's root, with a program of a version that will do; *version is CRIU's. */
int criu_prepare(const char *given, char path[static 4096], int *version, struct error *err);

/* The configuration file that CRIU reads: the annotation org.criu.config (empty: none), or the
 * first of /etc/criu/minirun.conf and runc.conf that there is. */
int criu_config_file(const char *annotation, const char **path, struct error *err);

/*
 * Writes the container's processes into the directory of images. Without leave_running and
 * pre_dump they have ended then, and the container is deleted. After a failure they go on as
 * before.
 */
int container_checkpoint(const struct settings *settings, const char *id,
			 const struct checkpoint_options *options, struct error *err);

/* Makes a container of the bundle whose processes are those of the images. *exit_code: of its first
 * process, without detach. After a failure nothing is left. */
int container_restore(const struct settings *settings, const struct restore_options *options,
		      int *exit_code, struct error *err);

#endif
