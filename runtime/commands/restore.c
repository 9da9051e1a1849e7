/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun restore. minirun-restore(8)
 *
 * syscalls: none of its own
 */
#include <stddef.h>

#include "runtime/commands/command.h"
#include "runtime/commands/create.h"
#include "runtime/commands/criu.h"

#define AT(member) .offset = offsetof(struct restore_options, member)

static const struct option rows[] = {
	CRIU_OPTION_ROWS(struct restore_options, common),
	BUNDLE_OPTION_ROWS(struct restore_options, create.),
	{ .name = "detach",
	  .letter = 'd',
	  .kind = OPTION_FLAG,
	  AT(create.detach),
	  .help = "don't wait for the program's end" },
	{ .name = "tcp-close",
	  .kind = OPTION_FLAG,
	  AT(tcp_close),
	  .help = "restore TCP connections as closed ones" },
	{ .name = "lsm-profile",
	  .kind = OPTION_TEXT,
	  AT(lsm_profile),
	  .value = "TYPE:NAME",
	  .help = "security module's profile instead of the one at the checkpoint" },
	{ .name = "lsm-mount-context",
	  .kind = OPTION_TEXT,
	  AT(lsm_mount_context),
	  .value = "CONTEXT",
	  .help = "SELinux context of mounts instead of the one at the checkpoint" },
	/* engines give restore what they give create; these have nothing to act upon here */
	{ .name = "no-pivot",
	  .kind = OPTION_FLAG,
	  AT(create.no_pivot),
	  .help = "no effect: criu enters the root in its own way" },
	{ .name = "no-new-keyring",
	  .kind = OPTION_FLAG,
	  AT(create.no_new_keyring),
	  .help = "no effect: there is no keyring in a checkpoint" },
	{ .name = "no-subreaper",
	  .kind = OPTION_FLAG,
	  AT(create.no_subreaper),
	  .help = "leave orphaned processes to the system's init" },
	{ .name = "preserve-fds",
	  .kind = OPTION_NUMBER,
	  AT(create.preserve_fds),
	  .value = "N",
	  .help = "no effect: the processes have the descriptors of the checkpoint" },
};

static const struct restore_options defaults = {
	.common.image_path = "checkpoint",
	.create.bundle = ".",
};

static int run(const struct invocation *invocation, const void *parsed, struct error *err)
{
	struct restore_options options = *(const struct restore_options *)parsed;
	int exit_code;

	options.create.id = invocation->arguments[0];
	options.create.preserve_fds = 0;
	if (container_restore(invocation->settings, &options, &exit_code, err) < 0)
		return -1;
	return exit_code;
}

const struct command restore_command = {
	.name = "restore",
	.usage = "ID",
	.help = "make a container again from a checkpoint, with CRIU",
	.description =
		"Makes a container of the bundle whose processes are those that 'checkpoint' has\n"
		"written; they go on where they were. Without --detach it waits for the program's\n"
		"end, as 'run' does, and deletes the container.\n"
		"\n"
		"Examples:\n"
		"  minirun restore --bundle /srv/web --image-path /srv/web1.img --detach web1\n"
		"  minirun restore --manage-cgroups-mode ignore --image-path /srv/web1.img web2\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(defaults),
	.arguments_min = 1,
	.arguments_max = 1,
	.failure = "",
	.failure_status = 1,
	.enters_container = true,
	.run = run,
};
