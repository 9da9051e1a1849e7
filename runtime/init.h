/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_INIT_H
#define RUNTIME_INIT_H

#include "runtime/creation.h"

/*
 * The process that becomes the container's: walks init_table from the fresh namespaces to execve.
 *
 * Should: report the first failure over the socket that the other side listens on, then end.
 * Mustn't: outlive its parent before the container is committed (end of file, PDEATHSIG).
 * Runs in: init. Never returns.
 */
_Noreturn void init_main(struct creation *creation);

#endif
