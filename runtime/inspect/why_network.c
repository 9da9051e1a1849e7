/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why an address is out of reach: each network namespace has its own loopback, and its own abstract
 * names. network_namespaces(7), unix(7)
 *
 * syscalls: none
 */
#include <errno.h>
#include <sys/socket.h>

#include "base/string.h"
#include "runtime/inspect/why_reason.h"

static bool is_abstract(const struct why_failure *failure)
{
	return failure->address && failure->address[0] == '@';
}

static bool is_loopback(const struct why_failure *failure)
{
	return failure->address && (string_starts_with(failure->address, "127.") ||
				    string_starts_with(failure->address, "[::1]"));
}

bool why_network_is_refusal(const char *call, int code)
{
	return code == ECONNREFUSED && string_equal(call, "connect");
}

bool why_network_is_ordinary(const struct why_failure *failure)
{
	/* whoever tries IPv6 goes on with IPv4 */
	if (failure->code == EAFNOSUPPORT && failure->arguments[0] == AF_INET6)
		return true;
	return failure->code == ECONNREFUSED && !is_abstract(failure) && !is_loopback(failure);
}

bool why_by_network(const struct why_facts *facts, const struct why_failure *failure,
		    struct why_reason *reason)
{
	const bool own = !facts->document->ns.shared[NAMESPACE_NETWORK];

	if (!why_is_call(failure, "connect"))
		return false;
	if (failure->code == ECONNREFUSED && own)
		why_say(reason, SURE_LIKELY, "network namespace",
			is_abstract(failure)
				? "nobody in its network namespace has this abstract name: the "
				  "host's, "
				  "and other containers', aren't seen from there"
				: "nobody listens there in its network namespace, whose loopback "
				  "is its "
				  "own: what listens on the host's is reached by another address",
			NULL);
	else if (failure->code == EACCES && failure->address)
		why_say(reason, SURE_POSSIBLE, "network",
			FORMAT(facts,
			       "a route that prohibits (ip route), a broadcast address without "
			       "SO_BROADCAST, or a BPF program of the cgroup%s",
			       why_or_label(facts)),
			NULL);
	else
		return failure->code == ECONNREFUSED; /* it just isn't there */
	return true;
}
