/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PROCFS_H
#define BASE_PROCFS_H

#include <sys/types.h>

#include "base/error.h"

/*
 * A procfs that nobody else can reach (safety.md R7, CVE-2025-52881): a new instance made by
 * fsopen("proc"), never attached to a mount tree, so that no one can mount over a name in it. Names
 * are resolved by openat2 with RESOLVE_BENEATH | RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS.
 * Where fsopen is refused, a detached clone of /proc stands in, checked for its file system magic
 * and for mounts on the way.
 *
 * The instance shows the pid namespace of the process that opens it.
 */

/* PROCFS_PROCESSES: subset=pid, for /proc/<pid>/...; PROCFS_ALL: with /proc/sys. The caller closes
 * it. Runs in: parent, init. */
enum procfs_kind { PROCFS_PROCESSES, PROCFS_ALL };
int procfs_open(enum procfs_kind kind, struct error *err);

/* Opens name ("self/attr/exec", "sys/net/ipv4/ip_forward") with flags | O_CLOEXEC | O_NOFOLLOW. */
int procfs_open_file(int procfs, const char *name, int flags, struct error *err);

/*
 * Opens for reading the very file that fd (O_PATH) refers to, whatever its name leads to by now,
 * through self/fd of procfs. procfs -1: through /proc where that is one without a mount on the way,
 * which is cheap, else through an instance that is made for it. The caller has seen that it is a
 * regular file: nothing else is accepted, nor another file than that. Returns the descriptor.
 */
int procfs_reopen(int procfs, int fd, struct error *err);

/* open + one write + close. */
int procfs_write(int procfs, const char *name, const char *text, struct error *err);

#endif
