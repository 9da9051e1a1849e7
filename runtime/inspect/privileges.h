/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_PRIVILEGES_H
#define INSPECT_PRIVILEGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "namespaces/namespace.h"

/*
 * Which capability a system call asks for, and in which user namespace: capabilities(7),
 * user_namespaces(7), and the kernel's own capable() and ns_capable() calls, which the manual
 * doesn't tell apart.
 */
enum privilege_owner {
	OWNER_INITIAL,	 /* the first user namespace: capable() */
	OWNER_OWN,	 /* the caller's own */
	OWNER_NAMESPACE, /* the one that owns the caller's namespace of a kind */
	OWNER_OBJECT,	 /* the one of the file, or of the other process */
};

/* Which arguments make a call ask for it; said by the arguments alone. */
enum privilege_test {
	TEST_NONE,	   /* arguments don't tell */
	TEST_NEW_NS,	   /* CLONE_NEW*, and no CLONE_NEWUSER: args[0] */
	TEST_RAW_SOCKET,   /* args[0], args[1] of socket() */
	TEST_NODE_MKNOD,   /* a device by mode and number: args[1], args[2] */
	TEST_NODE_MKNODAT, /* ... args[2], args[3] */
	TEST_TREE_CLONE,   /* OPEN_TREE_CLONE: args[2] */
	TEST_BUFFER_FORCE, /* SO_RCVBUFFORCE, SO_SNDBUFFORCE: args[1], args[2] */
};

struct privilege {
	const char *call;
	const char *capability; /* "cap_sys_admin" */
	enum privilege_owner owner;
	enum namespace_kind kind; /* OWNER_NAMESPACE: of which kind */
	const char *when;	  /* NULL: always; else the case that needs it */
	enum privilege_test test; /* that case, where arguments tell */
	const char *setting;	  /* NULL, or the file below /proc/sys that decides, too */
	const char *limit;	  /* NULL, or the resource limit: "RLIMIT_RTPRIO" */
};
/* Whether a call with these arguments asks for it. count of them are known. */
enum privilege_answer { PRIVILEGE_ASKED, PRIVILEGE_NOT_ASKED, PRIVILEGE_UNCLEAR };
enum privilege_answer privilege_asked(const struct privilege *row, const uint64_t *arguments,
				      size_t count);

/* The nth row, sorted by call; NULL behind the last. A call may have several. */
const struct privilege *privilege_row(size_t n);
/* The first row of a call from *n on, which is moved behind it; NULL: none. */
const struct privilege *privilege_find(const char *call, size_t *n);

/* What else may refuse a call, and by which errno. */
#define CALL_CHANGES_FILES 0x1	   /* EROFS: read-only mounts; EACCES, EPERM: the file's mode */
#define CALL_OPENS_DEVICES 0x2	   /* EPERM: the device filter of the cgroup */
#define CALL_MAKES_PROCESSES 0x4   /* EAGAIN: pids.max, RLIMIT_NPROC */
#define CALL_MAKES_DESCRIPTORS 0x8 /* EMFILE: RLIMIT_NOFILE */
#define CALL_TAKES_MEMORY 0x10 /* ENOMEM: memory.max, RLIMIT_AS; EPERM, EAGAIN: RLIMIT_MEMLOCK */
#define CALL_MAKES_NAMESPACES 0x20 /* ENOSPC: user.max_*_namespaces */
#define CALL_EXECUTES 0x40	   /* EACCES: noexec mounts; EPERM: file capabilities */
#define CALL_ON_DESCRIPTOR 0x80	   /* the file is that of a descriptor */
#define CALL_LOOKS_UP 0x100	   /* EACCES: the modes of the directories on the way */

struct call_effect {
	const char *call;
	unsigned flags;
	int object; /* index of the argument that is a path, a name or that descriptor, -1: none */
};
/* Index of the argument that is the path of what is there already, for calls with two paths; -1. */
int call_source_argument(const char *call);
/* Never NULL: a call that isn't in the table has no flags. */
const struct call_effect *call_effect_find(const char *call);

#endif
