/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of commands. Adding one: a file that defines a struct command, its name in command.h, a
 * row here, a man page.
 *
 * syscalls: none
 */
#include <string.h>

#include "base/table.h"
#include "runtime/commands/command.h"

/* One a line, so that two changes don't meet. */
/* clang-format off */
const struct command *const commands[] = {
	&caps_command,
	&cgroup_command,
	&check_command,
	&checkpoint_command,
	&completion_command,
	&create_command,
	&delete_command,
	&diff_command,
	&events_command,
	&exec_command,
	&explain_command,
	&features_command,
	&help_command,
	&inspect_command,
	&kill_command,
	&lab_command,
	&list_command,
	&mounts_command,
	&ns_command,
	&pause_command,
	&ps_command,
	&restore_command,
	&resume_command,
	&run_command,
	&seccomp_command,
	&spec_command,
	&start_command,
	&state_command,
	&update_command,
	&why_command,
};
/* clang-format on */
const size_t command_count = ARRAY_SIZE(commands);

const struct command *command_find(const char *name)
{
	for (size_t i = 0; i < command_count; i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}
