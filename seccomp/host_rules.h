/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECCOMP_HOST_RULES_H
#define SECCOMP_HOST_RULES_H

#include "spec/host.h"

/* What linux.seccomp needs of libseccomp and the kernel. */
extern const struct host_rules seccomp_host_rules;

#endif
