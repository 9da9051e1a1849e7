/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_DEVICE_QUERY_H
#define CGROUPS_DEVICE_QUERY_H

#include <stddef.h>
#include <stdint.h>

/* The ids of the device programs that are in force for a cgroup: its own and its ancestors'. At
 * most max; returns how many there are, or -1 with errno (EPERM: needs CAP_NET_ADMIN and CAP_BPF).
 */
int device_query(int cgroup, uint32_t *ids, size_t max);

#endif
