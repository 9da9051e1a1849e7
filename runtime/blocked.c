/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which of the system calls that we can't do without are kept from us.
 *
 * seccomp(2), proc(5)
 * syscalls: prctl mmap munmap fork unshare capget wait4, and those of the table
 */
#include "runtime/blocked.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/process.h"
#include "base/string.h"
#include "base/sys.h"
#include "base/table.h"
#include "runtime/process/process.h"

#define NONE (~0L) /* neither flags nor a descriptor nor a command */

/* What the kernel's own check refuses with something else than ENOSYS and EPERM; mounts: only after
 * it has asked for the right to mount. */
static const struct {
	const char *name;
	long number;
	long arguments[5];
	bool mounts;
} calls[] = {
	{ "clone3", SYS_clone3, { 0, 0 }, false },
	{ "close_range", SYS_close_range, { 1, 0, NONE }, false },
	{ "fsconfig", SYS_fsconfig, { NONE, NONE, 0, 0, 0 }, false },
	{ "fsmount", SYS_fsmount, { NONE, NONE, 0 }, true },
	{ "fsopen", SYS_fsopen, { 0, NONE }, true },
	{ "fspick", SYS_fspick, { NONE, 0, NONE }, true },
	{ "mount_setattr", SYS_mount_setattr, { NONE, 0, NONE, 0, 0 }, false },
	{ "move_mount", SYS_move_mount, { NONE, 0, NONE, 0, NONE }, true },
	{ "open_tree", SYS_open_tree, { NONE, 0, NONE }, false },
	{ "openat2", SYS_openat2, { NONE, 0, 0, 0 }, false },
	{ "pidfd_getfd", SYS_pidfd_getfd, { NONE, NONE, NONE }, false },
	{ "pidfd_open", SYS_pidfd_open, { NONE, NONE }, false },
	{ "pidfd_send_signal", SYS_pidfd_send_signal, { NONE, 0, 0, NONE }, false },
	{ "pivot_root", SYS_pivot_root, { 0, 0 }, true },
	{ "setns", SYS_setns, { NONE, 0 }, false },
	{ "umount2", SYS_umount2, { 0, NONE }, false },
	{ "unshare", SYS_unshare, { CLONE_PTRACE }, false },
};

/* Shared with the child, which a filter may kill in the middle: then this call is blocked, too. */
struct findings {
	bool blocked[ARRAY_SIZE(calls)];
};

static bool may_mount(void)
{
	uint64_t effective;

	if (capabilities_effective(&effective) < 0)
		return false;
	return effective & UINT64_C(1) << CAP_SYS_ADMIN;
}

static void try_all(struct findings *findings, int code)
{
	const bool mounts = may_mount() || unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		const long *with = calls[i].arguments;

		if (code == EPERM && calls[i].mounts && !mounts)
			continue;
		findings->blocked[i] = true;
		if (syscall(calls[i].number, with[0], with[1], with[2], with[3], with[4]) >= 0 ||
		    errno != code)
			findings->blocked[i] = false;
	}
}

static void tell(const struct findings *findings, bool filter, struct error *err)
{
	const struct error plain = *err;
	autobuffer names = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		if (findings->blocked[i])
			buffer_format(&names, "%s%s", names.length ? ", " : "", calls[i].name);
	}
	if (names.length == 0 || names.failed)
		return;
	if (filter)
		(void)error_of_kind(err, ERROR_CALL_BLOCKED,
				    "%.230s (a seccomp filter around minirun refuses %s)",
				    plain.text, names.text);
	else
		(void)error_of_kind(err, ERROR_UNSUPPORTED,
				    "%.230s (the kernel lacks %s: Linux 5.15 or newer is needed)",
				    plain.text, names.text);
	err->code = plain.code;
	memcpy(err->step, plain.step, sizeof(err->step));
}

void blocked_explain(struct error *err)
{
	const bool filter = prctl(PR_GET_SECCOMP) > 0;
	struct findings *findings;
	struct error ignored;
	int status;
	pid_t pid;

	if (err->code != ENOSYS && (err->code != EPERM || !filter))
		return;
	if (err->kind != ERROR_UNTOLD && err->kind != ERROR_MOUNT_LOCKED &&
	    err->kind != ERROR_USER_NAMESPACE)
		return; /* somebody knows better */
	findings = mmap(NULL, sizeof(*findings), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
			-1, 0);
	if (findings == MAP_FAILED)
		return;
	pid = fork();
	if (pid == 0) {
		try_all(findings, err->code);
		_exit(0);
	}
	if (pid > 0 && process_reap(pid, &status, &ignored) == 0)
		tell(findings, filter, err);
	(void)munmap(findings, sizeof(*findings)); /* can't fail for what mmap(2) has given */
}
