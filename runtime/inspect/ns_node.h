/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_NS_NODE_H
#define INSPECT_NS_NODE_H

#include "runtime/inspect/namespaces.h"

/* Namespaces as they are found; between the files of ns_*.c only. */

/*
 * Opens name below directory if it is a namespace, without doing anything to what else it may be
 * (O_PATH first). An ordinary link isn't followed unless magic says that name is one of /proc's. -1
 * with errno.
 */
int ns_open(int directory, const char *name, bool magic);

/* The node of this kind and inode, made if it is new; NULL when memory is exhausted. Pointers to
 * nodes hold until the next call. */
struct ns_node *ns_add(struct ns_world *world, enum namespace_kind kind, uint64_t inode);

/* What the kernel tells about the namespace behind fd: id, owner, parent; owners and ancestors are
 * added in turn. */
void ns_ask(struct ns_world *world, int fd, enum namespace_kind kind, uint64_t inode);

/* True if ns_ask() was there already. */
bool ns_is_asked(const struct ns_node *node);

#endif
