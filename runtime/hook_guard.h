/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_HOOK_GUARD_H
#define RUNTIME_HOOK_GUARD_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * A process between us and a hook, for the hooks in the runtime's own namespaces (prestart,
 * createRuntime, poststart, poststop). Nothing else ends what such a hook has started: no cgroup
 * and no pid namespace of the container holds it, a process group is left by setsid(2), and after a
 * kill of ours nobody is there to end anything. The guard needs neither cgroups nor privilege: it
 * is the reaper of all that descends from the hook (PR_SET_CHILD_SUBREAPER), and it ends with us,
 * since it watches a socket whose other end only we have.
 *
 * - The hook succeeds: the guard goes, what the hook has left in the background goes on and gets
 * the parent that it would have had.
 * - It fails, hook_guard_end() is called, or we die in whatever way: everything that descends from
 *   the hook is killed.
 *
 * It keeps our descriptors, so the lock of the state directory is free only when the hook's last
 * process is gone or can't be killed for seconds. Runs in: parent.
 */
struct hook_guard {
	pid_t pid;   /* our child; it ends after the hook */
	int channel; /* -1: no guard */
};

/* Starts the hook, as the guard's child: 0 or an errno. */
typedef int hook_spawn(void *context, pid_t *pid);

/* 0 once the hook runs. Else an errno, of fork(2) and the like or of spawn, with nothing left. */
int hook_guard_start(struct hook_guard *guard, hook_spawn *spawn, void *context);

/* Kills what the hook has started; the guard ends afterwards. */
void hook_guard_end(const struct hook_guard *guard);

/* After the guard has been reaped with *status: makes it the hook's, and closes the channel. A
 * guard that somebody has killed leaves its own. */
void hook_guard_status(struct hook_guard *guard, int *status);

#endif
