/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work in a child that may be held up for ever.
 *
 * syscalls: fork open dup2 mmap munmap prctl kill; pidfd_open poll wait4 by base/process.c
 */
#include "runtime/deadline.h"

#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/process.h"

#define WORK_TIMEOUT 5000 /* ms: a file system in there may never answer */
#define KILL_TIMEOUT 1000 /* ms: and may hold on to who asked it */

/* What the child tells: it shares this memory with us. */
struct outcome {
	bool done;
	int result;
	struct error error;
};

static int await_child(pid_t pid, struct error *err)
{
	int status;
	int result = process_reap_within(pid, WORK_TIMEOUT, &status, err);

	if (result != 0)
		return result < 0 ? -1 : 0;
	(void)kill(pid, SIGKILL); /* our unreaped child */
	result = process_reap_within(pid, KILL_TIMEOUT, &status, err);
	if (result < 0)
		return -1;
	if (result == 0)
		log_debug("process %d is held by a file system of the container", (int)pid);
	return error_set(err,
			 "a file system of the container hasn't answered for %d s: is who serves "
			 "it (FUSE) paused, or dead?",
			 WORK_TIMEOUT / 1000);
}

static int await_outcome(pid_t pid, const struct outcome *outcome, struct error *err)
{
	if (await_child(pid, err) < 0)
		return -1;
	if (!outcome->done)
		return error_set(err, "the process that looks into the container was killed");
	if (outcome->result < 0)
		*err = outcome->error;
	return outcome->result;
}

int deadline_let_go_of_output(struct error *err)
{
	autofd null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 || dup2(null, 0) < 0 || dup2(null, 1) < 0 || dup2(null, 2) < 0)
		return error_errno(err, "/dev/null");
	return 0;
}

int deadline_run(int (*work)(void *data, struct error *err), void *data, struct error *err)
{
	struct outcome *outcome = mmap(NULL, sizeof(*outcome), PROT_READ | PROT_WRITE,
				       MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t pid;
	int result;

	if (outcome == MAP_FAILED)
		return error_errno(err, "memory");
	pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		outcome->result = deadline_let_go_of_output(&outcome->error);
		if (outcome->result == 0)
			outcome->result = work(data, &outcome->error);
		outcome->done = true;
		_exit(0);
	}
	result = pid < 0 ? error_errno(err, "make the process that looks into the container")
			 : await_outcome(pid, outcome, err);
	(void)munmap(outcome, sizeof(*outcome));
	return result;
}
