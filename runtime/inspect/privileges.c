/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tables only: calls and the rights that they ask for.
 *
 * syscalls: none
 */
#include "runtime/inspect/privileges.h"

#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/sys.h"
#include "base/table.h"

#define INITIAL .owner = OWNER_INITIAL
#define OWN .owner = OWNER_OWN
#define OBJECT .owner = OWNER_OBJECT
#define OF(name) .owner = OWNER_NAMESPACE, .kind = NAMESPACE_##name

static const struct privilege privileges[] = {
	{ "acct", "cap_sys_pacct", INITIAL },
	{ "adjtimex", "cap_sys_time", INITIAL, .when = "to change the clock" },
	{ "bind", "cap_net_bind_service", OF(NETWORK),
	  .when = "ports below net.ipv4.ip_unprivileged_port_start" },
	{ "bpf", "cap_bpf", INITIAL, .when = "unless unprivileged BPF is enabled",
	  .setting = "kernel/unprivileged_bpf_disabled" },
	{ "chmod", "cap_fowner", OBJECT, .when = "of another user's file" },
	{ "chown", "cap_chown", OBJECT, .when = "unless to a group of yours, of a file of yours" },
	{ "chroot", "cap_sys_chroot", OWN },
	{ "clock_adjtime", "cap_sys_time", INITIAL, .when = "to change the clock" },
	{ "clock_settime", "cap_sys_time", INITIAL },
	{ "clone", "cap_sys_admin", OWN, .when = "CLONE_NEW* without CLONE_NEWUSER",
	  .test = TEST_NEW_NS },
	{ "clone3", "cap_sys_admin", OWN, .when = "CLONE_NEW* without CLONE_NEWUSER" },
	{ "delete_module", "cap_sys_module", INITIAL },
	{ "fanotify_init", "cap_sys_admin", INITIAL, .when = "unless FAN_REPORT_FID alone" },
	{ "fchmod", "cap_fowner", OBJECT, .when = "of another user's file" },
	{ "fchmodat", "cap_fowner", OBJECT, .when = "of another user's file" },
	{ "fchmodat2", "cap_fowner", OBJECT, .when = "of another user's file" },
	{ "fchown", "cap_chown", OBJECT, .when = "unless to a group of yours, of a file of yours" },
	{ "fchownat", "cap_chown", OBJECT,
	  .when = "unless to a group of yours, of a file of yours" },
	{ "finit_module", "cap_sys_module", INITIAL },
	{ "fsmount", "cap_sys_admin", OF(MOUNT) },
	{ "fsopen", "cap_sys_admin", OF(MOUNT) },
	{ "fspick", "cap_sys_admin", OF(MOUNT) },
	{ "getsockopt", "cap_net_admin", OF(NETWORK), .when = "iptables' and the like" },
	{ "init_module", "cap_sys_module", INITIAL },
	{ "ioperm", "cap_sys_rawio", INITIAL, .when = "to turn ports on" },
	{ "iopl", "cap_sys_rawio", INITIAL, .when = "a higher level" },
	{ "ioprio_set", "cap_sys_nice", INITIAL,
	  .when = "the realtime class, or another user's process" },
	{ "kexec_file_load", "cap_sys_boot", INITIAL },
	{ "kexec_load", "cap_sys_boot", INITIAL },
	{ "kill", "cap_kill", OBJECT, .when = "another user's process" },
	{ "lchown", "cap_chown", OBJECT, .when = "unless to a group of yours, of a file of yours" },
	{ "mknod", "cap_mknod", INITIAL, .when = "device nodes", .test = TEST_NODE_MKNOD },
	{ "mknodat", "cap_mknod", INITIAL, .when = "device nodes", .test = TEST_NODE_MKNODAT },
	{ "mlock", "cap_ipc_lock", INITIAL, .when = "beyond RLIMIT_MEMLOCK",
	  .limit = "RLIMIT_MEMLOCK" },
	{ "mlock2", "cap_ipc_lock", INITIAL, .when = "beyond RLIMIT_MEMLOCK",
	  .limit = "RLIMIT_MEMLOCK" },
	{ "mlockall", "cap_ipc_lock", INITIAL, .when = "beyond RLIMIT_MEMLOCK",
	  .limit = "RLIMIT_MEMLOCK" },
	{ "mount", "cap_sys_admin", OF(MOUNT) },
	{ "mount_setattr", "cap_sys_admin", OF(MOUNT) },
	{ "move_mount", "cap_sys_admin", OF(MOUNT) },
	{ "msgctl", "cap_ipc_owner", OF(IPC), .when = "another user's queue" },
	{ "nice", "cap_sys_nice", INITIAL, .when = "a higher priority than RLIMIT_NICE allows",
	  .limit = "RLIMIT_NICE" },
	{ "open_by_handle_at", "cap_dac_read_search", INITIAL,
	  .when = "since Linux 6.11 not for a mount of one's own user namespace" },
	{ "open_tree", "cap_sys_admin", OF(MOUNT), .when = "OPEN_TREE_CLONE",
	  .test = TEST_TREE_CLONE },
	{ "perf_event_open", "cap_perfmon", INITIAL,
	  .when = "as far as kernel.perf_event_paranoid asks for it",
	  .setting = "kernel/perf_event_paranoid" },
	{ "pidfd_getfd", "cap_sys_ptrace", OBJECT,
	  .when = "a process with other ids or more rights",
	  .setting = "kernel/yama/ptrace_scope" },
	{ "pidfd_send_signal", "cap_kill", OBJECT, .when = "another user's process" },
	{ "pivot_root", "cap_sys_admin", OF(MOUNT) },
	{ "prlimit64", "cap_sys_resource", INITIAL, .when = "raising a hard limit" },
	{ "process_vm_readv", "cap_sys_ptrace", OBJECT,
	  .when = "a process with other ids or more rights",
	  .setting = "kernel/yama/ptrace_scope" },
	{ "process_vm_writev", "cap_sys_ptrace", OBJECT,
	  .when = "a process with other ids or more rights",
	  .setting = "kernel/yama/ptrace_scope" },
	{ "ptrace", "cap_sys_ptrace", OBJECT, .when = "a process with other ids or more rights",
	  .setting = "kernel/yama/ptrace_scope" },
	{ "quotactl", "cap_sys_admin", INITIAL, .when = "to change quotas" },
	{ "reboot", "cap_sys_boot", OF(PID) },
	{ "sched_setattr", "cap_sys_nice", INITIAL,
	  .when = "a realtime policy beyond RLIMIT_RTPRIO, a higher priority",
	  .limit = "RLIMIT_RTPRIO" },
	{ "sched_setscheduler", "cap_sys_nice", INITIAL,
	  .when = "a realtime policy beyond RLIMIT_RTPRIO, a higher priority",
	  .limit = "RLIMIT_RTPRIO" },
	{ "semctl", "cap_ipc_owner", OF(IPC), .when = "another user's semaphores" },
	{ "setdomainname", "cap_sys_admin", OF(UTS) },
	{ "setfsgid", "cap_setgid", OWN, .when = "an id that isn't one of yours" },
	{ "setfsuid", "cap_setuid", OWN, .when = "an id that isn't one of yours" },
	{ "setgid", "cap_setgid", OWN, .when = "an id that isn't one of yours" },
	{ "setgroups", "cap_setgid", OWN },
	{ "sethostname", "cap_sys_admin", OF(UTS) },
	{ "setns", "cap_sys_admin", OBJECT,
	  .when = "in the joined namespace's owner, and in your own" },
	{ "setpriority", "cap_sys_nice", INITIAL,
	  .when = "a higher priority than RLIMIT_NICE allows", .limit = "RLIMIT_NICE" },
	{ "setregid", "cap_setgid", OWN, .when = "an id that isn't one of yours" },
	{ "setresgid", "cap_setgid", OWN, .when = "an id that isn't one of yours" },
	{ "setresuid", "cap_setuid", OWN, .when = "an id that isn't one of yours" },
	{ "setreuid", "cap_setuid", OWN, .when = "an id that isn't one of yours" },
	{ "setrlimit", "cap_sys_resource", INITIAL, .when = "raising a hard limit" },
	{ "setsockopt", "cap_net_admin", INITIAL, .when = "SO_RCVBUFFORCE, SO_SNDBUFFORCE",
	  .test = TEST_BUFFER_FORCE },
	{ "setsockopt", "cap_net_admin", OF(NETWORK), .when = "SO_MARK, iptables' and the like" },
	{ "settimeofday", "cap_sys_time", INITIAL },
	{ "setuid", "cap_setuid", OWN, .when = "an id that isn't one of yours" },
	{ "setxattr", "cap_sys_admin", INITIAL, .when = "names that begin with trusted." },
	{ "shmctl", "cap_ipc_owner", OF(IPC), .when = "another user's memory" },
	{ "socket", "cap_net_raw", OF(NETWORK), .when = "raw and packet sockets",
	  .test = TEST_RAW_SOCKET },
	{ "stime", "cap_sys_time", INITIAL },
	{ "swapoff", "cap_sys_admin", INITIAL },
	{ "swapon", "cap_sys_admin", INITIAL },
	{ "syslog", "cap_syslog", INITIAL,
	  .when = "if kernel.dmesg_restrict is set, or to change it",
	  .setting = "kernel/dmesg_restrict" },
	{ "tgkill", "cap_kill", OBJECT, .when = "another user's process" },
	{ "tkill", "cap_kill", OBJECT, .when = "another user's process" },
	{ "umount2", "cap_sys_admin", OF(MOUNT) },
	{ "unshare", "cap_sys_admin", OWN, .when = "CLONE_NEW* without CLONE_NEWUSER",
	  .test = TEST_NEW_NS },
	{ "userfaultfd", "cap_sys_ptrace", INITIAL,
	  .when = "kernel faults, if vm.unprivileged_userfaultfd is 0",
	  .setting = "vm/unprivileged_userfaultfd" },
	{ "vhangup", "cap_sys_tty_config", INITIAL },
};

