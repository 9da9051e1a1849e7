/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_FAMILY_H
#define RUNTIME_FAMILY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * The processes of a container that has no cgroup: init, what is in init's pid namespace if that is
 * the container's own, and all descendants of these. In a shared pid namespace a process whose
 * parent has ended is not found any more: it is a child of somebody else. The caller frees *pids,
 * which are ascending.
 */
int family_read(pid_t init, bool own_pid_namespace, pid_t **pids, size_t *count, struct error *err);

#endif
