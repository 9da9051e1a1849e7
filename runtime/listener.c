/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The listener's way from the container's process to the agent. seccomp_unotify(2), pidfd_getfd(2),
 * unix(7); config-linux.md#containerprocessstate
 *
 * syscalls: dup, pidfd_open, pidfd_getfd, readlink, connect, setsockopt, sendmsg, recvmsg, poll,
 *           ppoll, close_range, dup3
 */
#include "runtime/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/string.h"
#include "base/table.h"
#include "spec/json_out.h"

#define CONNECT_PATIENCE 10000 /* ms: an agent whose queue of connections is full */
#define SEND_PATIENCE 10       /* s: an agent that doesn't read */
#define TAKE_PATIENCE 10000    /* ms: loading a filter takes less than one */
#define ANSWER_PATIENCE 30     /* s: an agent that doesn't answer while we still wait for execve */

/* --- the other side -----------------------------------------------------------------------------
 */

/* Only this says EAGAIN: the agent listens, and its queue is full. */
static int connect_patiently(const char *path, struct error *err)
{
	const int64_t end = clock_milliseconds() + CONNECT_PATIENCE;
	const int type = SOCK_STREAM | SOCK_NONBLOCK;
	int fd;

	for (;;) {
		fd = *path == '@' ? fd_connect_abstract(path, type, err)
				  : fd_connect_unix(path, type, err);
		if (fd >= 0 || err->code != EAGAIN || clock_milliseconds() > end)
			return fd;
		(void)poll(NULL, 0, 20);
	}
}

static int set_patience(int socket, int option, int seconds, struct error *err)
{
	const struct timeval time = { .tv_sec = seconds };

	if (setsockopt(socket, SOL_SOCKET, option, &time, sizeof(time)) < 0)
		return error_errno(err, "limit the wait on a socket");
	return 0;
}

int listener_connect(struct listener *listener, const struct seccomp_spec *seccomp,
		     struct error *err)
{
	autofd agent = -1;

	listener->seccomp = seccomp;
	if (!seccomp->present || !seccomp_notifies(seccomp, NULL))
		return 0;
	agent = connect_patiently(seccomp->listener_path, err);
	if (agent < 0)
		return error_context(
			err, "/linux/seccomp/listenerPath: failed to connect with seccomp agent");
	if (fcntl(agent, F_SETFL, 0) < 0)
		return error_errno(err, "seccomp agent: make the connection wait");
	if (set_patience(agent, SO_SNDTIMEO, SEND_PATIENCE, err) < 0)
		return -1;
	listener->agent = fd_take(&agent);
	return 0;
}

static int open_process(const struct listener *listener, pid_t pid, struct error *err)
{
	int fd = listener->pidfd >= 0 ? fcntl(listener->pidfd, F_DUPFD_CLOEXEC, 3)
				      : pidfd_open(pid, 0);

	return fd < 0 ? error_errno(err, "open process %d", pid) : fd;
}

/* A number that nobody has open: EBADF if we may take descriptors, EPERM if not. */
static bool may_take(int pidfd)
{
	return pidfd_getfd(pidfd, INT_MAX, 0) >= 0 || errno == EBADF;
}

/* The process says before it loads the filter what it will get; so we look until it is there. If
 * the process ends instead, it has said why. */
static int take_from_outside(int pidfd, int number, int socket, struct error *err)
{
	const int64_t end = clock_milliseconds() + TAKE_PATIENCE;

	for (;;) {
		struct pollfd process = { .fd = pidfd, .events = POLLIN };
		int fd = pidfd_getfd(pidfd, number, 0);

		if (fd >= 0)
			return fd;
		if (errno != EBADF && errno != ESRCH)
			return error_errno(err, "take the seccomp listener from the process");
		if (poll(&process, 1, 1) > 0)
			return sync_wait(socket, SYNC_EXECUTING, "the process", NULL, err) < 0
				       ? -1
				       : error_set(err, "the process ended without a listener");
		if (clock_milliseconds() > end)
			return error_set(err, "the process loads no seccomp filter");
	}
}

static int take_from_message(int socket, struct error *err)
{
	const int off = 0;

	/* the sender's credentials would take the place of the descriptor */
	if (setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &off, sizeof(off)) < 0)
		return error_errno(err, "ask for no credentials");
	return fd_receive(socket, err);
}

static int take(const struct listener *listener, int socket, pid_t pid, int number,
		struct error *err)
{
	autofd pidfd = open_process(listener, pid, err);
	const bool outside = pidfd >= 0 && may_take(pidfd);

