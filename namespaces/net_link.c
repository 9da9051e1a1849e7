/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.netDevices by rtnetlink(7), with libmnl; the only file that includes it.
 *
 * A device that goes to another namespace keeps what it is (MTU, hardware address, alias) and loses
 * its state (up) and its addresses. So: read the addresses, move the device under a name that
 * nobody has, and give it name, addresses and state on the other side, through a socket that
 * belongs to that side. A name that is taken there, or that is a template ("eth%d"), is the
 * kernel's to judge, in the one moment that counts.
 *
 * syscalls: setns, socket, bind, setsockopt, ioctl SIOCGSKNS, sendto, recvmsg
 */
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "namespaces/net_devices.h"

#define ANSWER_TIMEOUT 10 /* seconds; the kernel answers at once */
#define ADDRESS_BYTES 256 /* of one address's attributes */
#define DUMP_TRIES 5
#define ADDRESSES_MAX 1024 /* of one device: more is somebody's mistake */

/* What a permanent address may keep: how it behaves, not what became of it. */
#define ADDRESS_FLAGS                                                                              \
	(IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | IFA_F_NOPREFIXROUTE |            \
	 IFA_F_MCAUTOJOIN)

union message {
	struct nlmsghdr header;
	char bytes[16384]; /* what the kernel sends at most in one piece of a dump */
};

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

bool net_devices_supported(void)
{
	return true;
}

/* --- the talk with the kernel -------------------------------------------------------------- */

static struct mnl_socket *open_socket(struct error *err)
{
	struct mnl_socket *socket = mnl_socket_open2(NETLINK_ROUTE, SOCK_CLOEXEC);
	const struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT };

	if (!socket) {
		(void)error_errno(err, "/linux/netDevices: make a netlink socket");
		return NULL;
	}
	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) == 0 &&
	    setsockopt(mnl_socket_get_fd(socket), SOL_SOCKET, SO_RCVTIMEO, &timeout,
		       sizeof(timeout)) == 0)
		return socket;
	(void)error_errno(err, "/linux/netDevices: set up a netlink socket");
	(void)mnl_socket_close(socket); /* nothing is lost with it */
	return NULL;
}

static struct nlmsghdr *begin(union message *message, uint16_t type, uint16_t flags)
{
	struct nlmsghdr *header = mnl_nlmsg_put_header(message->bytes);

	header->nlmsg_type = type;
	header->nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags);
	header->nlmsg_seq = 1;
	return header;
}

static bool is_last(const char *answer, size_t length)
{
	int left = (int)length;

	for (const struct nlmsghdr *header = (const void *)answer; mnl_nlmsg_ok(header, left);
	     header = mnl_nlmsg_next(header, &left))
		if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR)
			return true;
	return false;
}

/*
 * Sends, and hands every message of the answer to take. 0, or -1 with errno. An interrupted dump
 * (EINTR) is read to its end: what was left of it would be taken for the next one's.
 */
static int talk(struct mnl_socket *socket, const struct nlmsghdr *request, mnl_cb_t take,
		void *data)
{
	union message answer;
	int result = MNL_CB_OK;
	bool interrupted = false, last = false;

	if (mnl_socket_sendto(socket, request, request->nlmsg_len) < 0)
		return -1;
	while (!last && result > MNL_CB_STOP) {
		ssize_t length = mnl_socket_recvfrom(socket, answer.bytes, sizeof(answer.bytes));

		if (length < 0)
			return -1;
		last = is_last(answer.bytes, (size_t)length);
		result = mnl_cb_run(answer.bytes, (size_t)length, request->nlmsg_seq,
				    mnl_socket_get_portid(socket), take, data);
		if (result < 0 && errno == EINTR) {
			interrupted = true;
			result = MNL_CB_OK;
		}
	}
	if (interrupted)
		errno = EINTR;
	return interrupted || result < 0 ? -1 : 0;
}

/* --- reading a device ------------------------------------------------------------------------ */

static int take_link(const struct nlmsghdr *header, void *data)
{
	const struct ifinfomsg *link = mnl_nlmsg_get_payload(header);
	struct net_device *device = data;
	const struct nlattr *attribute;

	device->index = link->ifi_index;
	device->up = (link->ifi_flags & IFF_UP) != 0;
	mnl_attr_for_each(attribute, header, sizeof(*link))
	{
		if (mnl_attr_get_type(attribute) == IFLA_IFNAME &&
		    mnl_attr_validate(attribute, MNL_TYPE_NUL_STRING) == 0)
			(void)snprintf(device->name, sizeof(device->name), "%s",
				       mnl_attr_get_str(attribute));
		if (mnl_attr_get_type(attribute) == IFLA_ADDRESS)
			net_address_format(device->address, mnl_attr_get_payload(attribute),
					   mnl_attr_get_payload_len(attribute));
	}
	return MNL_CB_OK;
}

/* By name, or (NULL) by the index that is known. Fills index, name and up. */
static int find_link(struct mnl_socket *socket, const char *name, struct net_device *device)
{
	union message message;
	struct nlmsghdr *header = begin(&message, RTM_GETLINK, NLM_F_ACK);
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(header, sizeof(*link));

	if (name)
		mnl_attr_put_strz(header, IFLA_IFNAME, name);
	else
		link->ifi_index = device->index;
	return talk(socket, header, take_link, device);
}

