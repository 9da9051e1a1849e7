/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec, before anything is made: which process, with what, into which namespaces and cgroup.
 *
 * syscalls: openat, openat2, stat, pidfd_open, connect, socketpair
 */
#include "runtime/exec.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "base/sys.h"
#include "runtime/child.h"
#include "runtime/console.h"
#include "runtime/creation.h"
#include "runtime/info.h"
#include "runtime/journal.h"
#include "runtime/relay.h"
#include "runtime/store.h"

static int refuse_stopped(struct error *err)
{
	return error_of_kind(err, ERROR_CONTAINER_STOPPED, "cannot exec in a stopped container");
}

static int check_status(const struct container_info *info, const struct exec_options *options,
			struct error *err)
{
	switch (info->status) {
	case STATUS_CREATED:
	case STATUS_RUNNING:
		return 0;
	case STATUS_PAUSED:
		if (options->ignore_paused)
			return 0;
		return error_of_kind(err, ERROR_CONTAINER_PAUSED,
				     "cannot exec in a paused container (use --ignore-paused to "
				     "override)");
	case STATUS_STOPPED:
		return refuse_stopped(err);
	case STATUS_CREATING:
		break;
	}
	return error_of_kind(err, ERROR_CONTAINER_CREATING,
			     "cannot exec in a container that is still being created");
}

/* Which namespaces of init to enter: those that config.json names. A user namespace that is ours
 * already can't be entered again (EINVAL). */
static int plan_namespaces(struct execution *execution, struct error *err)
{
	const struct linux_spec *linux = &execution->spec.linux;
	struct stat ours, theirs;
	char path[64];

	for (size_t i = 0; i < linux->namespaces.count; i++)
		for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
			if (strcmp(namespace_types[kind].type, linux->namespaces.items[i].type) ==
			    0)
				execution->namespaces |= namespace_types[kind].flag;
	if (!(execution->namespaces & CLONE_NEWUSER))
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/ns/user", execution->info.pid);
	if (stat("/proc/self/ns/user", &ours) < 0 || stat(path, &theirs) < 0)
		return error_errno(err, "compare our user namespace with the container's");
	if (ours.st_dev == theirs.st_dev && ours.st_ino == theirs.st_ino)
		execution->namespaces &= ~(uint64_t)CLONE_NEWUSER;
	return 0;
}

/* Without a mount namespace of its own the container has only changed its root. */
static int open_root(struct execution *execution, struct error *err)
{
	char path[64];

	if (execution->namespaces & CLONE_NEWNS)
		return 0;
	(void)snprintf(path, sizeof(path), "/proc/%d/root", execution->info.pid);
	execution->root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (execution->root < 0)
		return error_errno(err, "open the container's root");
	/* with init gone the number may have been another's by then */
	return process_wait_end(execution->init, 0) == 0 ? 0 : refuse_stopped(err);
}

