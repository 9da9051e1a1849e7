/* SPDX-License-Identifier: Apache-2.0 */
/*
 * kill: a signal to init, through a pidfd that was checked, or to everything in the cgroup.
 *
 * syscalls: pidfd_open, pidfd_send_signal
 */
#include <errno.h>
#include <signal.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "runtime/container.h"
#include "runtime/destroy.h"
#include "runtime/info.h"

static int signal_init(const struct container_info *info, int signal, struct error *err)
{
	const struct process_identity init = record_init(&info->record);
	autofd pidfd = process_open(&init);

	if (pidfd < 0 || process_signal(pidfd, signal) < 0) {
		if (errno == ESRCH)
			return error_of_kind(err, ERROR_CONTAINER_STOPPED, "container not running");
		return error_errno(err, "send signal %d to process %d", signal, init.pid);
	}
	return 0;
}

/* Everything in the cgroup; needed where no pid namespace of the container's own ends with init. */
static int signal_all(const struct container_info *info, int signal, struct error *err)
{
	autofd cgroup = -1;

	if (container_open_cgroup(info, &cgroup, err) < 0)
		return -1;
	if (cgroup < 0)
		return info->pid > 0 ? signal_init(info, signal, err) : 0;
	return signal == SIGKILL ? cgroup_kill(cgroup, err) : cgroup_signal(cgroup, signal, err);
}

bool container_has_leftovers(const struct container_info *info)
{
	struct error ignored;
	autofd cgroup = -1;

	if (info->record.private_pid_namespace ||
	    container_open_cgroup(info, &cgroup, &ignored) < 0)
		return false;
	return cgroup >= 0 && cgroup_is_populated(cgroup);
}

int container_kill(const struct settings *settings, const char *id, int signal, bool all,
		   struct error *err)
{
	struct container_info info;
	int result;

	if (container_load(settings, id, &info, err) < 0)
		return -1;
	if (all || (signal == SIGKILL && !info.record.private_pid_namespace &&
		    (info.status != STATUS_STOPPED || container_has_leftovers(&info))))
		result = signal_all(&info, signal, err);
	else if (info.status == STATUS_STOPPED || info.pid <= 0)
		result = error_of_kind(err, ERROR_CONTAINER_STOPPED, "container not running");
	else
		result = signal_init(&info, signal, err);
	container_info_free(&info);
	return result;
}
