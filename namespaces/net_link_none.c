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

static int refuse(struct error *err)
{
	return error_set(err, "/linux/netDevices: isn't built into this minirun");
}

int net_devices_find(struct net_devices *found, const struct linux_spec *linux, int target,
		     struct error *err)
{
	(void)found;
	(void)linux;
	(void)target;
	return refuse(err);
}

int net_devices_move(struct net_devices *moved, struct error *err)
{
	(void)moved;
	return refuse(err);
}

int net_devices_record(const struct net_devices *devices, struct arena *arena,
		       struct moved_device_list *list, struct error *err)
{
	(void)devices;
	(void)arena;
	(void)list;
	return refuse(err);
}

void net_devices_return(struct net_devices *moved)
{
	(void)moved;
}

void net_devices_free(struct net_devices *moved)
{
	(void)moved;
}
