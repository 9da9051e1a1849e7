/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_SYSTEMD_DRIVER_H
#define CGROUPS_SYSTEMD_DRIVER_H

#include "cgroups/driver.h"

/*
 * The "systemd" manager: the cgroup is a scope that systemd makes (systemd.scope(5)), handed over
 * to us with Delegate=yes. README.md, "systemd", has the order of things.
 *
 * Root talks to the system's instance, everybody else, and root of a user namespace, to the
 * caller's own (user@UID.service). Which address answered is what the journal remembers: a later
 * command's environment may say less.
 */
extern const struct cgroup_driver systemd_driver;

#endif
