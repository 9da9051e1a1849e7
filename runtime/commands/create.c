/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun create. minirun-create(8)
 *
 * syscalls: none of its own
 */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "runtime/commands/command.h"
#include "runtime/commands/create.h"

static const struct option rows[] = { CREATE_OPTION_ROWS };

static const struct create_options defaults = { .bundle = "." };

void create_name_after(const char *bundle, char *id, size_t size)
{
	size_t end = strlen(bundle);
	size_t begin;

	while (end > 0 && bundle[end - 1] == '/')
		end--;
	begin = end;
	while (begin > 0 && bundle[begin - 1] != '/')
		begin--;
	(void)snprintf(id, size, "%.*s-%d", (int)(end - begin), bundle + begin, getpid());
	if (begin == end || id[0] == '.' || id[0] == '-') /* "./", "/": no name to take */
		(void)snprintf(id, size, "bundle-%d", getpid());
}

static int run(const struct invocation *invocation, const void *parsed, struct error *err)
{
	struct create_options options = *(const struct create_options *)parsed;
	int ignored; /* nothing has run yet that could have a status */

	options.id = invocation->arguments[0];
	if (container_create(invocation->settings, &options, &ignored, err) < 0)
		return -1;
	return 0;
}

const struct command create_command = {
	.name = "create",
	.usage = "ID",
	.help = "make a container that waits for 'start'",
	.description =
		"Makes the container that the bundle's config.json describes, under an id of your\n"
		"choice, and returns when its process is ready to execute its program. Standard\n"
		"input, output and error of this command become the container's own.\n"
		"\n"
		"Examples:\n"
		"  minirun create --bundle /srv/web web1\n"
		"  minirun create --pid-file /run/web1.pid web1 && minirun start web1\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(defaults),
	.arguments_min = 1,
	.arguments_max = 1,
	.failure = "minirun create failed: ",
	.failure_status = 1,
	.enters_container = true,
	.run = run,
};
