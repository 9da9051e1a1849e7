/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What create and exec do alike with a process on its way into a container.
 *
 * syscalls: prctl, clone, pidfd_open, fcntl, connect, sendmsg
 */
#include "runtime/child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/process.h"

int child_tie(struct error *err)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return error_errno(err, "tie the process to its parent");
	return 0;
}

int child_untie(struct error *err)
{
	if (prctl(PR_SET_PDEATHSIG, 0) < 0)
		return error_errno(err, "untie the process from its parent");
	return 0;
}

int child_set_dumpable(int dumpable, struct error *err)
{
	if (prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0) < 0)
		return error_errno(err, dumpable ? "let the owner look at us"
						 : "stay out of reach of ptrace");
	return 0;
}

int child_set_dumpable_of_user(int dumpable, struct error *err)
{
	/* as the program began: before any change of ours, and without a system call */
	return getauxval(AT_EUID) == 0 ? 0 : child_set_dumpable(dumpable, err);
}

int child_enter_pid_namespace(struct error *err)
{
	/* plain clone(2): a filter that is already loaded may answer ENOSYS to clone3 */
	const pid_t pid = (pid_t)syscall(SYS_clone, CLONE_PARENT, NULL, NULL, NULL, NULL);

	if (pid < 0 && errno == EAGAIN)
		return error_set(err, "no process more is allowed: pids.max of the container's "
				      "cgroup, or RLIMIT_NPROC");
	if (pid < 0)
		return error_errno(err, "make the process in the container's pid namespace");
	if (pid > 0)
		_exit(0);
	return child_tie(err);
}

int child_follow(pid_t pid, const char *who, pid_t *ours, int *pidfd, struct error *err)
{
	struct process_status status;

	if (process_read_status(pid, &status) < 0 || status.parent != getpid())
		return error_set(err, "%s named process %d, which isn't ours", who, pid);
	*ours = pid;
	fd_close(pidfd);
	*pidfd = pidfd_open(pid, 0);
	return *pidfd < 0 ? error_errno(err, "open process %d", pid) : 0;
}

static int check_inherited(int fd, struct error *err)
{
	if (fcntl(fd, F_GETFD) == 0)
		return 0;
	return error_set(err, "--preserve-fds, LISTEN_FDS: descriptor %d is not open", fd);
}

int child_take_preserved(int preserve, int listen, int *count, struct error *err)
{
	if (preserve > INT_MAX - 3 - listen)
		return error_set(err, "--preserve-fds %d: there are not that many", preserve);
	*count = preserve + listen;
	for (int fd = 3; fd < 3 + listen; fd++)
		if (check_inherited(fd, err) < 0)
			return -1;
	if (preserve > 0 && check_inherited(3 + *count - 1, err) < 0)
		return -1;
	return fd_cloexec_from(3 + *count, err);
}

static bool is_kept(int fd, const int *keep, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (keep[i] == fd)
			return true;
	return false;
}

int child_close_others(int preserved, const int *keep, size_t count, struct error *err)
{
	for (int fd = 3; fd < 3 + preserved; fd++)
		if (!is_kept(fd, keep, count) && fcntl(fd, F_GETFD) > 0)
			(void)close(fd);
	return fd_close_from(3 + preserved, keep, count, err);
}

int child_send_pidfd(const char *socket, int pidfd, const char *text, struct error *err)
{
	autofd receiver = fd_connect_unix(socket, SOCK_STREAM, err);

	return receiver < 0 ? -1 : fd_send(receiver, pidfd, text, err);
}

int child_write_pid_file(const char *path, pid_t pid, struct error *err)
{
	char text[16];
	const int length = snprintf(text, sizeof(text), "%d", pid);

	if (file_replace(path, text, (size_t)length, 0666, err) < 0)
		return error_context(err, "--pid-file");
	return 0;
}
