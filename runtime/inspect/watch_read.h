/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_WATCH_READ_H
#define INSPECT_WATCH_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* What a watched process's arguments point to. It may change while it is read: for messages only.
 */

#define WATCH_PATH_BYTES 4096

bool watch_read_memory(pid_t pid, uint64_t address, void *data, size_t size);
/* The string at address, cut at WATCH_PATH_BYTES, in text (one byte more); NULL: unreadable. */
const char *watch_read_path(pid_t pid, uint64_t address, char *text);
/* What an open descriptor is called; NULL: no file. */
const char *watch_read_link(pid_t pid, int fd, char *text);
/* The protocol of a descriptor that is a netlink socket; -1: it is none. */
int watch_netlink_protocol(pid_t pid, int fd);

/* A struct sockaddr: "10.1.2.3:80", "[::1]:80", "@name" of the abstract ones. */
#define WATCH_ADDRESS_BYTES 160
struct watch_address {
	bool is_path; /* text is the path of an AF_UNIX socket */
	char text[WATCH_ADDRESS_BYTES];
};
/* False: unreadable, or of another family. */
bool watch_read_address(pid_t pid, uint64_t address, uint64_t length, struct watch_address *result);

#endif
