/* SPDX-License-Identifier: Apache-2.0 */
/* syscalls: pipe2 fcntl read write */
#include "runtime/hook_output.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"

#define DRAIN_READS 32 /* after the end: more than a full pipe, less than for ever */

/* Only our end doesn't wait: the two are different open file descriptions. */
int hook_output_open(struct hook_output *output, int *writer, struct error *err)
{
	int pair[2];

	if (pipe2(pair, O_CLOEXEC) < 0)
		return error_errno(err, "make a pipe");
	output->fd = pair[0];
	*writer = pair[1];
	if (fcntl(output->fd, F_SETFL, O_NONBLOCK) < 0)
		return error_errno(err, "make a pipe");
	return 0;
}

bool hook_output_read(struct hook_output *output)
{
	ssize_t got;

	if (output->length > HOOK_OUTPUT_KEPT) {
		memmove(output->bytes, output->bytes + output->length - HOOK_OUTPUT_KEPT / 2,
			HOOK_OUTPUT_KEPT / 2);
		output->length = HOOK_OUTPUT_KEPT / 2;
		output->cut = true;
	}
	got = read(output->fd, output->bytes + output->length, HOOK_OUTPUT_READ - 1);
	if (got > 0 && output->copy >= 0 &&
	    fd_write_all(output->copy, output->bytes + output->length, (size_t)got) < 0) {
		log_warning("write a hook's output to its file: %s", error_reason(errno));
		output->copy = -1; /* the rest is for the log alone */
	}
	if (got > 0)
		output->length += (size_t)got;
	else if (got == 0 || (errno != EAGAIN && errno != EINTR))
		fd_close(&output->fd);
	return got > 0;
}

void hook_output_drain(struct hook_output *output)
{
	for (int reads = 0; reads < DRAIN_READS && output->fd >= 0; reads++) {
		if (!hook_output_read(output))
			break;
	}
	output->bytes[output->length] = '\0';
}

void hook_output_show(const struct hook_output *output, char text[HOOK_OUTPUT_SHOWN])
{
	const char *from = output->bytes, *to = output->bytes + output->length;
	const size_t most = HOOK_OUTPUT_SHOWN - 10;
	size_t used = 0;

	while (from < to && isspace((unsigned char)to[-1]))
		to--;
	while (from < to && isspace((unsigned char)*from))
		from++;
	if ((size_t)(to - from) > most) {
		from = to - most;
		/* not in the middle of a UTF-8 character */
		while (from < to && ((unsigned char)*from & 0xC0) == 0x80)
			from++;
		used = (size_t)snprintf(text, HOOK_OUTPUT_SHOWN, "...");
	}
	for (; from < to; from++) {
		const bool kept = *from == '\n' || *from == '\t' || !iscntrl((unsigned char)*from);

		text[used++] = kept ? *from : '?';
	}
	text[used] = '\0';
}
