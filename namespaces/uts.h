/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_UTS_H
#define NAMESPACES_UTS_H

#include "base/error.h"

/* sethostname(2) and setdomainname(2); NULL leaves one as it is. Runs in: init. */
int uts_apply(const char *hostname, const char *domainname, struct error *err);

#endif
