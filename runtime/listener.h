/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_LISTENER_H
#define RUNTIME_LISTENER_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "runtime/sync.h"
#include "seccomp/filter.h"
#include "spec/spec.h"
#include "spec/state.h"

/*
 * SCMP_ACT_NOTIFY: the filter's listener goes to the seccomp agent behind linux.seccomp's
 * listenerPath, with the container process state (config-linux.md#containerprocessstate). One
 * connection for each container process, of create (when it is started) and of exec.
 *
 * From the moment the filter is loaded any system call of the container's process may wait for the
 * agent, the one that would hand over the listener among them. So the process says before it loads
 * which number the descriptor will get, and the other side takes it from outside, pidfd_getfd(2),
 * whatever the process may be hanging in. Where the kernel doesn't allow that (a rootless caller:
 * our process isn't dumpable), the other side says so beforehand, and the descriptor comes by
 * sendmsg(2).
 *
 * When the agent has it the process closes its own, by whichever of three calls the profile doesn't
 * notify of: then nobody but the agent holds the listener, and what waits for one that goes away
 * gets ENOSYS at once.
 */
struct listener {
	const struct seccomp_spec *seccomp;
	struct state_document state; /* pid is filled in when it is known */
	int agent;		     /* connection; -1: no listener */
	int pidfd;		     /* of the process, or -1: our own child, by its pid */
	bool hooks; /* startContainer hooks come under the filter and may take as long as they like
		     */
};

#define LISTENER_NONE                                                                              \
	{                                                                                          \
		.agent = -1, .pidfd = -1                                                           \
	}

/* Connects to the agent if the profile needs one: before the process is told to go on, so that a
 * missing agent is found out while nothing has happened. Runs in: start, run, exec. */
int listener_connect(struct listener *listener, const struct seccomp_spec *seccomp,
		     struct error *err);

/*
 * The other side's part: a word LISTENER has come, number is the descriptor's. Takes the listener
 * and gives it to the agent. From here on the words of the process are waited for with an end,
 * since it may be the agent that it waits for. Runs in: start, run, exec.
 */
int listener_hand_over(struct listener *listener, int socket, pid_t pid, int number,
		       struct error *err);

/* What a wait of ours that ended says; not for an error that the process reports. Runs in: start,
 * run, exec. */
int listener_explain(const struct listener *listener, struct error *err);

void listener_close(struct listener *listener);

/* Loads the program, and returns when the agent has its listener. Without a listener it only loads.
 * Runs in: init, exec's last child. */
int listener_load(const struct seccomp_program *program, const struct seccomp_spec *seccomp,
		  int socket, struct error *err);

/* For a program that had to be loaded earlier, in the parent of this process: number is what
 * seccomp_program_load() returned. Runs in: exec's last child. */
int listener_announce(int number, const struct seccomp_spec *seccomp, int socket,
		      struct error *err);

/* The calls that a process makes between such an early load and listener_announce(): a rule that
 * notifies of one of them is refused, for it would wait for an agent that has no listener yet.
 * Runs in: parent, of exec. */
int listener_check_early(const struct seccomp_spec *seccomp, struct error *err);

#endif
