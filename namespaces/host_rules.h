/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_HOST_RULES_H
#define NAMESPACES_HOST_RULES_H

#include "spec/host.h"

/* What namespaces, mounts, network devices and sysctl need of the host. */
extern const struct host_rules namespaces_host_rules;

#endif
