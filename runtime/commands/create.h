/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_CREATE_H
#define COMMANDS_CREATE_H

#include "runtime/commands/option.h"
#include "runtime/container.h"

/* The rows that `create` and `run` have in common, over struct create_options. */
#define CREATE_OPTION_ROWS                                                                         \
	{ .name = "bundle",                                                                        \
	  .letter = 'b',                                                                           \
	  .kind = OPTION_TEXT,                                                                     \
	  .offset = offsetof(struct create_options, bundle),                                       \
	  .value = "DIR",                                                                          \
	  .help = "directory with config.json and the root file system (default: .)" },            \
		{ .name = "config",                                                                \
		  .letter = 'f',                                                                   \
		  .kind = OPTION_TEXT,                                                             \
		  .offset = offsetof(struct create_options, config),                               \
		  .value = "FILE",                                                                 \
		  .help = "configuration instead of the bundle's config.json" },                   \
		{ .name = "console-socket",                                                        \
		  .kind = OPTION_TEXT,                                                             \
		  .offset = offsetof(struct create_options, console_socket),                       \
		  .value = "PATH",                                                                 \
		  .help = "Unix socket that is sent the terminal's master" },                      \
		{ .name = "pidfd-socket",                                                          \
		  .kind = OPTION_TEXT,                                                             \
		  .offset = offsetof(struct create_options, pidfd_socket),                         \
		  .value = "PATH",                                                                 \
		  .help = "Unix socket that is sent a pidfd of the container's process" },         \
		{ .name = "pid-file",                                                              \
		  .kind = OPTION_TEXT,                                                             \
		  .offset = offsetof(struct create_options, pid_file),                             \
		  .value = "FILE",                                                                 \
		  .help = "file to write the container's pid to" },                                \
		{ .name = "no-pivot",                                                              \
		  .kind = OPTION_FLAG,                                                             \
		  .offset = offsetof(struct create_options, no_pivot),                             \
		  .help = "don't use pivot_root(2): for hosts that run from an initramfs" },       \
		{ .name = "no-new-keyring",                                                        \
		  .kind = OPTION_FLAG,                                                             \
		  .offset = offsetof(struct create_options, no_new_keyring),                       \
		  .help = "keep the caller's session keyring" },                                   \
		{ .name = "trace",                                                                 \
		  .kind = OPTION_MAYBE,                                                            \
		  .offset = offsetof(struct create_options, trace),                                \
		  .value = "[=WHERE]",                                                             \
		  .help = "print the steps, results and times (to a file or descriptor)" },        \
		{ .name = "trace-json",                                                            \
		  .kind = OPTION_FLAG,                                                             \
		  .offset = offsetof(struct create_options, trace_json),                           \
		  .help = "the trace as one JSON object a step" },                                 \
	{                                                                                          \
		.name = "preserve-fds", .kind = OPTION_NUMBER,                                     \
		.offset = offsetof(struct create_options, preserve_fds), .value = "N",             \
		.help = "pass N descriptors from 3 on (after those of LISTEN_FDS)"                 \
	}

/* No id contains a slash, so an argument of run with one is the bundle; the container is then named
 * after its directory and this process: "web-4711". */
void create_name_after(const char *bundle, char *id, size_t size);

#endif
