/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_PARENT_H
#define RUNTIME_PARENT_H

#include "base/error.h"
#include "runtime/creation.h"

/* The parent's half of create: walks parent_table. On failure what exists is still there:
 * container_abort() (destroy.h) undoes it. Runs in: parent. */
int parent_create(struct creation *creation, struct error *err);

/* restore's share of the same rows, in the same order: what there is before the first process
 * (state directory to device filter), and what follows when it is there (pidfd socket to commit);
 * the process isn't one that talks to us. Undone in the same way. Runs in: parent. */
int parent_prepare(struct creation *creation, struct error *err);
int parent_adopt(struct creation *creation, struct error *err);

#endif
