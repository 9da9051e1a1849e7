/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_EVENTS_H
#define RUNTIME_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "runtime/container.h"

struct events_options {
	const char *id;
	bool stats;	  /* print the statistics once, and that is all */
	int64_t interval; /* nanoseconds between two statistics */
};

/*
 * Writes to output one JSON object a line: statistics at once or at each interval, and "oom" for
 * each process that was killed for lack of memory, as it happens. Returns when the container has
 * ended, or as soon as nobody reads any more. Takes no lock. "container with id X is not running".
 */
int container_events(const struct settings *settings, const struct events_options *options,
		     int output, struct error *err);

#endif
