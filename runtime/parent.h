/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_PARENT_H
#define RUNTIME_PARENT_H

#include "base/error.h"
#include "runtime/creation.h"

/* The parent's half of create: walks parent_table. On failure what exists is still there:
 * container_abort() (destroy.h) undoes it. Runs in: parent. */
int parent_create(struct creation *creation, struct error *err);

#endif
