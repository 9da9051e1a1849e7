/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_HOST_RULES_H
#define RUNTIME_HOST_RULES_H

#include "spec/host.h"

/* All tables of HOST rules, by n, in the order in which they are asked; NULL behind the last. */
const struct host_rules *host_rules_table(size_t n);

/* What create asks of them. Runs in: parent. */
int host_check_create(const struct host *host, struct error *err);

#endif
