/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes that are recognised again: pidfd_open(2), proc_pid_stat(5), and the inode numbers that
 * pidfs gives to pidfds since Linux 6.9. The order is always: open the pidfd, then compare; from
 * then on the descriptor can't slip to another process.
 *
 * syscalls: pidfd_open pidfd_send_signal fstat fstatfs stat open read poll waitpid waitid nanosleep
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/process.h"
#include "base/string.h"
#include "base/sys.h"

/* The whole file or up to size - 1 bytes; procfs gives a line that short in one read. */
static ssize_t read_small(const char *path, char *text, size_t size)
{
	autofd fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t got;

	if (fd < 0)
		return -1;
	do
		got = read(fd, text, size - 1);
	while (got < 0 && errno == EINTR);
	if (got >= 0)
		text[got] = '\0';
	return got;
}

/* Field number (as proc_pid_stat(5) counts, from 4 on) in what follows the name. */
static bool read_field(const char *text, int number, uint64_t *value)
{
	char word[24];
	size_t length;

	for (int field = 3;; field++) {
		text += strspn(text, " ");
		length = strcspn(text, " \n");
		if (length == 0)
			return false;
		if (field == number)
			break;
		text += length;
	}
	if (length >= sizeof(word))
		return false;
	memcpy(word, text, length);
	word[length] = '\0';
	return string_to_uint(word, UINT64_MAX, value);
}

int process_read_status(pid_t pid, struct process_status *status)
{
	char path[64], text[1024];
	const char *name_end;
	uint64_t parent, flags;
	ssize_t length;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (pid <= 0) {
		errno = ESRCH;
		return -1;
	}
	length = read_small(path, text, sizeof(text));
	if (length <= 0) {
		if (length == 0 || errno == ENOENT)
			errno = ESRCH;
		return -1;
	}
	/* the name in parentheses is the process's own choice and may itself contain ") R 1" */
	name_end = strrchr(text, ')');
	if (!name_end || name_end[1] != ' ' || !read_field(name_end + 1, 4, &parent) ||
	    !read_field(name_end + 1, 9, &flags) ||
	    !read_field(name_end + 1, 22, &status->start_time) ||
	    !read_field(name_end + 1, 31, &status->pending)) {
		errno = ESRCH;
		return -1;
	}
	status->state = name_end[2];
	status->parent = (pid_t)parent;
	status->flags = (unsigned long)flags;
	return 0;
}

bool process_is_ending(const struct process_status *status)
{
	return (status->flags & PROCESS_EXITING) || status->state == 'Z' || status->state == 'X' ||
	       (status->pending & UINT64_C(1) << (SIGKILL - 1));
}

/* 0: no pidfs, whose inode numbers alone identify a process. */
static uint64_t pidfs_id(int pidfd)
{
	struct statfs filesystem;
	struct stat attributes;

	if (pidfd < 0 || fstatfs(pidfd, &filesystem) < 0 ||
	    (uint64_t)filesystem.f_type != PIDFS_SUPER_MAGIC || fstat(pidfd, &attributes) < 0)
		return 0;
	return attributes.st_ino;
}

int process_identify(pid_t pid, int pidfd, struct process_identity *identity, struct error *err)
{
	struct process_status status;

	if (process_read_status(pid, &status) < 0)
		return error_set(err, "process %d: no entry in /proc", (int)pid);
	*identity = (struct process_identity){
		.pid = pid,
		.start_time = status.start_time,
		.pidfs_id = pidfs_id(pidfd),
	};
	return 0;
}

/* 1 yes, 0 no, -1 with errno. */
static int start_time_matches(const struct process_identity *identity)
{
	struct process_status status;

	if (process_read_status(identity->pid, &status) < 0)
		return errno == ESRCH ? 0 : -1;
	return identity->start_time == 0 || identity->start_time == status.start_time;
}

int process_open(const struct process_identity *identity)
{
	autofd pidfd = identity->pid > 0 ? pidfd_open(identity->pid, 0) : -1;
	uint64_t id;
	int matches;

	if (pidfd < 0) {
		/* EINVAL: the number is a thread's now, or none at all */
		if (identity->pid <= 0 || errno == EINVAL)
			errno = ESRCH;
		return -1;
	}
	id = pidfs_id(pidfd);
	if (identity->pidfs_id != 0 && id != 0)
		matches = id == identity->pidfs_id;
	else
		matches = start_time_matches(identity);
	if (matches == 0)
		errno = ESRCH;
	if (matches != 1)
		return -1;
	return fd_take(&pidfd);
}

