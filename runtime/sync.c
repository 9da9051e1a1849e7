/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The synchronisation protocol, whole. unix(7), SOCK_SEQPACKET: a message is received as it was
 * sent or not at all, so no length or framing of our own is needed.
 *
 * Sent by write(2), for which every seccomp profile has a place, whereas sendto(2) is for programs
 * that use the network: the last message comes when the container's filter is loaded.
 *
 * syscalls: socketpair, setsockopt, write, recvmsg
 */
#include "runtime/sync.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/table.h"

struct sync_header {
	uint32_t step;
	int32_t pid;
};

struct sync_message {
	struct sync_header header;
	struct error error; /* present only behind SYNC_ERROR */
};

static const char *const step_names[] = {
	[SYNC_HOST_READY] = "HOST_READY",
	[SYNC_ROOTFS_READY] = "ROOTFS_READY",
	[SYNC_HOOKS_DONE] = "HOOKS_DONE",
	[SYNC_MAP_IDS] = "MAP_IDS",
	[SYNC_IDS_MAPPED] = "IDS_MAPPED",
	[SYNC_FORKED] = "FORKED",
	[SYNC_CREATED] = "CREATED",
	[SYNC_COMMITTED] = "COMMITTED",
	[SYNC_START] = "START",
	[SYNC_LIMITS] = "LIMITS",
	[SYNC_SCHEDULING] = "SCHEDULING",
	[SYNC_LIMITS_SET] = "LIMITS_SET",
	[SYNC_LISTENER] = "LISTENER",
	[SYNC_LISTENER_TAKE] = "LISTENER_TAKE",
	[SYNC_LISTENER_SEND] = "LISTENER_SEND",
	[SYNC_LISTENER_GIVEN] = "LISTENER_GIVEN",
	[SYNC_EXECUTING] = "EXECUTING",
	[SYNC_ERROR] = "ERROR",
};
_Static_assert(ARRAY_SIZE(step_names) == SYNC_STEP_COUNT, "a name for each step");

const char *sync_step_name(enum sync_step step)
{
	return step_names[step];
}

int sync_pair(int fd[2], struct error *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd) < 0)
		return error_errno(err, "make the socket pair between parent and init");
	return 0;
}

int sync_know_sender(int socket, bool on, struct error *err)
{
	const int value = on;

	if (setsockopt(socket, SOL_SOCKET, SO_PASSCRED, &value, sizeof(value)) < 0)
		return error_errno(err, "ask for the sender's credentials");
	return 0;
}

static pid_t sender(struct msghdr *header)
{
	struct cmsghdr *control = CMSG_FIRSTHDR(header);
	struct ucred credentials;

	if (!control || control->cmsg_level != SOL_SOCKET ||
	    control->cmsg_type != SCM_CREDENTIALS ||
	    control->cmsg_len != CMSG_LEN(sizeof(credentials)))
		return 0;
	memcpy(&credentials, CMSG_DATA(control), sizeof(credentials));
	return credentials.pid;
}

/* ECONNRESET: the peer has ended with a word of ours unread. The kernel says so once, before it
 * gives out what the peer sent. */
static ssize_t receive_message(int socket, struct msghdr *header)
{
	ssize_t got;

	do
		got = recvmsg(socket, header, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	return got;
}

/* 1 = a whole message, 0 = end of file, -1 = errno. Refuses what no peer of ours would send: the
 * other end may be a process that shares a namespace with the container (safety.md, TB5). */
static int receive(int socket, struct sync_message *message, pid_t *pid)
{
	union {
		char bytes[CMSG_SPACE(sizeof(struct ucred))];
		struct cmsghdr align;
	} control;
	struct iovec part = { .iov_base = message, .iov_len = sizeof(*message) };
	struct msghdr header = {
		.msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	ssize_t got = receive_message(socket, &header);

	if (got < 0 && errno == ECONNRESET)
		got = receive_message(socket, &header);
	if (got < 0)
		return errno == ECONNRESET ? 0 : -1;
	if (got == 0)
		return 0;
	if (pid)
		*pid = sender(&header);
	if ((size_t)got == sizeof(message->header) && message->header.step < SYNC_ERROR) {
		if (pid && message->header.step == SYNC_FORKED)
			*pid = message->header.pid;
		return 1;
	}
	if ((size_t)got == sizeof(*message) && message->header.step == SYNC_ERROR) {
		message->error.text[sizeof(message->error.text) - 1] = '\0';
		message->error.step[sizeof(message->error.step) - 1] = '\0';
		return 1;
	}
	errno = EPROTO;
	return -1;
}

int sync_send(int socket, enum sync_step step, pid_t pid, struct error *err)
{
	struct sync_header header = { .step = (uint32_t)step, .pid = pid };
	struct sync_message answer;
	ssize_t sent;

	do
		sent = write(socket, &header, sizeof(header));
	while (sent < 0 && errno == EINTR);
	if (sent == (ssize_t)sizeof(header))
		return 0;
	if (errno != EPIPE && errno != ECONNRESET)
		return error_errno(err, "send %s", step_names[step]);
	if (receive(socket, &answer, NULL) == 1 && answer.header.step == SYNC_ERROR) {
		*err = answer.error;
		return -1;
	}
	return error_set(err, "the other process ended before %s", step_names[step]);
}

void sync_send_error(int socket, const struct error *error)
{
	struct sync_message message = { .header = { .step = SYNC_ERROR }, .error = *error };

	if (write(socket, &message, sizeof(message)) < 0)
		return; /* no one left to tell */
}

int sync_receive(int socket, enum sync_step *step, pid_t *pid, struct error *err)
{
	int number;

	return sync_receive_number(socket, step, pid, &number, err);
}

int sync_receive_number(int socket, enum sync_step *step, pid_t *pid, int *number,
			struct error *err)
{
	struct sync_message message;
	int result = receive(socket, &message, pid);

	if (result < 0)
		return error_errno(err, "receive on the socket between parent and init");
	if (result == 0)
		return 0;
	*step = (enum sync_step)message.header.step;
	if (*step == SYNC_ERROR) {
		*err = message.error;
		return -1;
	}
	*number = message.header.pid;
	return 1;
}

int sync_wait(int socket, enum sync_step step, const char *who, pid_t *pid, struct error *err)
{
	enum sync_step got = SYNC_ERROR;
	int result = sync_receive(socket, &got, pid, err);

	if (result < 0)
		return -1;
	if (result == 0)
		return error_set(err, "%s died before %s", who, step_names[step]);
	if (got != step)
		return error_set(err, "%s said %s where %s was due", who, step_names[got],
				 step_names[step]);
	return 0;
}
