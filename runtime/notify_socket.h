/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_NOTIFY_SOCKET_H
#define RUNTIME_NOTIFY_SOCKET_H

#include <sys/types.h>

#include "base/error.h"

/*
 * sd_notify(3) for the container: where the caller has NOTIFY_SOCKET, a socket of our own is bound
 * at <state directory>/notify/notify.sock; the container sees the directory read-only at
 * /run/notify and gets NOTIFY_SOCKET=/run/notify/notify.sock. `start` forwards the first READY=1,
 * then MAINPID=<pid> and BARRIER=1 (30 s).
 */
#define NOTIFY_DIRECTORY "notify"
#define NOTIFY_SOCKET_IN_CONTAINER "/run/notify/notify.sock"

/* Makes the directory and the bound socket below the state directory. Returns the socket, which
 * `create` closes again: the name stays. Runs in: parent. */
int notify_socket_create(int state_directory, struct error *err);

/* Opens and rebinds for reading in `start`/`run`; waits for READY=1 until the process behind pidfd
 * ends; forwards to host_socket (the caller's NOTIFY_SOCKET, "@" = abstract). */
int notify_socket_bind(int state_directory, struct error *err);
/* One message, if there is one: 1 it said READY=1 and that was forwarded, 0 not yet. For a caller
 * that has more to wait for than this socket. */
int notify_socket_take(int socket, const char *host_socket, pid_t pid, struct error *err);
int notify_socket_forward(int socket, const char *host_socket, pid_t pid, int pidfd,
			  struct error *err);

#endif