int process_look(const struct process_identity *identity, struct process_status *status)
{
	autofd pidfd = process_open(identity);

	if (pidfd < 0 || process_read_status(identity->pid, status) < 0)
		return errno == ESRCH ? 0 : -1;
	if (identity->start_time != 0 && status->start_time != identity->start_time)
		return 0; /* it has ended meanwhile, and its number is another's */
	return status->state != 'Z' && status->state != 'X' && status->state != 'x';
}

int process_probe(const struct process_identity *identity)
{
	struct process_status status;

	return process_look(identity, &status);
}

int process_signal(int pidfd, int signal)
{
	return pidfd_send_signal(pidfd, signal, NULL, 0);
}

int process_wait_end(int pidfd, int milliseconds)
{
	struct pollfd poll_fd = { .fd = pidfd, .events = POLLIN };
	int64_t end = milliseconds < 0 ? 0 : clock_milliseconds() + milliseconds;

	for (;;) {
		int ready = poll(&poll_fd, 1, milliseconds);

		if (ready > 0)
			return 1;
		if (ready == 0)
			return 0;
		if (errno != EINTR && errno != EAGAIN)
			return 0;
		if (milliseconds >= 0) {
			int64_t rest = end - clock_milliseconds();

			milliseconds = rest > 0 ? (int)rest : 0;
		}
	}
}

int process_reap(pid_t pid, int *status, struct error *err)
{
	pid_t reaped;

	do
		reaped = waitpid(pid, status, __WALL);
	while (reaped < 0 && errno == EINTR);
	if (reaped < 0)
		return error_errno(err, "wait for process %d", (int)pid);
	return 0;
}

/* Without a pidfd there is nothing to wait on but time. */
static bool ends_within(pid_t pid, int milliseconds)
{
	const int64_t end = clock_milliseconds() + milliseconds;
	const struct timespec pause = { .tv_nsec = 10000000 };
	siginfo_t info = { 0 };

	for (;;) {
		if (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT | __WALL) < 0 ||
		    info.si_pid == pid)
			return true;
		if (clock_milliseconds() >= end)
			return false;
		(void)nanosleep(&pause, NULL);
	}
}

int process_reap_within(pid_t pid, int milliseconds, int *status, struct error *err)
{
	autofd pidfd = milliseconds < 0 ? -1 : pidfd_open(pid, 0);

	if (milliseconds >= 0 && !(pidfd >= 0 ? process_wait_end(pidfd, milliseconds) == 1
					      : ends_within(pid, milliseconds)))
		return 0;
	return process_reap(pid, status, err) < 0 ? -1 : 1;
}

int process_exit_code(int wait_status)
{
	if (WIFSIGNALED(wait_status))
		return 128 + WTERMSIG(wait_status);
	return WEXITSTATUS(wait_status);
}

int process_boot_id(char id[static 37], struct error *err)
{
	static char known[37]; /* a process sees one boot only */
	char text[64];

	if (known[0] == '\0') {
		if (read_small("/proc/sys/kernel/random/boot_id", text, sizeof(text)) < 0)
			return error_errno(err, "read /proc/sys/kernel/random/boot_id");
		text[strcspn(text, "\n")] = '\0';
		if (strlen(text) != sizeof(known) - 1)
			return error_set(err,
					 "/proc/sys/kernel/random/boot_id: unexpected content");
		memcpy(known, text, sizeof(known));
	}
	memcpy(id, known, sizeof(known));
	return 0;
}

/* The number that the kernel gives to the first one (PROC_USER_INIT_INO), part of its interface.
 * The map tells less: systemd makes namespaces that map every id onto itself. */
bool process_in_user_namespace(void)
{
	const ino_t initial = 0xEFFFFFFDU;
	struct stat attributes;

	return stat("/proc/self/ns/user", &attributes) == 0 && attributes.st_ino != initial;
}
