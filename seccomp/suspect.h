/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECCOMP_SUSPECT_H
#define SECCOMP_SUSPECT_H

#include "base/error.h"
#include "spec/spec.h"

/*
 * A process that loads the container's filter needs write and execve after it: one message, and
 * its program. Adds to err, which tells that it ended without a word (died) or what execve
 * answered, the member of linux.seccomp that has this answer for the call; nothing where the
 * profile has none, or depends on arguments. Pure. Runs in: parent, when a start has failed.
 */
void seccomp_suspect(const struct seccomp_spec *seccomp, bool died, struct error *err);

#endif
