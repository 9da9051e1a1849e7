/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What minirun tells its caller: one line a message, in one write(2), so that lines of several
 * processes that append to one file don't mix. The line is built in fixed memory: a message is cut
 * rather than lost when memory is short, and init may call this at any time.
 * reference.md's shapes: time="2026-08-19T10:00:00Z" level=error msg="..." and
 * {"level":"error","msg":"...","time":"..."}.
 *
 * journald and syslog are spoken to directly (their datagram formats are stable: systemd's
 * "Native Journal Protocol", RFC 3164 as syslog(3) sends it), since syslog(3) says nothing when
 * nobody listens.
 *
 * syscalls: open socket connect write sendto clock_gettime
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/string.h"
#include "base/table.h"

#define MESSAGE_MAX 2048
#define IDENTIFIER_MAX 64

enum sink { SINK_STREAM, SINK_JOURNALD, SINK_SYSLOG };

static struct {
	enum sink sink;
	enum log_format format;
	enum log_level level;
	int fd; /* -1: standard error */
	char identifier[IDENTIFIER_MAX];
} destination = { .level = LOG_LEVEL_ERROR, .fd = -1 };

static const struct {
	const char *name;
	int priority; /* syslog(3) */
} levels[] = {
	[LOG_LEVEL_ERROR] = { "error", 3 },
	[LOG_LEVEL_WARNING] = { "warning", 4 },
	[LOG_LEVEL_INFO] = { "info", 6 },
	[LOG_LEVEL_DEBUG] = { "debug", 7 },
};

/* Text that is cut where it is full; room for the line's end is the caller's concern. */
struct line {
	char text[MESSAGE_MAX * 6 + 1024]; /* every byte as \u00XX, and what stands around it */
	size_t length;
};

static void line_add(struct line *line, const char *text, size_t length)
{
	size_t room = sizeof(line->text) - line->length;

	if (length > room)
		length = room;
	memcpy(line->text + line->length, text, length);
	line->length += length;
}

static void line_put(struct line *line, const char *text)
{
	line_add(line, text, strlen(text));
}

/* Length of the well-formed UTF-8 character at text, 0 if there is none. */
static size_t character_length(const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;
	size_t length = byte[0] < 0x80			     ? 1
			: byte[0] >= 0xC2 && byte[0] <= 0xDF ? 2
			: byte[0] >= 0xE0 && byte[0] <= 0xEF ? 3
			: byte[0] >= 0xF0 && byte[0] <= 0xF4 ? 4
							     : 0;

	for (size_t i = 1; i < length; i++) {
		if ((byte[i] & 0xC0) != 0x80)
			return 0;
	}
	/* overlong forms, surrogates, beyond U+10FFFF */
	if ((byte[0] == 0xE0 && byte[1] < 0xA0) || (byte[0] == 0xED && byte[1] > 0x9F) ||
	    (byte[0] == 0xF0 && byte[1] < 0x90) || (byte[0] == 0xF4 && byte[1] > 0x8F))
		return 0;
	return length;
}

/* Adds message without anything that could end the line or drive a terminal. quoted: and nothing
 * that could end the quoted string. */
static void line_add_escaped(struct line *line, const char *message, bool json, bool quoted)
{
	static const char plain[] = "\n\r\t", names[] = "nrt";

	while (*message) {
		unsigned char byte = (unsigned char)*message;
		size_t length = character_length(message);
		const char *known = strchr(plain, byte);
		char escape[8];

		if (known) {
			(void)snprintf(escape, sizeof(escape), "\\%c", names[known - plain]);
		} else if (quoted && (byte == '"' || byte == '\\')) {
			(void)snprintf(escape, sizeof(escape), "\\%c", byte);
		} else if (length == 0 && json) {
			(void)snprintf(escape, sizeof(escape), "\xEF\xBF\xBD"); /* U+FFFD */
		} else if (length == 0 || byte < 0x20 || byte == 0x7F) {
			(void)snprintf(escape, sizeof(escape), json ? "\\u%04x" : "\\x%02x", byte);
		} else {
			line_add(line, message, length);
			message += length;
			continue;
		}
		line_put(line, escape);
		message++;
	}
}