/* One attribute of an address: kept in its own field, or as it is. False: too many bytes. */
static bool take_attribute(struct address *address, const struct nlattr *attribute)
{
	const size_t length = MNL_ALIGN(attribute->nla_len);

	switch (mnl_attr_get_type(attribute)) {
	case IFA_CACHEINFO: /* permanent: for ever, which is the default */
		return true;
	case IFA_FLAGS:
		address->flags = mnl_attr_get_u32(attribute);
		return true;
	case IFA_LABEL:
		(void)snprintf(address->label, sizeof(address->label), "%s",
			       mnl_attr_get_str(attribute));
		return true;
	default:
		if (address->length + length > sizeof(address->attributes))
			return false;
		memcpy(address->attributes + address->length, attribute, attribute->nla_len);
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
static int take_address(const struct nlmsghdr *header, void *data)
{
	const struct ifaddrmsg *message = mnl_nlmsg_get_payload(header);
	struct net_device *device = data;
	struct address address = { .message = *message, .flags = message->ifa_flags };
	const struct nlattr *attribute;

	if ((int)message->ifa_index != device->index || message->ifa_scope != RT_SCOPE_UNIVERSE)
		return MNL_CB_OK;
	mnl_attr_for_each(attribute, header, sizeof(*message))
	{
		if (!take_attribute(&address, attribute))
			device->failed = true;
	}
	if (!(address.flags & IFA_F_PERMANENT))
		return MNL_CB_OK;
	/* it was ours already, so nobody has to be asked about it, and it works at once */
	if (!(address.flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)) &&
	    message->ifa_family == AF_INET6)
		address.flags |= IFA_F_NODAD;
	address.flags &= ADDRESS_FLAGS;
	if (!keep(device, &address))
		device->failed = true;
	return MNL_CB_OK;
}

static int read_addresses(struct mnl_socket *socket, struct net_device *device)
{
	union message message;
	struct nlmsghdr *header;
	int result, tries = 0;

	do { /* EINTR: somebody changed addresses meanwhile, and the list may be none that ever was
	      */
		header = begin(&message, RTM_GETADDR, NLM_F_DUMP);
		(void)mnl_nlmsg_put_extra_header(header, sizeof(struct ifaddrmsg)); /* any family */
		device->count = 0;
		result = talk(socket, header, take_address, device);
	} while (result < 0 && errno == EINTR && ++tries < DUMP_TRIES);
	return result;
}

static int read_device(struct mnl_socket *socket, struct net_device *device, struct error *err)
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

static int change_link(struct mnl_socket *socket, int index, const char *name, int namespace,
		       bool up)
{
	union message message;
	struct nlmsghdr *header = begin(&message, RTM_NEWLINK, NLM_F_ACK);
	struct ifinfomsg *link = mnl_nlmsg_put_extra_header(header, sizeof(*link));

	link->ifi_index = index;
	if (up)
		link->ifi_flags = link->ifi_change = IFF_UP;
	if (name)
		mnl_attr_put_strz(header, IFLA_IFNAME, name);
	if (namespace >= 0)
		mnl_attr_put_u32(header, IFLA_NET_NS_FD, (uint32_t) namespace);
	return talk(socket, header, NULL, NULL);
}

/* "old" and "old:1" become "new" and "new:1". */
static void put_label(struct nlmsghdr *header, const char *label, const struct net_device *device)
{
	const size_t length = strlen(device->host_name);
	const bool named = strncmp(label, device->host_name, length) == 0;
	char text[2 * IFNAMSIZ];

	(void)snprintf(text, sizeof(text), "%s%s", named ? device->name : "",
		       named ? label + length : label);
	if (strlen(text) < IFNAMSIZ) /* else the kernel's default: the device's name */
		mnl_attr_put_strz(header, IFA_LABEL, text);
}

static int add_address(struct mnl_socket *socket, const struct net_device *device,
		       const struct address *address)
{
	union message message;
	struct nlmsghdr *header =
		begin(&message, RTM_NEWADDR, NLM_F_CREATE | NLM_F_REPLACE | NLM_F_ACK);
	struct ifaddrmsg *extra = mnl_nlmsg_put_extra_header(header, sizeof(*extra));

	*extra = address->message;
	extra->ifa_index = (uint32_t)device->index;
	extra->ifa_flags = (uint8_t)address->flags;
	memcpy(mnl_nlmsg_get_payload_tail(header), address->attributes, address->length);
	header->nlmsg_len += address->length;
	if (*address->label)
		put_label(header, address->label, device);
	mnl_attr_put_u32(header, IFA_FLAGS, address->flags);
	return talk(socket, header, NULL, NULL);
}

static int namespace_of(struct mnl_socket *socket, struct error *err)
{
	int fd = ioctl(mnl_socket_get_fd(socket), SIOCGSKNS);

	return fd < 0 ? error_errno(err, "/linux/netDevices: name a network namespace") : fd;
}

/* Into the namespace of to, under a name that is nobody's; its index may be another one there. */
static int cross(struct mnl_socket *from, struct mnl_socket *to, struct net_device *device,
		 struct error *err)
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
static int settle(struct mnl_socket *socket, struct net_device *device, const char *name, bool up,
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
	moved->container = open_socket(err);
	if (setns(own, CLONE_NEWNET) < 0)
		return error_errno(err, "/linux/netDevices: back to the host's network namespace");
	return moved->container ? 0 : -1;
}

static int open_both(struct net_devices *devices, size_t count, int target, struct error *err)
{
	devices->host = open_socket(err);
	if (!devices->host || open_container(devices, target, err) < 0)
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
	/* closing a netlink socket loses nothing */
	if (moved->host)
		(void)mnl_socket_close(moved->host);
	if (moved->container)
		(void)mnl_socket_close(moved->container);
	for (size_t i = 0; i < moved->count; i++)
		free(moved->devices[i].addresses);
	free(moved->devices);
	*moved = (struct net_devices){ 0 };
}
