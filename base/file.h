/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * Whole files below a directory descriptor that we trust (state directory, cgroup directory,
 * private procfs). Never for a path inside a container's root: that is base/path.h.
 */

/* Reads at most limit bytes. The caller frees *data (NUL-terminated, length may be NULL). */
int file_read_at(int dir, const char *name, size_t limit, char **data, size_t *length,
		 struct error *err);

/* Opens without creating, writes text with one write(2), closes: for /proc, /sys and cgroup files.
 */
int file_write_at(int dir, const char *name, const char *text, struct error *err);

/*
 * Replaces name as a whole: a temporary file beside it (O_EXCL), rename(2). sync = also fsync the
 * file and the directory. A crash leaves the old or the new content, never a mixture.
 */
int file_replace_at(int dir, const char *name, const void *data, size_t length, mode_t mode,
		    int sync, struct error *err);

/* The same for a caller's path (a pid file): relative to the current directory. */
int file_replace(const char *path, const void *data, size_t length, mode_t mode, struct error *err);

/* Removes the tree below dir/name, directories last; never follows a symbolic link, never leaves
 * the file system. Missing is success. */
int file_remove_tree_at(int dir, const char *name, struct error *err);

#endif
