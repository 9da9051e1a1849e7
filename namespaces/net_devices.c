/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.netDevices: what can be refused before anything is made. Names are checked by
 * spec/validate_net_devices.c.
 *
 * network_namespaces(7). syscalls: geteuid; socket ioctl for a device that may be lost
 */
#include "namespaces/net_devices.h"

#include <errno.h>
#include <net/if.h>
#include <sched.h>
#include <unistd.h>

#include "base/log.h"

int net_devices_check(const struct linux_spec *linux, const struct namespace_plan *plan,
		      struct error *err)
{
	if (linux->net_devices.count == 0)
		return 0;
	if (!namespace_is_private(plan, CLONE_NEWNET))
		return error_set(err, "/linux/netDevices: needs a network namespace in "
				      "/linux/namespaces that isn't minirun's own");
	if (!net_devices_supported())
		return error_set(err, "/linux/netDevices: isn't built into this minirun, which has "
				      "been made without libmnl");
	if (geteuid() != 0)
		return error_set(err, "/linux/netDevices: only root may move the host's network "
				      "devices");
	return 0;
}

int net_devices_missing(const char *name, struct error *err)
{
	return error_set(err, "/linux/netDevices: the host has no device %s", name);
}

void net_devices_tell_lost(const struct moved_device_list *list, const char *namespace)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct moved_device *device = &list->items[i];

		if (if_nametoindex(device->host_name) > 0 || errno != ENODEV)
			continue; /* it never left, or is back */
		if (namespace)
			log_warning("network device %s stays in %s, as %s: nsenter --net=%s ip "
				    "link set dev %s netns 1",
				    device->host_name, namespace, device->name, namespace,
				    device->name);
		else
			log_warning("network device %s goes with the container's network "
				    "namespace: the kernel gives back what is hardware",
				    device->host_name);
	}
}
