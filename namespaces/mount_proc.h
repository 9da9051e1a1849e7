/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_MOUNT_PROC_H
#define NAMESPACES_MOUNT_PROC_H

#include "base/error.h"
#include "namespaces/filesystem.h"

/*
 * A context for a procfs instance. It shows the pid namespace of the process that opens it, which
 * is right for init in a new pid namespace. A namespace to be joined is entered only after the
 * pivot and without privileges, so its procfs has to come by another way: pid_namespace is its
 * nsfs descriptor, -1 for one's own. Runs in: init.
 */
int mount_proc_open(struct filesystem *fs, int pid_namespace, struct error *err);

#endif
