/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CRIU_PROGRAM_H
#define CRIU_PROGRAM_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "runtime/criu/message.h"

/*
 * criu(8) as a process that works for us: `criu swrk 3`, its end of the socket pair being
 * descriptor 3. What it answers is judged, its death is seen, and no wait is without an end.
 */
struct criu_program {
	const char *path; /* borrowed */
	pid_t pid;	  /* our child, 0: none */
	int pidfd, socket;
	/* what CRIU writes while it works, to see that it does; NULL: unknown. Borrowed */
	const char *log;
	int log_dir;
	/* A process without which the work can't be done: once it has ended, an answer must come
	 * soon. CRIU itself may not see that, where the process is our child. Borrowed pidfd; -1 */
	int needed;
};
#define CRIU_PROGRAM_INIT                                                                          \
	{                                                                                          \
		.pidfd = -1, .socket = -1, .log_dir = -1, .needed = -1                             \
	}

/* Who and where it is when it starts. */
struct criu_setting {
	bool quiet; /* /dev/null for its standard streams; else ours */
	int cgroup; /* born there; -1: ours */
	bool *late; /* the kernel or a filter refuses the birth there: told, and ours then */
	const int *descriptors; /* become CRIU's from CRIU_DESCRIPTORS on; at most 6 */
	size_t descriptor_count;
	bool dies_with_us;
	/* Runs in the new process, before execve, and may still change descriptors; NULL: nothing
	 */
	int (*prepare)(void *context, struct error *err);
	void *context;
};

/* The first of setting->descriptors. */
#define CRIU_DESCRIPTORS 4

/* How long CRIU may be silent, in milliseconds: for an answer that takes it no work, and for work.
 * The latter begins again whenever there is a sign that it goes on. */
#define CRIU_ANSWER_TIMEOUT 20000
#define CRIU_WORK_TIMEOUT 600000

/*
 * The program: given (--criu, absolute), or the first that there is in the places where
 * distributions put it: never PATH, which is the caller's (safety.md R20). The error names the
 * cure.
 */
int criu_find(const char *given, char path[static PATH_MAX], struct error *err);

/* Starts it. -1: it isn't there, couldn't be executed, or prepare failed. */
int criu_start(struct criu_program *criu, const struct criu_setting *setting, struct error *err);

int criu_send(struct criu_program *criu, const struct criu_request *request, struct error *err);

/*
 * The next message. fd gets a descriptor that came along (the caller closes it), else -1;
 * milliseconds -1: no limit (another computer is waited for). End of file, a broken message and too
 * long a silence are errors; a message that says "failed" isn't.
 */
int criu_receive(struct criu_program *criu, int milliseconds, struct criu_reply *reply, int *fd,
		 struct error *err);

/* The error of a reply that says "failed": -1. CRIU names an errno only where it knows one. */
int criu_refused(const struct criu_reply *reply, struct error *err);

/* Hangs up and reaps it. By itself within the time that an answer may take, then by SIGKILL, which
 * is an error. any_status: how it ends doesn't matter. */
int criu_finish(struct criu_program *criu, bool any_status, struct error *err);

/* Ends it by SIGKILL and reaps it; nothing if it doesn't run. */
void criu_kill(struct criu_program *criu);

/* One process for one question. version: major * 10000 + minor * 100 + sublevel. */
int criu_version(const char *path, int *version, struct error *err);
int criu_features(const char *path, bool mem_track, bool lazy_pages, struct criu_reply *reply,
		  struct error *err);

#endif
