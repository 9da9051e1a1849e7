/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_CHILD_H
#define RUNTIME_CHILD_H

#include <sys/types.h>

#include "base/error.h"

/*
 * A process of ours on its way into a container, as create and exec both have one: tied to who made
 * it, forked into a pid namespace, followed there, and what goes along or is handed on.
 */

/* Until child_untie() the death of whoever made us ends us. If that has happened before the call,
 * the next message fails: its end of the pair is closed. A change of credentials cuts the tie, and
 * a fork doesn't inherit it. Runs in: stage, init, exec's processes. */
int child_tie(struct error *err);

/* execve(2) doesn't cut it, and what runs in the container must outlive us. */
int child_untie(struct error *err);

/* 0: nobody may trace us or open what we have open. 1: who owns us may.
 * A change of credentials sets it to fs.suid_dumpable, which may be 1. */
int child_set_dumpable(int dumpable, struct error *err);

/* The same for an ordinary user's process alone; root's is out of reach from the first instruction
 * on (self_exe.h) and stays it, since who is privileged needs no permission to look. */
int child_set_dumpable_of_user(int dumpable, struct error *err);

/*
 * setns(2) with a pid namespace moves only the children. A child, which is our parent's as well
 * (CLONE_PARENT), returns from here, tied; we end.
 * Runs in: init, exec's first process, when nothing is left that the namespace's other processes
 * may not have.
 */
int child_enter_pid_namespace(struct error *err);

/*
 * Another process goes on in the place of one of ours, and says so itself or is named by who. As
 * soon as it is known to be our child, too (CLONE_PARENT), it becomes *ours, so that an undo ends
 * this one; then its pidfd takes *pidfd's place. Runs in: parent, exec's parent.
 */
int child_follow(pid_t pid, const char *who, pid_t *ours, int *pidfd, struct error *err);

/*
 * What the caller has handed to us. --preserve-fds and LISTEN_FDS together: descriptors 3 to 3 +
 * *count - 1 stay as they are; no other one survives an execve (R12). Those of LISTEN_FDS and the
 * last one must be open: engines that pass on descriptor 7 alone (podman --preserve-fd) say 5.
 * Descriptors of ours may lie in the gaps: they are known by being close-on-exec, which nothing
 * inherited can be. Runs in: parent, of create and of exec, before anything is executed.
 */
int child_take_preserved(int preserve, int listen, int *count, struct error *err);

/* Really closes all that a container may not find (CVE-2024-21626): everything from 3 on but keep
 * and what child_take_preserved() has taken. Runs in: init, exec's last child. */
int child_close_others(int preserved, const int *keep, size_t count, struct error *err);

/* --pidfd-socket: text goes along, by which a receiver tells who sends. */
int child_send_pidfd(const char *socket, int pidfd, const char *text, struct error *err);

/* --pid-file, as a whole or not at all. Runs in: parent, exec's parent. */
int child_write_pid_file(const char *path, pid_t pid, struct error *err);

#endif
