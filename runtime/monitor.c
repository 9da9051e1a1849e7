/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The foreground wait of `run` and `exec`: one poll(2) loop over a signalfd(2), the container
 * process's pidfd and the terminal. Everything that can be sent to us goes on to the container
 * through the pidfd, job control signals included: the container isn't part of our job, so stopping
 * ourselves would stop nothing of it.
 *
 * We are a subreaper, or the parent of what the container leaves behind: whatever SIGCHLD announces
 * is reaped.
 *
 * syscalls: rt_sigprocmask signalfd4 poll read waitpid pidfd_send_signal
 */
#include "runtime/monitor.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/process.h"
#include "runtime/notify_socket.h"

struct monitor {
	pid_t pid;
	int pidfd, signals;
	struct relay *relay;
	struct monitor_notify *notify;
	bool ended;
	bool interrupted; /* told to end, after the container has */
	int status;	  /* as waitpid(2) gives it, once ended */
};

int monitor_block_signals(struct error *err)
{
	sigset_t all;

	(void)sigfillset(&all); /* fails only for a bad address */
	if (sigprocmask(SIG_BLOCK, &all, NULL) < 0)
		return error_errno(err, "block signals");
	return 0;
}

static bool ends_us(int signal)
{
	return signal == SIGTERM || signal == SIGINT || signal == SIGHUP || signal == SIGQUIT;
}

static void take_signal(struct monitor *monitor, int signal)
{
	switch (signal) {
	case SIGCHLD: /* the loop reaps in any case */
	case SIGURG:
	case SIGPIPE: /* write(2) tells it, too */
		return;
	case SIGWINCH:
		relay_resize(monitor->relay);
		return;
	case SIGCONT:
		relay_continue(monitor->relay);
		break;
	default:
		break;
	}
	if (monitor->ended)
		monitor->interrupted = monitor->interrupted || ends_us(signal);
	else if (process_signal(monitor->pidfd, signal) < 0 && errno != ESRCH)
		log_warning("signal %d: not forwarded: %s", signal, error_reason(errno));
}

static void take_signals(struct monitor *monitor)
{
	struct signalfd_siginfo taken[8];
	ssize_t length;

	while ((length = read(monitor->signals, taken, sizeof(taken))) > 0) {
		for (size_t i = 0; i < (size_t)length / sizeof(taken[0]); i++)
			take_signal(monitor, (int)taken[i].ssi_signo);
	}
}

/* Our process and every zombie that was handed to us. */
static int reap(struct monitor *monitor, struct error *err)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
		if (pid != monitor->pid)
			continue;
		monitor->ended = true;
		monitor->status = status;
	}
	if (pid < 0 && errno != EINTR && !monitor->ended)
		return error_errno(err, "wait for the container's process");
	return 0;
}

static int wait_for_events(const struct monitor *monitor, struct pollfd *fds, size_t count,
			   struct error *err)
{
	if (poll(fds, count, relay_timeout(monitor->relay)) < 0 && errno != EINTR &&
	    errno != EAGAIN)
		return error_errno(err, "wait for the container's process");
	return 0;
}

/* The container goes on whatever becomes of it. */
static void take_notification(struct monitor *monitor)
{
	struct monitor_notify *notify = monitor->notify;
	struct error err;
	int result = notify_socket_take(notify->socket, notify->host_socket, monitor->pid, &err);

	if (result < 0)
		log_warning("%s", err.text);
	if (result != 0) /* said, or not to be said: poll(2) passes over it from now on */
		notify->socket = -1;
}

static int wait_for_end(struct monitor *monitor, struct error *err)
{
	while (!monitor->ended) {
		struct pollfd fds[3 + RELAY_FDS] = {
			{ .fd = monitor->signals, .events = POLLIN },
			{ .fd = monitor->pidfd, .events = POLLIN },
			{ .fd = monitor->notify ? monitor->notify->socket : -1, .events = POLLIN },
		};

		relay_prepare(monitor->relay, fds + 3);
		if (wait_for_events(monitor, fds, 3 + RELAY_FDS, err) < 0)
			return -1;
		relay_work(monitor->relay, fds + 3);
		if (monitor->notify && fds[2].revents)
			take_notification(monitor);
		if (fds[0].revents)
			take_signals(monitor);
		if ((fds[0].revents || fds[1].revents) && reap(monitor, err) < 0)
			return -1;
	}
	return 0;
}

/* What the container wrote last belongs to its reader, however slow: only a signal ends this. */
static int wait_for_reader(struct monitor *monitor, struct error *err)
{
	while (!monitor->interrupted && !relay_finish(monitor->relay)) {
		struct pollfd relay[RELAY_FDS];
		struct pollfd fds[2] = { { .fd = monitor->signals, .events = POLLIN } };

		relay_prepare(monitor->relay, relay);
		fds[1] = relay[RELAY_FDS - 1];
		if (wait_for_events(monitor, fds, 2, err) < 0)
			return -1;
		take_signals(monitor);
	}
	return 0;
}

int monitor_wait(pid_t pid, int pidfd, struct relay *relay, struct monitor_notify *notify,
		 int *exit_code, struct error *err)
{
	struct monitor monitor = {
		.pid = pid, .pidfd = pidfd, .signals = -1, .relay = relay, .notify = notify
	};
	autofd signals = -1;
	sigset_t all;

	(void)sigfillset(&all); /* fails only for a bad address */
	signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		return error_errno(err, "take signals");
	monitor.signals = signals;
	if (wait_for_end(&monitor, err) < 0 || wait_for_reader(&monitor, err) < 0)
		return -1;
	*exit_code = process_exit_code(monitor.status);
	return 0;
}
