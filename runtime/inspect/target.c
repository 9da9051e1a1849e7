/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The words that name what is looked at.
 *
 * syscalls: getpid
 */
#include "runtime/inspect/target.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/string.h"

const char *target_kind_name(enum target_kind kind)
{
	static const char *const names[] = {
		[TARGET_CONTAINER] = "container", [TARGET_PROCESS] = "process",
		[TARGET_SELF] = "self",		  [TARGET_HOST] = "host",
		[TARGET_BUNDLE] = "bundle",
	};

	return names[kind];
}

static bool is_path(const char *text)
{
	return strchr(text, '/') || text[0] == '.'; /* no id begins with a dot */
}

static int set_pid(struct target *target, const char *digits, struct error *err)
{
	uint64_t pid;

	if (!string_to_uint(digits, INT_MAX, &pid) || pid == 0)
		return error_set(err, "%s: \"%s\" is no pid", target->text, digits);
	target->kind = TARGET_PROCESS;
	target->pid = (pid_t)pid;
	return 0;
}

static int set_name(struct target *target, enum target_kind kind, const char *name,
		    struct error *err)
{
	if (!*name)
		return error_set(err, "a target must not be empty");
	target->kind = kind;
	target->name = name;
	return 0;
}

int target_parse(struct target *target, const char *text, target_exists *exists, void *data,
		 struct error *err)
{
	*target = (struct target){ .text = text };
	if (string_starts_with(text, "pid:"))
		return set_pid(target, text + strlen("pid:"), err);
	if (string_starts_with(text, "id:"))
		return set_name(target, TARGET_CONTAINER, text + strlen("id:"), err);
	if (strcmp(text, "self") == 0) {
		target->kind = TARGET_SELF;
		target->pid = getpid();
		return 0;
	}
	if (strcmp(text, "host") == 0) {
		target->kind = TARGET_HOST;
		target->pid = 1;
		return 0;
	}
	if (is_path(text))
		return set_name(target, TARGET_BUNDLE, text, err);
	if (!*text || text[strspn(text, "0123456789")] != '\0')
		return set_name(target, TARGET_CONTAINER, text, err);
	if (exists(text, data))
		return error_set(err, "%s: there is a container of that name: say pid:%s or id:%s",
				 text, text, text);
	return set_pid(target, text, err);
}