const struct privilege *privilege_row(size_t n)
{
	return n < ARRAY_SIZE(privileges) ? &privileges[n] : NULL;
}

const struct privilege *privilege_find(const char *call, size_t *n)
{
	while (*n < ARRAY_SIZE(privileges)) {
		const struct privilege *row = &privileges[(*n)++];

		if (strcmp(row->call, call) == 0)
			return row;
	}
	return NULL;
}

#define NEW_NAMESPACES                                                                             \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID |              \
	 CLONE_NEWNET | CLONE_NEWTIME)

/* A character device 0:0 is a whiteout, which anybody may make. */
static bool is_node(uint64_t mode, uint64_t device)
{
	return S_ISBLK((mode_t)mode) || (S_ISCHR((mode_t)mode) && device != 0);
}

/* How many arguments a test looks at. */
static size_t arguments_of(enum privilege_test test)
{
	static const size_t counts[] = {
		[TEST_NEW_NS] = 1,	 [TEST_RAW_SOCKET] = 2, [TEST_NODE_MKNOD] = 3,
		[TEST_NODE_MKNODAT] = 4, [TEST_TREE_CLONE] = 3, [TEST_BUFFER_FORCE] = 3,
	};

	return counts[test];
}

static bool test_holds(enum privilege_test test, const uint64_t *arguments)
{
	switch (test) {
	case TEST_NEW_NS:
		return (arguments[0] & NEW_NAMESPACES) && !(arguments[0] & CLONE_NEWUSER);
	case TEST_RAW_SOCKET:
		return arguments[0] == AF_PACKET ||
		       ((arguments[0] == AF_INET || arguments[0] == AF_INET6) &&
			(arguments[1] & 0xF) == SOCK_RAW);
	case TEST_NODE_MKNOD:
		return is_node(arguments[1], arguments[2]);
	case TEST_NODE_MKNODAT:
		return is_node(arguments[2], arguments[3]);
	case TEST_TREE_CLONE:
		return arguments[2] & OPEN_TREE_CLONE;
	case TEST_BUFFER_FORCE:
		return arguments[1] == SOL_SOCKET &&
		       (arguments[2] == SO_RCVBUFFORCE || arguments[2] == SO_SNDBUFFORCE);
	case TEST_NONE:
		break;
	}
	return true;
}

