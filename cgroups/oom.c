/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether memory was what a process died of (cgroup-v2.rst, memory.events).
 *
 * syscalls: openat read
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cgroups/cgroup.h"
#include "cgroups/state.h"

/* Below this a container doesn't come as far as its program: measured on Linux 6.12 (x86-64), where
 * 128 KiB were too little. On 6.1 they are enough. */
#define SMALLEST_LIMIT (192 * 1024)

/* A counter of memory.events has left 0. */
static bool has_happened(const char *events, const char *name)
{
	const char *line = strstr(events, name);

	return line && line[strlen(name)] >= '1' && line[strlen(name)] <= '9';
}

static void read_value(int cgroup, const char *file, char *text, size_t size)
{
	if (state_read_file(cgroup, file, text, size) < 0)
		(void)snprintf(text, size, "unknown");
	text[strcspn(text, "\n")] = '\0';
}

void cgroup_explain_oom(int cgroup, struct error *err)
{
	char events[512], limit[32], usage[32];

	if (cgroup < 0 || state_read_file(cgroup, "memory.events", events, sizeof(events)) < 0)
		return;
	if (!has_happened(events, "oom_kill ") &&
	    (err->code != ENOMEM || !has_happened(events, "max ")))
		return;
	read_value(cgroup, "memory.max", limit, sizeof(limit));
	read_value(cgroup, "memory.peak", usage, sizeof(usage)); /* Linux 5.19 */
	if (strcmp(usage, "unknown") == 0)
		read_value(cgroup, "memory.current", usage, sizeof(usage));
	(void)error_of_kind(
		err, ERROR_MEMORY_LIMIT,
		"container init was OOM-killed: memory limit %s too low (used: %s; a start "
		"needs at least %d, and the program what it uses itself)",
		limit, usage, SMALLEST_LIMIT);
}
