/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_ENGINE_H
#define INSPECT_ENGINE_H

#include <stdbool.h>
#include <stddef.h>

#define ENGINE_ID_SIZE 80

/* Who runs a container that isn't ours, and what they call it. A guess: anybody can name a cgroup
 * like this. */
struct engine_guess {
	const char *engine;	 /* "podman"; NULL: none */
	char id[ENGINE_ID_SIZE]; /* shortened to 12 characters where it is a hash */
};

/* From the text of /proc/PID/cgroup, whichever hierarchy says it. Pure. */
bool engine_guess(const char *cgroups, struct engine_guess *guess);

/* The same of one of its ancestors, by name and arguments (as /proc/PID/cmdline): the process that
 * holds the container for its engine. Pure. */
bool engine_of_holder(const char *comm, const char *cmdline, size_t length,
		      struct engine_guess *guess);

#endif
