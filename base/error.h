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
	int code; /* errno where there is one, else 0 */
	char text[508];
};

#define PRINTF(text, first) __attribute__((format(printf, text, first)))

/* Fills err without an errno. Always returns -1. */
int error_set(struct error *err, const char *format, ...) PRINTF(2, 3);

/* Fills err from the current errno: "<message>: <reason>". Always returns -1. */
int error_errno(struct error *err, const char *format, ...) PRINTF(2, 3);

/* As error_errno(), for functions that return the number instead of setting errno. */
int error_code(struct error *err, int code, const char *format, ...) PRINTF(3, 4);

/* Prefixes err's text: "<context>: <text>"; the code stays. Always returns -1. */
int error_context(struct error *err, const char *format, ...) PRINTF(2, 3);

/* What error_errno() appends for this number. Static storage or the calling thread's buffer. */
const char *error_reason(int code);

#endif
