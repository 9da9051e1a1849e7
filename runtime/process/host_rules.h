/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_PROCESS_HOST_RULES_H
#define RUNTIME_PROCESS_HOST_RULES_H

#include "spec/host.h"

/* What `process`, linux.memoryPolicy and linux.mountLabel need of the host. */
extern const struct host_rules process_host_rules;

#endif
