/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_PROCESS_TABLE_H
#define COMMANDS_PROCESS_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/string.h"

/* Copies ps's header and its lines about these pids. False: the header has no PID column. */
bool process_table_filter(struct buffer *out, const char *text, const pid_t *pids, size_t count);

#endif
