/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_LIVE_H
#define INSPECT_LIVE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "runtime/inspect/fact.h"
#include "runtime/process/process.h"

/*
 * One process's directory in /proc, held by a descriptor: the pidfd is opened first and asked after
 * the directory was opened, so both are the same process and a reused pid is never read. No file
 * of the process's root directory is opened, and nothing of it is executed.
 */
struct live {
	pid_t pid;
	int pidfd;
	int dir; /* /proc/PID of a procfs that nobody can mount over (base/procfs.h) */
};
#define LIVE_INIT                                                                                  \
	{                                                                                          \
		.pidfd = -1, .dir = -1                                                             \
	}

/* "process 5 doesn't exist", "5 is a thread of process 4: say 4" */
int live_open(struct live *live, int procfs, pid_t pid, struct error *err);
/* The process that a thread belongs to: Tgid of its status. 0: there is no such thread. */
pid_t live_process_of(int procfs, pid_t thread);
/* At the end: "process 5 ended while it was being read". A zombie still exists. */
int live_check(const struct live *live, struct error *err);
void live_close(struct live *live);

/* A file below /proc/PID whole, at most limit bytes (what is longer is cut), NUL-terminated; NULL
 * with errno. The caller frees it; length may be NULL. */
char *live_read(const struct live *live, const char *name, size_t limit, size_t *length);
/* A link's text; -1 with errno: ESRCH if the process has ended. */
int live_link(const struct live *live, const char *name, char *text, size_t size);
/* Opens below /proc/PID, following magic links: for ns/NAME only. -1 with errno. */
int live_open_file(const struct live *live, const char *name);
/* "/proc/5/status" in arena, for struct fact's source; NULL when memory is exhausted. */
const char *live_source(const struct live *live, const char *name, struct arena *arena);

/* /proc/PID/status, see proc_pid_status(5). */
#define NSPID_MAX 33 /* 32 nested pid namespaces and the first */
struct status_facts {
	struct fact fact;
	char state;		  /* R S D T t Z X I */
	pid_t tgid, ppid, tracer; /* tracer: 0 is none */
	uint32_t uid[4], gid[4];  /* real, effective, saved, file system: in the reader's user ns */
	pid_t nspid[NSPID_MAX];	  /* from the reader's pid namespace inwards */
	size_t nspid_count;
	uint64_t set[CAPABILITY_SET_COUNT];
	uint64_t threads, rss_kib;
	bool has_capabilities; /* false: the lines weren't there */
	struct fact_uint no_new_privs, seccomp, seccomp_filters;
	const char *groups; /* the line's text, in arena */
	bool kernel_thread;
};

/* Pure, but for the arena. */
void status_parse(const char *text, struct status_facts *status, struct arena *arena);
/* As status_parse() of the process's file; status->fact says how it went. */
void live_read_status(const struct live *live, struct status_facts *status, struct arena *arena);

/* The next line of a uid_map's or gid_map's text, which *map is moved behind; false: no more. */
struct id_range {
	uint64_t inside, outside, count;
};
bool id_map_next(const char **map, struct id_range *range);

/* The id inside a user namespace of what /proc/PID/uid_map's text calls outside; false: it has
 * none. Pure. */
bool id_map_inside(const char *map, uint32_t outside, uint32_t *inside);

#endif
