/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_EXEC_H
#define RUNTIME_EXEC_H

#include <limits.h>
#include <sched.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "namespaces/namespace.h"
#include "runtime/container.h"
#include "runtime/listener.h"
#include "runtime/process/process.h"
#include "runtime/start.h"
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

/* Joining a pid namespace moves only children: then the process that we clone forks once more. */
static inline bool execution_forks(const struct execution *execution)
{
	return (execution->namespaces & CLONE_NEWPID) != 0;
}

static inline struct limits execution_limits(const struct execution *execution)
{
	return (struct limits){ &execution->process, execution->spec.linux.resources.cpu.cpus };
}

/* Everything that can be refused with nothing to undo. On failure, too, the struct has to be freed.
 * Runs in: parent. */
int exec_plan(struct execution *execution, struct error *err);

/* Fills execution->process: config.json's process with the options' changes, or --process alone
 * (reference.md §1.6). Runs in: parent. */
int exec_process_plan(struct execution *execution, struct error *err);

/*
 * The process in the container's cgroup, from its first instruction to execve; sync: its end of the
 * pair, over which a failure is reported.
 * Should: lose descriptors, groups, ids and capabilities before it forks into the pid namespace.
 * Runs in: exec's first process, and from the fork on in its child. Never returns.
 */
_Noreturn void exec_main(struct execution *execution, int sync);

#endif
