/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The arguments of a call, as strace(1) would print those that decide.
 *
 * syscalls: none
 */
#include <fcntl.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

#include "base/table.h"
#include "runtime/inspect/why.h"

enum form {
	FORM_END,
	FORM_NUMBER,
	FORM_OCTAL,
	FORM_ID,
	FORM_NAMESPACES,
	FORM_OPEN,
	FORM_FAMILY,
	FORM_TYPE,
	FORM_PROTOCOL,
	FORM_ROUTE,
};

struct shape {
	const char *call;
	int first;	    /* the argument that forms[0] is about */
	enum form forms[4]; /* of those that follow one another */
};

static const struct shape shapes[] = {
	{ "chmod", 1, { FORM_OCTAL } },
	{ "chown", 1, { FORM_ID, FORM_ID } },
	{ "clock_settime", 0, { FORM_NUMBER } },
	{ "fchmod", 0, { FORM_NUMBER, FORM_OCTAL } },
	{ "fchmodat", 2, { FORM_OCTAL } },
	{ "fchmodat2", 2, { FORM_OCTAL } },
	{ "fchown", 0, { FORM_NUMBER, FORM_ID, FORM_ID } },
	{ "fchownat", 2, { FORM_ID, FORM_ID } },
	{ "kill", 0, { FORM_ID, FORM_NUMBER } },
	{ "lchown", 1, { FORM_ID, FORM_ID } },
	{ "mkdir", 1, { FORM_OCTAL } },
	{ "mkdirat", 2, { FORM_OCTAL } },
	{ "mknod", 1, { FORM_OCTAL } },
	{ "mknodat", 2, { FORM_OCTAL } },
	{ "netlink", 0, { FORM_PROTOCOL } },
	{ "open", 1, { FORM_OPEN } },
	{ "openat", 2, { FORM_OPEN } },
	{ "ptrace", 0, { FORM_NUMBER, FORM_ID } },
	{ "rtnetlink", 0, { FORM_ROUTE } },
	{ "setgid", 0, { FORM_ID } },
	{ "setregid", 0, { FORM_ID, FORM_ID } },
	{ "setresgid", 0, { FORM_ID, FORM_ID, FORM_ID } },
	{ "setresuid", 0, { FORM_ID, FORM_ID, FORM_ID } },
	{ "setreuid", 0, { FORM_ID, FORM_ID } },
	{ "setuid", 0, { FORM_ID } },
	{ "socket", 0, { FORM_FAMILY, FORM_TYPE, FORM_NUMBER } },
	{ "unshare", 0, { FORM_NAMESPACES } },
};

struct word {
	uint64_t value;
	const char *text;
};

static const struct word families[] = {
	{ AF_UNIX, "AF_UNIX" },	      { AF_INET, "AF_INET" },	  { AF_INET6, "AF_INET6" },
	{ AF_NETLINK, "AF_NETLINK" }, { AF_PACKET, "AF_PACKET" }, { AF_ALG, "AF_ALG" },
	{ AF_VSOCK, "AF_VSOCK" },
};
static const struct word types[] = {
	{ SOCK_STREAM, "SOCK_STREAM" },
	{ SOCK_DGRAM, "SOCK_DGRAM" },
	{ SOCK_RAW, "SOCK_RAW" },
};

static const struct word protocols[] = {
	{ NETLINK_AUDIT, "NETLINK_AUDIT" },
	{ NETLINK_NETFILTER, "NETLINK_NETFILTER" },
	{ NETLINK_GENERIC, "NETLINK_GENERIC" },
	{ NETLINK_XFRM, "NETLINK_XFRM" },
};
static const struct word messages[] = {
	{ RTM_NEWLINK, "RTM_NEWLINK" },	  { RTM_DELLINK, "RTM_DELLINK" },
	{ RTM_SETLINK, "RTM_SETLINK" },	  { RTM_NEWADDR, "RTM_NEWADDR" },
	{ RTM_DELADDR, "RTM_DELADDR" },	  { RTM_NEWROUTE, "RTM_NEWROUTE" },
	{ RTM_DELROUTE, "RTM_DELROUTE" }, { RTM_NEWNEIGH, "RTM_NEWNEIGH" },
	{ RTM_NEWRULE, "RTM_NEWRULE" },	  { RTM_NEWQDISC, "RTM_NEWQDISC" },
};

