/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_SYS_H
#define BASE_SYS_H

/*
 * System calls and constants that Debian 12's glibc (2.36) has no wrapper or name for. The only
 * file of the project with #if: what a header lacks is added here, what a kernel lacks is found out
 * at run time.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/nsfs.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/user.h>
#include <unistd.h>

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif
#ifndef PROC_SUPER_MAGIC
#define PROC_SUPER_MAGIC 0x9fa0
#endif
#ifndef PIDFS_SUPER_MAGIC
#define PIDFS_SUPER_MAGIC 0x50494446 /* Linux 6.9 */
#endif
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif
#ifndef STATX_MNT_ID_UNIQUE
#define STATX_MNT_ID_UNIQUE 0x00004000U /* Linux 6.8 */
#endif

/* linux/sched/types.h has it, too, but some versions of that header clash with glibc's sched.h. */
struct sys_sched_attr {
	uint32_t size;
	uint32_t sched_policy;
	uint64_t sched_flags;
	int32_t sched_nice;
	uint32_t sched_priority;
	uint64_t sched_runtime, sched_deadline, sched_period;
	uint32_t sched_util_min, sched_util_max; /* Linux 5.3 */
};

#ifndef NS_GET_ID
#define NS_GET_ID _IOR(0xb7, 0xd, uint64_t) /* Linux 6.18 */
#endif
#ifndef NS_GET_MNTNS_ID
#define NS_GET_MNTNS_ID _IOR(0xb7, 0x5, uint64_t) /* Linux 6.11 */
#endif

static inline pid_t sys_clone3(struct clone_args *args)
{
	return (pid_t)syscall(SYS_clone3, args, sizeof(*args));
}

static inline int sys_openat2(int dir, const char *path, struct open_how *how)
{
	return (int)syscall(SYS_openat2, dir, path, how, sizeof(*how));
}

/*
 * Libraries at run time. A static program can't load any: dlopen(3) there would need the very glibc
 * that it was linked with.
 */
#ifdef MINIRUN_STATIC
#define SYS_CAN_LOAD_LIBRARIES 0

static inline void *sys_load_library(const char *name)
{
	(void)name;
	return NULL;
}

static inline void *sys_find_symbol(void *library, const char *name)
{
	(void)library;
	(void)name;
	return NULL;
}

static inline const char *sys_load_error(void)
{
	return "this is a static build";
}
#else
#define SYS_CAN_LOAD_LIBRARIES 1

static inline void *sys_load_library(const char *name)
{
	return dlopen(name, RTLD_NOW | RTLD_LOCAL);
}

static inline void *sys_find_symbol(void *library, const char *name)
{
	return dlsym(library, name);
}

/* Why the last of these has failed; it may be called once only. */
static inline const char *sys_load_error(void)
{
	const char *text = dlerror();

	return text ? text : "unknown reason";
}
#endif

/* Code mapped by hand lacks what the kernel or the loader gives it for branch target identification
 * of arm64. */
#ifdef __ARM_FEATURE_BTI_DEFAULT
#define SYS_CAN_MAP_CODE_AGAIN 0
#else
#define SYS_CAN_MAP_CODE_AGAIN 1
#endif

/* Linux 6.15; one number on all architectures but alpha. */
static inline int sys_open_tree_attr(int dir, const char *path, unsigned flags,
				     struct mount_attr *attr)
{
	return (int)syscall(SYS_open_tree_attr, dir, path, flags, attr, sizeof(*attr));
}

static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)syscall(SYS_pivot_root, new_root, put_old);
}

static inline int sys_sched_setattr(pid_t pid, const struct sys_sched_attr *attributes)
{
	return (int)syscall(SYS_sched_setattr, pid, attributes, 0U);
}

static inline int sys_ioprio_set(int which, int who, int value)
{
	return (int)syscall(SYS_ioprio_set, which, who, value);
}

static inline int sys_set_mempolicy(int mode, const uint64_t *nodes, unsigned long count)
{
	return (int)syscall(SYS_set_mempolicy, mode, nodes, count);
}

/* The call that a stopped tracee is in, and what has become of it where it has returned. */
struct sys_traced_call {
	uint32_t arch; /* AUDIT_ARCH_* */
	uint64_t number, arguments[6];
	int64_t result;
};

/*
 * The same by the tracee's registers, for kernels without PTRACE_GET_SYSCALL_INFO: User-mode Linux.
 * They don't tell whether the call begins or has returned. Only x86-64 has such a kernel: ENOSYS
 * elsewhere.
 */
#ifdef __x86_64__
#define SYS_CODE_SEGMENT_32 0x23

static inline int sys_read_traced_call(pid_t pid, struct sys_traced_call *call)
{
	struct user_regs_struct registers;

	if (ptrace(PTRACE_GETREGS, pid, NULL, &registers) < 0)
		return -1;
	if (registers.cs == SYS_CODE_SEGMENT_32)
		*call = (struct sys_traced_call){
			.arch = AUDIT_ARCH_I386,
			.number = (uint32_t)registers.orig_rax,
			.arguments = { (uint32_t)registers.rbx, (uint32_t)registers.rcx,
				       (uint32_t)registers.rdx, (uint32_t)registers.rsi,
				       (uint32_t)registers.rdi, (uint32_t)registers.rbp },
			.result = (int32_t)registers.rax,
		};
	else
		*call = (struct sys_traced_call){
			.arch = AUDIT_ARCH_X86_64,
			.number = registers.orig_rax,
			.arguments = { registers.rdi, registers.rsi, registers.rdx, registers.r10,
				       registers.r8, registers.r9 },
			.result = (int64_t)registers.rax,
		};
	return 0;
}
#else
static inline int sys_read_traced_call(pid_t pid, struct sys_traced_call *call)
{
	(void)pid;
	(void)call;
	errno = ENOSYS;
	return -1;
}
#endif

#endif