static void format_time(char *text, size_t size)
{
	struct timespec now = { 0 };
	struct tm fields;

	(void)clock_gettime(CLOCK_REALTIME, &now); /* can't fail for this clock */
	if (!gmtime_r(&now.tv_sec, &fields) ||
	    strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &fields) == 0)
		text[0] = '\0';
}

static void put_member(struct line *line, const char *name, const char *value)
{
	line_put(line, ",\"");
	line_put(line, name);
	line_put(line, "\":\"");
	line_add_escaped(line, value, true, true);
	line_put(line, "\"");
}

/* Behind what runc and crun have: readers of theirs pass over it. */
static void put_details(struct line *line, const struct error *error, const char *command)
{
	const char *hint = error_hint(error);
	char phase[64], number[32];

	put_member(line, "code", error_name(error));
	(void)snprintf(number, sizeof(number), ",\"errno\":%d", error->code);
	if (error->code > 0)
		line_put(line, number);
	(void)snprintf(phase, sizeof(phase), "%s%s%.*s", command, *error->step ? "/" : "",
		       (int)sizeof(error->step), error->step);
	put_member(line, "phase", phase);
	if (hint)
		put_member(line, "hint", hint);
}

/* What log_failure_of() adds. */
struct failure {
	const struct error *error;
	const char *command;
	const char *lead;
};

static void build_line(struct line *line, enum log_level level, const char *message,
		       const struct failure *failure)
{
	bool json = destination.format == LOG_FORMAT_JSON;
	char now[32];

	format_time(now, sizeof(now));
	if (json) {
		line_put(line, "{\"level\":\"");
		line_put(line, levels[level].name);
		line_put(line, "\",\"msg\":\"");
		line_add_escaped(line, message, true, true);
		line_put(line, "\",\"time\":\"");
		line_put(line, now);
		line_put(line, "\"");
		if (failure)
			put_details(line, failure->error, failure->command);
		line_put(line, "}\n");
		return;
	}
	line_put(line, "time=\"");
	line_put(line, now);
	line_put(line, "\" level=");
	line_put(line, levels[level].name);
	line_put(line, " msg=\"");
	line_add_escaped(line, message, false, true);
	line_put(line, "\"\n");
}

static void build_datagram(struct line *line, enum log_level level, const char *message)
{
	char head[IDENTIFIER_MAX + 128];

	if (destination.sink == SINK_JOURNALD) {
		(void)snprintf(head, sizeof(head), "PRIORITY=%d\nSYSLOG_IDENTIFIER=%s\nMESSAGE=",
			       levels[level].priority, destination.identifier);
	} else {
		struct timespec now = { 0 };
		struct tm fields = { 0 };
		char stamp[32] = "";

		(void)clock_gettime(CLOCK_REALTIME, &now); /* can't fail for this clock */
		(void)gmtime_r(&now.tv_sec, &fields);
		(void)strftime(stamp, sizeof(stamp), "%b %e %H:%M:%S", &fields);
		(void)snprintf(head, sizeof(head), "<%d>%s %s[%d]: ",
			       (3 << 3) | levels[level].priority, /* facility "daemon" */
			       stamp, destination.identifier, (int)getpid());
	}
	line_put(line, head);
	line_add_escaped(line, message, false, false);
	if (destination.sink == SINK_JOURNALD)
		line_put(line, "\n");
}

static void emit(enum log_level level, const char *message, const struct failure *failure)
{
	struct line line;

	line.length = 0;
	if (destination.sink == SINK_STREAM) {
		build_line(&line, level, message, failure);
		/* a log that can't be written has no place to be reported to */
		(void)fd_write_all(destination.fd < 0 ? STDERR_FILENO : destination.fd, line.text,
				   line.length);
		return;
	}
	build_datagram(&line, level, message);
	(void)send(destination.fd, line.text, line.length, MSG_NOSIGNAL); /* as above */
}

static void emit_bare(const char *message)
{
	struct line line;

	line.length = 0;
	line_add_escaped(&line, message, false, false);
	line_put(&line, "\n");
	(void)fd_write_all(STDERR_FILENO, line.text, line.length); /* nowhere else to go */
}

