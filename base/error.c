/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The error type: text written once, by the function that knows the object, into the caller's
 * struct. See error(3)-like builders in error.h; strerrordesc_np(3) gives the reasons, since it
 * knows no locale.
 *
 * syscalls: none
 */
#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"

const char *error_reason(int code)
{
	static _Thread_local char reason[128];
	const char *description;

	switch (code) {
	case ENOENT:
		return "is missing";
	case EACCES:
		return "access is refused";
	case EPERM:
		return "is not permitted";
	default:
		break;
	}

	description = strerrordesc_np(code);
	if (!description) {
		(void)snprintf(reason, sizeof(reason), "error %d", code);
		return reason;
	}
	(void)snprintf(reason, sizeof(reason), "%s", description);
	/* "Invalid argument" but "RFS specific error": only a word's capital is lowered */
	if (islower((unsigned char)reason[1]) || reason[1] == ' ')
		reason[0] = (char)tolower((unsigned char)reason[0]);
	return reason;
}

/* Text that was cut must not end in the middle of a UTF-8 character. */
static void trim_partial_character(char *text)
{
	size_t length = strlen(text);
	size_t start = length;

	while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80)
		start--;
	if (start == 0)
		return;

	unsigned char lead = (unsigned char)text[start - 1];
	size_t expected = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;

	if (length - start + 1 < expected)
		text[start - 1] = '\0';
}

static void append(struct error *err, const char *text)
{
	size_t used = strlen(err->text);
	int length = snprintf(err->text + used, sizeof(err->text) - used, "%s", text);

	if (length >= 0 && (size_t)length >= sizeof(err->text) - used)
		trim_partial_character(err->text);
}

static void format_text(struct error *err, const char *format, va_list arguments) PRINTF(2, 0);

static void format_text(struct error *err, const char *format, va_list arguments)
{
	int length = vsnprintf(err->text, sizeof(err->text), format, arguments);

	if (length < 0)
		err->text[0] = '\0';
	else if ((size_t)length >= sizeof(err->text))
		trim_partial_character(err->text);
}

static void begin(struct error *err, int code)
{
	err->code = code;
	err->kind = ERROR_UNTOLD;
	err->step[0] = '\0';
}

int error_set(struct error *err, const char *format, ...)
{
	va_list arguments;

	begin(err, 0);
	va_start(arguments, format);
	format_text(err, format, arguments);
	va_end(arguments);
	return -1;
}

int error_of_kind(struct error *err, enum error_kind kind, const char *format, ...)
{
	va_list arguments;

	begin(err, 0);
	err->kind = (int)kind;
	va_start(arguments, format);
	format_text(err, format, arguments);
	va_end(arguments);
	return -1;
}

static void __attribute__((format(printf, 3, 0)))
format_with_reason(struct error *err, int code, const char *format, va_list arguments)
{
	begin(err, code);
	format_text(err, format, arguments);
	append(err, ": ");
	append(err, error_reason(code));
}

int error_errno(struct error *err, const char *format, ...)
{
	const int code = errno;
	va_list arguments;

	va_start(arguments, format);
	format_with_reason(err, code, format, arguments);
	va_end(arguments);
	return -1;
}

int error_code(struct error *err, int code, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	format_with_reason(err, code, format, arguments);
	va_end(arguments);
	return -1;
}

int error_context(struct error *err, const char *format, ...)
{
	struct error inner = *err;
	va_list arguments;

	va_start(arguments, format);
	format_text(err, format, arguments);
	va_end(arguments);
	append(err, ": ");
	append(err, inner.text);
	return -1;
}