static void add_word(struct buffer *out, const struct word *words, size_t count, uint64_t value)
{
	for (size_t i = 0; i < count; i++)
		if (words[i].value == value) {
			buffer_add(out, words[i].text);
			return;
		}
	buffer_format(out, "%" PRIu64, value);
}

static void add_namespaces(struct buffer *out, uint64_t flags)
{
	static const char *const names[NAMESPACE_COUNT] = {
		[NAMESPACE_USER] = "USER", [NAMESPACE_CGROUP] = "CGROUP", [NAMESPACE_IPC] = "IPC",
		[NAMESPACE_UTS] = "UTS",   [NAMESPACE_NETWORK] = "NET",	  [NAMESPACE_PID] = "PID",
		[NAMESPACE_MOUNT] = "NS",  [NAMESPACE_TIME] = "TIME",
	};
	const char *separator = "";

	for (int i = 0; i < NAMESPACE_COUNT; i++) {
		const uint64_t flag = namespace_types[i].flag;

		if (!(flags & flag))
			continue;
		buffer_format(out, "%sCLONE_NEW%s", separator, names[i]);
		separator = "|";
		flags &= ~flag;
	}
	if (flags)
		buffer_format(out, "%s%#" PRIx64, separator, flags);
}

static void add_open(struct buffer *out, uint64_t flags)
{
	static const char *const ways[] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE" };
	static const struct word words[] = {
		{ O_CREAT, "O_CREAT" },	  { O_EXCL, "O_EXCL" },		{ O_TRUNC, "O_TRUNC" },
		{ O_APPEND, "O_APPEND" }, { O_NOFOLLOW, "O_NOFOLLOW" }, { O_NOATIME, "O_NOATIME" },
	};

	buffer_add(out, ways[flags & O_ACCMODE]);
	table_for_each (word, words)
		if (flags & word->value)
			buffer_format(out, "|%s", word->text);
}

static void add_form(struct buffer *out, enum form form, uint64_t value)
{
	switch (form) {
	case FORM_OCTAL:
		buffer_format(out, "0%" PRIo32, (uint32_t)value);
		break;
	case FORM_ID:
		buffer_format(out, "%" PRId32, (int32_t)value);
		break;
	case FORM_NAMESPACES:
		add_namespaces(out, value);
		break;
	case FORM_OPEN:
		add_open(out, value);
		break;
	case FORM_FAMILY:
		add_word(out, families, ARRAY_SIZE(families), value);
		break;
	case FORM_TYPE:
		add_word(out, types, ARRAY_SIZE(types), value & 0xF);
		break;
	case FORM_PROTOCOL:
		add_word(out, protocols, ARRAY_SIZE(protocols), value);
		break;
	case FORM_ROUTE:
		add_word(out, messages, ARRAY_SIZE(messages), value);
		break;
	case FORM_NUMBER:
	case FORM_END:
		buffer_format(out, "%" PRIu64, value);
	}
}

void why_call_text(struct buffer *out, const struct why_failure *failure,
		   const struct text_style *style)
{
	const struct shape *shape = NULL;

	buffer_format(out, "%s(", failure->call);
	table_for_each (row, shapes)
		if (strcmp(row->call, failure->call) == 0)
			shape = row;
	if (failure->path) {
		buffer_add(out, "\"");
		text_escaped_width(out, failure->path, 200, style);
		buffer_add(out, "\"");
	} else if (failure->address)
		text_escaped_width(out, failure->address, 200, style);
	for (int i = 0; shape && i < 4 && shape->forms[i] != FORM_END; i++) {
		buffer_add(out, i > 0 || failure->path ? ", " : "");
		add_form(out, shape->forms[i], failure->arguments[shape->first + i]);
	}
	if (!shape && !failure->path && !failure->address)
		buffer_format(out, "%#" PRIx64 ", ...", failure->arguments[0]);
	else if (!shape)
		buffer_add(out, ", ...");
	buffer_add(out, ")");
}
