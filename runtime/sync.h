/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_SYNC_H
#define RUNTIME_SYNC_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * The talk between the processes of a create, a start and an exec: one enum, one message type. The
 * picture of who says what when is in runtime/README.md. Five rules:
 *  1. half-duplex: at any moment one side may speak, the other does nothing;
 *  2. the receiver names the step that it expects, anything else is a protocol error;
 *  3. end of file before the expected step means that the peer died: always an error;
 *  4. SYNC_ERROR may take the place of any message, and carries the peer's struct error; after
 * EPIPE and ECONNRESET we read once more, since the peer said why before it hung up;
 *  5. who loses its peer exits.
 */
enum sync_step {
	SYNC_HOST_READY,   /* parent -> init: cgroup, id maps are there */
	SYNC_ROOTFS_READY, /* init -> parent: run the hooks of the runtime namespace */
	SYNC_HOOKS_DONE,   /* parent -> init */
	SYNC_MAP_IDS,	 /* init -> parent: a descriptor follows, the next mount that wants a map */
	SYNC_IDS_MAPPED, /* parent -> init */
	SYNC_FORKED,	 /* stage -> parent: pid is init, which says nothing before HOST_READY */
	SYNC_CREATED,	 /* init -> parent */
	SYNC_COMMITTED,	 /* parent -> init: the journal says "created" */
	SYNC_START,	 /* start -> init, on start.sock (run: on the same pair) */
	SYNC_LIMITS,	 /* init, exec -> start, parent: apply the rlimits from outside, by pid */
	SYNC_SCHEDULING, /* the same: scheduler and ioPriority */
	SYNC_LIMITS_SET, /* start, parent -> init, exec: either is done */
	SYNC_LISTENER,	 /* init, exec -> start, parent: the filter that I load has a listener, and
			    pid is its descriptor's number (listener.h) */
	SYNC_LISTENER_TAKE,  /* start, parent -> init, exec: I take it from outside */
	SYNC_LISTENER_SEND,  /* start, parent -> init, exec: I may not, send it */
	SYNC_LISTENER_GIVEN, /* start, parent -> init, exec: the agent has it */
	SYNC_EXECUTING, /* init, exec -> start, parent: what follows is execve, then end of file */
	SYNC_ERROR,	/* either way: struct error follows */
	SYNC_STEP_COUNT,
};

/* SOCK_SEQPACKET, O_CLOEXEC. fd[0] is the parent's end. */
int sync_pair(int fd[2], struct error *err);

/* Lets this end learn who sent a message, as the kernel says it (SCM_CREDENTIALS, unix(7)): a
 * process that forks into a joined pid namespace on its way makes itself known by its next word. */
int sync_know_sender(int socket, bool on, struct error *err);

/* The process ignores SIGPIPE (main() sees to it). Where the peer has hung up, err is the error
 * that it left behind, if it did (rule 4). */
int sync_send(int socket, enum sync_step step, pid_t pid, struct error *err);

/* Tells the peer why we give up. Failing to tell is no error: the peer then sees end of file. */
void sync_send_error(int socket, const struct error *error);

/* Waits for exactly this step. who names the peer in "… died before …". pid may be NULL; it gets
 * what FORKED names, or, after sync_know_sender(), the sender as our pid namespace sees it. */
int sync_wait(int socket, enum sync_step step, const char *who, pid_t *pid, struct error *err);

/* Waits for any step; *step is what came. 1 = a message, 0 = end of file, -1 = error: the peer's
 * with SYNC_ERROR as *step, else our own, and *step stays. */
int sync_receive(int socket, enum sync_step *step, pid_t *pid, struct error *err);

/* The same with the number that the message carries: LISTENER's. */
int sync_receive_number(int socket, enum sync_step *step, pid_t *pid, int *number,
			struct error *err);

const char *sync_step_name(enum sync_step step);

#endif
