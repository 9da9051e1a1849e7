/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CLEANUP_H
#define BASE_CLEANUP_H

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

/*
 * Cleanup attributes for process-local resources only. What the world can see (a cgroup, a state
 * directory, a child) is never undone by an attribute but by a named function.
 *
 * A variable is initialised where it is declared and is handed on only by fd_take() or ptr_take().
 * The cleanup functions preserve errno. close(2) is never retried: Linux has released the number
 * even when it reports EINTR.
 */
static inline void cleanup_fd(const int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		(void)close(*fd); /* nothing that a caller could do about a failing close */
	errno = saved;
}

static inline void cleanup_free(void *pointer)
{
	int saved = errno;

	free(*(void **)pointer);
	errno = saved;
}

static inline void cleanup_dir(DIR **dir)
{
	int saved = errno;

	if (*dir)
		(void)closedir(*dir); /* read-only stream: nothing to lose */
	errno = saved;
}

#define autofd __attribute__((cleanup(cleanup_fd))) int
#define autofree __attribute__((cleanup(cleanup_free)))
#define autodir __attribute__((cleanup(cleanup_dir))) DIR *

/* Moves a descriptor out of its variable, which then no longer owns it. */
static inline int fd_take(int *fd)
{
	int taken = *fd;

	*fd = -1;
	return taken;
}

/* Closes what the variable holds, if anything, and marks it empty. Preserves errno. */
static inline void fd_close(int *fd)
{
	cleanup_fd(fd);
	*fd = -1;
}

#define ptr_take(pointer)                                                                          \
	__extension__({                                                                            \
		__auto_type taken_ = *(pointer);                                                   \
		*(pointer) = NULL;                                                                 \
		taken_;                                                                            \
	})

#endif