	if (pidfd < 0)
		return -1;
	if (!outside && seccomp_notifies(listener->seccomp, "sendmsg"))
		return error_set(err, "/linux/seccomp/syscalls: SCMP_ACT_NOTIFY for sendmsg needs "
				      "CAP_SYS_PTRACE: without it the listener comes by sendmsg");
	if (sync_send(socket, outside ? SYNC_LISTENER_TAKE : SYNC_LISTENER_SEND, 0, err) < 0)
		return -1;
	return outside ? take_from_outside(pidfd, number, socket, err)
		       : take_from_message(socket, err);
}

static int check_kind(int fd, struct error *err)
{
	char path[40], kind[64];
	ssize_t length;

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	length = readlink(path, kind, sizeof(kind) - 1);
	if (length < 0)
		return error_errno(err, "look at the seccomp listener");
	kind[length] = '\0';
	if (strcmp(kind, "anon_inode:seccomp notify") != 0)
		return error_set(err, "the process has %s in the place of a seccomp listener",
				 kind);
	return 0;
}

/* The document of config-linux.md#containerprocessstate. */
static void write_state(struct buffer *out, const struct listener *listener, pid_t pid)
{
	struct state_document state = listener->state;
	struct json_out json = json_out(out, 0);

	state.pid = pid;
	json_begin_object(&json, NULL);
	json_string(&json, "ociVersion", state.oci_version);
	json_begin_array(&json, "fds");
	json_string(&json, NULL, "seccompFd");
	json_end_array(&json);
	json_int(&json, "pid", pid);
	if (listener->seccomp->listener_metadata)
		json_string(&json, "metadata", listener->seccomp->listener_metadata);
	state_write_member(&json, "state", &state);
	json_end_object(&json);
}

/* The descriptor goes with the first byte and never again. */
static int send_state(int agent, int fd, const struct buffer *text, struct error *err)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec part = { .iov_base = text->text, .iov_len = text->length };
	struct msghdr message = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};

	control.align = (struct cmsghdr){
		.cmsg_level = SOL_SOCKET,
		.cmsg_type = SCM_RIGHTS,
		.cmsg_len = CMSG_LEN(sizeof(int)),
	};
	memcpy(CMSG_DATA(&control.align), &fd, sizeof(fd));
	while (part.iov_len > 0) {
		ssize_t sent = sendmsg(agent, &message, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && errno == EAGAIN)
			return error_set(err, "it hasn't read for %d s", SEND_PATIENCE);
		if (sent < 0)
			return error_errno(err, "send");
		part.iov_base = (char *)part.iov_base + sent;
		part.iov_len -= (size_t)sent;
		message.msg_control = NULL;
		message.msg_controllen = 0;
	}
	return 0;
}

int listener_hand_over(struct listener *listener, int socket, pid_t pid, int number,
		       struct error *err)
{
	autobuffer text = { 0 };
	autofd fd = -1;

	if (listener->agent < 0)
		return error_set(err, "the process speaks of a seccomp listener, and there is no "
				      "agent for it");
	if (set_patience(socket, SO_RCVTIMEO, ANSWER_PATIENCE, err) < 0)
		return -1;
	fd = take(listener, socket, pid, number, err);
	if (fd < 0 || check_kind(fd, err) < 0)
		return -1;
	write_state(&text, listener, pid);
	if (text.failed)
		return error_code(err, ENOMEM, "container process state");
	if (send_state(listener->agent, fd, &text, err) < 0)
		return error_context(err, "/linux/seccomp/listenerPath: seccomp agent %s",
				     listener->seccomp->listener_path);
	listener_close(listener); /* config-linux.md: closed after the one state */
	if (listener->hooks && set_patience(socket, SO_RCVTIMEO, 0, err) < 0)
		return -1;
	return sync_send(socket, SYNC_LISTENER_GIVEN, 0, err);
}

int listener_explain(const struct listener *listener, struct error *err)
{
	if (err->code != EAGAIN)
		return -1;
	if (!listener->seccomp || !listener->seccomp->listener_path)
		return error_set(err, "the container's process hasn't come as far as its program");
	return error_set(err,
			 "/linux/seccomp/listenerPath: the seccomp agent %s hasn't answered for "
			 "%d s",
			 listener->seccomp->listener_path, ANSWER_PATIENCE);
}

void listener_close(struct listener *listener)
{
	fd_close(&listener->agent);
}

