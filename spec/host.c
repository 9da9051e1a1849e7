/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HOST rules, as create asks them. syscalls: those of the rules
 */
#include "spec/host.h"

int host_rules_create(const struct host_rules *rules, const struct host *host, struct error *err)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->rows[i].create && rules->rows[i].check(host, NULL, err) < 0)
			return -1;
	return 0;
}
