/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_NAMESPACES_H
#define INSPECT_NAMESPACES_H

#include "namespaces/namespace.h"
#include "runtime/inspect/fact.h"
#include "runtime/inspect/live.h"

/* The inode number out of /proc/PID/ns/NAME's link; absent on a kernel without this kind, and for a
 * zombie, which has left its namespaces. */
void ns_read_inode(const struct live *live, enum namespace_kind kind, struct fact_uint *inode,
		   struct arena *arena);
/* The caller's own; -1 with errno. */
int ns_own_inode(enum namespace_kind kind, uint64_t *inode);

/* "net:[4026531840]" -> kind and inode. Pure. */
bool ns_parse_link(const char *text, enum namespace_kind *kind, uint64_t *inode);

#endif