static void log_message(enum log_level level, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

static void log_message(enum log_level level, const char *format, va_list arguments)
{
	char message[MESSAGE_MAX];
	int saved = errno;

	if (log_enabled(level) && vsnprintf(message, sizeof(message), format, arguments) >= 0)
		emit(level, message, NULL);
	errno = saved;
}

bool log_enabled(enum log_level level)
{
	return level <= destination.level;
}

void log_debug(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_message(LOG_LEVEL_DEBUG, format, arguments);
	va_end(arguments);
}

void log_info(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_message(LOG_LEVEL_INFO, format, arguments);
	va_end(arguments);
}

void log_warning(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	log_message(LOG_LEVEL_WARNING, format, arguments);
	va_end(arguments);
}

static void fail(const struct failure *failure, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));

static void fail(const struct failure *failure, const char *format, va_list arguments)
{
	bool json = destination.sink == SINK_STREAM && destination.format == LOG_FORMAT_JSON;
	size_t lead = failure ? strlen(failure->lead) : 0; /* a word or three */
	char message[MESSAGE_MAX];
	int saved = errno;

	if (lead > 0)
		(void)snprintf(message, sizeof(message), "%s", failure->lead);
	if (vsnprintf(message + lead, sizeof(message) - lead, format, arguments) >= 0) {
		emit(LOG_LEVEL_ERROR, json ? message + lead : message, failure);
		if (destination.fd >= 0)
			emit_bare(message);
	}
	errno = saved;
}

void log_failure(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	fail(NULL, format, arguments);
	va_end(arguments);
}

void log_failure_of(const struct error *error, const char *command, const char *lead,
		    const char *format, ...)
{
	const struct failure failure = { error, command, lead };
	va_list arguments;

	va_start(arguments, format);
	fail(&failure, format, arguments);
	va_end(arguments);
}

static int open_sink(enum sink sink, const char *socket_path, const char *identifier,
		     struct error *err)
{
	int fd;

	for (const char *c = identifier; *c; c++) {
		if ((unsigned char)*c <= ' ' || *c == 0x7F)
			return error_set(err, "log identifier \"%s\": control character or blank",
					 identifier);
	}
	if (strlen(identifier) >= sizeof(destination.identifier))
		return error_set(err, "log identifier \"%s\": longer than %zu bytes", identifier,
				 sizeof(destination.identifier) - 1);
	fd = fd_connect_unix(socket_path, SOCK_DGRAM, err);
	if (fd < 0)
		return error_context(err, "open the log");
	(void)snprintf(destination.identifier, sizeof(destination.identifier), "%s",
		       *identifier ? identifier : "minirun");
	destination.sink = sink;
	destination.fd = fd;
	return 0;
}

static int open_file(const char *path, struct error *err)
{
	/* a FIFO that nobody reads, or not fast enough, holds up no container */
	int fd =
		open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY | O_NONBLOCK, 0644);

	if (fd < 0)
		return errno == ENXIO
			       ? error_code(err, errno, "open the log %s: nobody reads it", path)
			       : error_errno(err, "open the log %s", path);
	destination.fd = fd;
	return 0;
}

int log_open(const char *name, enum log_format format, enum log_level level, struct error *err)
{
	static const struct {
		const char *prefix, *socket;
		enum sink sink;
	} daemons[] = {
		{ "journald:", "/run/systemd/journal/socket", SINK_JOURNALD },
		{ "syslog:", "/dev/log", SINK_SYSLOG },
	};

	destination.format = format;
	destination.level = level;
	if (!name || *name == '\0')
		return 0;
	table_for_each (daemon, daemons) {
		if (string_starts_with(name, daemon->prefix))
			return open_sink(daemon->sink, daemon->socket,
					 name + strlen(daemon->prefix), err);
	}
	if (string_starts_with(name, "file:"))
		name += strlen("file:");
	return open_file(name, err);
}

void log_detach(void)
{
	if (destination.fd < 0)
		return;
	destination.fd = -1;
	destination.level = LOG_LEVEL_ERROR;
}
