/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Starting, asking and ending criu(8).
 *
 * syscalls: socketpair, clone3, execve, close_range, sendto, recvmsg, poll, pidfd_send_signal,
 * waitid
 */
#include "runtime/criu/program.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/process.h"
#include "base/string.h"
#include "base/sys.h"
#include "base/table.h"
#include "runtime/creation.h"

#define SOCKET_IN_CRIU 3
#define MESSAGE_MAX 65536
#define LOOK_AGAIN 1000 /* ms between two looks for signs of work */
#define ENDED "criu has ended without an answer"
#define CURE "install the package criu, or name the program by --criu"

static const char *const places[] = { "/usr/sbin/criu", "/usr/bin/criu", "/usr/local/sbin/criu",
				      "/usr/local/bin/criu", "/sbin/criu" };

int criu_find(const char *given, char path[static PATH_MAX], struct error *err)
{
	struct stat st;

	if (given) {
		if (*given != '/' || strlen(given) >= PATH_MAX)
			return error_of_kind(err, ERROR_USAGE,
					     "--criu %s: must be an absolute path", given);
		if (stat(given, &st) < 0)
			return error_errno(err, "--criu %s", given);
		if (!S_ISREG(st.st_mode) || access(given, X_OK) < 0)
			return error_set(err, "--criu %s: is no program", given);
		(void)snprintf(path, PATH_MAX, "%s", given);
		return 0;
	}
	table_for_each (place, places) {
		if (access(*place, X_OK) == 0) {
			(void)snprintf(path, PATH_MAX, "%s", *place);
			return 0;
		}
	}
	return error_of_kind(err, ERROR_UNSUPPORTED,
			     "criu isn't installed: checkpoint and restore are its work (" CURE
			     ")");
}

/* --- Starting --------------------------------------------------------------------------------- */

/* The descriptors that CRIU gets are first moved out of the way of their new numbers. */
static int arrange_descriptors(int socket, int report, const struct criu_setting *setting,
			       struct error *err)
{
	const int first = SOCKET_IN_CRIU + 1 + (int)setting->descriptor_count;
	int moved[8];

	if (setting->quiet) {
		autofd null = open("/dev/null", O_RDWR | O_CLOEXEC);

		for (int fd = 0; null >= 0 && fd <= 2; fd++)
			if (dup2(null, fd) < 0)
				return error_errno(err, "arrange criu's descriptors");
		if (null < 0)
			return error_errno(err, "/dev/null");
	}
	for (size_t i = 0; i <= setting->descriptor_count; i++) {
		const int from = i == 0 ? socket : setting->descriptors[i - 1];

		moved[i] = fcntl(from, F_DUPFD_CLOEXEC, first + 1);
		if (moved[i] < 0)
			return error_errno(err, "arrange criu's descriptors");
	}
	for (size_t i = 0; i <= setting->descriptor_count; i++)
		if (dup2(moved[i], SOCKET_IN_CRIU + (int)i) < 0)
			return error_errno(err, "arrange criu's descriptors");
	return fd_close_from(first, (const int[]){ report }, 1, err);
}

static void reset_signals(void)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	sigset_t none;

	for (int signal = 1; signal < NSIG; signal++)
		(void)sigaction(signal, &action, NULL); /* two of them can't be changed */
	(void)sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* CRIU looks for the descriptors that a request names below /proc of whoever made the socket pair
 * (SO_PEERCRED). It is CRIU's process itself that does: then they are those of its own mount
 * namespace, where it also has to mount on them. Our end goes to the parent. Returns the other. */
static int make_socket(int report, struct error *err)
{
	autofd ours = -1;
	autofd theirs = -1;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_errno(err, "make criu's socket pair");
	theirs = pair[0];
	ours = pair[1];
	if (fd_send(report, ours, "s", err) < 0)
		return -1;
	return fd_take(&theirs);
}

