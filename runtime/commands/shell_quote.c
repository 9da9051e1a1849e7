/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Words for sh(1).
 *
 * syscalls: none
 */
#include <string.h>

#include "runtime/commands/explain_plan.h"

/* Bytes that a terminal may take for a command: C0 but tab and newline, DEL, C1 in UTF-8. */
static size_t control_length(const char *text)
{
	const unsigned char byte = (unsigned char)text[0], next = (unsigned char)text[1];

	if (byte == 0xC2 && next >= 0x80 && next < 0xA0)
		return 2;
	return (byte < 0x20 && byte != '\t' && byte != '\n') || byte == 0x7F;
}

/* The words are the image's to choose, and the script is printed to look at: what isn't text stands
 * in it as printf(1)'s escapes. */
const char *shell_quote(struct arena *arena, const char *text)
{
	autobuffer quoted = { 0 };

	if (*text && text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				       "0123456789_-+=:,./@%")] == '\0')
		return arena_string(arena, text);
	buffer_add(&quoted, "'");
	while (*text) {
		size_t control = control_length(text);

		if (*text == '\'')
			buffer_add(&quoted, "'\\''");
		else if (control == 0)
			buffer_add_bytes(&quoted, text, 1);
		else
			buffer_add(&quoted, "'\"$(printf '");
		for (size_t i = 0; i < control; i++)
			buffer_format(&quoted, "\\%03o", (unsigned)(unsigned char)text[i]);
		if (control > 0)
			buffer_add(&quoted, "')\"'");
		text += control > 0 ? control : 1;
	}
	buffer_add(&quoted, "'");
	return quoted.failed ? NULL : arena_string(arena, quoted.text);
}
