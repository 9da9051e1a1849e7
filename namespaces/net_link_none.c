/* SPDX-License-Identifier: Apache-2.0 */
/*
 * In place of net_link.c in a build without libmnl: net_devices_check() refuses linux.netDevices,
 * so nothing below is ever asked to do anything.
 *
 * syscalls: none
 */
#include "namespaces/net_devices.h"

bool net_devices_supported(void)
{
	return false;
}

int net_devices_move(struct net_devices *moved, const struct linux_spec *linux, int target,
		     struct error *err)
{
	(void)moved;
	(void)linux;
	(void)target;
	return error_set(err, "/linux/netDevices: isn't built into this minirun");
}

void net_devices_return(struct net_devices *moved)
{
	(void)moved;
}

void net_devices_free(struct net_devices *moved)
{
	(void)moved;
}