/* "[controller:]PATH" of --cgroup: below the container's cgroup, in the one hierarchy of v2. */
static int open_sub_cgroup(struct execution *execution, const char *wanted, struct error *err)
{
	struct open_how how = {
		.flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	const char *path = wanted;
	int fd;

	if (strchr(path, ':'))
		return error_set(err,
				 "--cgroup %s: cgroup v2 has one hierarchy, give the path alone",
				 wanted);
	if (execution->cgroup < 0)
		return error_set(err, "--cgroup %s: the container has no cgroup", wanted);
	while (*path == '/')
		path++;
	fd = sys_openat2(execution->cgroup, *path ? path : ".", &how);
	if (fd < 0 && errno == EXDEV)
		return error_set(err, "--cgroup %s: bad sub cgroup path", wanted);
	if (fd < 0)
		return error_errno(err, "--cgroup %s", wanted);
	fd_close(&execution->cgroup);
	execution->cgroup = fd;
	return 0;
}

static int open_cgroup(struct execution *execution, struct error *err)
{
	const char *path = execution->info.record.cgroup_path;

	if (path) {
		if (container_open_cgroup(&execution->info, &execution->cgroup, err) < 0)
			return -1;
		if (execution->cgroup < 0)
			return error_errno(err, "cgroup %s of the container", path);
	}
	if (execution->options->cgroup)
		return open_sub_cgroup(execution, execution->options->cgroup, err);
	return 0;
}

static int read_frozen_config(struct execution *execution, struct store *store, struct error *err)
{
	autofree char *text = NULL;
	size_t length;

	if (file_read_at(store->dir, JOURNAL_CONFIG, SPEC_SIZE_MAX, &text, &length, err) < 0)
		return -1;
	return spec_load(&execution->spec, JOURNAL_CONFIG, text, length, err);
}

static int plan_terminal(struct execution *execution, struct error *err)
{
	const struct exec_options *options = execution->options;
	const bool terminal = execution->process.terminal;

	if (console_check(terminal, options->detach, options->console_socket, "--tty", err) < 0)
		return -1;
	if (!terminal)
		return 0;
	if (!options->console_socket)
		relay_measure(&execution->process.console_size);
	return console_open_receiver(options->console_socket, &execution->console_socket,
				     &execution->console_parent, err);
}

/* The container is what runs; the pid will be the new process's. */
static int connect_agent(struct execution *execution, struct error *err)
{
	const struct record *record = &execution->info.record;

	if (!execution->process.no_new_privileges &&
	    listener_check_early(&execution->spec.linux.seccomp, err) < 0)
		return -1;
	execution->agent.state = (struct state_document){
		.oci_version = record->oci_version,
		.id = record->id,
		.status = "running",
		.bundle = record->bundle,
		.annotations = &record->annotations,
	};
	return listener_connect(&execution->agent, &execution->spec.linux.seccomp, err);
}

static int plan_process(struct execution *execution, struct error *err)
{
	const struct process_spec *process = &execution->process;

	if (spec_validate_process(process, err) < 0 ||
	    capabilities_plan(&process->capabilities, execution->namespaces & CLONE_NEWUSER,
			      &execution->capabilities, err) < 0 ||
	    rlimits_check(process, NULL, err) < 0 || scheduling_check(process, NULL, err) < 0 ||
	    lsm_check(process, err) < 0 ||
	    seccomp_plan(execution->settings, &execution->spec, &execution->seccomp, err) < 0)
		return -1;
	execution->env = env_plan(process, execution->settings->listen_fds, &execution->arena, err);
	return execution->env ? 0 : -1;
}

/* The identity is checked again after the pidfd is open: from there on it can't be another's. */
static int open_init(struct execution *execution, struct error *err)
{
	const struct process_identity init = {
		.pid = (pid_t)execution->info.record.pid,
		.start_time = execution->info.record.start_time,
		.pidfs_id = execution->info.record.pidfs_id,
	};

	execution->init = process_open(&init);
	if (execution->init >= 0)
		return 0;
	if (errno == ESRCH)
		return refuse_stopped(err);
	return error_errno(err, "open the container's init, process %d", init.pid);
}

int exec_plan(struct execution *execution, struct error *err)
{
	struct store store = STORE_INIT;
	int result;

	result = child_take_preserved(execution->options->preserve_fds,
				      execution->settings->listen_fds, &execution->preserved_fds,
				      err);
	if (result == 0)
		result = store_open(&store, execution->settings, execution->options->id, err);
	if (result == 0)
		result = container_read(&store, &execution->info, err);
	if (result == 0)
		result = check_status(&execution->info, execution->options, err);
	if (result == 0)
		result = read_frozen_config(execution, &store, err);
	store_close(&store);
	if (result == 0)
		result = spec_add_user_namespace(&execution->spec, err);
	if (result < 0 || open_init(execution, err) < 0 || exec_process_plan(execution, err) < 0 ||
	    plan_namespaces(execution, err) < 0 || plan_process(execution, err) < 0 ||
	    open_root(execution, err) < 0 || open_cgroup(execution, err) < 0 ||
	    plan_terminal(execution, err) < 0)
		return -1;
	return connect_agent(execution, err);
}
