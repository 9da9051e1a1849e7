/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names of the kinds of error. They are an interface: whoever reads minirun's JSON log goes by
 * them (minirun(8), DIAGNOSTICS). A name is never changed, new ones may come.
 *
 * syscalls: none
 */
#include <errno.h>
#include <stddef.h>

#include "base/error.h"
#include "base/table.h"

static const struct {
	const char *name, *hint;
} kinds[] = {
	[ERROR_USAGE] = { "usage", "--help shows the command line" },
	[ERROR_CONFIG] = { "config-invalid", "the member is described in minirun-spec(5)" },
	[ERROR_UNSUPPORTED] = { "unsupported", NULL },
	[ERROR_CONTAINER_MISSING] = { "container-not-found",
				      "'minirun list' shows the containers of this state root, "
				      "--root names another" },
	[ERROR_CONTAINER_EXISTS] = { "container-exists",
				     "take another id, or delete the container first" },
	[ERROR_CONTAINER_STOPPED] = { "container-not-running", NULL },
	[ERROR_CONTAINER_RUNNING] = { "container-running",
				      "kill it first, or use 'delete --force'" },
	[ERROR_CONTAINER_PAUSED] = { "container-paused", "'minirun resume' lets it go on" },
	[ERROR_CONTAINER_NOT_PAUSED] = { "container-not-paused", NULL },
	[ERROR_CONTAINER_CREATING] = { "container-creating", "wait for its create to end" },
	[ERROR_EXECUTABLE_MISSING] = { "executable-not-found",
				       "process.args[0] is looked for in the container's root, by "
				       "the PATH of process.env" },
	[ERROR_EXECUTABLE_REFUSED] = { "executable-refused",
				       "it must be a file that process.user may execute" },
	[ERROR_EXECUTABLE_NOEXEC] = { "executable-noexec",
				      "the file system it lies on is mounted with noexec" },
	[ERROR_INTERPRETER_MISSING] = { "interpreter-missing",
					"the image lacks the program's dynamic loader or script "
					"interpreter: was the program made for another C library "
					"or architecture?" },
	[ERROR_MEMORY_LIMIT] = { "memory-limit", "raise linux.resources.memory.limit" },
	[ERROR_HOOK] = { "hook-failed", NULL },
	[ERROR_SUBORDINATE_IDS] = { "subordinate-ids",
				    "give the user ranges in /etc/subuid and /etc/subgid, and "
				    "install newuidmap and newgidmap (package uidmap)" },
	[ERROR_USER_NAMESPACE] = { "user-namespace-refused",
				   "see kernel.apparmor_restrict_unprivileged_userns, "
				   "kernel.unprivileged_userns_clone and "
				   "user.max_user_namespaces of sysctl(8)" },
	[ERROR_MOUNT_LOCKED] = { "mount-locked",
				 "in a user namespace the flags that the host's mount has (ro, "
				 "nosuid, nodev, noexec) must be kept: add them to the options" },
	[ERROR_SYSFS] = { "sysfs-refused",
			  "add a network namespace, or bind-mount the host's /sys read-only" },
	[ERROR_CALL_BLOCKED] = { "call-blocked",
				 "the filter must allow these system calls; around a container "
				 "podman and docker have --security-opt seccomp=FILE and "
				 "--privileged, around a service systemd has SystemCallFilter=" },
	[ERROR_CGROUP_NOT_DELEGATED] = { "cgroup-not-delegated",
					 "name a cgroupsPath below one that is the caller's, or "
					 "start "
					 "it in one: systemd-run --user --scope -p Delegate=yes" },
	[ERROR_CGROUP_IN_USE] = { "cgroup-in-use", "give the container a cgroupsPath of its own" },
	[ERROR_CGROUP_NONE] = { "cgroup-missing", NULL },
};
_Static_assert(ARRAY_SIZE(kinds) == ERROR_KIND_COUNT, "a row for each kind");

static const struct {
	int code;
	const char *name;
} by_errno[] = {
	{ EPERM, "not-permitted" },
	{ EACCES, "access-refused" },
	{ ENOENT, "missing" },
	{ EEXIST, "exists" },
	{ EROFS, "read-only" },
	{ ENOSPC, "no-space" },
	{ EMFILE, "too-many-files" },
	{ ENFILE, "too-many-files" },
	{ ENOMEM, "no-memory" },
	{ EAGAIN, "no-resources" },
	{ EBUSY, "busy" },
	{ ETIMEDOUT, "timeout" },
	{ ENOSYS, "kernel-lacks" },
	{ EOPNOTSUPP, "kernel-lacks" },
	{ EPROTONOSUPPORT, "kernel-lacks" },
};

int error_kind(struct error *err, enum error_kind kind)
{
	err->kind = (int)kind;
	return -1;
}

/* The error may have come from another process: any number is possible. */
static int known_kind(const struct error *err)
{
	return err->kind > ERROR_UNTOLD && err->kind < ERROR_KIND_COUNT ? err->kind : ERROR_UNTOLD;
}

const char *error_name(const struct error *err)
{
	int kind = known_kind(err);

	if (kind != ERROR_UNTOLD)
		return kinds[kind].name;
	table_for_each (row, by_errno) {
		if (row->code == err->code)
			return row->name;
	}
	return "failed";
}

const char *error_hint(const struct error *err)
{
	return kinds[known_kind(err)].hint;
}