static int become_criu(const char *path, int report, const struct criu_setting *setting,
		       struct error *err)
{
	/* CRIU itself starts ip(8), iptables(8), nft(8), tar(1) */
	static char search[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
	static char name[] = "criu", mode[] = "swrk", number[] = "3";
	char *const env[] = { search, NULL };
	char *const args[] = { name, mode, number, NULL };
	int socket;

	if (setting->dies_with_us && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return error_errno(err, "tie criu to us");
	if (setting->prepare && setting->prepare(setting->context, err) < 0)
		return -1;
	socket = make_socket(report, err);
	if (socket < 0 || arrange_descriptors(socket, report, setting, err) < 0)
		return -1;
	reset_signals();
	(void)execve(path, args, env);
	return error_errno(err, "execute %s (" CURE ")", path);
}

/* Never returns: the error goes to the parent, or execve closes the socket. */
static _Noreturn void child_main(const char *path, int report, const struct criu_setting *setting)
{
	struct error err = { 0 };

	/* above the numbers that CRIU's descriptors get */
	report = fcntl(report, F_DUPFD_CLOEXEC, 64);
	if (report >= 0 && become_criu(path, report, setting, &err) < 0)
		(void)fd_write_all(report, &err, sizeof(err));
	_exit(127);
}

static pid_t clone_criu(const struct criu_setting *setting, int *pidfd)
{
	struct clone_args args = {
		.flags = CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		.exit_signal = SIGCHLD,
	};
	pid_t pid;

	if (setting->cgroup < 0)
		return sys_clone3(&args);
	args.flags |= CLONE_INTO_CGROUP;
	args.cgroup = (uint64_t)setting->cgroup;
	pid = sys_clone3(&args);
	if (pid >= 0 || !creation_may_enter_late(setting->cgroup, errno))
		return pid;
	*setting->late = true;
	args.flags &= ~(uint64_t)CLONE_INTO_CGROUP;
	args.cgroup = 0;
	return sys_clone3(&args);
}

/* An error of the new process's; false: nothing came, since execve has worked. */
static bool take_error(int report, struct error *err)
{
	struct error said;
	ssize_t got;

	do
		got = read(report, &said, sizeof(said));
	while (got < 0 && errno == EINTR);
	if (got == 0)
		return false;
	if (got == (ssize_t)sizeof(said))
		*err = said;
	else
		(void)error_set(err, "criu couldn't be started");
	return true;
}

/* The new process says: its socket, then nothing more; or what went wrong. */
static int await_execution(struct criu_program *criu, int report, struct error *err)
{
	char byte[2];
	ssize_t length;

	do
		length = recv(report, byte, sizeof(byte), MSG_PEEK | MSG_TRUNC);
	while (length < 0 && errno == EINTR);
	if (length != 1) {
		if (!take_error(report, err))
			(void)error_set(err, "criu's process has died before it was criu");
		return -1;
	}
	criu->socket = fd_receive(report, err);
	return criu->socket < 0 || take_error(report, err) ? -1 : 0;
}

int criu_start(struct criu_program *criu, const struct criu_setting *setting, struct error *err)
{
	autofd ours = -1;
	autofd theirs = -1;
	int pair[2];

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return error_errno(err, "make a socket pair for criu");
	ours = pair[0];
	theirs = pair[1];
	criu->pid = clone_criu(setting, &criu->pidfd);
	if (criu->pid == 0)
		child_main(criu->path, theirs, setting);
	if (criu->pid < 0) {
		criu->pid = 0;
		return error_errno(err, "start criu");
	}
	fd_close(&theirs);
	if (await_execution(criu, ours, err) == 0)
		return 0;
	criu_kill(criu);
	return -1;
}

/* --- Talking ---------------------------------------------------------------------------------- */

int criu_send(struct criu_program *criu, const struct criu_request *request, struct error *err)
{
	autobuffer out = { 0 };

	criu_encode(&out, request);
	if (out.failed)
		return error_code(err, ENOMEM, "request to criu");
	if (send(criu->socket, out.text, out.length, MSG_NOSIGNAL) < 0)
		return error_errno(err, "send the request to criu");
	return 0;
}

/* Anything that changes while CRIU works: its own processor time, and its log, which its children
 * write, too. */
static uint64_t signs_of_work(const struct criu_program *criu)
{
	autofree char *text = NULL;
	struct error ignored;
	struct stat st = { 0 };
	uint64_t ticks = 0;
	char name[48];

	(void)snprintf(name, sizeof(name), "/proc/%d/stat", criu->pid);
	if (file_read_at(AT_FDCWD, name, 4096, &text, NULL, &ignored) == 0) {
		char *at = strrchr(text, ')');

		/* fields 14 and 15 are its time; ")" ends the second */
		for (int field = 2; at && field < 14; field++)
			at = strchr(at + 1, ' ');
		for (int field = 14; at && field <= 15; field++)
			ticks += strtoull(at, &at, 10);
	}
	if (criu->log)
		(void)fstatat(criu->log_dir, criu->log, &st, AT_SYMLINK_NOFOLLOW);
	return (uint64_t)st.st_size + ticks;
}

static int await_message(const struct criu_program *criu, int milliseconds, struct error *err)
{
	enum { MESSAGE, NEEDED, CRIU };
	/* helpers that CRIU has started hold its end of the socket, too: no end of file follows
	 * from its death */
	struct pollfd ready[] = { [MESSAGE] = { .fd = criu->socket, .events = POLLIN },
				  [NEEDED] = { .fd = criu->needed, .events = POLLIN },
				  [CRIU] = { .fd = criu->pidfd, .events = POLLIN } };
	int64_t end = clock_milliseconds() + milliseconds;
	uint64_t signs = signs_of_work(criu);
	bool lost = false;

	for (;;) {
		const int64_t rest = milliseconds < 0 ? LOOK_AGAIN : end - clock_milliseconds();
		const int count =
			poll(ready, ARRAY_SIZE(ready),
			     (int)(rest < LOOK_AGAIN ? (rest < 0 ? 0 : rest) : LOOK_AGAIN));

		if (count > 0 && ready[MESSAGE].revents)
			return 0;
		if (count > 0 && ready[CRIU].revents) /* it may have said something just before */
			return poll(ready, 1, 0) > 0 ? 0 : error_set(err, ENDED);
		if (count < 0 && errno != EINTR)
			return error_errno(err, "wait for criu");
		if (count > 0) { /* no sign of work counts any more */
			ready[NEEDED].fd = -1;
			if (milliseconds < 0 || milliseconds > CRIU_ANSWER_TIMEOUT)
				milliseconds = CRIU_ANSWER_TIMEOUT;
			end = clock_milliseconds() + milliseconds;
			lost = true;
		}
		if (milliseconds < 0)
			continue;
		if (!lost && criu->pid > 0 && signs_of_work(criu) != signs) {
			signs = signs_of_work(criu);
			end = clock_milliseconds() + milliseconds;
		} else if (clock_milliseconds() >= end) {
			if (lost)
				return error_set(err, "the first process has ended while criu "
						      "restored it, and criu doesn't say why");
			return error_code(err, ETIMEDOUT,
					  "criu hasn't answered, nor done anything, for %d s",
					  milliseconds / 1000);
		}
	}
}

static int take_descriptor(struct msghdr *header)
{
	int fd = -1;

	for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
		const size_t bytes = part->cmsg_len - CMSG_LEN(0);

		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t at = 0; at + sizeof(int) <= bytes; at += sizeof(int)) {
			int one;

			memcpy(&one, CMSG_DATA(part) + at, sizeof(one));
			if (fd < 0)
				fd = one;
			else
				(void)close(one); /* only one is asked for */
		}
	}
	return fd;
}

