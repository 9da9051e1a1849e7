/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.netDevices by rtnetlink(7).
 *
 * A device that goes to another namespace keeps what it is (MTU, hardware address, alias) and loses
 * its state (up) and its addresses. So: read the addresses, move the device under a name that
 * nobody has, and give it name, addresses and state on the other side, through a socket that
 * belongs to that side. A name that is taken there, or that is a template ("eth%d"), is the
 * kernel's to judge, in the one moment that counts.
 *
 * syscalls: setns, ioctl SIOCGSKNS (and netlink.c's)
 */
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "namespaces/net_devices.h"
#include "namespaces/netlink.h"

#define ADDRESS_BYTES 256 /* of one address's attributes */
#define DUMP_TRIES 5
#define ADDRESSES_MAX 1024 /* of one device: more is somebody's mistake */

/* What a permanent address may keep: how it behaves, not what became of it. */
#define ADDRESS_FLAGS                                                                              \
	(IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE |            \
	 IFA_F_MCAUTOJOIN)

struct address {
	struct ifaddrmsg message;
	uint32_t flags;
	char label[IFNAMSIZ]; /* "": none, or the device's own name */
	uint16_t length;
	char attributes[ADDRESS_BYTES]; /* as they came, without label, flags and lifetime */
};

struct net_device {
	char host_name[IFNAMSIZ];
	const char *wanted_name;	/* of the document; may be a template */
	char name[IFNAMSIZ];		/* in the container, once it has one */
	char passage[IFNAMSIZ];		/* on the way there, and back: nobody else's */
	char address[NET_ADDRESS_SIZE]; /* its hardware's; "": none */
	int index;			/* in the namespace where it is now */
	bool up;			/* now */
	bool was_up;			/* on the host */
	bool moved;
	struct address *addresses;
	size_t count;
	bool failed; /* memory ran out, or there are too many */
};

/* --- reading a device ------------------------------------------------------------------------ */

static void take_link(const struct nlmsghdr *header, void *data)
{
	const struct ifinfomsg *link = NLMSG_DATA(header);
	const struct rtattr *attribute = NULL;
	struct net_device *device = data;

	device->index = link->ifi_index;
	device->up = (link->ifi_flags & IFF_UP) != 0;
	while ((attribute = netlink_next(header, sizeof(*link), attribute))) {
		if (attribute->rta_type == IFLA_IFNAME)
			(void)snprintf(device->name, sizeof(device->name), "%s",
				       netlink_string(attribute));
		if (attribute->rta_type == IFLA_ADDRESS)
			net_address_format(device->address, RTA_DATA(attribute),
					   RTA_PAYLOAD(attribute));
	}
}

/* By name, or (NULL) by the index that is known. Fills index, name and up. */
static int find_link(int socket, const char *name, struct net_device *device)
{
	union netlink_message request;
	struct ifinfomsg *link = netlink_begin(&request, RTM_GETLINK, NLM_F_ACK, sizeof(*link));

	if (name)
		netlink_put_string(&request, IFLA_IFNAME, name);
	else
		link->ifi_index = device->index;
	return netlink_talk(socket, &request, take_link, device);
}

/* One attribute of an address: kept in its own field, or as it is. False: too many bytes. */
static bool take_attribute(struct address *address, const struct rtattr *attribute)
{
	const size_t length = RTA_ALIGN(attribute->rta_len);

	switch (attribute->rta_type) {
	case IFA_CACHEINFO: /* permanent: for ever, which is the default */
		return true;
	case IFA_FLAGS:
		address->flags = netlink_number(attribute);
		return true;
	case IFA_LABEL:
		(void)snprintf(address->label, sizeof(address->label), "%s",
			       netlink_string(attribute));
		return true;
	default:
		if (address->length + length > sizeof(address->attributes))
			return false;
		memcpy(address->attributes + address->length, attribute, attribute->rta_len);
		address->length = (uint16_t)(address->length + length);
		return true;
	}
}

static bool keep(struct net_device *device, const struct address *address)
{
	struct address *more;

	if (device->count == ADDRESSES_MAX)
		return false;
	more = realloc(device->addresses, (device->count + 1) * sizeof(*more));
	if (!more)
		return false;
	device->addresses = more;
	device->addresses[device->count++] = *address;
	return true;
}

/* Permanent, and of global scope: config-linux.md#network-devices. */
static void take_address(const struct nlmsghdr *header, void *data)
{
	const struct ifaddrmsg *message = NLMSG_DATA(header);
	struct net_device *device = data;
	struct address address = { .message = *message, .flags = message->ifa_flags };
	const struct rtattr *attribute = NULL;

	if ((int)message->ifa_index != device->index || message->ifa_scope != RT_SCOPE_UNIVERSE)
		return;
	while ((attribute = netlink_next(header, sizeof(*message), attribute)))
		if (!take_attribute(&address, attribute))
			device->failed = true;
	if (!(address.flags & IFA_F_PERMANENT))
		return;
	/* it was ours already, so nobody has to be asked about it, and it works at once */
	if (!(address.flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) &&
	    message->ifa_family == AF_INET6)
		address.flags |= IFA_F_NODAD;
	address.flags &= ADDRESS_FLAGS;
	if (!keep(device, &address))
		device->failed = true;
}

static int read_addresses(int socket, struct net_device *device)
{
	union netlink_message request;
	int result, tries = 0;

	(void)netlink_begin(&request, RTM_GETADDR, NLM_F_DUMP,
			    sizeof(struct ifaddrmsg)); /* of any family */
	do { /* EINTR: somebody changed addresses meanwhile */
		device->count = 0;
		result = netlink_talk(socket, &request, take_address, device);
	} while (result < 0 && errno == EINTR && ++tries < DUMP_TRIES);
	return result;
}

static int read_device(int socket, struct net_device *device, struct error *err)
{
	if (find_link(socket, device->host_name, device) < 0)
		return errno == ENODEV
			       ? net_devices_missing(device->host_name, err)
			       : error_errno(err, "/linux/netDevices: %s", device->host_name);
	device->was_up = device->up;
	(void)snprintf(device->passage, sizeof(device->passage), "mr%dx%d", getpid(),
		       device->index);
	if (read_addresses(socket, device) < 0)
		return error_errno(err, "/linux/netDevices: addresses of %s", device->host_name);
	if (device->failed)
		return error_set(err,
				 "/linux/netDevices: %s: more addresses than can be taken along",
				 device->host_name);
	return 0;
}

/* --- changing a device ----------------------------------------------------------------------- */

static int change_link(int socket, int index, const char *name, int namespace, bool up)
{
	union netlink_message request;
	struct ifinfomsg *link = netlink_begin(&request, RTM_NEWLINK, NLM_F_ACK, sizeof(*link));

	link->ifi_index = index;
	if (up)
		link->ifi_flags = link->ifi_change = IFF_UP;
	if (name)
		netlink_put_string(&request, IFLA_IFNAME, name);
	if (namespace >= 0)
		netlink_put_number(&request, IFLA_NET_NS_FD, (uint32_t) namespace);
	return netlink_talk(socket, &request, NULL, NULL);
}

/* "old" and "old:1" become "new" and "new:1". */
static void put_label(union netlink_message *request, const char *label,
		      const struct net_device *device)
{
	const size_t length = strlen(device->host_name);
	const bool named = strncmp(label, device->host_name, length) == 0;
	char text[2 * IFNAMSIZ];

	(void)snprintf(text, sizeof(text), "%s%s", named ? device->name : "",
		       named ? label + length : label);
	if (strlen(text) < IFNAMSIZ) /* else the kernel's default: the device's name */
		netlink_put_string(request, IFA_LABEL, text);
}

static int add_address(int socket, const struct net_device *device, const struct address *address)
{
	union netlink_message request;
	struct ifaddrmsg *extra = netlink_begin(
		&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK, sizeof(*extra));

	*extra = address->message;
	extra->ifa_index = (uint32_t)device->index;
	extra->ifa_flags = (uint8_t)address->flags;
	netlink_append(&request, address->attributes, address->length);
	if (*address->label)
		put_label(&request, address->label, device);
	netlink_put_number(&request, IFA_FLAGS, address->flags);
	return netlink_talk(socket, &request, NULL, NULL);
}

static int namespace_of(int socket, struct error *err)
{
	int fd = ioctl(socket, SIOCGSKNS);

	return fd < 0 ? error_errno(err, "/linux/netDevices: name a network namespace") : fd;
}

/* Into the namespace of to, under a name that is nobody's; its index may be another one there. */
static int cross(int from, int to, struct net_device *device, struct error *err)
{
	autofd there = namespace_of(to, err);

	if (there < 0)
		return -1;
	if (change_link(from, device->index, device->passage, there, false) < 0)
		return errno == EINVAL
			       ? net_devices_stay(device->host_name, err)
			       : error_errno(err, "/linux/netDevices: move %s", device->host_name);
	device->moved = !device->moved;
	if (find_link(to, device->passage, device) < 0)
		return error_errno(err, "/linux/netDevices: find %s where it was moved",
				   device->host_name);
	return 0;
}

/* On the other side: name, state, addresses. */
static int settle(int socket, struct net_device *device, const char *name, bool up,
		  struct error *err)
{
	if (change_link(socket, device->index, name, -1, false) < 0)
		return errno == EEXIST
			       ? error_set(err, "/linux/netDevices/%s/name: %s is there already",
					   device->host_name, name)
			       : error_errno(err, "/linux/netDevices/%s: name it %s",
					     device->host_name, name);
	if (find_link(socket, NULL, device) < 0)
		return error_errno(err, "/linux/netDevices/%s: find it again", device->host_name);
	if (up && change_link(socket, device->index, NULL, -1, true) < 0)
		return error_errno(err, "/linux/netDevices/%s: set it up", device->host_name);
	for (size_t i = 0; i < device->count; i++)
		if (add_address(socket, device, &device->addresses[i]) < 0)
			return error_errno(err, "/linux/netDevices/%s: address %zu of %zu",
					   device->host_name, i + 1, device->count);
	return 0;
}

/* --- the whole ------------------------------------------------------------------------------- */

/* The container's socket: one step to the side and back. */
static int open_container(struct net_devices *moved, int target, struct error *err)
{
	autofd own = namespace_of(moved->host, err);

	if (own < 0)
		return -1;
	if (setns(target, CLONE_NEWNET) < 0)
		return error_errno(err, "/linux/netDevices: enter the container's network "
					"namespace");
	moved->container = netlink_open();
	if (moved->container < 0)
		(void)error_errno(err, "/linux/netDevices: make a netlink socket in the "
				       "container's network namespace");
	if (setns(own, CLONE_NEWNET) < 0)
		return error_errno(err, "/linux/netDevices: back to the host's network namespace");
	return moved->container < 0 ? -1 : 0;
}

static int open_both(struct net_devices *devices, size_t count, int target, struct error *err)
{
	devices->host = netlink_open();
	if (devices->host < 0)
		return error_errno(err, "/linux/netDevices: make a netlink socket");
	if (open_container(devices, target, err) < 0)
		return -1;
	devices->devices = calloc(count, sizeof(*devices->devices));
	return devices->devices ? 0 : error_errno(err, "/linux/netDevices");
}

int net_devices_find(struct net_devices *found, const struct linux_spec *linux, int target,
		     struct error *err)
{
	const size_t count = linux->net_devices.count;
	int result = open_both(found, count, target, err);

	for (; result == 0 && found->count < count; found->count++) {
		const struct net_device_spec *spec = &linux->net_devices.items[found->count];
		struct net_device *device = &found->devices[found->count];

		(void)snprintf(device->host_name, IFNAMSIZ, "%s", spec->host_name);
		device->wanted_name = spec->name ? spec->name : spec->host_name;
		result = read_device(found->host, device, err);
	}
	if (result < 0)
		net_devices_free(found);
	return result;
}

int net_devices_move(struct net_devices *moved, struct error *err)
{
	for (size_t i = 0; i < moved->count; i++) {
		struct net_device *device = &moved->devices[i];

		if (cross(moved->host, moved->container, device, err) < 0 ||
		    settle(moved->container, device, device->wanted_name, true, err) < 0) {
			net_devices_return(moved);
			return -1;
		}
		log_debug("network device %s is %s in the container", device->host_name,
			  device->name);
	}
	return 0;
}

int net_devices_record(const struct net_devices *devices, struct arena *arena,
		       struct moved_device_list *list, struct error *err)
{
	list->items = arena_array(arena, devices->count, sizeof(*list->items));
	list->count = list->items ? devices->count : 0;
	for (size_t i = 0; i < list->count; i++) {
		const struct net_device *device = &devices->devices[i];
		struct moved_device *item = &list->items[i];

		*item = (struct moved_device){
			.host_name = arena_string(arena, device->host_name),
			.name = arena_string(arena,
					     device->moved ? device->name : device->wanted_name),
			.passage = arena_string(arena, device->passage),
			.address = arena_string(arena, device->address),
		};
		if (!item->host_name || !item->name || !item->passage || !item->address)
			list->count = 0;
		else if (!*item->address)
			item->address = NULL;
	}
	return list->count == devices->count ? 0 : error_code(err, ENOMEM, "/linux/netDevices");
}

/* --- back ------------------------------------------------------------------------------------ */

static void take_back(const struct net_devices *moved, struct net_device *device)
{
	struct error error;

	if (cross(moved->container, moved->host, device, &error) < 0 ||
	    settle(moved->host, device, device->host_name, device->was_up, &error) < 0)
		log_warning("take %s back from the container: %s", device->host_name, error.text);
}

void net_devices_return(struct net_devices *moved)
{
	for (size_t i = 0; i < moved->count; i++)
		if (moved->devices[i].moved)
			take_back(moved, &moved->devices[i]);
	net_devices_free(moved);
}

void net_devices_free(struct net_devices *moved)
{
	fd_close(&moved->host);
	fd_close(&moved->container);
	for (size_t i = 0; i < moved->count; i++)
		free(moved->devices[i].addresses);
	free(moved->devices);
	*moved = NET_DEVICES_INIT;
}
