/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * A process as something that can be recognised later: a pid alone is reused by the kernel. The
 * identity is the pid with its start time (field 22 of /proc/PID/stat, clock ticks since boot) and,
 * where the kernel has pidfs (6.9), the inode number of its pidfd. Signals go only through a pidfd
 * that was checked after it was opened.
 */
struct process_identity {
	pid_t pid;
	uint64_t start_time; /* 0 = unknown */
	uint64_t pidfs_id;   /* 0 = kernel without pidfs */
};

/* What /proc/PID/stat says. */
struct process_status {
	char state; /* R S D T t Z X I */
	pid_t parent;
	unsigned long flags; /* PF_*: see PROCESS_NOT_EXECUTED */
	uint64_t start_time;
	uint64_t pending; /* signals that wait for its first thread: bit N - 1 is signal N */
};

/* PF_FORKNOEXEC: set from fork until the first execve(2); kept in a zombie. */
#define PROCESS_NOT_EXECUTED 0x40UL

/* PF_EXITING: it has ended and only waits, as the init of a pid namespace does for the namespace to
 * be empty. */
#define PROCESS_EXITING 0x4UL

/* Identity of a live (or zombie) process; pidfd may be -1. */
int process_identify(pid_t pid, int pidfd, struct process_identity *identity, struct error *err);

/* Reads /proc/PID/stat of this host. -1 with errno (quietly, no err): ESRCH if there is no such
 * process; anything else says nothing about the process. */
int process_read_status(pid_t pid, struct process_status *status);

/* It has ended, or is bound to: a SIGKILL waits for it. */
bool process_is_ending(const struct process_status *status);

/*
 * Opens a pidfd for exactly this process, also if it is a zombie. -1 with errno ESRCH if it is
 * gone or the pid now belongs to another one; with another errno nothing is known.
 */
int process_open(const struct process_identity *identity);

/* 1 if the process exists and isn't a zombie or dead, 0 if it is gone, -1 with errno if that can't
 * be found out (no descriptor left, say): never to be taken for gone. */
int process_probe(const struct process_identity *identity);
/* The same; *status is filled if the result is 1. */
int process_look(const struct process_identity *identity, struct process_status *status);

/* Sends a signal through a checked pidfd. 0; -1 with errno (ESRCH: gone). */
int process_signal(int pidfd, int signal);

/* Waits until the process has ended, at most this long (-1 = for ever). 1 ended, 0 time is over. */
int process_wait_end(int pidfd, int milliseconds);

/* Reaps our child: its exit status as waitpid(2) gives it. */
int process_reap(pid_t pid, int *status, struct error *err);

/* The same within this time (-1 = for ever), also where no descriptor is to be had. 1 reaped, 0
 * time is over: it is as it was. -1 with err. */
int process_reap_within(pid_t pid, int milliseconds, int *status, struct error *err);

/* Exit code as a shell reports it: the code, or 128 + the signal's number. */
int process_exit_code(int wait_status);

/* This boot's id, 36 characters and NUL. */
int process_boot_id(char id[static 37], struct error *err);

/* True in any user namespace but the initial one, also one that maps every id onto itself. A kernel
 * without user namespaces: false. user_namespaces(7). */
bool process_in_user_namespace(void);

#endif
