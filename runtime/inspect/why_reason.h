/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_WHY_REASON_H
#define INSPECT_WHY_REASON_H

#include "runtime/inspect/why.h"

/* What why_call() and why_explain() are made of: one function per layer. */

#define FORMAT(facts, ...) arena_format(&(facts)->document->arena, __VA_ARGS__)

/* ---- why_common.c ---- */

bool why_is_call(const struct why_failure *failure, const char *call);
/* text NULL: memory is exhausted */
void why_add(struct why *why, const char *name, enum why_verdict verdict, const char *text,
	     const char *pointer);
void why_say(struct why_reason *reason, enum why_sureness sure, const char *layer, const char *text,
	     const char *pointer);

/* It is effective; in which user namespace that counts is another question. */
bool why_has_capability(const struct why_facts *facts, int capability);
/* ... and in the first user namespace, where the rights are that capable() asks for. */
bool why_counts_on_host(const struct why_facts *facts, int capability);
/* A member, where there is a config.json. */
const char *why_pointer_if(const struct why_facts *facts, const char *pointer);
/* A file below /proc/sys, in arena; NULL: it can't be read. As a number; -1: it is none. */
const char *why_setting_text(const struct why_facts *facts, const char *name);
int64_t why_setting(const struct why_facts *facts, const char *name);
/* "; kernel.dmesg_restrict is 1", or nothing. name may be NULL. */
const char *why_setting_words(const struct why_facts *facts, const char *name);

/* ---- why_owner.c: user namespaces ---- */

#define WHY_USERNS_INITIAL UINT64_C(0xEFFFFFFD) /* PROC_USER_INIT_INO */
#define WHY_USERNS_PLANNED UINT64_C(1)		/* a new one, which has no number yet */

/* "user:[4026532281]", "the initial user namespace"; in arena */
const char *why_userns_name(const struct why_facts *facts, uint64_t inode);

/* ---- why_filter.c, why_capability.c: layers of why_call() ---- */

/* arguments NULL: they aren't known; else the first count of them are. */
void why_filter_judge(struct why *why, const struct why_facts *facts, uint32_t number,
		      const uint64_t *arguments, size_t count);
void why_capability_judge(struct why *why, const struct why_facts *facts,
			  const struct privilege *row, const uint64_t *arguments, size_t count);

/* ---- why_mounts.c: read-only, noexec, nodev, locked, full ---- */

/* The member that says how what is on this mount point is mounted; NULL: none. */
const char *why_mount_pointer(const struct why_facts *facts, const char *mount);

/* EROFS */
void why_by_mount(const struct why_facts *facts, const struct why_failure *failure,
		  struct why_reason *reason);
/* EINVAL of umount2: a mount that came with the user namespace */
void why_by_lock(const struct why_facts *facts, const struct why_failure *failure,
		 struct why_reason *reason);
/* ENOSPC, EDQUOT; false: there is room, as far as can be seen */
bool why_by_space(const struct why_facts *facts, const struct why_failure *failure,
		  struct why_reason *reason);
struct why_object;
/* noexec and nodev, of the mount that the object is on; false: neither */
bool why_by_mount_flag(const struct why_facts *facts, const struct why_failure *failure,
		       const struct why_object *object, unsigned flags, struct why_reason *reason);
/* EPERM, EACCES of mount(2) by a caller who has the capability for it. Always says something. */
void why_by_mount_call(const struct why_facts *facts, const struct why_failure *failure,
		       struct why_reason *reason);

/* ---- why_permission.c: owners and modes, device nodes ---- */

/* A file whose owner the caller's user namespace doesn't know; false: it is none */
bool why_by_owner(const struct why_facts *facts, const struct why_failure *failure,
		  struct why_reason *reason);
/* EPERM of a change that the owner needs no capability for, and the caller is the owner */
bool why_by_own_file(const struct why_facts *facts, const struct why_failure *failure,
		     struct why_reason *reason);
/* EPERM, EACCES that no capability of the call explains. Always says something. */
void why_by_permission(const struct why_facts *facts, const struct why_failure *failure,
		       struct why_reason *reason);

/* ---- why_program.c ---- */

