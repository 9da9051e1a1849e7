/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sd_notify(3) across the container's border. The container can't reach the caller's socket, and
 * the caller's service manager wouldn't know its pids: so the container's READY=1 comes to a socket
 * of ours and goes on from our process, with the pid that the service manager has to watch.
 * BARRIER=1 carries the end of a pipe; the other end hangs up once the manager has read so far.
 *
 * Everything that comes from the container is bounded, and only one word of it is passed on.
 *
 * syscalls: mkdirat fchmodat unlinkat socket bind connect poll recvfrom sendto sendmsg pipe2
 */
#include "runtime/notify_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"

#define SOCKET_NAME NOTIFY_DIRECTORY "/notify.sock"
#define PATIENCE 30 /* seconds that the service manager gets for an answer */

/* sun_path has 108 bytes and a state directory's path may have more: by its descriptor. The mode
 * lets the container's user write to the socket; nobody else gets through the state directory. */
static int bind_socket(int state_directory, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	autofd fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return error_errno(err, "make the notify socket");
	(void)snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/%s",
		       state_directory, SOCKET_NAME);
	if (unlinkat(state_directory, SOCKET_NAME, 0) < 0 && errno != ENOENT)
		return error_errno(err, "replace the notify socket");
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
		return error_errno(err, "bind the notify socket");
	if (fchmodat(state_directory, SOCKET_NAME, 0777, 0) < 0)
		return error_errno(err, "open the notify socket to the container's user");
	return fd_take(&fd);
}

int notify_socket_create(int state_directory, struct error *err)
{
	if (mkdirat(state_directory, NOTIFY_DIRECTORY, 0755) < 0)
		return error_errno(err, "make the directory of the notify socket");
	/* whatever the caller's umask: the container's user has to get through */
	if (fchmodat(state_directory, NOTIFY_DIRECTORY, 0755, 0) < 0)
		return error_errno(err, "open the directory of the notify socket");
	return bind_socket(state_directory, err);
}

int notify_socket_bind(int state_directory, struct error *err)
{
	return bind_socket(state_directory, err);
}

/* "@name" is abstract: a NUL in place of the "@", and no NUL at the end. */
static int connect_host(const char *path, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t length = strlen(path);
	const struct timeval patience = { .tv_sec = PATIENCE };
	autofd fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return error_errno(err, "NOTIFY_SOCKET %s", path);
	if ((path[0] != '/' && path[0] != '@') || length < 2)
		return error_set(err, "NOTIFY_SOCKET %s: neither a path nor an abstract name",
				 path);
	if (length >= sizeof(address.sun_path))
		return error_set(err, "NOTIFY_SOCKET %s: longer than %zu bytes", path,
				 sizeof(address.sun_path) - 1);
	memcpy(address.sun_path, path, length);
	if (path[0] == '@')
		address.sun_path[0] = '\0';
	else
		length++;
	if (connect(fd, (const struct sockaddr *)&address,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
		return error_errno(err, "NOTIFY_SOCKET %s", path);
	/* a manager that reads nothing fills the socket's queue */
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0)
		return error_errno(err, "NOTIFY_SOCKET %s", path);
	return fd_take(&fd);
}

static int send_line(int host, const char *line, struct error *err)
{
	if (send(host, line, strlen(line), MSG_NOSIGNAL) < 0)
		return error_errno(err, "NOTIFY_SOCKET: send %s", line);
	return 0;
}

/* One of the message's lines is READY=1. */
static bool is_ready(char *message)
{
	const char *line;

	while ((line = strsep(&message, "\n"))) {
		if (strcmp(line, "READY=1") == 0)
			return true;
	}
	return false;
}

/* 1: READY=1 came. 0: the process has ended without it. What was sent before the end counts. */
static int wait_ready(int socket, int pidfd, struct error *err)
{
	struct pollfd fds[] = {
		{ .fd = socket, .events = POLLIN },
		{ .fd = pidfd, .events = POLLIN },
	};
	char message[4096];

	for (;;) {
		ssize_t length;

		if (poll(fds, 2, -1) < 0 && errno != EINTR && errno != EAGAIN)
			return error_errno(err, "wait for READY=1");
		length = recv(socket, message, sizeof(message) - 1, MSG_DONTWAIT);
		if (length < 0 && errno != EAGAIN && errno != EINTR)
			return error_errno(err, "wait for READY=1");
		if (length < 0 && fds[1].revents)
			return 0;
		if (length < 0)
			continue;
		message[length] = '\0';
		if (is_ready(message))
			return 1;
	}
}

/* Until the manager has closed its copy of the pipe's end: it has read what we sent before. One
 * that doesn't answer is no reason to call a container failed that is ready. */
static int send_barrier(int host, struct error *err)
{
	int pair[2];
	autofd here = -1;
	autofd there = -1;
	struct pollfd end;

	if (pipe2(pair, O_CLOEXEC) < 0)
		return error_errno(err, "NOTIFY_SOCKET: make a pipe");
	here = pair[0];
	there = pair[1];
	if (fd_send(host, there, "BARRIER=1", err) < 0)
		return error_context(err, "NOTIFY_SOCKET");
	fd_close(&there);
	end = (struct pollfd){ .fd = here }; /* a hang-up is reported without being asked for */
	if (poll(&end, 1, PATIENCE * 1000) <= 0)
		log_warning("NOTIFY_SOCKET: no answer to BARRIER=1");
	return 0;
}

static int say_ready(int host, pid_t pid, struct error *err)
{
	char main_pid[32];

	(void)snprintf(main_pid, sizeof(main_pid), "MAINPID=%d", (int)pid);
	if (send_line(host, "READY=1", err) < 0 || send_line(host, main_pid, err) < 0)
		return -1;
	return send_barrier(host, err);
}

int notify_socket_forward(int socket, const char *host_socket, pid_t pid, int pidfd,
			  struct error *err)
{
	autofd host = connect_host(host_socket, err);
	int ready;

	if (host < 0)
		return -1;
	ready = wait_ready(socket, pidfd, err);
	return ready <= 0 ? ready : say_ready(host, pid, err);
}

int notify_socket_take(int socket, const char *host_socket, pid_t pid, struct error *err)
{
	char message[4096];
	ssize_t length = recv(socket, message, sizeof(message) - 1, MSG_DONTWAIT);
	autofd host = -1;

	if (length < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : error_errno(err, "wait for READY=1");
	message[length] = '\0';
	if (!is_ready(message))
		return 0;
	host = connect_host(host_socket, err);
	return host < 0 || say_ready(host, pid, err) < 0 ? -1 : 1;
}
