/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new network namespace has one interface, "lo", and it is down.
 *
 * network_namespaces(7), netdevice(7)
 * syscalls: socket ioctl close
 */
#include "namespaces/network.h"

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/cleanup.h"

int network_loopback_up(struct error *err)
{
	/* Interface requests work on a socket of any family, and AF_UNIX is the one that
	 * is never configured away (systemd's RestrictAddressFamilies=, kernels without INET). */
	autofd fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };

	if (fd < 0)
		return error_errno(err, "socket for interface lo");
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return error_errno(err, "interface lo up");
	return 0;
}
