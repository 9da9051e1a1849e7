/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_COMMAND_H
#define COMMANDS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "runtime/commands/option.h"
#include "runtime/container.h"

/*
 * One row per command: a file of this folder defines it, table.c lists it, main.c runs it, usage.c
 * and completion.c show it. A command parses nothing itself: its options arrive in a struct of its
 * own, filled from its table over a copy of its defaults.
 */
struct invocation {
	const struct settings *settings;
	const struct environment *environment; /* global.h */
	const char *const *arguments;	       /* those that aren't options, NULL-terminated */
	size_t argument_count;
	struct arena *arena; /* released when the command has ended */
};

struct command {
	const char *name;
	const char *usage;	 /* what follows the name and the options: "ID [SIGNAL]" */
	const char *help;	 /* one line for the list of commands */
	const char *description; /* --help's text, with examples; lines end with \n */
	struct option_table options;
	const void *defaults; /* of options_size bytes, NULL: zeros */
	size_t options_size;
	size_t arguments_min, arguments_max;
	enum option_order order;
	const char *failure;   /* stands before the text of an error: "exec failed: "; "" = none */
	int failure_status;    /* exit status of an error */
	int usage_status;      /* exit status of a usage error; 0: 1 */
	bool enters_container; /* runs from a protected copy of the program (self_exe.h) */
	bool knows_no_container; /* works where there is no place for a state root */
	bool state_is_optional;	 /* as above, but looks there if there is one */
	bool log_may_be_missing; /* a log that can't be opened doesn't stop it */
	bool hidden;		 /* in no list */

	/* What the table can't say about the usage; NULL: nothing. An error is a usage error. */
	int (*check)(const struct invocation *invocation, const void *options, struct error *err);
	/* Returns the exit status, or -1 with err. options is the filled struct. */
	int (*run)(const struct invocation *invocation, const void *options, struct error *err);
};

extern const struct command caps_command, cgroup_command, check_command, checkpoint_command,
	completion_command, create_command, delete_command, diff_command, events_command,
	exec_command, explain_command, features_command, help_command, inspect_command,
	kill_command, lab_command, list_command, mounts_command, ns_command, pause_command,
	ps_command, restore_command, resume_command, run_command, seccomp_command, spec_command,
	start_command, state_command, update_command, why_command;

/* Alphabetical. */
extern const struct command *const commands[];
extern const size_t command_count;

/* NULL: there is no such command. */
const struct command *command_find(const char *name);

/* Any number of arguments behind the first ones. */
#define ANY_NUMBER ((size_t)-1)

#endif
