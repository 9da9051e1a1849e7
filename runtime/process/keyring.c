/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A session keyring of the container's own, so that it can't read keys of whoever started it:
 * keyrings(7), session-keyring(7). Named like runc's, since people look for it in /proc/keys.
 *
 * syscalls: keyctl
 */
#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "runtime/process/process.h"

/*
 * keyctl_setperm(3). What the kernel gives a new session keyring (all to its possessor; view, read
 * and link to its user) and search for its user: a process that the container starts with another
 * session keyring, as exec does, would otherwise not find keys in this one.
 */
#define PERMISSIONS 0x3f1b0000UL

int keyring_join(const char *id, struct error *err)
{
	char name[300];
	long serial;

	(void)snprintf(name, sizeof(name), "_ses.%s", id);
	serial = syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name);
	/* ENOSYS: a kernel without keys; EPERM: the filter of a container around us */
	if (serial < 0 && (errno == ENOSYS || errno == EPERM)) {
		log_debug("no session keyring of its own: %s", error_reason(errno));
		return 0;
	}
	if (serial < 0)
		return error_errno(err, "join session keyring %s", name);
	if (syscall(SYS_keyctl, KEYCTL_SETPERM, serial, PERMISSIONS) < 0)
		return error_errno(err, "session keyring %s: let its user search it", name);
	return 0;
}

int keyring_join_labelled(const char *id, const struct process_spec *process, struct error *err)
{
	if (lsm_label_keys(process, true, err) < 0 || keyring_join(id, err) < 0)
		return -1;
	return lsm_label_keys(process, false, err);
}
