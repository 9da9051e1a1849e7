/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.netDevices: what can be refused before anything is made. Names are checked by
 * spec/validate_net_devices.c.
 *
 * network_namespaces(7). syscalls: geteuid; for a device that may be lost socket ioctl, and in a
 * child openat setns
 */
#include "namespaces/net_devices.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/probe.h"

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
	return error_set(err, "/linux/netDevices/%s: the host has no such device", name);
}

int net_devices_stay(const char *name, struct error *err)
{
	return error_set(err, "/linux/netDevices/%s: devices of this kind can't be moved", name);
}

void net_address_format(char text[static NET_ADDRESS_SIZE], const unsigned char *bytes,
			size_t count)
{
	text[0] = '\0';
	for (size_t i = 0; i < count && count <= NET_ADDRESS_BYTES; i++)
		(void)snprintf(text + 3 * i - (i > 0), 4, "%s%02x", i > 0 ? ":" : "", bytes[i]);
}

/* --- lost ones -------------------------------------------------------------------------------- */

struct lost {
	const struct moved_device *items;
	size_t count;
	const char *namespace;
};

/* The kernel sees to it that what it makes of "net%d" begins with "net". */
static bool may_be(const struct moved_device *device, const char *name, int socket)
{
	struct ifreq request = { 0 };
	char address[NET_ADDRESS_SIZE];
	const size_t bytes = (strlen(device->address) + 1) / 3;

	if (strncmp(name, device->name, strcspn(device->name, "%")) != 0)
		return false;
	(void)snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", name);
	if (bytes > NET_ADDRESS_BYTES || ioctl(socket, SIOCGIFHWADDR, &request) < 0)
		return false;
	net_address_format(address, (const unsigned char *)request.ifr_hwaddr.sa_data, bytes);
	return strcmp(address, device->address) == 0;
}

/* Its name here; "": it has none that would be known. */
static void find_name(const struct moved_device *device, char name[static IFNAMSIZ])
{
	const char *passage = device->passage ? device->passage : device->name;
	const char *known[] = { passage, device->name };
	autofd socket_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct if_nameindex *all;

	name[0] = '\0';
	for (size_t i = 0; i < 2 && !*name; i++)
		if (if_nametoindex(known[i]) > 0)
			(void)snprintf(name, IFNAMSIZ, "%s", known[i]);
	if (*name || !device->address || !strchr(device->name, '%') || socket_fd < 0)
		return;
	all = if_nameindex();
	for (size_t i = 0; all && all[i].if_name && !*name; i++)
		if (may_be(device, all[i].if_name, socket_fd))
			(void)snprintf(name, IFNAMSIZ, "%s", all[i].if_name);
	if (all)
		if_freenameindex(all);
}

/* Runs in: a child, since it stays in there. */
static int tell_names(const void *data, struct error *err)
{
	const struct lost *lost = data;
	autofd there = open(lost->namespace, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

	if (there < 0 || setns(there, CLONE_NEWNET) < 0)
		return error_errno(err, "enter it");
	for (size_t i = 0; i < lost->count; i++) {
		const struct moved_device *device = &lost->items[i];
		char name[IFNAMSIZ];

		find_name(device, name);
		if (*name)
			log_warning("network device %s stays in %s, as %s: nsenter --net=%s ip "
				    "link set dev %s netns 1",
				    device->host_name, lost->namespace, name, lost->namespace,
				    name);
		else
			log_warning("network device %s went to %s, and nothing there has its name "
				    "now: nsenter --net=%s ip link",
				    device->host_name, lost->namespace, lost->namespace);
	}
	return 0;
}

static bool is_here(const char *name)
{
	return name && (if_nametoindex(name) > 0 || errno != ENODEV);
}

/* Those that the host lacks are left, in lost, which has room for all: how many. */
static size_t find_lost(const struct moved_device_list *list, struct moved_device *lost)
{
	size_t count = 0;

	for (size_t i = 0; i < list->count; i++) {
		const struct moved_device *device = &list->items[i];

		if (is_here(device->host_name)) /* it never left, or is back */
			continue;
		if (is_here(device->passage))
			log_warning("network device %s is here as %s: ip link set dev %s name %s",
				    device->host_name, device->passage, device->passage,
				    device->host_name);
		else
			lost[count++] = *device;
	}
	return count;
}

static void tell(const struct lost *lost)
{
	struct error err;

	if (lost->count == 0 || (lost->namespace && probe_in_child(tell_names, lost, &err) == 0))
		return;
	for (size_t i = 0; i < lost->count; i++) {
		const char *name = lost->items[i].host_name;

		if (lost->namespace)
			log_warning("network device %s went to %s: %s", name, lost->namespace,
				    err.text);
		else
			log_warning("network device %s goes with the container's network "
				    "namespace: the kernel gives back what is hardware",
				    name);
	}
}

void net_devices_tell_lost(const struct moved_device_list *list, const char *namespace)
{
	struct moved_device *items = list->count > 0 ? calloc(list->count, sizeof(*items)) : NULL;

	if (!items)
		return;
	tell(&(struct lost){ items, find_lost(list, items), namespace });
	free(items);
}
