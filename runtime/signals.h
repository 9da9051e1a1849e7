/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_SIGNALS_H
#define RUNTIME_SIGNALS_H

#include "base/error.h"

/* Default dispositions and an empty mask, as a program expects them: conmon and dockerd ignore
 * SIGPIPE, and what is ignored or blocked survives execve(2). Runs in: init, exec's last child. */
int signals_reset(struct error *err);

#endif
