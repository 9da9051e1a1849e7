/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_FAULT_H
#define RUNTIME_FAULT_H

#include "base/error.h"

/*
 * Places where a test breaks a walk. In minirun these do nothing; the test program minirun-faults
 * links integration/faults/fault.c in their place, which fails, ends or kills by name.
 */
int fault_before(const char *actor, const char *step, struct error *err);
int fault_after(const char *actor, const char *step, struct error *err);

#endif
