/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_CONTAINER_H
#define RUNTIME_CONTAINER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "cgroups/cgroup.h"
#include "spec/record.h"
#include "spec/spec.h"
#include "spec/state.h"

/*
 * The verbs on containers, as the commands call them. Every verb takes the state root (--root) and
 * the id, checks the id by the same function, and leaves err with the one line that the user reads.
 */

/* main.c's global options, as far as verbs need them. */
struct settings {
	const char *root;     /* absolute path of the state root */
	bool root_is_default; /* not given on the command line */
	struct cgroup_choice cgroup;
	int listen_fds;		   /* LISTEN_FDS of the environment, 0: none */
	const char *notify_socket; /* NOTIFY_SOCKET of the environment, NULL: none */
	const char *criu;	   /* --criu: the program, NULL: not given */
};

struct create_options {
	const char *id;
	const char *bundle; /* as given; "." by default */
	const char *config; /* --config: file name or path; NULL = config.json */
	const char *console_socket, *pidfd_socket, *pid_file; /* NULL: not given */
	bool no_pivot, no_new_keyring;
	int preserve_fds;
	const char
		*trace; /* NULL: none; "": standard error; else a descriptor's number or a file */
	bool trace_json;
	bool dry_run; /* explain: the plan only, and nothing is written, the filter's cache neither
		       */
	/* run only */
	bool run; /* create, start and (unless detach) wait in one go */
	bool detach, keep, no_subreaper;
};

/* create; with options->run also start and, in the foreground, wait: *exit_code is then the
 * container process's. On failure nothing is left. */
int container_create(const struct settings *settings, const struct create_options *options,
		     int *exit_code, struct error *err);

/* Lets a created container's init go on to execve, then the poststart hooks. Returns when execve
 * has worked (with NOTIFY_SOCKET: when READY=1 has come). A failure after the first word to init
 * ends the container, as the specification wants it; before, it stays created. */
int container_start(const struct settings *settings, const char *id, struct error *err);

/* signal 0 never; all = --all. "container not running" for a stopped one (0 with all). */
int container_kill(const struct settings *settings, const char *id, int signal, bool all,
		   struct error *err);

/* Freezes all of it, or lets it go on. "container not running" where it isn't created or running,
 * "container not paused"; a freeze that isn't complete in time is undone. */
int container_pause(const struct settings *settings, const char *id, struct error *err);
int container_resume(const struct settings *settings, const char *id, struct error *err);

/* What `mounts` was given: JSON text, and its name for errors. */
struct mounts_document {
	const char *name, *text;
	size_t length;
};

/* Adds all mounts of the document to a container that exists, or none; takes away the mounts that
 * were added at its destinations. The record says what there is. */
int container_mounts_change(const struct settings *settings, const char *id, bool remove,
			    const struct mounts_document *document, struct error *err);

/* force on an unknown id is success, and leftovers of it are removed. */
int container_delete(const struct settings *settings, const char *id, bool force,
		     struct error *err);

/* info.c derives it from facts. */
enum container_status {
	STATUS_CREATING,
	STATUS_CREATED,
	STATUS_RUNNING,
	STATUS_PAUSED,
	STATUS_STOPPED,
};
const char *container_status_name(enum container_status status);

/* What `state`, `list`, `ps`, `kill`, `exec` start from: the record and the present status. */
struct container_info {
	struct record record; /* owns its strings */
	enum container_status status;
	pid_t pid; /* 0 when stopped */
};
/* "container does not exist" for an unknown id. Takes no lock. */
int container_load(const struct settings *settings, const char *id, struct container_info *info,
		   struct error *err);
/* The same for one of many: root is the open state root, and stays open. */
int container_load_below(int root, const struct settings *settings, const char *id,
			 struct container_info *info, struct error *err);
void container_info_free(struct container_info *info);
/* Fills document with info's facts; the strings are info's. */
void container_state_document(const struct container_info *info, struct state_document *document);

/* Host pids of everything in the container, the caller frees *pids; none when stopped. */
int container_processes(const struct settings *settings, const char *id, pid_t **pids,
			size_t *count, struct error *err);

/* Ids under the root, sorted; the caller frees the array and its strings. A missing default root
 * means none; a missing root that was given is an error. */
int container_list_ids(const struct settings *settings, char ***ids, size_t *count,
		       struct error *err);

struct exec_options {
	const char *id;
	const char *console_socket, *pidfd_socket, *pid_file;
	const char *process_file; /* --process; "-" isn't special */
	const char *const *args;  /* after the id, NULL-terminated; NULL with process_file */
	const char *cwd;
	const char *user; /* "UID[:GID]" */
	const char *const *env, *const *caps;
	size_t env_count, caps_count;
	const uint32_t *additional_gids;
	size_t additional_gids_count;
	const char *apparmor, *process_label, *cgroup; /* cgroup: "[controller:]PATH" */
	bool tty, detach, no_new_privs, ignore_paused;
	int preserve_fds;
};
/* One more process in a container that is created or running. In the foreground waits for it,
 * *exit_code is the process's; with detach returns when execve has worked, *exit_code 0. On failure
 * no process of ours is left. */
int container_exec(const struct settings *settings, const struct exec_options *options,
		   int *exit_code, struct error *err);

#endif
