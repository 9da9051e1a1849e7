/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_STAGE_H
#define RUNTIME_STAGE_H

#include "runtime/creation.h"

/*
 * The process between parent and init, only where init must come from inside another namespace:
 * a joined user namespace, or host-owned namespaces joined before a new user namespace is made.
 *
 * Should: enter these namespaces, make init as the parent's child (CLONE_PARENT), name it, end.
 * Mustn't: touch a path, keep running.
 * Runs in: stage. Never returns.
 */
_Noreturn void stage_main(struct creation *creation);

#endif
