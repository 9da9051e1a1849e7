/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_CREATE_H
#define COMMANDS_CREATE_H

#include "runtime/commands/option.h"
#include "runtime/container.h"

/* NOLINTBEGIN(bugprone-macro-parentheses): type and at are no expressions */
/* clang-format off */
/* The rows of all that make a container of a bundle, over a struct create_options that is in type
 * at ("create."; empty: type itself). */
#define CREATE_AT(type, at, member) .offset = offsetof(type, at member)
#define BUNDLE_OPTION_ROWS(type, at)                                                               \
	{ .name = "bundle", .letter = 'b', .kind = OPTION_TEXT, CREATE_AT(type, at, bundle),       \
	  .value = "DIR",                                                                          \
	  .help = "directory with config.json and the root file system (default: .)" },            \
	{ .name = "console-socket", .kind = OPTION_TEXT, CREATE_AT(type, at, console_socket),      \
	  .value = "PATH", .help = "Unix socket that is sent the terminal's master" },             \
	{ .name = "pid-file", .kind = OPTION_TEXT, CREATE_AT(type, at, pid_file),                  \
	  .value = "FILE", .help = "file to write the container's pid to" }
/* NOLINTEND(bugprone-macro-parentheses) */

/* Those that `create` and `run` have in common. */
#define OPTION_AT(member) CREATE_AT(struct create_options, , member)
#define CREATE_OPTION_ROWS                                                                         \
	BUNDLE_OPTION_ROWS(struct create_options, ),                                               \
	{ .name = "config", .letter = 'f', .kind = OPTION_TEXT, OPTION_AT(config),                 \
	  .value = "FILE", .help = "configuration instead of the bundle's config.json" },          \
	{ .name = "pidfd-socket", .kind = OPTION_TEXT, OPTION_AT(pidfd_socket), .value = "PATH",   \
	  .help = "Unix socket that is sent a pidfd of the container's process" },                 \
	{ .name = "no-pivot", .kind = OPTION_FLAG, OPTION_AT(no_pivot),                            \
	  .help = "don't use pivot_root(2): for hosts that run from an initramfs" },               \
	{ .name = "no-new-keyring", .kind = OPTION_FLAG, OPTION_AT(no_new_keyring),                \
	  .help = "keep the caller's session keyring" },                                           \
	{ .name = "trace", .kind = OPTION_MAYBE, OPTION_AT(trace), .value = "[=WHERE]",            \
	  .help = "print the steps, results and times (to a file or descriptor)" },                \
	{ .name = "trace-json", .kind = OPTION_FLAG, OPTION_AT(trace_json),                        \
	  .help = "the trace as one JSON object a step" },                                         \
	{ .name = "preserve-fds", .kind = OPTION_NUMBER, OPTION_AT(preserve_fds), .value = "N",    \
	  .help = "pass N descriptors from 3 on (after those of LISTEN_FDS)" }
/* clang-format on */

/* No id contains a slash, so an argument of run with one is the bundle; the container is then named
 * after its directory and this process: "web-4711". */
void create_name_after(const char *bundle, char *id, size_t size);

#endif
