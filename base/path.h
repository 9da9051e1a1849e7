/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * Names inside a root file system that works against us (safety.md R1 to R6 in short): a name is
 * resolved once, below the root's descriptor, by openat2(2); the result is a descriptor, never a
 * string. This is the only file that may take such a path.
 *
 * root is an O_PATH directory descriptor. A path may start with "/"; ".." and symbolic links are
 * followed as they would be with root as "/" (RESOLVE_IN_ROOT), /proc magic links never
 * (RESOLVE_NO_MAGICLINKS). EAGAIN, which a storm of renames causes, is retried a bounded number of
 * times and then reported.
 */

/* Opens an existing object. flags as open(2); O_CLOEXEC is added. Returns the descriptor. */
int path_open(int root, const char *path, int flags, struct error *err);

/* As path_open(), but quietly -1 with errno for the caller that expects a missing object. */
int path_open_quiet(int root, const char *path, int flags);

/* For the runtime's own fixed names ("dev", "proc"): no symbolic link on the way is accepted. */
int path_open_strict(int root, const char *path, int flags, struct error *err);

/*
 * Opens the directory at path (O_PATH), making missing components with mode 0755 as mkdir -p would
 * below root; dangling symbolic links on the way are completed inside the root. An existing object
 * of another kind is an error. Modes of existing directories are never changed; the setgid bit of a
 * parent doesn't make it fail.
 */
int path_make_directory(int root, const char *path, mode_t mode, struct error *err);

/*
 * Opens the non-directory at path (O_PATH), making an empty regular file of this mode if there is
 * nothing, and its parents as path_make_directory() does. An existing directory is an error.
 */
int path_make_file(int root, const char *path, mode_t mode, struct error *err);

/*
 * The parent directory of path (O_PATH, missing components made), and path's last component in
 * name (NAME_MAX + 1 bytes): for mknodat(2), symlinkat(2), unlinkat(2) on the parent.
 * "." and ".." as the last component are refused.
 */
int path_make_parent(int root, const char *path, char *name, struct error *err);

/* True if path, compared by components after dropping "//", "." and a trailing "/", is prefix or
 * lies below it. Lexical: for destinations of config.json among themselves. */
bool path_is_below(const char *path, const char *prefix);

/* Lexical clean-up: absolute, without ".", ".." (resolved, never above "/"), double or trailing
 * slashes. result holds PATH_MAX bytes. False: too long. */
bool path_clean(const char *path, char *result);

/* The unique mount id (kernels since 6.8) or the mount id of what fd refers to. */
int path_mount_id(int fd, uint64_t *id, struct error *err);

#endif
