/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_SELF_EXE_H
#define RUNTIME_SELF_EXE_H

#include "base/error.h"

/*
 * A process that enters a container can be reached there as /proc/PID/exe, and an image's program
 * or script may name that link as its interpreter. What the link leads to must not be the host's
 * file in a mount through which it could be written (CVE-2019-5736).
 *
 * Moves this program to a detached, read-only clone of the mount that holds it (self_move.h): no
 * copy, no memory charged to the container, and nobody else can reach that mount to make it
 * writable. Where the kernel or a filter around us doesn't let us, the program is executed once
 * more from the clone, or, if there can't be one, from a sealed memory file. Returns at once in the
 * process that already runs from there.
 *
 * Runs in: main, for the commands that make a process of ours appear in a container, before
 * anything else is read, with main's own argv and envp. Returns 0 when protected; otherwise execve
 * doesn't return, or err says why not.
 */
int self_exe_protect(char *const argv[], char *const envp[], struct error *err);

/*
 * What else a process of ours needs before a container may see it: no one can attach to it (R9; a
 * user without rights must stay dumpable until its parent has written the id maps). Its
 * descriptors: child_take_preserved().
 */
int self_protect_process(struct error *err);

#endif
