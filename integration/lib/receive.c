/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The other end of minirun's sockets, for the integration tests: listens on a unix socket, takes
 * one message, and prints what came as one line of JSON:
 *
 *   receive stream SOCKET [INPUT]   a console socket, a pidfd socket, a seccomp agent: the data and
 *                                   the kinds of the descriptors. With INPUT, which may be empty,
 *                                   that is written to the first descriptor (a pty master), and
 *                                   what comes out of it is copied to standard output to its end.
 *   receive datagram SOCKET         a notification socket: prints every datagram of 2 seconds, or
 *                                   until one that starts with BARRIER=1.
 *
 * Manual pages: unix(7), cmsg(3), pty(7).   syscalls: socket bind listen accept4 recvmsg poll
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define PATIENCE_MS 20000

struct message {
	char data[65536];
	size_t length;
	int fds[16];
	size_t fd_count;
};

static int fail(const char *what)
{
	(void)fprintf(stderr, "receive: %s: %s\n", what, strerror(errno));
	return -1;
}

static int listen_at(const char *path, int type)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return fail(path);
	}
	(void)strcpy(address.sun_path, path);
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return fail(path);
	if (type == SOCK_STREAM && listen(fd, 1) < 0)
		return fail(path);
	return fd;
}

static int wait_readable(int fd, int milliseconds)
{
	struct pollfd ready = { .fd = fd, .events = POLLIN };

	return poll(&ready, 1, milliseconds);
}

static int receive(int fd, struct message *message)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(message->fds))];
	} control;
	struct iovec vector = { message->data, sizeof(message->data) - 1 };
	struct msghdr header = { .msg_iov = &vector,
				 .msg_iovlen = 1,
				 .msg_control = control.bytes,
				 .msg_controllen = sizeof(control.bytes) };
	ssize_t length = recvmsg(fd, &header, MSG_CMSG_CLOEXEC);

	if (length < 0)
		return fail("recvmsg");
	message->length = (size_t)length;
	message->data[length] = '\0';
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		message->fd_count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		(void)memcpy(message->fds, CMSG_DATA(c), message->fd_count * sizeof(int));
	}
	return 0;
}

static void print_string(const char *text, size_t length)
{
	putchar('"');
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void print_message(const struct message *message)
{
	printf("{\"data\":");
	print_string(message->data, message->length);
	printf(",\"fds\":[");
	for (size_t i = 0; i < message->fd_count; i++) {
		char link[64], target[4096];
		ssize_t n;

		(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", message->fds[i]);
		n = readlink(link, target, sizeof(target));
		if (i > 0)
			putchar(',');
		print_string(target, n < 0 ? 0 : (size_t)n);
	}
	printf("]}\n");
	(void)fflush(stdout);
}

/* A master whose last slave was closed answers EIO: that is the end. */
static int copy_terminal(int master, const char *input)
{
	char bytes[4096];
	ssize_t n;

	if (write(master, input, strlen(input)) < 0)
		return fail("write to the terminal");
	while (wait_readable(master, PATIENCE_MS) > 0 &&
	       (n = read(master, bytes, sizeof(bytes))) > 0)
		(void)fwrite(bytes, 1, (size_t)n, stdout);
	return 0;
}

static int take_stream(const char *path, const char *input)
{
	static struct message message;
	int listener = listen_at(path, SOCK_STREAM);
	int connection;

	if (listener < 0)
		return -1;
	if (wait_readable(listener, PATIENCE_MS) <= 0) {
		errno = ETIMEDOUT;
		return fail("accept");
	}
	connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (connection < 0)
		return fail("accept");
	if (receive(connection, &message) < 0)
		return -1;
	print_message(&message);
	if (input && message.fd_count > 0)
		return copy_terminal(message.fds[0], input);
	return 0;
}

static int take_datagrams(const char *path)
{
	static struct message message;
	int fd = listen_at(path, SOCK_DGRAM);
	int patience = PATIENCE_MS;

	if (fd < 0)
		return -1;
	while (wait_readable(fd, patience) > 0) {
		message.fd_count = 0;
		if (receive(fd, &message) < 0)
			return -1;
		print_message(&message);
		for (size_t i = 0; i < message.fd_count; i++)
			(void)close(message.fds[i]);
		if (!strncmp(message.data, "BARRIER=1", strlen("BARRIER=1")))
			break;
		patience = 2000;
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (argc >= 3 && !strcmp(argv[1], "stream"))
		return take_stream(argv[2], argv[3]) < 0;
	if (argc == 3 && !strcmp(argv[1], "datagram"))
		return take_datagrams(argv[2]) < 0;
	(void)fprintf(stderr, "usage: receive stream SOCKET [INPUT] | receive datagram SOCKET\n");
	return 2;
}
