/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.oomScoreAdj: proc_pid_oom_score_adj(5). Written only when the configuration has it: an
 * absent member must leave the value that the caller gave us (config.md#linux-process).
 *
 * syscalls: openat2 write
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/procfs.h"
#include "runtime/process/process.h"

int oom_score_apply(const struct process_spec *process, int procfs, pid_t pid, struct error *err)
{
	char name[64], value[24];

	if (!process->oom_score_adj.present)
		return 0;
	if (pid > 0)
		(void)snprintf(name, sizeof(name), "%d/oom_score_adj", (int)pid);
	else
		(void)snprintf(name, sizeof(name), "self/oom_score_adj");
	(void)snprintf(value, sizeof(value), "%" PRId64, process->oom_score_adj.value);
	if (procfs_write(procfs, name, value, err) == 0)
		return 0;
	if (err->code == EACCES || err->code == EPERM)
		return error_code(
			err, err->code,
			"/process/oomScoreAdj: %s is lower than minirun's own, which needs "
			"CAP_SYS_RESOURCE on the host",
			value);
	return error_context(err, "/process/oomScoreAdj: %s", value);
}
