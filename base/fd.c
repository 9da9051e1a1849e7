/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Descriptors: whole reads and writes, passing over sockets, the closing of what leaked in.
 * See unix(7), cmsg(3), close_range(2).
 *
 * syscalls: read write sendmsg recvmsg socket connect open openat fcntl close_range close
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/close_range.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"

int fd_write_all(int fd, const void *data, size_t length)
{
	const char *next = data;

	while (length > 0) {
		ssize_t written = write(fd, next, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -1;
		next += written;
		length -= (size_t)written;
	}
	return 0;
}

int fd_read_all(int fd, size_t limit, char **data, size_t *length)
{
	size_t capacity = 4096, used = 0;
	autofree char *text = malloc(capacity);

	if (!text)
		return -1;
	for (;;) {
		ssize_t got = read(fd, text + used, capacity - used - 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -1;
		if (got == 0)
			break;
		used += (size_t)got;
		if (used > limit) {
			errno = EFBIG;
			return -1;
		}
		if (capacity - used < 2) {
			char *larger = realloc(text, capacity * 2);

			if (!larger)
				return -1;
			text = larger;
			capacity *= 2;
		}
	}
	text[used] = '\0';
	*data = ptr_take(&text);
	if (length)
		*length = used;
	return 0;
}

int fd_send(int socket, int fd, const char *text, struct error *err)
{
	union {
		struct cmsghdr header; /* for its alignment */
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)text, .iov_len = strlen(text) };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes),
	};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	ssize_t sent;

	if (!header || iov.iov_len == 0)
		return error_set(err, "send a descriptor: no text to go with it");
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &fd, sizeof(fd));

	do
		sent = sendmsg(socket, &message, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent < 0)
		return error_errno(err, "send a descriptor");
	return 0;
}

int fd_receive(int socket, struct error *err)
{
	union {
		struct cmsghdr header; /* for its alignment */
		char bytes[CMSG_SPACE(sizeof(int))];
	} control = { 0 };
	char text[4096];
	struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		/* not CMSG_SPACE: its padding has room for a second one, which would stay open */
		.msg_controllen = CMSG_LEN(sizeof(int)),
	};
	const struct cmsghdr *header;
	ssize_t got;
	int fd;

	do
		got = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return error_errno(err, "receive a descriptor");

	/* room for one: the kernel throws further ones away */
	header = CMSG_FIRSTHDR(&message);
	if (!header || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS ||
	    header->cmsg_len != CMSG_LEN(sizeof(int)))
		return error_set(err, got == 0 ? "receive a descriptor: the peer hung up"
					       : "receive a descriptor: none in the message");
	memcpy(&fd, CMSG_DATA(header), sizeof(fd));
	return fd;
}

/* Fills address so that it names path, through *dir (opened here) where path is too long. */
static int unix_address(const char *path, struct sockaddr_un *address, int *dir, struct error *err)
{
	const char *slash = strrchr(path, '/');
	char parent[PATH_MAX];
	int length;

	address->sun_family = AF_UNIX;
	if (strlen(path) < sizeof(address->sun_path)) {
		memcpy(address->sun_path, path, strlen(path) + 1);
		return 0;
	}

	length = slash ? (int)(slash - path) : 0;
	if (!slash || length >= PATH_MAX)
		return error_set(err, "connect to %s: the path is too long", path);
	(void)snprintf(parent, sizeof(parent), "%.*s", length > 0 ? length : 1, path);
	*dir = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (*dir < 0)
		return error_errno(err, "connect to %s", path);
	length = snprintf(address->sun_path, sizeof(address->sun_path), "/proc/self/fd/%d/%s", *dir,
			  slash + 1);
	if (length < 0 || (size_t)length >= sizeof(address->sun_path))
		return error_set(err, "connect to %s: the file name is too long", path);
	return 0;
}

static int connect_to(const struct sockaddr_un *address, socklen_t length, const char *name,
		      int type, struct error *err)
{
	autofd fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return error_errno(err, "connect to %s: make a socket", name);
	/* EINTR: a Unix socket's connect is restarted as a whole, nothing is in progress */
	while (connect(fd, (const struct sockaddr *)address, length) < 0) {
		if (errno != EINTR)
			return error_errno(err, "connect to %s", name);
	}
	return fd_take(&fd);
}

int fd_connect_unix(const char *path, int type, struct error *err)
{
	struct sockaddr_un address = { 0 };
	autofd dir = -1;

	if (*path == '\0')
		return error_set(err, "connect to a socket: the path is empty");
	if (unix_address(path, &address, &dir, err) < 0)
		return -1;
	return connect_to(&address, sizeof(address), path, type, err);
}

int fd_connect_abstract(const char *name, int type, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const size_t length = strlen(name);

	if (length > sizeof(address.sun_path))
		return error_set(err, "connect to %s: the name is longer than %zu bytes", name,
				 sizeof(address.sun_path));
	memcpy(address.sun_path + 1, name + 1, length - 1); /* a null byte is in the place of "@" */
	return connect_to(&address, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length),
			  name, type, err);
}

int fd_reserve_stdio(struct error *err)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fd_is_open(fd))
			continue;
		/* the lowest free number, which is fd; without O_CLOEXEC: it is standard input,
		   output or error of everything that follows */
		if (open("/dev/null", O_RDWR) != fd)
			return error_errno(
				err, "open /dev/null in place of the closed descriptor %d", fd);
	}
	return 0;
}

int fd_cloexec_from(int first, struct error *err)
{
	if (close_range((unsigned)first, ~0U, CLOSE_RANGE_CLOEXEC) < 0)
		return error_errno(err, "mark the descriptors from %d on as close-on-exec", first);
	return 0;
}

/* The smallest kept descriptor >= from, or -1. */
static int next_kept(int from, const int *keep, size_t count)
{
	int next = -1;

	for (size_t i = 0; i < count; i++) {
		if (keep[i] >= from && (next < 0 || keep[i] < next))
			next = keep[i];
	}
	return next;
}

int fd_close_from(int first, const int *keep, size_t count, struct error *err)
{
	unsigned from = (unsigned)first;

	for (;;) {
		int kept = next_kept((int)from, keep, count);
		unsigned last = kept < 0 ? ~0U : (unsigned)kept - 1;

		if ((kept < 0 || (unsigned)kept > from) && close_range(from, last, 0) < 0)
			return error_errno(err, "close the descriptors from %u on", from);
		if (kept < 0 || kept == INT_MAX)
			return 0;
		from = (unsigned)kept + 1;
	}
}

bool fd_is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}
