/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_EXPLAIN_ROWS_H
#define COMMANDS_EXPLAIN_ROWS_H

#include "runtime/commands/explain_plan.h"

/*
 * What the rows of the step tables do for one configuration. Which function speaks for which row is
 * said in explain_details.c, in whose order they are listed here. Nothing is returned: where memory
 * is exhausted, details->failed says so.
 */

#define FORMAT(details, ...) arena_format((details)->arena, __VA_ARGS__)

/* pointer, shell NULL: as struct detail says */
void detail_add(struct details *details, const char *call, const char *pointer, const char *shell);
/* text as one word of sh(1) */
const char *detail_quote(struct details *details, const char *text);
/* A word of the shell that begins with $ROOT. */
const char *detail_in_root(struct details *details, const char *path);
/* The list's strings with "with" between them, and end at the end; NULL without memory. */
const char *detail_joined(struct details *details, const struct string_list *list, const char *with,
			  const char *end);
void detail_hooks(const struct creation *creation, enum hook_point point, struct details *details);

/* explain_parent.c: the parent's rows */
void detail_state_directory(const struct creation *creation, struct details *details);
void detail_cgroup(const struct creation *creation, struct details *details);
void detail_cgroup_limits(const struct creation *creation, struct details *details);
void detail_network_devices(const struct creation *creation, struct details *details);
void detail_clone(const struct creation *creation, struct details *details);
void detail_id_maps(const struct creation *creation, struct details *details);
void detail_oom_score(const struct creation *creation, struct details *details);
void detail_runtime_hooks(const struct creation *creation, struct details *details);

/* explain_build.c: init's, the surroundings */
void detail_join(const struct creation *creation, struct details *details);
void detail_names(const struct creation *creation, struct details *details);
void detail_loopback(const struct creation *creation, struct details *details);
void detail_isolate(const struct creation *creation, struct details *details);
void detail_mounts(const struct creation *creation, struct details *details);
void detail_devices(const struct creation *creation, struct details *details);
void detail_create_container_hooks(const struct creation *creation, struct details *details);
void detail_sysctl(const struct creation *creation, struct details *details);
void detail_masked_paths(const struct creation *creation, struct details *details);
void detail_readonly_paths(const struct creation *creation, struct details *details);
void detail_seal(const struct creation *creation, struct details *details);
void detail_pivot(const struct creation *creation, struct details *details);

/* explain_become.c: init's, the process itself */
void detail_working_directory(const struct creation *creation, struct details *details);
void detail_user(const struct creation *creation, struct details *details);
void detail_filter(const struct creation *creation, struct details *details);
void detail_limits(const struct creation *creation, struct details *details);
void detail_start_container_hooks(const struct creation *creation, struct details *details);
void detail_execute(const struct creation *creation, struct details *details);

#endif
