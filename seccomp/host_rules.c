/* SPDX-License-Identifier: Apache-2.0 */
/*
 * HOST rules of linux.seccomp. syscalls: those of libseccomp
 */
#include "seccomp/host_rules.h"

#include "base/table.h"
#include "seccomp/filter.h"

static int check_filter(const struct host *host, struct report *report, struct error *err)
{
	return seccomp_check(&host->spec->linux.seccomp, report, err);
}

static const struct host_rule rows[] = {
	{ "HOST-seccomp", "seccomp(2)",
	  "the filter must be possible with this libseccomp and this kernel",
	  "minirun features lists actions, architectures and flags", false, check_filter },
};
const struct host_rules seccomp_host_rules = { rows, ARRAY_SIZE(rows) };
