/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRIU_RESTORE_H
#define CRIU_RESTORE_H

#include <limits.h>
#include <stdbool.h>

#include "base/error.h"
#include "runtime/creation.h"
#include "runtime/criu/criu.h"
#include "runtime/criu/images.h"
#include "runtime/criu/message.h"
#include "runtime/criu/mounts.h"
#include "runtime/criu/program.h"

/* A restore on its way; only restore*.c include this. */

/* in the state directory */
#define RESTORE_ROOT "criu-root"
#define RESTORE_STAGE "criu-mounts"

struct restore {
	const struct restore_options *given;
	struct settings settings; /* without what a restore can't hand on */
	struct create_options create;
	struct creation creation;
	struct criu_options options;
	struct criu_images images;
	struct criu_program criu;
	char program[PATH_MAX];
	int version;
	int descriptors[4]; /* images, work directory, joined namespaces: CRIU's */
	size_t descriptor_count;
	struct criu_restore_sources sources;
	int console;  /* where a terminal's master goes; -1: none */
	int master;   /* foreground: the terminal's; -1 */
	bool adopted; /* the container is created, as far as the journal is concerned */
};

/* restore_plan.c: all that can be refused with nothing to undo. */
int restore_plan(struct restore *work, struct error *err);

/* For CRIU strict means that there must be none of the cgroups yet, but the container's is made
 * before it: CRIU is born in there. So it is we who see to that, when it has been made. */
int restore_apply_strict(struct restore *work, struct error *err);

/* A new network namespace that CRIU leaves empty. In a joined one devices are where they were. */
bool restore_moves_net_devices(const struct restore *work);

/* restore_start.c: CRIU's process, with what it finds: mounts, images, the root, cgroups. */
int restore_start_criu(struct restore *work, struct error *err);

/* restore_talk.c: asks CRIU for the processes, and does our steps at its notifications. */
int restore_processes(struct restore *work, struct error *err);

#endif
