/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_NETWORK_H
#define NAMESPACES_NETWORK_H

#include "base/error.h"

/* Brings "lo" up in the current network namespace by ioctl (SIOCSIFFLAGS, netdevice(7)): two
 * system calls fewer than netlink. Runs in: init, in a new network namespace only. */
int network_loopback_up(struct error *err);

#endif