int criu_receive(struct criu_program *criu, int milliseconds, struct criu_reply *reply, int *fd,
		 struct error *err)
{
	union {
		char bytes[CMSG_SPACE(4 * sizeof(int))];
		struct cmsghdr alignment;
	} control;
	static char bytes[MESSAGE_MAX];
	struct iovec part = { bytes, MESSAGE_MAX };
	struct msghdr header = { .msg_iov = &part,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control) };
	ssize_t length;

	*fd = -1;
	if (await_message(criu, milliseconds, err) < 0)
		return -1;
	length = recvmsg(criu->socket, &header, MSG_CMSG_CLOEXEC);
	if (length < 0 && errno != ECONNRESET)
		return error_errno(err, "receive criu's answer");
	if (length <= 0)
		return error_set(err, ENDED);
	*fd = take_descriptor(&header);
	if (header.msg_flags & MSG_TRUNC)
		(void)error_set(err, "criu's answer has more than %d bytes", MESSAGE_MAX);
	else if (criu_decode(bytes, (size_t)length, reply, err) == 0)
		return 0;
	fd_close(fd);
	return -1;
}

/* --- Ending ----------------------------------------------------------------------------------- */

static void forget(struct criu_program *criu)
{
	criu->pid = 0;
	fd_close(&criu->pidfd);
	fd_close(&criu->socket);
}

