/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_WHY_REASON_H
#define INSPECT_WHY_REASON_H

#include "runtime/inspect/why.h"

/* What why_explain() is made of: one function per layer. */

#define FORMAT(facts, ...) arena_format(&(facts)->document->arena, __VA_ARGS__)

/* text NULL: memory is exhausted */
void why_say(struct why_reason *reason, enum why_sureness sure, const char *layer, const char *text,
	     const char *pointer);

/* ---- why_files.c: mounts, owners and modes, device nodes, room ---- */

/* EROFS */
void why_by_mount(const struct why_facts *facts, const struct why_failure *failure,
		  struct why_reason *reason);
/* EINVAL of umount2: a mount that came with the user namespace */
void why_by_lock(const struct why_facts *facts, const struct why_failure *failure,
		 struct why_reason *reason);
/* ENOSPC, EDQUOT; false: there is room, as far as can be seen */
bool why_by_space(const struct why_facts *facts, const struct why_failure *failure,
		  struct why_reason *reason);
/* A file whose owner the caller's user namespace doesn't know; false: it is none */
bool why_by_owner(const struct why_facts *facts, const struct why_failure *failure,
		  struct why_reason *reason);
/* EPERM of a change that the owner needs no capability for, and the caller is the owner */
bool why_by_own_file(const struct why_facts *facts, const struct why_failure *failure,
		     struct why_reason *reason);
/* EPERM, EACCES that no capability of the call explains. Always says something. */
void why_by_permission(const struct why_facts *facts, const struct why_failure *failure,
		       struct why_reason *reason);
/* A set-user-ID program that was executed without gaining anything. */
void why_by_program(const struct why_facts *facts, const struct why_failure *failure,
		    struct why_reason *reason);

/* ENOENT of execve: the file is there, its interpreter isn't; false: it isn't there */
bool why_by_interpreter(const struct why_facts *facts, const struct why_failure *failure,
			struct why_reason *reason);

/* ---- why_known.c: what the call and its errno say, or the name of a file of the kernel ---- */

bool why_is_known(const char *call, int code);
bool why_by_call(const struct why_facts *facts, const struct why_failure *failure,
		 struct why_reason *reason);
bool why_by_kernel_file(const struct why_facts *facts, const struct why_failure *failure,
			struct why_reason *reason);

/* ---- why_limits.c: counts, memory, settings of the kernel ---- */

/* Always says something. */
void why_by_limit(const struct why_facts *facts, const struct why_failure *failure, unsigned flags,
		  struct why_reason *reason);
/* What ended it from outside: certain if the out-of-memory killer did. */
void why_by_signal(const struct why_facts *facts, struct why_reason *reason);
/* EPERM, EACCES that a sysctl decides together with the arguments; false: not this call */
bool why_by_setting(const struct why_facts *facts, const struct why_failure *failure,
		    struct why_reason *reason);

#endif
