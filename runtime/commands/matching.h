/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_MATCHING_H
#define COMMANDS_MATCHING_H

#include <stdbool.h>

#include "base/error.h"
#include "runtime/commands/command.h"

/*
 * --regex of kill and delete: the same for every container whose id an extended regular expression
 * matches (regex(7); anywhere in the id, unless ^ and $ say otherwise). All are tried; the error is
 * the first one's, with the number of the others. That none matches is no error.
 */
struct matching {
	/* For one container; 0, or -1 with err. */
	int (*act)(const struct invocation *invocation, const char *id, const void *data,
		   struct error *err);
	const void *data;
	bool skip_stopped; /* "container not running" is no failure */
};

int matching_each(const struct invocation *invocation, const char *expression,
		  const struct matching *matching, struct error *err);

#endif
