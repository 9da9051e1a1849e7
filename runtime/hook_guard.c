/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nothing of a hook outlives its failure, or us.
 *
 * PR_SET_CHILD_SUBREAPER(2const), waitid(2)
 * syscalls: socketpair fork prctl setpgid pidfd_open poll waitid kill openat getdents64 sendto
 * recvfrom shutdown
 */
#include "runtime/hook_guard.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/string.h"

#define ROUND 5		/* milliseconds between two looks */
#define KILLING 5000	/* milliseconds; a process in an uninterruptible wait may take longer */
#define LOOK_AGAIN 1000 /* milliseconds, should there be no pidfd */

/* --- the guard -------------------------------------------------------------------------------- */

/* A number from /proc is only a guess. What waitid(2) takes for our child is our child, and its
 * number can't become another's before we reap it. */
static void kill_child(pid_t pid)
{
	siginfo_t info = { 0 };

	if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == 0)
		(void)kill(pid, SIGKILL);
}

static void kill_children(void)
{
	autodir proc = opendir("/proc");
	const struct dirent *entry;
	uint64_t pid;

	while (proc && (entry = readdir(proc)) != NULL)
		if (string_to_uint(entry->d_name, INT32_MAX, &pid))
			kill_child((pid_t)pid);
}

/* Keeps the hook's status. False: there is no child any more. */
static bool reap_children(pid_t hook, int *hook_status)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0)
		if (pid == hook)
			*hook_status = status;
	return pid == 0;
}

/* Generation by generation: whose parent has been killed is our child in the next round. */
static void kill_descendants(pid_t hook, int *status)
{
	const int64_t end = clock_milliseconds() + KILLING;

	/* at once what is likely to be all: the hook isn't reaped yet, so the number is its group's
	 */
	(void)kill(-hook, SIGKILL);
	(void)kill(hook, SIGKILL);
	while (reap_children(hook, status) && clock_milliseconds() < end) {
		kill_children();
		(void)poll(NULL, 0, ROUND);
	}
}

/* True: the hook has ended, well or not. False: it is to be ended. */
static bool await_hook(pid_t hook, int channel)
{
	autofd pidfd = pidfd_open(hook, 0);

	for (;;) {
		struct pollfd fds[] = {
			{ .fd = channel, .events = POLLIN },
			{ .fd = pidfd, .events = POLLIN },
		};
		siginfo_t info = { 0 };

		if (poll(fds, 2, pidfd < 0 ? LOOK_AGAIN : -1) < 0 && errno != EINTR &&
		    errno != EAGAIN)
			return false;
		if (waitid(P_PID, (id_t)hook, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
		    info.si_pid == hook)
			return true;
		if (fds[0].revents) /* nothing is ever sent to us: it is the end of file */
			return false;
	}
}

/* Without reaping it: its number must stay its own. */
static bool has_succeeded(pid_t hook)
{
	siginfo_t info = { 0 };

	return waitid(P_PID, (id_t)hook, &info, WEXITED | WNOWAIT) == 0 &&
	       info.si_code == CLD_EXITED && info.si_status == 0;
}

static void tell(int channel, int number)
{
	(void)send(channel, &number, sizeof(number), MSG_NOSIGNAL); /* who died doesn't hear it */
}

static _Noreturn void guard_main(int channel, hook_spawn *spawn, void *context)
{
	int status = SIGKILL; /* as waitpid(2) says it: if its end can't even be waited for */
	pid_t hook = 0;	      /* not used unless spawn has set it */
	int code;

	/* what is sent to our caller's process group isn't meant for us */
	(void)setpgid(0, 0); /* can't fail for a process that was just made */
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		code = errno;
	else
		code = spawn(context, &hook);
	tell(channel, code);
	if (code != 0)
		_exit(1);
	if (await_hook(hook, channel) && has_succeeded(hook))
		status = 0;
	else
		kill_descendants(hook, &status);
	tell(channel, status);
	_exit(0);
}

/* --- our side --------------------------------------------------------------------------------- */

static bool hear(int channel, int *number)
{
	ssize_t got;

	do
		got = recv(channel, number, sizeof(*number), 0);
	while (got < 0 && errno == EINTR);
	return got == (ssize_t)sizeof(*number);
}

int hook_guard_start(struct hook_guard *guard, hook_spawn *spawn, void *context)
{
	autofd ours = -1;
	autofd theirs = -1;
	int pair[2], code;

	guard->channel = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return errno;
	ours = pair[0];
	theirs = pair[1];
	guard->pid = fork();
	if (guard->pid < 0)
		return errno;
	if (guard->pid == 0) {
		fd_close(&ours);
		guard_main(theirs, spawn, context);
	}
	fd_close(&theirs);
	if (!hear(ours, &code))
		code = ECHILD; /* killed before it could do anything */
	if (code == 0)
		guard->channel = fd_take(&ours);
	else
		(void)waitpid(guard->pid, NULL, 0); /* it has ended, or does now */
	return code;
}

void hook_guard_end(const struct hook_guard *guard)
{
	(void)shutdown(guard->channel, SHUT_WR); /* ENOTCONN: it has ended */
}

void hook_guard_status(struct hook_guard *guard, int *status)
{
	int number;

	if (hear(guard->channel, &number)) /* it has ended: this doesn't wait */
		*status = number;
	fd_close(&guard->channel);
}