/* --- the process ------------------------------------------------------------------------------ */

/* Our own goes as early as nobody needs it any more, by the first call that works and that the
 * profile doesn't make wait for the agent; by none of them, execve(2) closes it. */
static void drop(int listener, const struct seccomp_spec *seccomp, int socket)
{
	if (seccomp_passes(seccomp, "close") && close(listener) == 0)
		return;
	if (seccomp_passes(seccomp, "close_range") &&
	    close_range((unsigned)listener, (unsigned)listener, 0) == 0)
		return;
	if (seccomp_passes(seccomp, "dup3"))
		(void)dup3(socket, listener, O_CLOEXEC); /* something else takes its place */
}

/* The other side's word is there, and it has the listener: learnt without reading it, since an
 * agent that goes away ends a recvmsg(2) that the profile notifies of only once our own listener is
 * gone. False: it can't be. */
static bool await_word(const struct seccomp_spec *seccomp, int socket)
{
	struct pollfd word = { .fd = socket, .events = POLLIN };

	if (seccomp_passes(seccomp, "ppoll") && ppoll(&word, 1, NULL, NULL) == 1)
		return true;
	return seccomp_passes(seccomp, "poll") && poll(&word, 1, -1) == 1;
}

/* Where a profile notifies of all these calls, what ends the wait for an agent that has gone is the
 * other side's patience. */
static int give(int listener, const struct seccomp_spec *seccomp, bool send, int socket,
		struct error *err)
{
	bool early = send;

	if (send && fd_send(socket, listener, "listener", err) < 0)
		return -1;
	if (!send && !seccomp_passes(seccomp, "recvmsg"))
		early = await_word(seccomp, socket);
	if (early)
		drop(listener, seccomp, socket);
	if (sync_wait(socket, SYNC_LISTENER_GIVEN, "the other side", NULL, err) < 0)
		return err->code == ENOSYS && seccomp_notifies(seccomp, "recvmsg")
			       ? error_set(
					 err,
					 "/linux/seccomp/listenerPath: the seccomp agent %s has "
					 "closed its listener, and the profile notifies of recvmsg",
					 seccomp->listener_path)
			       : -1;
	if (!early)
		drop(listener, seccomp, socket);
	return 0;
}

/* *send: the other side can't take the descriptor itself. */
static int announce(int number, int socket, bool *send, struct error *err)
{
	enum sync_step step;
	int result;

	if (sync_send(socket, SYNC_LISTENER, number, err) < 0)
		return -1;
	result = sync_receive(socket, &step, NULL, err);
	if (result < 0)
		return -1;
	if (result == 0)
		return error_set(err, "the other side ended before it took the seccomp listener");
	*send = step == SYNC_LISTENER_SEND;
	if (step != SYNC_LISTENER_SEND && step != SYNC_LISTENER_TAKE)
		return error_set(err, "%s where an answer about the seccomp listener was due",
				 sync_step_name(step));
	return 0;
}

int listener_announce(int number, const struct seccomp_spec *seccomp, int socket, struct error *err)
{
	bool send = false;

	if (announce(number, socket, &send, err) < 0)
		return -1;
	return give(number, seccomp, send, socket, err);
}

int listener_load(const struct seccomp_program *program, const struct seccomp_spec *seccomp,
		  int socket, struct error *err)
{
	bool send = false;
	int number, fd;

	if (!seccomp_program_listens(program))
		return seccomp_program_load(program, err);
	/* the kernel takes the lowest free number, and we have one thread */
	number = fcntl(socket, F_DUPFD_CLOEXEC, 0);
	if (number < 0)
		return error_errno(err, "find a descriptor for the seccomp listener");
	(void)close(number);
	if (announce(number, socket, &send, err) < 0)
		return -1;
	fd = seccomp_program_load(program, err);
	if (fd < 0)
		return -1;
	if (fd != number)
		return error_set(err, "the seccomp listener is descriptor %d instead of %d", fd,
				 number);
	return give(fd, seccomp, send, socket, err);
}

int listener_check_early(const struct seccomp_spec *seccomp, struct error *err)
{
	static const char *const calls[] = { "capget", "capset", "clone", "prctl" };

	table_for_each (name, calls)
		if (seccomp_notifies(seccomp, *name))
			return error_set(err,
					 "/linux/seccomp/syscalls: SCMP_ACT_NOTIFY for %s needs "
					 "process.noNewPrivileges in an exec",
					 *name);
	return 0;
}
