/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_MASKED_PATHS_H
#define NAMESPACES_MASKED_PATHS_H

#include "base/error.h"
#include "spec/spec.h"

/*
 * linux.maskedPaths and linux.readonlyPaths. Symbolic links are followed inside the root, so what
 * is covered is what the name leads to. A missing path is nothing to hide.
 */

/* A detached, read-only clone of the host's /dev/null, checked to be the character device 1:3, for
 * masked files. The image's own /dev/null may be anything (CVE-2025-31133). Returns it; -1 with
 * err->code EPERM where cloning isn't permitted (rootless, in the parent). Runs in: parent, init.
 */
int masked_paths_open_null(struct error *err);

/* Files are covered by null_device, which is taken over and -1 afterwards, directories by one
 * empty read-only tmpfs that all share, with linux.mountLabel if there is one. Runs in: init. */
int masked_paths_apply(const struct string_list *paths, int root, int *null_device,
		       const char *label, struct error *err);

/* Each is covered by a read-only clone of itself and of what is mounted below it. Runs in: init. */
int readonly_paths_apply(const struct string_list *paths, int root, struct error *err);

/* Looks the names up again below root: what isn't covered as asked is an error. A path that this
 * process may not reach is as good as missing. */
int masked_paths_verify(const struct string_list *paths, int root, struct error *err);
int readonly_paths_verify(const struct string_list *paths, int root, struct error *err);

#endif
