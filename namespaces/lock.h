/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_LOCK_H
#define NAMESPACES_LOCK_H

#include <stddef.h>

#include "base/error.h"

/*
 * What the host has mounted read-only, or a user has hidden below another mount, must stay so for
 * root of a user namespace. The kernel sees to it where a mount namespace is copied into another
 * user namespace: it locks the flags of each mount, and each mount onto the one below. A clone that
 * is handed to a container past this copy isn't locked: whoever has CAP_SYS_ADMIN in there changes
 * it with mount_setattr(2).
 *
 * mount_namespaces(7), "Restrictions on mount namespaces"
 */

/*
 * Sends detached trees through such a copy: a process of ours attaches them in a mount namespace of
 * its own, goes on in a new user and mount namespace, and puts a clone of what it finds there under
 * each of the numbers in mounts, with the descriptors that we share. All flags that are set by then
 * are locked, and the access time. What was shared has become a slave: propagation is to be set
 * afterwards. Needs CAP_SYS_ADMIN. Runs in: parent, with the host's rights.
 */
int lock_mounts(const int *mounts, size_t count, struct error *err);

#endif
