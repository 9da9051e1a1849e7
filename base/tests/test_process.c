/* SPDX-License-Identifier: Apache-2.0 */
/* base/process.c and base/procfs.c */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/process.h"
#include "base/procfs.h"

static pid_t sleeping_child(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		(void)prctl(PR_SET_NAME, "a) R 1 (b");
		for (;;)
			(void)pause();
	}
	return pid;
}

static void a_strange_name_does_not_confuse_the_status(void **state)
{
	pid_t pid = sleeping_child();
	struct process_status status = { 0 };
	int wait_status = 0;
	struct error err;

	(void)state;
	for (int i = 0; i < 1000 && status.state != 'S'; i++) {
		assert_int_equal(process_read_status(pid, &status), 0);
		(void)usleep(1000);
	}
	assert_int_equal(status.state, 'S');
	assert_int_equal(status.parent, getpid());
	assert_true(status.flags & PROCESS_NOT_EXECUTED);
	assert_true(status.start_time > 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(process_reap(pid, &wait_status, &err), 0);
	assert_int_equal(process_exit_code(wait_status), 128 + SIGKILL);
}

static void an_identity_is_only_its_own_process(void **state)
{
	pid_t pid = sleeping_child();
	autofd made = pidfd_open(pid, 0);
	struct process_identity identity, other;
	struct process_status status;
	struct error err;
	int wait_status = 0;

	(void)state;
	assert_int_equal(process_identify(pid, made, &identity, &err), 0);
	assert_int_equal(process_probe(&identity), 1);
	assert_int_equal(process_look(&identity, &status), 1);
	assert_int_equal(status.parent, getpid());
	assert_true(status.flags & PROCESS_NOT_EXECUTED);

	other = identity;
	other.pidfs_id = 0;
	other.start_time++;
	assert_int_equal(process_open(&other), -1);
	assert_int_equal(errno, ESRCH);
	assert_int_equal(process_probe(&other), 0);
	if (identity.pidfs_id) {
		other = identity;
		other.pidfs_id++;
		assert_int_equal(process_open(&other), -1);
	}

	autofd pidfd = process_open(&identity);

	assert_true(pidfd >= 0);
	assert_int_equal(process_wait_end(pidfd, 10), 0);
	assert_int_equal(process_signal(pidfd, SIGTERM), 0);
	assert_int_equal(process_wait_end(pidfd, -1), 1);
	assert_int_equal(process_probe(&identity), 0); /* a zombie */
	assert_int_equal(process_reap(pid, &wait_status, &err), 0);
	assert_int_equal(process_open(&identity), -1);
	assert_int_equal(errno, ESRCH);
	assert_int_equal(process_signal(pidfd, SIGTERM), -1);
	assert_int_equal(errno, ESRCH);
}

static void nonsense_pids_are_no_processes(void **state)
{
	struct process_identity identity = { .pid = 0 };

	(void)state;
	assert_int_equal(process_open(&identity), -1);
	assert_int_equal(errno, ESRCH);
	identity.pid = -1;
	assert_int_equal(process_open(&identity), -1);
	assert_int_equal(errno, ESRCH);
}

static void the_boot_has_an_id(void **state)
{
	char id[37];
	struct error err;

	(void)state;
	assert_int_equal(process_boot_id(id, &err), 0);
	assert_int_equal(strlen(id), 36);
	assert_int_equal(id[8], '-');
}

static void a_procfs_of_our_own_answers(void **state)
{
	struct error err;
	autofd procfs = procfs_open(PROCFS_PROCESSES, &err);
	autofree char *text = NULL;

	(void)state;
	assert_true(procfs >= 0);
	autofd fd = procfs_open_file(procfs, "self/status", O_RDONLY, &err);

	assert_true(fd >= 0);
	assert_int_equal(fd_read_all(fd, 1 << 16, &text, NULL), 0);
	assert_memory_equal(text, "Name:", 5);
}

static void magic_links_and_the_way_out_are_refused(void **state)
{
	struct error err;
	autofd procfs = procfs_open(PROCFS_ALL, &err);

	(void)state;
	assert_true(procfs >= 0);
	assert_int_equal(procfs_open_file(procfs, "self/root/etc", O_RDONLY, &err), -1);
	assert_int_equal(procfs_open_file(procfs, "self/fd/0", O_RDONLY, &err), -1);
	assert_int_equal(procfs_open_file(procfs, "../etc/passwd", O_RDONLY, &err), -1);
	autofd fd = procfs_open_file(procfs, "sys/kernel/ostype", O_RDONLY, &err);

	assert_true(fd >= 0);
}

/* With the last descriptor taken a pidfd can't be had. */
static void a_child_is_reaped_without_a_descriptor(void **state)
{
	const int last = dup(0);
	struct rlimit limit, none;
	pid_t pid = sleeping_child();
	int status = 0;
	struct error err;

	(void)state;
	assert_true(last >= 0);
	(void)close(last);
	assert_int_equal(process_reap_within(pid, 0, &status, &err), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = (rlim_t)last;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
	assert_int_equal(pidfd_open(pid, 0), -1);
	assert_int_equal(process_reap_within(pid, 0, &status, &err), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(process_reap_within(pid, 60000, &status, &err), 1);
	assert_int_equal(process_reap_within(pid, 60000, &status, &err), -1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	assert_int_equal(process_exit_code(status), 128 + SIGKILL);
	assert_int_equal(waitpid(pid, &status, WNOHANG), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_strange_name_does_not_confuse_the_status),
		cmocka_unit_test(an_identity_is_only_its_own_process),
		cmocka_unit_test(a_child_is_reaped_without_a_descriptor),
		cmocka_unit_test(nonsense_pids_are_no_processes),
		cmocka_unit_test(the_boot_has_an_id),
		cmocka_unit_test(a_procfs_of_our_own_answers),
		cmocka_unit_test(magic_links_and_the_way_out_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
