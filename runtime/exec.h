/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_EXEC_H
#define RUNTIME_EXEC_H

#include <limits.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "namespaces/namespace.h"
#include "runtime/container.h"
#include "runtime/listener.h"
#include "runtime/process/process.h"
#include "seccomp/filter.h"
#include "spec/load.h"
#include "spec/spec.h"

/* One exec on its way; as struct creation is for create. */
struct execution {
	const struct settings *settings;
	const struct exec_options *options;
	struct arena arena;
	struct container_info info;
	struct container_spec spec;	/* the frozen config.json */
	struct container_spec document; /* --process */
	struct process_spec process; /* what will run; borrows from the two above and the arena */

	struct capability_plan capabilities;
	struct seccomp_program seccomp;
	const char **env;
	uint64_t namespaces; /* CLONE_NEW* of init's to enter */
	int preserved_fds;

	int init;   /* pidfd, checked */
	int root;   /* only for a container without mount namespace; else -1 */
	int cgroup; /* -1: none */
	bool cgroup_late;
	int label, console_socket, console_parent, sync;
	int listener; /* of a filter that was loaded before the fork */
	struct listener agent;
	int console; /* the slave, until the last child has it as its standard streams */
	pid_t pid;   /* the process that we made, later the last child */
	int pidfd;
	bool groups_stay; /* the user namespace denies setgroups(2) */
	char executable[PATH_MAX];
};

/* Fills execution->process: config.json's process with the options' changes, or --process alone
 * (reference.md §1.6). Runs in: parent. */
int exec_process_plan(struct execution *execution, struct error *err);

#endif
