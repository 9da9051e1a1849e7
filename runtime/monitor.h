/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_MONITOR_H
#define RUNTIME_MONITOR_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "runtime/console.h"

/*
 * The foreground wait of `run` and `exec`: forwards signals, relays the terminal, reaps what is
 * reparented to us, returns the container process's exit code (128 + n for signal n).
 */

/* Blocks the signals that monitor_wait() takes through a signalfd. Before clone3, so that none is
 * lost; init resets mask and dispositions itself. */
int monitor_block_signals(struct error *err);

/* READY=1 of the container on its way to the caller's NOTIFY_SOCKET. */
struct monitor_notify {
	int socket; /* notify_socket_create()'s; -1: nothing to forward */
	const char *host_socket;
};

/* Waits until pid (our child, pidfd) has ended. relay->master may be -1, notify NULL. Forwarded:
 * everything but SIGCHLD, SIGURG, SIGWINCH (resize) and what can't be caught; SIGPIPE is ignored.
 * *exit_code. */
int monitor_wait(pid_t pid, int pidfd, struct relay *relay, struct monitor_notify *notify,
		 int *exit_code, struct error *err);

#endif
