/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_USAGE_H
#define COMMANDS_USAGE_H

#include "base/error.h"
#include "base/string.h"
#include "runtime/commands/command.h"

/* The texts of --help, made from the tables. */
void usage_of_program(struct buffer *out);
void usage_of_command(struct buffer *out, const struct command *command);

/* --version's lines: the first three are what engines look for. */
void usage_version(struct buffer *out);

/* The error about a command that isn't there; it lists those that are. Always returns -1. */
int usage_unknown_command(const char *name, struct error *err);

/* Writes what a command has to say to standard output. 0, or -1: memory or the write failed. */
int usage_print(struct buffer *out, struct error *err);

#endif
