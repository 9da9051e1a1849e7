/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FD_H
#define BASE_FD_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* Descriptors: whole reads and writes, passing over sockets, and the closing of what leaked in. */

/* Writes everything, continuing after EINTR and short writes. 0, or -1 with errno set. */
int fd_write_all(int fd, const void *data, size_t length);

/*
 * Reads to end of file, at most limit bytes (more is EFBIG), into memory from malloc(3) with a
 * terminating NUL that isn't counted. 0, or -1 with errno set. The caller frees *data.
 */
int fd_read_all(int fd, size_t limit, char **data, size_t *length);

/* Sends text (at least one byte) and one descriptor by SCM_RIGHTS. */
int fd_send(int socket, int fd, const char *text, struct error *err);

/* Receives one descriptor (O_CLOEXEC) and throws the text away. Returns it, or -1. */
int fd_receive(int socket, struct error *err);

/* Connects to an AF_UNIX SOCK_STREAM socket; paths longer than sun_path go through /proc/self/fd.
 * Returns the descriptor (O_CLOEXEC), or -1. */
int fd_connect_unix(const char *path, int type, struct error *err);

/* The same for a name of the abstract namespace, written as "@name" (unix(7)): one of the caller's
 * network namespace. */
int fd_connect_abstract(const char *name, int type, struct error *err);

/* Reopens those of 0, 1, 2 that are closed on /dev/null, so that no later descriptor becomes one
 * of them. First thing in main. */
int fd_reserve_stdio(struct error *err);

/* Sets close-on-exec on every descriptor >= first (close_range(2), CLOSE_RANGE_CLOEXEC). */
int fd_cloexec_from(int first, struct error *err);

/* Closes every descriptor >= first, except those in keep (any order; count may be 0). */
int fd_close_from(int first, const int *keep, size_t count, struct error *err);

bool fd_is_open(int fd);

#endif
