/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_NETLINK_H
#define NAMESPACES_NETLINK_H

/*
 * Requests to the kernel's rtnetlink(7) and its answers: as much of netlink(7) as linux.netDevices
 * needs. A request is begun, gets its attributes, and is sent by netlink_talk().
 *
 * A request is made of a few names and numbers, so it always fits.
 */
#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

union netlink_message {
	struct nlmsghdr header;
	char bytes[16384]; /* what the kernel sends at most in one piece of a dump */
};

/* A socket of the network namespace that we are in, which it keeps alive; whose waits end. -1 with
 * errno. */
int netlink_open(void);

/* Begins a request: type and flags (NLM_F_REQUEST is added), and a family's own header of `size`
 * bytes, zeroed, which is returned. */
void *netlink_begin(union netlink_message *message, uint16_t type, uint16_t flags, size_t size);

void netlink_put(union netlink_message *message, uint16_t type, const void *data, size_t length);
void netlink_put_string(union netlink_message *message, uint16_t type, const char *text);
void netlink_put_number(union netlink_message *message, uint16_t type, uint32_t number);

/* Attributes that are complete already, with their own headers. */
void netlink_append(union netlink_message *message, const void *attributes, size_t length);

/*
 * Sends, and hands every message of the answer to take (NULL: none is wanted) until the kernel has
 * acknowledged (NLM_F_ACK) or ended its list (NLM_F_DUMP). 0, or -1 with errno, which is the
 * kernel's answer; EINTR: something changed while the list was made, which may be none that ever
 * was.
 */
typedef void netlink_take(const struct nlmsghdr *header, void *data);
int netlink_talk(int socket, const union netlink_message *request, netlink_take *take, void *data);

/* The attributes behind a family's header of `size` bytes, one after the other: the first for NULL,
 * NULL after the last. */
const struct rtattr *netlink_next(const struct nlmsghdr *header, size_t size,
				  const struct rtattr *last);

/* An attribute's values. A number that is too short is 0, a text that isn't ended "". */
uint32_t netlink_number(const struct rtattr *attribute);
const char *netlink_string(const struct rtattr *attribute);

#endif
