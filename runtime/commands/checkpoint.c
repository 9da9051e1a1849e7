/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun checkpoint. minirun-checkpoint(8)
 *
 * syscalls: none of its own
 */
#include <stddef.h>

#include "runtime/commands/command.h"
#include "runtime/commands/criu.h"

struct given {
	struct checkpoint_options options;
	const char *status_fd;
};

#define AT(member) .offset = offsetof(struct given, options.member)

static const struct option rows[] = {
	CRIU_OPTION_ROWS(struct given, options.common),
	{ .name = "leave-running",
	  .letter = 'R',
	  .kind = OPTION_FLAG,
	  AT(leave_running),
	  .help = "let the container go on afterwards" },
	{ .name = "pre-dump",
	  .kind = OPTION_FLAG,
	  AT(pre_dump),
	  .help = "write memory only, while the container runs: the next one has less to write" },
	{ .name = "parent-path",
	  .kind = OPTION_TEXT,
	  AT(parent_path),
	  .value = "DIR",
	  .help = "earlier pre-dump, relative to --image-path" },
	{ .name = "tcp-skip-in-flight",
	  .kind = OPTION_FLAG,
	  AT(tcp_skip_in_flight),
	  .help = "leave out TCP connections that aren't established yet" },
	{ .name = "page-server",
	  .kind = OPTION_TEXT,
	  AT(page_server),
	  .value = "ADDRESS:PORT",
	  .help = "write memory to a page server instead of files" },
	{ .name = "status-fd",
	  .kind = OPTION_TEXT,
	  .offset = offsetof(struct given, status_fd),
	  .value = "N",
	  .help = "descriptor that gets a NUL byte when lazy pages can be fetched" },
	{ .name = "network-lock",
	  .kind = OPTION_TEXT,
	  AT(network_lock),
	  .value = "METHOD",
	  .help = "how packets are kept away: iptables, nftables or skip",
	  .choices = "iptables nftables skip" },
};

static const struct given defaults = { .options.common.image_path = "checkpoint" };

static int run(const struct invocation *invocation, const void *parsed, struct error *err)
{
	struct given given = *(const struct given *)parsed;

	given.options.status_fd = -1;
	if (given.status_fd && criu_number(given.status_fd, &given.options.status_fd) < 0)
		return error_of_kind(err, ERROR_USAGE,
				     "--status-fd %s: must be a descriptor's number",
				     given.status_fd);
	return container_checkpoint(invocation->settings, invocation->arguments[0], &given.options,
				    err);
}

const struct command checkpoint_command = {
	.name = "checkpoint",
	.usage = "ID",
	.help = "write a running container's processes into files, with CRIU",
	.description =
		"Asks criu(8) to write memory, open files and whatever else the container's\n"
		"processes are into a directory, from which 'restore' makes them again, here or\n"
		"elsewhere. The container is deleted then, unless --leave-running or --pre-dump "
		"is\n"
		"given.\n"
		"\n"
		"Examples:\n"
		"  minirun checkpoint --image-path /srv/web1.img web1\n"
		"  minirun checkpoint --pre-dump --image-path /srv/c/1 web1\n"
		"  minirun checkpoint --parent-path ../1 --image-path /srv/c/2 web1\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(defaults),
	.arguments_min = 1,
	.arguments_max = 1,
	.failure = "",
	.failure_status = 1,
	.run = run,
};
