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

#define WINDOW_SIZE_MAX 65535	   /* struct winsize, ioctl_tty(2) */
#define STRING_SIZE_MAX 131072	   /* execve(2): 32 pages, with the NUL */
#define GROUPS_MAX ((size_t)65536) /* setgroups(2) */

/* environ(7): NAME=value. An entry without "=" must never be filled from our own environment. */
static int check_variable(const char *text, size_t i, const char *pointer, struct error *err)
{
	const char *equals = strchr(text, '=');

	if (!equals)
		return error_set(err, "%s/%zu: must be NAME=VALUE, has no \"=\"", pointer, i);
	if (equals == text)
		return error_set(err, "%s/%zu: must be NAME=VALUE, has no name", pointer, i);
	if (strlen(text) >= STRING_SIZE_MAX)
		return error_set(err, "%s/%zu: longer than execve takes: %d bytes", pointer, i,
				 STRING_SIZE_MAX - 1);
	return 0;
}

int validate_environment(const struct string_list *env, const char *pointer, struct report *report,
			 struct error *err)
{
	for (size_t i = 0; i < env->count; i++)
		if (check_variable(env->items[i], i, pointer, err) < 0 && !report_tell(report, err))
			return -1;
	return 0;
}

/* 2^32 - 1 is (uid_t)-1: setresuid(2) takes it for "leave as it is", which would be root. */
static int check_id(uint32_t id, const char *prefix, const char *member, struct error *err)
{
	if (id != UINT32_MAX)
		return 0;
	return error_set(err,
			 "%s/user/%s: 4294967295 isn't an id: the kernel reads it as \"no change\"",
			 prefix, member);
}

static int check_user(const struct user_spec *user, const char *prefix, struct report *report,
		      struct error *err)
{
	char member[48];

	if ((check_id(user->uid, prefix, "uid", err) < 0 && !report_tell(report, err)) ||
	    (check_id(user->gid, prefix, "gid", err) < 0 && !report_tell(report, err)))
		return -1;
	if (user->additional_gids.count > GROUPS_MAX) {
		(void)error_set(err, "%s/user/additionalGids: more than %zu groups", prefix,
				GROUPS_MAX);
		return report_tell(report, err) ? 0 : -1;
	}
	for (size_t i = 0; i < user->additional_gids.count; i++) {
		(void)snprintf(member, sizeof(member), "additionalGids/%zu", i); /* fits */
		if (check_id(user->additional_gids.items[i], prefix, member, err) < 0 &&
		    !report_tell(report, err))
			return -1;
	}
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

/* The words are those that engines look for when a program can't be found. */
static int check_program(const struct process_spec *process, const char *prefix, struct error *err)
{
	if (process->args.count == 0)
		return error_set(err, "%s/args: needs at least one entry, the program", prefix);
	if (!*process->args.items[0])
		return error_of_kind(err, ERROR_EXECUTABLE_MISSING,
				     "%s/args/0: exec: \"\": executable file not found in $PATH",
				     prefix);
	for (size_t i = 0; i < process->args.count; i++)
		if (strlen(process->args.items[i]) >= STRING_SIZE_MAX)
			return error_set(err, "%s/args/%zu: longer than execve takes: %d bytes",
					 prefix, i, STRING_SIZE_MAX - 1);
	return 0;
}

static int check_cwd(const struct process_spec *process, const char *prefix, struct error *err)
{
	return *process->cwd == '/' ? 0
				    : error_set(err, "%s/cwd: must be an absolute path", prefix);
}

int validate_process(const struct process_spec *process, const char *prefix, struct report *report,
		     struct error *err)
{
	char pointer[32];

	if ((check_program(process, prefix, err) < 0 && !report_tell(report, err)) ||
	    (check_cwd(process, prefix, err) < 0 && !report_tell(report, err)))
		return -1;
	(void)snprintf(pointer, sizeof(pointer), "%s/env", prefix); /* prefixes are our own */
	if (validate_environment(&process->env, pointer, report, err) < 0 ||
	    check_user(&process->user, prefix, report, err) < 0 ||
	    (check_console(process, prefix, err) < 0 && !report_tell(report, err)))
		return -1;
	return validate_scheduler(&process->scheduler, prefix, report, err);
}
