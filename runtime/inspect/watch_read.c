/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory and the descriptors of a process that is stopped: process_vm_readv(2).
 *
 * syscalls: process_vm_readv, readlink, pidfd_open, pidfd_getfd, getsockopt
 */
#include "runtime/inspect/watch_read.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"

const char *watch_read_path(pid_t pid, uint64_t address, char *text)
{
	/* page by page: what follows the string needn't be mapped */
	for (size_t done = 0; done < WATCH_PATH_BYTES;) {
		const size_t part = 256 - (address + done) % 256;
		const size_t room = WATCH_PATH_BYTES - done < part ? WATCH_PATH_BYTES - done : part;
		struct iovec here = { text + done, room };
		struct iovec there = { (void *)(uintptr_t)(address + done), room };

		if (process_vm_readv(pid, &here, 1, &there, 1, 0) != (ssize_t)room)
			return NULL;
		if (memchr(text + done, '\0', room))
			return text;
		done += room;
	}
	text[WATCH_PATH_BYTES] = '\0';
	return text;
}

const char *watch_read_link(pid_t pid, int fd, char *text)
{
	char name[64];
	ssize_t length;

	(void)snprintf(name, sizeof(name), "/proc/%d/fd/%d", pid, fd);
	length = readlink(name, text, WATCH_PATH_BYTES);
	if (length <= 0 || text[0] != '/')
		return NULL;
	text[length] = '\0';
	return text;
}

int watch_netlink_protocol(pid_t pid, int fd)
{
	autofd process = (int)syscall(SYS_pidfd_open, pid, 0);
	autofd copy = process < 0 ? -1 : (int)syscall(SYS_pidfd_getfd, process, fd, 0);
	socklen_t size = sizeof(int);
	int family = 0, protocol = -1;

	if (copy < 0 || getsockopt(copy, SOL_SOCKET, SO_DOMAIN, &family, &size) < 0 ||
	    family != AF_NETLINK || getsockopt(copy, SOL_SOCKET, SO_PROTOCOL, &protocol, &size) < 0)
		return -1;
	return protocol;
}

bool watch_read_memory(pid_t pid, uint64_t address, void *data, size_t size)
{
	struct iovec here = { data, size }, there = { (void *)(uintptr_t)address, size };

	return process_vm_readv(pid, &here, 1, &there, 1, 0) == (ssize_t)size;
}

/* The kernel takes the bytes up to the length, or to the first NUL of a path: unix(7). */
static void unix_address(const struct sockaddr_un *address, size_t length,
			 struct watch_address *result)
{
	const char *name = address->sun_path;
	const size_t bytes = length - offsetof(struct sockaddr_un, sun_path);
	const bool abstract = bytes > 0 && name[0] == '\0';
	const size_t used = abstract ? bytes - 1 : strnlen(name, bytes);

	result->is_path = !abstract && used > 0;
	(void)snprintf(result->text, sizeof(result->text), "%s%.*s", abstract ? "@" : "", (int)used,
		       abstract ? name + 1 : name);
}

bool watch_read_address(pid_t pid, uint64_t address, uint64_t length, struct watch_address *result)
{
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
		struct sockaddr_un local;
	} read = { 0 };
	char text[INET6_ADDRSTRLEN];

	*result = (struct watch_address){ 0 };
	if (length < sizeof(sa_family_t) || length > sizeof(read) ||
	    !watch_read_memory(pid, address, &read, length))
		return false;
	if (read.any.sa_family == AF_UNIX && length > offsetof(struct sockaddr_un, sun_path))
		unix_address(&read.local, length, result);
	else if (read.any.sa_family == AF_INET &&
		 inet_ntop(AF_INET, &read.four.sin_addr, text, sizeof(text)))
		(void)snprintf(result->text, sizeof(result->text), "%s:%u", text,
			       ntohs(read.four.sin_port));
	else if (read.any.sa_family == AF_INET6 &&
		 inet_ntop(AF_INET6, &read.six.sin6_addr, text, sizeof(text)))
		(void)snprintf(result->text, sizeof(result->text), "[%s]:%u", text,
			       ntohs(read.six.sin6_port));
	return result->text[0] != '\0';
}
