/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_HOOK_OUTPUT_H
#define RUNTIME_HOOK_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define HOOK_OUTPUT_KEPT 16384 /* bytes of each stream, for the log */
#define HOOK_OUTPUT_SHOWN 160  /* bytes of each stream, in the error */
#define HOOK_OUTPUT_READ 4096

/*
 * The end of what a hook wrote to one stream: all of it is read, so that the hook doesn't wait for
 * us, and little of it is kept. Runs in: parent, init.
 */
struct hook_output {
	int fd;	  /* our end of the pipe; -1: closed */
	int copy; /* the file that gets everything, the caller's; -1: none */
	bool cut;
	size_t length;
	char bytes[HOOK_OUTPUT_KEPT + HOOK_OUTPUT_READ];
};

/* Makes the pipe. *writer is the hook's end, for the caller to close; so is output->fd, also after
 * an error. */
int hook_output_open(struct hook_output *output, int *writer, struct error *err);

/* Reads once, without waiting. False: nothing there now, or never again (fd is -1 then). */
bool hook_output_read(struct hook_output *output);

/* What is still in the pipe when the hook has ended; a daemon of its may write for ever. bytes is a
 * string afterwards. */
void hook_output_drain(struct hook_output *output);

/* The last bytes of an output, without blanks at its ends. Line ends stay: the log escapes them,
 * and once is enough; what could drive a terminal doesn't. */
void hook_output_show(const struct hook_output *output, char text[HOOK_OUTPUT_SHOWN]);

#endif
