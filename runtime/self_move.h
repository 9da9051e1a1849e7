/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_SELF_MOVE_H
#define RUNTIME_SELF_MOVE_H

/*
 * Makes this process one that runs from another file with the same bytes: `file`, a readable
 * descriptor of our program on another mount. Afterwards /proc/self/exe leads there, and nothing
 * of the program is mapped from where it was started. It is what executing `file` would come to,
 * without loading and relocating everything once more, which takes longer than all mounts of a
 * container.
 *
 * A debugger's breakpoints that were set before are gone; it sets them again whenever it continues.
 *
 * argv and envp are main's own: the kernel is told where they are.
 *
 * Runs in: main, while there is one thread. Returns -1 with errno when the kernel doesn't allow it
 * (CONFIG_CHECKPOINT_RESTORE, CAP_SYS_ADMIN or CAP_CHECKPOINT_RESTORE in our user namespace, a
 * filter around us): the process can go on as before, parts of it mapped from `file` already.
 * Source: PR_SET_MM(2const), proc_pid_exe(5).
 */
int self_move(int file, char *const argv[], char *const envp[]);

#endif
