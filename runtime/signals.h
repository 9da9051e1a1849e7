/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_SIGNALS_H
#define RUNTIME_SIGNALS_H

#include "base/error.h"

/* Default dispositions and an empty mask, as a program expects them: conmon and dockerd ignore
 * SIGPIPE, and what is ignored or blocked survives execve(2). Runs in: init, exec's last child. */
int signals_reset(struct error *err);

/* The first process of a pid namespace is sent no signal that it has no handler for, so that a
 * created container could be ended by SIGKILL alone. With this HUP, INT, QUIT and TERM end it, as
 * they would any other process; signals_reset() takes it back. Runs in: init. */
int signals_end_us(struct error *err);

#endif
