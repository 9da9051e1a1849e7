/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_BLOCKED_H
#define RUNTIME_BLOCKED_H

#include "base/error.h"

/*
 * Adds to err, if it is an ENOSYS or EPERM, the system calls that give this answer to whoever
 * calls them, and where that comes from: a seccomp filter that somebody has put around us (a
 * container engine, systemd's SystemCallFilter=), or a kernel that is too old. A child of ours
 * tries them with arguments that can do nothing. Runs in: parent, when a command has failed.
 *
 * seccomp(2)
 */
void blocked_explain(struct error *err);

#endif
