/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

#include "base/error.h"

/*
 * What minirun tells its caller. The level and the destination are the program's only mutable
 * file-scope state. At the default level exactly one line is printed: the error that ends the
 * command (engines decode the whole log file as one JSON object).
 */
enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };
enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

/*
 * Opens the destination: NULL or "" = standard error, "[file:]PATH" (appended, 0644, O_CLOEXEC),
 * "journald:ID", "syslog:ID". Called once by main. Without a call everything goes to stderr.
 */
int log_open(const char *destination, enum log_format format, enum log_level level,
	     struct error *err);

bool log_enabled(enum log_level level);

/* One line each; newlines and control characters in the message are escaped. Keep errno. */
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * The error that ends the command: one line to the destination and, where that isn't stderr, the
 * bare message on stderr as well (conmon and CRI-O read it there).
 */
void log_failure(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * The same, with what a program may want to know of the error: in the JSON format the members
 * "code", "errno", "phase" (command, or command/step) and "hint". lead stands before the message,
 * but not in that format: who asks for it is an engine, which says itself what it has called
 * ("OCI runtime create failed: ...").
 */
void log_failure_of(const struct error *error, const char *command, const char *lead,
		    const char *format, ...) __attribute__((format(printf, 4, 5)));

/* init, before it closes what isn't the container's: forgets a log file's descriptor, whose number
 * may soon be another's. What is logged to standard error goes on. */
void log_detach(void);

#endif
