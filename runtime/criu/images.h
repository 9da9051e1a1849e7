/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRIU_IMAGES_H
#define CRIU_IMAGES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "runtime/criu/message.h"

/*
 * The directories of a checkpoint: the images with our descriptors.json beside them, and CRIU's log
 * in the work directory (the same one if none was given).
 */
struct criu_images {
	int dir, work; /* work -1: dir */
	const char *path, *work_path;
	const char *log_name; /* "dump.log" */
	int made, work_made;  /* how many directories of the path, by us: criu_images_forget() */
};
#define CRIU_IMAGES_INIT                                                                           \
	{                                                                                          \
		.dir = -1, .work = -1                                                              \
	}

/* make: those that are missing are made, and their parents (0700). Removes an
 * older log, so that what is read from it later is of this run. */
int criu_images_open(struct criu_images *images, bool make, struct error *err);
void criu_images_close(struct criu_images *images);

/* After a failure: removes the directories that were made, if nothing is in them. */
void criu_images_forget(const struct criu_images *images);

/*
 * The images as the processes of a user namespace can open them, which CRIU lets them do: first as
 * root without any right over what isn't theirs, then as the root of their namespace, and the
 * directory is root's alone, since the memory of processes is in there. So each image is mounted
 * into a directory of the tmpfs stage that may be searched; it can't be reached but through CRIU.
 * Earlier images ("parent") come along. Returns that directory. Runs in: CRIU's process.
 */
int criu_images_stage(int images, const char *stage, struct error *err);

/* Puts the last lines that say "Error" and the log's path into err. Always returns -1. */
int criu_images_explain(const struct criu_images *images, struct error *err);

/* The lines of a log that tell what went wrong, joined by "; ", in text: without times, printable.
 * Pure. False: there are none. */
bool criu_log_errors(const char *log, char *text, size_t size);

/* A small file of ours beside the images, where others may have put something that blocks. *text
 * NULL: it is missing; length may be NULL. */
int criu_images_read(const struct criu_images *images, const char *name, char **text,
		     size_t *length, struct error *err);

/* descriptors.json: what init's standard streams are, as /proc/PID/fd names them; `["/dev/null",
 * "pipe:[4711]", ...]`, as runc writes it. */
int criu_write_descriptors(const struct criu_images *images, pid_t pid, struct error *err);

/* Those of the list that are pipes or sockets become ours of the same number (0 to 2). The file may
 * be missing. */
int criu_read_descriptors(const struct criu_images *images, struct criu_options *options,
			  struct arena *arena, struct error *err);

/* True for "pipe:[digits]" and "socket:[digits]", and nothing else. */
bool criu_is_inheritable(const char *name);

#endif
