/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_PROCESS_TABLE_H
#define COMMANDS_PROCESS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/string.h"

/* Writes what stands before a line: in the header for pid 0, else of this process. */
typedef void process_table_prefix(struct buffer *out, pid_t pid, const void *data);

/* Which lines of ps's go where. */
struct process_table {
	const pid_t *pids;
	size_t count;
	process_table_prefix *prefix; /* NULL: none */
	const void *data;	      /* prefix's */
};

/* Copies ps's header and its lines about these pids. False: the header has no PID column. */
bool process_table_filter(struct buffer *out, const char *text, const struct process_table *table);

/*
 * The pid that a process has in the pid namespace of depth levels (1: the host's), by the line
 * "NSpid:" of its /proc/PID/status (proc(5)); 0: it has none there. depth 0: in its innermost one,
 * and *levels (may be NULL) is how deep that is.
 */
pid_t process_table_inner_pid(const char *status, size_t depth, size_t *levels);

#endif
