/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_FILESYSTEM_H
#define NAMESPACES_FILESYSTEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/string.h"

/*
 * A new file system instance, by the steps of fsopen(2): a context, its parameters one by one, the
 * superblock, a detached mount. When a step fails, the kernel has usually written the reason into
 * the context, and it becomes part of the error.
 */
#define FILESYSTEM_DIRECTORIES_MAX 512 /* overlay takes 500 layers */

struct filesystem {
	int context;
	const char *type;
	/* Directories that a parameter names by number, open until the superblock exists. */
	int directories[FILESYSTEM_DIRECTORIES_MAX];
	size_t directory_count;
};

int filesystem_open(struct filesystem *fs, const char *type, struct error *err);

/* What filesystem_open() says of a type that the kernel doesn't have. Always -1. */
int filesystem_unknown(const char *type, struct error *err);

/* Takes the first layer off overlay's escaped "a:b:c". False: there is no name. Pure. */
bool filesystem_next_layer(const char **list, struct buffer *layer);

/* Takes over a context that came by another way (procfs of another pid namespace). */
void filesystem_adopt(struct filesystem *fs, const char *type, int context);

/* The superblock behind the mount at target, for filesystem_reconfigure(). */
int filesystem_pick(struct filesystem *fs, int target, struct error *err);

void filesystem_close(struct filesystem *fs);

#define autofilesystem __attribute__((cleanup(filesystem_close))) struct filesystem

/*
 * value NULL: a flag ("newinstance" as against "mode=0620"). One call takes values of 255 bytes;
 * overlay's directories may be longer and are then named by descriptor, a list of layers one by
 * one where the kernel can (6.7).
 */
int filesystem_set(struct filesystem *fs, const char *key, const char *value, struct error *err);

/* As above, from "key=value". */
int filesystem_set_option(struct filesystem *fs, const char *option, struct error *err);

/* Does the file system look at a parameter when it is set? Those that know only mount(2)'s way take
 * anything at first and fail when the superblock is made. */
bool filesystem_checks_parameters(const struct filesystem *fs);

/* Makes the superblock and returns a detached mount of it with these MOUNT_ATTR_* bits. */
int filesystem_mount(struct filesystem *fs, uint64_t attributes, struct error *err);

int filesystem_reconfigure(struct filesystem *fs, struct error *err);

#endif
