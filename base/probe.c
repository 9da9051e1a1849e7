/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work in a process that ends. fork(2), pipe(7). syscalls: pipe2 fork prctl poll read write kill
 * (wait4 by base/process.c)
 */
#include "base/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/process.h"

#define PATIENCE 10000	   /* ms */
#define KILL_PATIENCE 1000 /* ms */

static _Noreturn void work_and_tell(int (*work)(const void *data, struct error *err),
				    const void *data, int to)
{
	struct error err = { 0 };

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL); /* whoever asks may be killed, too */
	/* what is said of a process group (an I/O priority) must not be said of our caller's */
	if (setpgid(0, 0) < 0)
		(void)error_errno(&err, "make a process group");
	else if (work(data, &err) == 0)
		_exit(0);
	(void)!write(to, &err, sizeof(err)); /* less than PIPE_BUF: whole or not */
	_exit(1);
}

int probe_in_child(int (*work)(const void *data, struct error *err), const void *data,
		   struct error *err)
{
	autofd from = -1;
	autofd to = -1;
	struct pollfd end;
	struct error told, ignored;
	int pair[2];
	ssize_t got = 0;
	pid_t pid;
	int status = -1;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return error_errno(err, "make a pipe");
	from = pair[0];
	to = pair[1];
	pid = fork();
	if (pid < 0)
		return error_errno(err, "make a process");
	if (pid == 0)
		work_and_tell(work, data, to);
	fd_close(&to);
	end = (struct pollfd){ .fd = from, .events = POLLIN };
	while (poll(&end, 1, PATIENCE) < 0 && errno == EINTR)
		;
	if (end.revents == 0)
		(void)kill(pid, SIGKILL); /* our own child, not reaped yet */
	else
		got = read(from, &told, sizeof(told));
	/* one that a file system holds isn't waited for; its status stays what says nothing */
	if (process_reap_within(pid, KILL_PATIENCE, &status, &ignored) != 1)
		status = -1;
	if (got == (ssize_t)sizeof(told)) {
		*err = told;
		return -1;
	}
	/* who was killed, by us or another, has found out nothing */
	return WIFEXITED(status) && WEXITSTATUS(status) == 0
		       ? 0
		       : error_set(err, "the process that tries it has ended without an answer");
}
