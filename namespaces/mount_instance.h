/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_MOUNT_INSTANCE_H
#define NAMESPACES_MOUNT_INSTANCE_H

#include <sys/types.h>

#include "base/error.h"
#include "namespaces/filesystem.h"
#include "namespaces/mount.h"

/*
 * Makes plan's file system and returns a detached mount of it. pid_namespace: whose processes a
 * proc shows, -1 for our own. existing: the mode that a tmpfs takes, 0 for the kernel's default.
 * Runs in: init.
 */
int mount_instance_make(const struct mount_plan *plan, int pid_namespace, mode_t existing,
			struct error *err);

/* options' MOUNT_SUPERBLOCK_* for a context that is being made or changed. */
int mount_instance_set_superblock(struct filesystem *fs, const struct mount_options *options,
				  struct error *err);

/* Its parameters are words, numbers and, for an overlay, directories: no disk or server is behind
 * it. Pure. */
bool mount_instance_is_of_kernel(const char *type);

/* Among its parameters are names of files or of something beyond the kernel: it matters who looks
 * them up. Pure. */
bool mount_instance_names_objects(const char *type);

/* Whether the kernel takes the file system's parameters: all of mount_instance_make() that makes
 * nothing, for those that are the kernel's own (a disk's or a network's may reach out for it). What
 * is wrong only with all of them together it doesn't see. Runs in: check. */
int mount_instance_try(const struct mount_plan *plan, struct error *err);

#endif