/* A set-user-ID program that was executed without gaining anything. */
void why_by_program(const struct why_facts *facts, const struct why_failure *failure,
		    struct why_reason *reason);
/* ENOENT of execve: the file is there, its interpreter isn't; false: it isn't there */
bool why_by_interpreter(const struct why_facts *facts, const struct why_failure *failure,
			struct why_reason *reason);

/* ---- why_lookup.c: links, boundaries, what is in use; chattr(1) ---- */

bool why_lookup_is_refusal(const char *call, int code);
bool why_lookup_is_ordinary(const struct why_failure *failure);
/* ELOOP, EXDEV, ETXTBSY, EBUSY, EFBIG, and ENOENT of a device; false: it is no such thing */
bool why_by_lookup(const struct why_facts *facts, const struct why_failure *failure,
		   struct why_reason *reason);
/* EPERM of immutable and append-only files; false: the file is neither */
bool why_by_attribute(const struct why_facts *facts, const struct why_failure *failure,
		      struct why_reason *reason);

/* ---- why_network.c: addresses of other network namespaces ---- */

bool why_network_is_refusal(const char *call, int code);
bool why_network_is_ordinary(const struct why_failure *failure);
/* of connect(2): ECONNREFUSED, EACCES. True with layer NULL: nothing to be told. */
bool why_by_network(const struct why_facts *facts, const struct why_failure *failure,
		    struct why_reason *reason);

/* ---- why_process.c: other processes ---- */

/* EPERM of ptrace(2): the process has a tracer; false: it hasn't, as far as can be seen */
bool why_by_tracer(const struct why_facts *facts, const struct why_failure *failure,
		   struct why_reason *reason);

/* EPERM, EACCES of a file below /proc/PID that owner and mode don't explain; false: it is none */
bool why_by_process_file(const struct why_facts *facts, const struct why_failure *failure,
			 struct why_reason *reason);

/* ---- why_known.c: what the call and its errno say, or the name of a file of the kernel ---- */

bool why_is_known(const char *call, int code);
bool why_by_call(const struct why_facts *facts, const struct why_failure *failure,
		 struct why_reason *reason);
bool why_by_kernel_file(const struct why_facts *facts, const struct why_failure *failure,
			struct why_reason *reason);

/* ---- why_label.c: AppArmor, SELinux ---- */

/* The layer of a call that a policy speaks of; none where nothing labels the process. */
void why_label_judge(struct why *why, const struct why_facts *facts);
/* The policy that the process is under, and that refuses: 'AppArmor's profile "web" (enforce)';
 * NULL: none. */
const char *why_label_words(const struct why_facts *facts);
/* "; or " and that, or nothing. */
const char *why_or_label(const struct why_facts *facts);
/* what: why it must be the policy. False: there is none. */
bool why_by_label(const struct why_facts *facts, const char *what, struct why_reason *reason);

/* ---- why_protected.c: sticky directories, fs.protected_* ---- */

bool why_by_protected(const struct why_facts *facts, const struct why_failure *failure,
		      struct why_reason *reason);
void why_protected_judge(struct why *why, const struct why_facts *facts);

/* ---- why_limits.c: counts, memory, settings of the kernel ---- */

/* Always says something. */
void why_by_limit(const struct why_facts *facts, const struct why_failure *failure, unsigned flags,
		  struct why_reason *reason);
/* What ended it from outside: certain if the out-of-memory killer did. */
void why_by_signal(const struct why_facts *facts, struct why_reason *reason);
/* The soft limit of "RLIMIT_NPROC" and a few others, in arena; NULL: unlimited, or not known. */
const char *why_limit_text(const struct why_facts *facts, const char *name);
/* A file of a cgroup's directory, now: one number, or that of a key. */
bool why_read_cgroup(const char *path, const char *name, const char *key, uint64_t *number);

/* ---- why_settings.c: settings of the kernel ---- */

/* The layers of a call that a setting or a resource limit decides: none where it lets all pass. */
void why_settings_judge(struct why *why, const struct why_facts *facts, const uint64_t *arguments,
			size_t count);
/* EPERM, EACCES that a sysctl decides together with the arguments; false: not this call */
bool why_by_setting(const struct why_facts *facts, const struct why_failure *failure,
		    struct why_reason *reason);

#endif
