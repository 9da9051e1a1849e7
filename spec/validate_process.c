/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules of a process, config.md#process: of config.json, of a process document and of what
 * exec's options make of either.
 *
 * environ(7), setresuid(2), ioctl_tty(2). syscalls: none
 */
#include "spec/validate.h"

#include <stdio.h>
#include <string.h>

#define WINDOW_SIZE_MAX 65535 /* struct winsize, ioctl_tty(2) */

/* environ(7): NAME=value. An entry without "=" must never be filled from our own environment. */
int validate_environment(const struct string_list *env, const char *pointer, struct error *err)
{
	for (size_t i = 0; i < env->count; i++) {
		const char *equals = strchr(env->items[i], '=');

		if (!equals)
			return error_set(err, "%s/%zu: must be NAME=VALUE, has no \"=\"", pointer,
					 i);
		if (equals == env->items[i])
			return error_set(err, "%s/%zu: must be NAME=VALUE, has no name", pointer,
					 i);
	}
	return 0;
}

/* 2^32 - 1 is (uid_t)-1: setresuid(2) takes it for "leave as it is", which would be root. */
static int check_user(const struct user_spec *user, const char *prefix, struct error *err)
{
	static const char reason[] = "4294967295 isn't an id: the kernel reads it as \"no change\"";

	if (user->uid == UINT32_MAX)
		return error_set(err, "%s/user/uid: %s", prefix, reason);
	if (user->gid == UINT32_MAX)
		return error_set(err, "%s/user/gid: %s", prefix, reason);
	for (size_t i = 0; i < user->additional_gids.count; i++)
		if (user->additional_gids.items[i] == UINT32_MAX)
			return error_set(err, "%s/user/additionalGids/%zu: %s", prefix, i, reason);
	return 0;
}

static int check_console(const struct process_spec *process, const char *prefix, struct error *err)
{
	if (!process->terminal || !process->console_size.present)
		return 0;
	if (process->console_size.height > WINDOW_SIZE_MAX)
		return error_set(err, "%s/consoleSize/height: more than %d rows", prefix,
				 WINDOW_SIZE_MAX);
	if (process->console_size.width > WINDOW_SIZE_MAX)
		return error_set(err, "%s/consoleSize/width: more than %d columns", prefix,
				 WINDOW_SIZE_MAX);
	return 0;
}

int validate_process(const struct process_spec *process, const char *prefix, struct error *err)
{
	char pointer[32];

	if (process->args.count == 0)
		return error_set(err, "%s/args: needs at least one entry, the program", prefix);
	if (*process->cwd != '/')
		return error_set(err, "%s/cwd: must be an absolute path", prefix);
	(void)snprintf(pointer, sizeof(pointer), "%s/env", prefix); /* prefixes are our own */
	if (validate_environment(&process->env, pointer, err) < 0 ||
	    check_user(&process->user, prefix, err) < 0)
		return -1;
	return check_console(process, prefix, err);
}