enum privilege_answer privilege_asked(const struct privilege *row, const uint64_t *arguments,
				      size_t count)
{
	if (!row->when)
		return PRIVILEGE_ASKED;
	if (row->test == TEST_NONE || !arguments || count < arguments_of(row->test))
		return PRIVILEGE_UNCLEAR;
	return test_holds(row->test, arguments) ? PRIVILEGE_ASKED : PRIVILEGE_NOT_ASKED;
}

#define FILES CALL_CHANGES_FILES
#define OPENS (CALL_CHANGES_FILES | CALL_OPENS_DEVICES | CALL_MAKES_DESCRIPTORS)
#define PROCESSES (CALL_MAKES_PROCESSES | CALL_MAKES_NAMESPACES)

static const struct call_effect effects[] = {
	{ "accept", CALL_MAKES_DESCRIPTORS, -1 },
	{ "accept4", CALL_MAKES_DESCRIPTORS, -1 },
	{ "access", FILES, 0 },
	{ "bind", CALL_LOOKS_UP, -1 },
	{ "brk", CALL_TAKES_MEMORY, -1 },
	{ "chdir", CALL_LOOKS_UP, 0 },
	{ "chmod", FILES, 0 },
	{ "chown", FILES, 0 },
	{ "chroot", CALL_LOOKS_UP, 0 },
	{ "clone", PROCESSES, -1 },
	{ "clone3", PROCESSES, -1 },
	{ "connect", CALL_LOOKS_UP, -1 },
	{ "copy_file_range", FILES | CALL_ON_DESCRIPTOR, 2 },
	{ "creat", OPENS, 0 },
	{ "dup", CALL_MAKES_DESCRIPTORS, -1 },
	{ "epoll_create1", CALL_MAKES_DESCRIPTORS, -1 },
	{ "execve", CALL_EXECUTES, 0 },
	{ "execveat", CALL_EXECUTES, 1 },
	{ "faccessat", FILES, 1 },
	{ "faccessat2", FILES, 1 },
	{ "fallocate", FILES | CALL_ON_DESCRIPTOR, 0 },
	{ "fchmod", FILES | CALL_ON_DESCRIPTOR, 0 },
	{ "fchmodat", FILES, 1 },
	{ "fchmodat2", FILES, 1 },
	{ "fchown", FILES | CALL_ON_DESCRIPTOR, 0 },
	{ "fchownat", FILES, 1 },
	{ "fork", CALL_MAKES_PROCESSES, -1 },
	{ "fsync", FILES | CALL_ON_DESCRIPTOR, 0 },
	{ "ftruncate", FILES | CALL_ON_DESCRIPTOR, 0 },
	{ "inotify_add_watch", CALL_LOOKS_UP, 1 },
	{ "lchown", FILES, 0 },
	{ "link", FILES, 1 },
	{ "linkat", FILES, 3 },
	{ "lstat", CALL_LOOKS_UP, 0 },
	{ "mkdir", FILES, 0 },
	{ "mkdirat", FILES, 1 },
	{ "mknod", FILES | CALL_OPENS_DEVICES, 0 },
	{ "mknodat", FILES | CALL_OPENS_DEVICES, 1 },
	{ "mlock", CALL_TAKES_MEMORY, -1 },
	{ "mlock2", CALL_TAKES_MEMORY, -1 },
	{ "mlockall", CALL_TAKES_MEMORY, -1 },
	{ "mmap", CALL_TAKES_MEMORY | CALL_ON_DESCRIPTOR, 4 },
	{ "mount", 0, 1 },
	{ "newfstatat", CALL_LOOKS_UP, 1 },
	{ "open", OPENS, 0 },
	{ "openat", OPENS, 1 },
	{ "openat2", OPENS, 1 },
	{ "pipe", CALL_MAKES_DESCRIPTORS, -1 },
	{ "pipe2", CALL_MAKES_DESCRIPTORS, -1 },
	{ "pwrite64", FILES | CALL_ON_DESCRIPTOR, 0 },
	{ "pwritev", FILES | CALL_ON_DESCRIPTOR, 0 },
	{ "pwritev2", FILES | CALL_ON_DESCRIPTOR, 0 },
	{ "readlink", CALL_LOOKS_UP, 0 },
	{ "readlinkat", CALL_LOOKS_UP, 1 },
	{ "rename", FILES, 1 },
	{ "renameat", FILES, 3 },
	{ "renameat2", FILES, 3 },
	{ "rmdir", FILES, 0 },
	{ "sendfile", FILES | CALL_ON_DESCRIPTOR, 0 },
	{ "setdomainname", 0, 0 },
	{ "sethostname", 0, 0 },
	{ "setxattr", FILES, 0 },
	{ "socket", CALL_MAKES_DESCRIPTORS, -1 },
	{ "splice", FILES | CALL_ON_DESCRIPTOR, 2 },
	{ "stat", CALL_LOOKS_UP, 0 },
	{ "statfs", CALL_LOOKS_UP, 0 },
	{ "statx", CALL_LOOKS_UP, 1 },
	{ "symlink", FILES, 1 },
	{ "symlinkat", FILES, 2 },
	{ "truncate", FILES, 0 },
	{ "umount2", 0, 0 },
	{ "unlink", FILES, 0 },
	{ "unlinkat", FILES, 1 },
	{ "unshare", CALL_MAKES_NAMESPACES, -1 },
	{ "utimensat", FILES, 1 },
	{ "vfork", CALL_MAKES_PROCESSES, -1 },
	{ "write", FILES | CALL_ON_DESCRIPTOR, 0 },
	{ "writev", FILES | CALL_ON_DESCRIPTOR, 0 },
};

const struct call_effect *call_effect_find(const char *call)
{
	static const struct call_effect none = { "", 0, -1 };

	for (size_t i = 0; i < ARRAY_SIZE(effects); i++)
		if (strcmp(effects[i].call, call) == 0)
			return &effects[i];
	return &none;
}

int call_source_argument(const char *call)
{
	static const struct {
		const char *call;
		int argument;
	} rows[] = { { "link", 0 },
		     { "linkat", 1 },
		     { "rename", 0 },
		     { "renameat", 1 },
		     { "renameat2", 1 } };

	table_for_each (row, rows)
		if (strcmp(row->call, call) == 0)
			return row->argument;
	return -1;
}
