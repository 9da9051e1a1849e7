/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_HOST_RULES_H
#define CGROUPS_HOST_RULES_H

#include "spec/host.h"

/* What limits and linux.intelRdt need of the host. */
extern const struct host_rules cgroups_host_rules;

#endif
