/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

/*
 * The one error idiom. A function that can fail takes `struct error *err` as its last argument and
 * returns 0 (or a descriptor, a pid, a count >= 0) on success, -1 on failure if and only if it
 * filled err. err is never NULL. The struct lives on the caller's stack, holds no pointer and fits
 * one datagram, so that a child's error reaches the parent unchanged.
 *
 * Text: lower case, no full stop, the object first, then the reason. The deepest function that
 * knows the object names it; a caller adds context only where the user would not know otherwise.
 *
 * Some engines turn the texts "no such file or directory" and "permission denied" into exit codes
 * 127 and 126 for the container's own program. error_errno() therefore words ENOENT, EACCES and
 * EPERM differently ("is missing", "access is refused", "is not permitted"); the literal texts are
 * written only by runtime/process/executable.c.
 */
struct error {
	int code;      /* errno where there is one, else 0 */
	int kind;      /* enum error_kind: what a program may want to tell apart */
	char step[44]; /* "init.pivot": the row of a step table that failed; "" = none */
	char text[460];
};

/*
 * What went wrong, for programs: each kind has a name that stays as it is ("container-not-found",
 * the member "code" of a JSON log) and perhaps a hint at the cure. Where no function has said one,
 * the name follows from the errno.
 */
enum error_kind {
	ERROR_UNTOLD,
	ERROR_USAGE,
	ERROR_CONFIG,
	ERROR_UNSUPPORTED,
	ERROR_CONTAINER_MISSING,
	ERROR_CONTAINER_EXISTS,
	ERROR_CONTAINER_STOPPED,
	ERROR_CONTAINER_RUNNING,
	ERROR_CONTAINER_PAUSED,
	ERROR_CONTAINER_NOT_PAUSED,
	ERROR_CONTAINER_CREATING,
	ERROR_EXECUTABLE_MISSING,
	ERROR_EXECUTABLE_REFUSED,
	ERROR_EXECUTABLE_NOEXEC,
	ERROR_INTERPRETER_MISSING,
	ERROR_MEMORY_LIMIT,
	ERROR_HOOK,
	ERROR_SUBORDINATE_IDS,
	ERROR_USER_NAMESPACE,
	ERROR_MOUNT_LOCKED,
	ERROR_SYSFS,
	ERROR_CALL_BLOCKED,
	ERROR_CGROUP_NOT_DELEGATED,
	ERROR_CGROUP_IN_USE,
	ERROR_CGROUP_NONE,
	ERROR_KIND_COUNT,
};

#define PRINTF(text, first) __attribute__((format(printf, text, first)))

/* Fills err without an errno. Always returns -1. */
int error_set(struct error *err, const char *format, ...) PRINTF(2, 3);

/* As error_set(), and says the kind. */
int error_of_kind(struct error *err, enum error_kind kind, const char *format, ...) PRINTF(3, 4);

/* Fills err from the current errno: "<message>: <reason>". Always returns -1. */
int error_errno(struct error *err, const char *format, ...) PRINTF(2, 3);

/* As error_errno(), for functions that return the number instead of setting errno. */
int error_code(struct error *err, int code, const char *format, ...) PRINTF(3, 4);

/* Prefixes err's text: "<context>: <text>"; the code stays. Always returns -1. */
int error_context(struct error *err, const char *format, ...) PRINTF(2, 3);

/* Says what kind of error err is; the builders above, but for error_context(), begin without one.
 * Always returns -1. */
int error_kind(struct error *err, enum error_kind kind);

/* The name of the error's kind, never NULL, and the hint at its cure, NULL: there is none. */
const char *error_name(const struct error *err);
const char *error_hint(const struct error *err);

/* What error_errno() appends for this number. Static storage or the calling thread's buffer. */
const char *error_reason(int code);

#endif
