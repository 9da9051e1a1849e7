/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun mounts. minirun-mounts(8)
 *
 * syscalls: read, openat
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "runtime/commands/command.h"
#include "spec/load.h"

#define STDIN_NAME "standard input"

static bool is_remove(const struct invocation *invocation)
{
	return strcmp(invocation->arguments[0], "remove") == 0;
}

static int check(const struct invocation *invocation, const void *options, struct error *err)
{
	(void)options; /* there are none */
	if (is_remove(invocation) || strcmp(invocation->arguments[0], "add") == 0)
		return 0;
	return error_set(err, "\"%.64s\" is neither add nor remove", invocation->arguments[0]);
}

static int read_document(const char *name, char **text, size_t *length, struct error *err)
{
	if (strcmp(name, "-") != 0)
		return file_read_at(AT_FDCWD, name, SPEC_SIZE_MAX, text, length, err);
	if (fd_read_all(STDIN_FILENO, SPEC_SIZE_MAX, text, length) < 0)
		return error_errno(err, STDIN_NAME);
	return 0;
}

static int run(const struct invocation *invocation, const void *options, struct error *err)
{
	const char *file = invocation->arguments[2];
	struct mounts_document document = { .name = strcmp(file, "-") == 0 ? STDIN_NAME : file };
	autofree char *text = NULL;

	(void)options; /* there are none */
	if (read_document(file, &text, &document.length, err) < 0)
		return -1;
	document.text = text;
	return container_mounts_change(invocation->settings, invocation->arguments[1],
				       is_remove(invocation), &document, err);
}

const struct command mounts_command = {
	.name = "mounts",
	.usage = "add|remove ID FILE",
	.help = "add mounts to a container that exists, or take them away",
	.description =
		"FILE (- is standard input) is a JSON array of mounts as in config.json. All of\n"
		"them are added, or none; 'state' shows them. 'remove' looks at their\n"
		"destinations, and takes away only what 'add' has added.\n"
		"\n"
		"Examples:\n"
		"  minirun mounts add web1 mounts.json\n"
		"  echo '[{\"destination\": \"/data\"}]' | minirun mounts remove web1 -\n",
	.arguments_min = 3,
	.arguments_max = 3,
	.failure = "",
	.failure_status = 1,
	.enters_container = true,
	.check = check,
	.run = run,
};
