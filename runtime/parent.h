/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_PARENT_H
#define RUNTIME_PARENT_H

#include "base/error.h"
#include "runtime/creation.h"

/* The parent's half of create: walks parent_table. On failure what exists is still there:
 * container_abort() (destroy.h) undoes it. Runs in: parent. */
int parent_create(struct creation *creation, struct error *err);

/* restore's share of the same rows, in the same order: what there is before the first process
 * (state directory to mount locks), what follows as soon as it has a pid (identity), the network
 * devices where its network namespace is new and empty, and what follows when all is there (pidfd
 * socket to commit); the process isn't one that talks to us. parent_add_to_resctrl() takes another
 * process, whose children inherit its class. Undone in the same way. Runs in: parent. */
int parent_prepare(struct creation *creation, struct error *err);
int parent_add_to_resctrl(struct creation *creation, pid_t pid, struct error *err);
int parent_identify(struct creation *creation, struct error *err);
int parent_move_devices(struct creation *creation, struct error *err);
int parent_adopt(struct creation *creation, struct error *err);

/* The prestart and createRuntime hooks, once the process of creation->pid has its namespaces. Runs
 * in: parent. */
int parent_call_runtime_hooks(struct creation *creation, struct error *err);

#endif
