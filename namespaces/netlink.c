/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rtnetlink(7) requests and answers.
 *
 * syscalls: socket, setsockopt, send, recvfrom
 */
#include "namespaces/netlink.h"

#include <errno.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "base/cleanup.h"
#include "base/fd.h"

#define ANSWER_TIMEOUT 10 /* seconds; the kernel answers at once */
#define SEQUENCE 1	  /* one request at a time, whose answer is read to its end */

int netlink_open(void)
{
	const struct timeval timeout = { .tv_sec = ANSWER_TIMEOUT };
	autofd netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	if (netlink < 0 ||
	    setsockopt(netlink, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0)
		return -1;
	return fd_take(&netlink);
}

/* Room at the end of the message, zeroed, for length bytes and what aligns them. */
static void *extend(union netlink_message *message, size_t length)
{
	char *place = message->bytes + message->header.nlmsg_len;

	memset(place, 0, NLMSG_ALIGN(length));
	message->header.nlmsg_len += (uint32_t)NLMSG_ALIGN(length);
	return place;
}

void *netlink_begin(union netlink_message *message, uint16_t type, uint16_t flags, size_t size)
{
	message->header = (struct nlmsghdr){
		.nlmsg_len = NLMSG_HDRLEN,
		.nlmsg_type = type,
		.nlmsg_flags = (uint16_t)(NLM_F_REQUEST | flags),
		.nlmsg_seq = SEQUENCE,
	};
	return extend(message, size);
}

void netlink_append(union netlink_message *message, const void *attributes, size_t length)
{
	memcpy(extend(message, length), attributes, length);
}

void netlink_put(union netlink_message *message, uint16_t type, const void *data, size_t length)
{
	const struct rtattr header = {
		.rta_len = (unsigned short)RTA_LENGTH(length),
		.rta_type = type,
	};
	char *place = extend(message, RTA_LENGTH(length));

	memcpy(place, &header, sizeof(header));
	memcpy(place + RTA_LENGTH(0), data, length);
}

void netlink_put_string(union netlink_message *message, uint16_t type, const char *text)
{
	netlink_put(message, type, text, strlen(text) + 1);
}

void netlink_put_number(union netlink_message *message, uint16_t type, uint32_t number)
{
	netlink_put(message, type, &number, sizeof(number));
}

/* One datagram of the kernel's: whoever has CAP_NET_ADMIN may send us others. */
static ssize_t receive(int netlink, union netlink_message *answer)
{
	struct sockaddr_nl sender;
	socklen_t length;
	ssize_t result;

	do {
		sender = (struct sockaddr_nl){ .nl_pid = UINT32_MAX };
		length = sizeof(sender);
		result = recvfrom(netlink, answer->bytes, sizeof(answer->bytes), MSG_TRUNC,
				  (struct sockaddr *)&sender, &length);
	} while (result >= 0 && sender.nl_pid != 0);
	if (result > (ssize_t)sizeof(answer->bytes)) {
		errno = EMSGSIZE;
		return -1;
	}
	return result;
}

struct answer {
	netlink_take *take;
	void *data;
	int code; /* the kernel's answer */
};

/* True after the last message. */
static bool read_message(const struct nlmsghdr *header, struct answer *answer)
{
	if (header->nlmsg_seq != SEQUENCE)
		return false;
	if (header->nlmsg_flags & NLM_F_DUMP_INTR)
		answer->code = EINTR;
	if (header->nlmsg_type == NLMSG_DONE)
		return true;
	if (header->nlmsg_type == NLMSG_ERROR) {
		const struct nlmsgerr *error = NLMSG_DATA(header);

		answer->code =
			header->nlmsg_len < NLMSG_LENGTH(sizeof(*error)) ? EPROTO : -error->error;
		return true;
	}
	if (header->nlmsg_type >= NLMSG_MIN_TYPE && answer->take)
		answer->take(header, answer->data);
	return false;
}

static int read_answer(int netlink, struct answer *answer)
{
	union netlink_message part;

	for (;;) {
		const ssize_t received = receive(netlink, &part);
		size_t length = (size_t)received;

		if (received < 0)
			return -1;
		for (const struct nlmsghdr *header = &part.header; NLMSG_OK(header, length);
		     header = NLMSG_NEXT(header, length))
			if (read_message(header, answer))
				return 0;
	}
}

int netlink_talk(int netlink, const union netlink_message *request, netlink_take *take, void *data)
{
	struct answer answer = { .take = take, .data = data };

	if (send(netlink, request, request->header.nlmsg_len, 0) < 0 ||
	    read_answer(netlink, &answer) < 0)
		return -1;
	errno = answer.code;
	return answer.code == 0 ? 0 : -1;
}

const struct rtattr *netlink_next(const struct nlmsghdr *header, size_t size,
				  const struct rtattr *last)
{
	const char *bytes = (const char *)header;
	const size_t begin = last ? (size_t)((const char *)last - bytes) + RTA_ALIGN(last->rta_len)
				  : NLMSG_SPACE(size);
	const struct rtattr *next = (const struct rtattr *)(const void *)(bytes + begin);

	if (begin + sizeof(*next) > header->nlmsg_len || next->rta_len < sizeof(*next) ||
	    begin + next->rta_len > header->nlmsg_len)
		return NULL;
	return next;
}

uint32_t netlink_number(const struct rtattr *attribute)
{
	uint32_t number = 0;

	if (RTA_PAYLOAD(attribute) >= sizeof(number))
		memcpy(&number, RTA_DATA(attribute), sizeof(number));
	return number;
}

const char *netlink_string(const struct rtattr *attribute)
{
	const char *text = RTA_DATA(attribute);

	return memchr(text, '\0', RTA_PAYLOAD(attribute)) ? text : "";
}
