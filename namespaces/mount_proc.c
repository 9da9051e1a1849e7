/* SPDX-License-Identifier: Apache-2.0 */
/*
 * procfs of a pid namespace that is joined. Linux 6.17 takes the namespace as a parameter. Before,
 * only a member can open the context, and every member is in reach of the processes there, which
 * may hold CAP_SYS_PTRACE. So the member that we send has nothing to be robbed of (safety.md R10):
 *
 *	init ── helper: no descriptor at all, setns(pid), a user and a mount namespace of its own,
 *	   │            an empty directory for a root, a filter that knows five system calls
 *	   │       └─ member: born like this, shares the helper's empty descriptor table;
 *	   │                  fsopen("proc"), which becomes descriptor 0, and exits
 *	   └─ sees the helper stop, takes descriptor 0 by pidfd_getfd(2), ends the helper
 *
 * Who takes over the member can make it open another type of file system and no more: fsconfig(2)
 * isn't among the five. The caller configures, makes the superblock and checks that it is a proc.
 *
 * pid_namespaces(7), user_namespaces(7), pidfd_getfd(2), seccomp(2), proc(5)
 * syscalls: fsopen fsconfig fork prctl close_range setns unshare fsmount move_mount fchdir
 *           pivot_root umount2 clone3 wait4 kill pidfd_open pidfd_getfd exit_group
 */
#include "namespaces/mount_proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/process.h"
#include "base/sys.h"
#include "base/table.h"

/* What the helper ends with when a step fails: its number is all that it can tell. */
enum helper_step {
	HELPER_DONE,
	HELPER_DESCRIPTORS,
	HELPER_PID_NAMESPACE,
	HELPER_OWN_NAMESPACES,
	HELPER_EMPTY_ROOT,
	HELPER_FILTER,
	HELPER_MEMBER,
	HELPER_CONTEXT,
	HELPER_STEP_COUNT,
};

static const char *const helper_steps[] = {
	[HELPER_DONE] = "stopping",
	[HELPER_DESCRIPTORS] = "closing descriptors",
	[HELPER_PID_NAMESPACE] = "joining",
	[HELPER_OWN_NAMESPACES] = "a user namespace to do it in (are they switched off?)",
	[HELPER_EMPTY_ROOT] = "an empty root",
	[HELPER_FILTER] = "a system call filter",
	[HELPER_MEMBER] = "a process in it",
	[HELPER_CONTEXT] = "opening proc",
};
_Static_assert(ARRAY_SIZE(helper_steps) == HELPER_STEP_COUNT, "one text per step");

/* The mount namespace becomes one empty, read-only directory. */
static bool enter_empty_root(void)
{
	autofilesystem fs = { .context = -1 };
	autofd mount = -1;
	struct error err;

	if (filesystem_open(&fs, "tmpfs", &err) < 0)
		return false;
	mount = filesystem_mount(&fs, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC, &err);
	if (mount < 0 || move_mount(mount, "", AT_FDCWD, "/", MOVE_MOUNT_F_EMPTY_PATH) < 0 ||
	    fchdir(mount) < 0)
		return false;
	return sys_pivot_root(".", ".") == 0 && umount2(".", MNT_DETACH) == 0;
}

/* The architecture isn't looked at: fsopen has one number in all of them, and what the other
 * numbers mean in another one is of no use without descriptors, names and privileges. */
static bool filter_calls(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_fsopen, 5, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 4, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_wait4, 3, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_kill, 2, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_exit_group, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { .len = ARRAY_SIZE(code), .filter = code };

	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static enum helper_step send_member(void)
{
	struct clone_args args = { .flags = CLONE_FILES, .exit_signal = SIGCHLD };
	pid_t member = sys_clone3(&args);
	struct error err;
	int status;

	if (member == 0)
		_exit(fsopen("proc", FSOPEN_CLOEXEC) == 0 ? HELPER_DONE : HELPER_CONTEXT);
	if (member < 0 || process_reap(member, &status, &err) < 0 || !WIFEXITED(status))
		return HELPER_MEMBER;
	return (enum helper_step)WEXITSTATUS(status);
}

static enum helper_step run_helper(int pid_namespace)
{
	pid_t self = getpid();
	enum helper_step step;
	struct error err;

	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || fd_close_from(0, &pid_namespace, 1, &err) < 0)
		return HELPER_DESCRIPTORS;
	if (setns(pid_namespace, CLONE_NEWPID) < 0)
		return HELPER_PID_NAMESPACE;
	(void)close(pid_namespace); /* the table is empty now */
	if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return HELPER_OWN_NAMESPACES;
	if (!enter_empty_root())
		return HELPER_EMPTY_ROOT;
	if (!filter_calls())
		return HELPER_FILTER;
	step = send_member();
	if (step == HELPER_DONE)
		(void)kill(self, SIGSTOP); /* until init has taken descriptor 0 and ends us */
	return step;
}

/* Takes descriptor 0 of the stopped helper. Kills it in any case. */
static int take_context(pid_t helper, struct error *err)
{
	autofd pidfd = pidfd_open(helper, 0);
	autofd context = pidfd < 0 ? -1 : pidfd_getfd(pidfd, 0, 0);
	struct error reap;
	int status;

	if (context < 0)
		(void)error_errno(err, "proc of the joined pid namespace: taking it over");
	(void)kill(helper, SIGKILL); /* our child, not reaped: no one else has this pid */
	if (process_reap(helper, &status, &reap) < 0 && context >= 0) {
		*err = reap;
		return -1;
	}
	return fd_take(&context);
}

static int open_by_member(int pid_namespace, struct error *err)
{
	pid_t helper = fork();
	int status, waited;

	if (helper < 0)
		return error_errno(err, "process for proc of the joined pid namespace");
	if (helper == 0)
		_exit(run_helper(pid_namespace));
	do
		waited = waitpid(helper, &status, WUNTRACED);
	while (waited < 0 && errno == EINTR);
	if (waited < 0)
		return error_errno(err, "wait for process %d", (int)helper);
	if (WIFSTOPPED(status))
		return take_context(helper, err);
	if (WIFEXITED(status) && WEXITSTATUS(status) < HELPER_STEP_COUNT)
		return error_set(err, "proc of the joined pid namespace: %s failed",
				 helper_steps[WEXITSTATUS(status)]);
	return error_set(err, "proc of the joined pid namespace: the process that opens it died");
}

int mount_proc_open(struct filesystem *fs, int pid_namespace, struct error *err)
{
	int context;

	if (filesystem_open(fs, "proc", err) < 0)
		return -1;
	if (pid_namespace < 0 ||
	    fsconfig(fs->context, FSCONFIG_SET_FD, "pidns", NULL, pid_namespace) == 0)
		return 0;
	if (errno != EINVAL)
		return error_errno(err, "proc of the joined pid namespace");
	filesystem_close(fs);
	context = open_by_member(pid_namespace, err);
	if (context < 0)
		return -1;
	filesystem_adopt(fs, "proc", context);
	return 0;
}