void criu_kill(struct criu_program *criu)
{
	struct error ignored;
	int status;

	if (criu->pid > 0) {
		(void)kill(criu->pid, SIGKILL); /* our unreaped child: it can't be another's */
		(void)process_reap(criu->pid, &status, &ignored);
	}
	forget(criu);
}

int criu_finish(struct criu_program *criu, bool any_status, struct error *err)
{
	int status = 0;
	int result;

	fd_close(&criu->socket);
	if (process_wait_end(criu->pidfd, CRIU_ANSWER_TIMEOUT) != 1) {
		criu_kill(criu);
		return any_status ? 0
				  : error_set(err, "criu was still there %d s after its answer",
					      CRIU_ANSWER_TIMEOUT / 1000);
	}
	result = process_reap(criu->pid, &status, err);
	forget(criu);
	if (result < 0 || any_status)
		return result;
	if (WIFSIGNALED(status))
		return error_set(err, "criu was ended by signal %d", WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return error_set(err, "criu ended with exit status %d", WEXITSTATUS(status));
	return 0;
}

/* --- Questions -------------------------------------------------------------------------------- */

static int ask(const char *path, const struct criu_request *request, struct criu_reply *reply,
	       struct error *err)
{
	struct criu_program criu = CRIU_PROGRAM_INIT;
	const struct criu_setting setting = { .quiet = true, .cgroup = -1, .dies_with_us = true };
	autofd fd = -1;

	*reply = (struct criu_reply){ 0 };
	criu.path = path;
	if (criu_start(&criu, &setting, err) < 0)
		return -1;
	if (criu_send(&criu, request, err) < 0 ||
	    criu_receive(&criu, CRIU_ANSWER_TIMEOUT, reply, &fd, err) < 0) {
		criu_kill(&criu);
		return error_context(err, "%s", path);
	}
	if (reply->type != (uint32_t)request->type) {
		criu_kill(&criu);
		return error_set(err, "%s: answers something else than it was asked", path);
	}
	return criu_finish(&criu, true, err);
}

int criu_version(const char *path, int *version, struct error *err)
{
	const struct criu_request request = { .type = CRIU_VERSION };
	struct criu_reply reply = { 0 };

	if (ask(path, &request, &reply, err) < 0)
		return -1;
	if (!reply.success || reply.major < 1 || reply.minor < 0 || reply.sublevel < 0 ||
	    reply.major > 1000 || reply.minor > 99 || reply.sublevel > 99)
		return error_set(err, "%s: doesn't tell its version", path);
	*version = reply.major * 10000 + reply.minor * 100 + reply.sublevel;
	return 0;
}

int criu_features(const char *path, bool mem_track, bool lazy_pages, struct criu_reply *reply,
		  struct error *err)
{
	const struct criu_request request = {
		.type = CRIU_FEATURE_CHECK,
		.ask_mem_track = mem_track,
		.ask_lazy_pages = lazy_pages,
	};

	if (ask(path, &request, reply, err) < 0)
		return -1;
	return reply->success ? 0 : error_set(err, "%s: the check of its features failed", path);
}

int criu_refused(const struct criu_reply *reply, struct error *err)
{
	const char *separator = *reply->message ? ": " : "";

	if (reply->code == 0)
		return error_set(err, "criu failed%s%s", separator, reply->message);
	return error_code(err, reply->code, "criu failed%s%s", separator, reply->message);
}
