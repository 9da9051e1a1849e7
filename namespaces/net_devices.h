/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_NET_DEVICES_H
#define NAMESPACES_NET_DEVICES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "namespaces/namespace.h"
#include "spec/record.h"
#include "spec/spec.h"

/*
 * linux.netDevices: network devices of the host that move into the container, by rtnetlink(7).
 * net_devices.c is what every build has; net_link.c (libmnl) or, in a build without that library,
 * net_link_none.c does the rest.
 */
struct net_device;

/* What has been moved. Both sockets are rtnetlink's, in the two network namespaces; the container's
 * keeps its namespace alive, so that a failed create can take the devices back also when init is
 * dead. Zero-initialise with NET_DEVICES_INIT. */
struct net_devices {
	struct mnl_socket *host, *container; /* NULL: none is moved */
	struct net_device *devices;
	size_t count;
};

/* Is it built in? For `features`. */
bool net_devices_supported(void);

/* Refuses what can't be: no network namespace of the container's own, a caller without rights over
 * the host's devices, a build without libmnl. Runs in: parent, while planning. */
int net_devices_check(const struct linux_spec *linux, const struct namespace_plan *plan,
		      struct error *err);

/* What net_devices_find() says of a name that is no device's. Always -1. */
int net_devices_missing(const char *name, struct error *err);

/* What net_devices_move() says of a kind of device that is bound to its namespace. Always -1. */
int net_devices_stay(const char *name, struct error *err);

/* Looks at all of them, which must be there, before the first of them moves into the namespace of
 * target (a pidfd or an nsfs descriptor). Runs in: parent. */
int net_devices_find(struct net_devices *found, const struct linux_spec *linux, int target,
		     struct error *err);

/*
 * Moves what was found, under the new names, with MTU, hardware address and alias (the kernel keeps
 * those) and their permanent global addresses (which it drops), and sets them up. On failure those
 * that were moved are back. Runs in: parent, between clone3 and HOST_READY, after the journal.
 */
int net_devices_move(struct net_devices *moved, struct error *err);

/* The journal's words for them, in arena. */
int net_devices_record(const struct net_devices *devices, struct arena *arena,
		       struct moved_device_list *list, struct error *err);

/* "02:11:22:33:44:55"; "" for what is too long to be told (SIOCGIFHWADDR). Pure. */
#define NET_ADDRESS_BYTES 14
#define NET_ADDRESS_SIZE (NET_ADDRESS_BYTES * 3)
void net_address_format(char text[static NET_ADDRESS_SIZE], const unsigned char *bytes,
			size_t count);

/*
 * Warns of each that the host lacks, with where it is, by the name that it has there now, and the
 * way back: devices are never taken out of a namespace on a record's word. Whoever is in there with
 * CAP_NET_ADMIN can have put another in its place, under its name and address. namespace: the path
 * of a joined one, else NULL. Runs in: a create, run, start or restore that failed, delete.
 */
void net_devices_tell_lost(const struct moved_device_list *list, const char *namespace);

/* Takes them back, for a create that failed, before the container's program has run. What doesn't
 * work is a warning. Runs in: parent. */
void net_devices_return(struct net_devices *moved);

/* Lets go of them: they are the container's. */
void net_devices_free(struct net_devices *moved);

#endif
