/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A seccomp agent for the integration tests: takes container process states until it is killed, and
 * prints each as it came, on a line of its own, with what else came (and whether the connection was
 * closed behind it). Then it answers the listeners.
 *
 *   agent SOCKET errno NUMBER   every notified call fails with this
 *   agent SOCKET continue       every notified call is made
 *   agent SOCKET silent         takes the listener and never answers
 *   agent SOCKET leave          closes the listener as soon as it has it
 *   agent SOCKET deaf           listens and never accepts; one connection fits into its queue
 *
 * {"fds": 1, "closed": true, "state": {...}} and {"notified": NUMBER, "pid": PID}
 *
 * Manual pages: seccomp_unotify(2), unix(7). syscalls: socket bind listen accept4 recvmsg poll
 * ioctl
 */
#include <errno.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LISTENERS_MAX 32

static struct pollfd sources[1 + LISTENERS_MAX]; /* the socket, then the listeners */
static nfds_t source_count;
static bool leaves; /* the mode of that name */

static int fail(const char *what)
{
	(void)fprintf(stderr, "agent: %s: %s\n", what, strerror(errno));
	return -1;
}

static int listen_at(const char *path, int queue)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t length = sizeof(address);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	if (*path == '@') { /* the abstract name that follows */
		length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path));
		address.sun_path[0] = '\0';
	}
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, length) < 0 || listen(fd, queue) < 0)
		return fail(path);
	return fd;
}

/* Returns the bytes that came, and adds the descriptors that came with them. */
static ssize_t take(int connection, char *text, size_t size, int *fds, size_t *count)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(4 * sizeof(int))];
	} control;
	struct iovec vector = { text, size };
	struct msghdr header = { .msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes) };
	ssize_t length = recvmsg(connection, &header, MSG_CMSG_CLOEXEC);

	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); length >= 0 && c;
	     c = CMSG_NXTHDR(&header, c)) {
		size_t more = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_type == SCM_RIGHTS && *count + more <= 4) {
			(void)memcpy(fds + *count, CMSG_DATA(c), more * sizeof(int));
			*count += more;
		}
	}
	return length;
}

static void serve_connection(void)
{
	static char text[1 << 20];
	int connection = accept4(sources[0].fd, NULL, NULL, SOCK_CLOEXEC);
	struct pollfd more = { .fd = connection, .events = POLLIN };
	size_t length = 0, count = 0;
	ssize_t got = -1;
	int fds[4];

	while (poll(&more, 1, 5000) > 0 && length < sizeof(text) - 1 &&
	       (got = take(connection, text + length, sizeof(text) - 1 - length, fds, &count)) > 0)
		length += (size_t)got;
	text[length] = '\0';
	if (length == 0) /* a create that was refused after it had connected */
		return;
	printf("{\"fds\":%zu,\"closed\":%s,\"state\":%s}\n", count, got == 0 ? "true" : "false",
	       text);
	(void)close(connection);
	if (leaves && count > 0)
		(void)close(fds[0]);
	else if (count > 0 && source_count < 1 + LISTENERS_MAX)
		sources[source_count++] = (struct pollfd){ .fd = fds[0], .events = POLLIN };
}

/* An error is no news: the caller may have been killed meanwhile. */
static void serve_call(int listener, int number)
{
	struct seccomp_notif call;
	struct seccomp_notif_resp answer;

	(void)memset(&call, 0, sizeof(call));
	if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &call) < 0)
		return;
	printf("{\"notified\":%d,\"pid\":%u}\n", call.data.nr, call.pid);
	answer = (struct seccomp_notif_resp){
		.id = call.id,
		.error = -number,
		.flags = number == 0 ? SECCOMP_USER_NOTIF_FLAG_CONTINUE : 0,
	};
	(void)ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
}

static int serve(bool answers, int number)
{
	for (;;) {
		if (poll(sources, answers ? source_count : 1, -1) < 0)
			return fail("poll");
		for (nfds_t i = 1; i < source_count; i++) {
			if (sources[i].revents & POLLIN)
				serve_call(sources[i].fd, number);
			if (sources[i].revents & POLLHUP)
				sources[i].fd = -1;
			sources[i].revents = 0;
		}
		if (sources[0].revents & POLLIN)
			serve_connection();
		(void)fflush(stdout);
	}
}

int main(int argc, char **argv)
{
	const char *mode = argc >= 3 ? argv[2] : "";

	if (argc < 3) {
		(void)fprintf(
			stderr,
			"usage: agent SOCKET errno NUMBER | continue | silent | leave | deaf\n");
		return 2;
	}
	sources[0] = (struct pollfd){ .fd = listen_at(argv[1], strcmp(mode, "deaf") ? 8 : 0),
				      .events = POLLIN };
	source_count = 1;
	leaves = !strcmp(mode, "leave");
	if (sources[0].fd < 0)
		return 1;
	while (!strcmp(mode, "deaf"))
		(void)pause();
	return serve(strcmp(mode, "silent") != 0, argc > 3 ? (int)strtol(argv[3], NULL, 10) : 0) <
	       0;
}
