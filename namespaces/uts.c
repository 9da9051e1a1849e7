/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The names that uname(2) shows in the container.
 *
 * uts_namespaces(7)
 * syscalls: sethostname setdomainname
 */
#include "namespaces/uts.h"

#include <string.h>
#include <unistd.h>

int uts_apply(const char *hostname, const char *domainname, struct error *err)
{
	if (hostname && sethostname(hostname, strlen(hostname)) < 0)
		return error_errno(err, "hostname \"%s\"", hostname);
	if (domainname && setdomainname(domainname, strlen(domainname)) < 0)
		return error_errno(err, "domainname \"%s\"", domainname);
	return 0;
}
