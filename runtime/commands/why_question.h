/* SPDX-License-Identifier: Apache-2.0 */
#ifndef COMMANDS_WHY_QUESTION_H
#define COMMANDS_WHY_QUESTION_H

#include "runtime/commands/inspection.h"
#include "runtime/inspect/filters.h"
#include "runtime/inspect/why.h"

#define WHY_FINDING 1 /* exit status: something is refused */

/* The facts that why answers by, and what they are read into. */
struct question {
	struct document document;
	struct filters filters;
	struct why_facts facts;
};

/* question is zeroed, and to be freed even after a failure. A filter that can't be read is no
 * failure: facts.filters_error says why. */
int question_ask(struct question *question, const struct target *target, struct error *err);
/* The facts of the process that has failed: it needn't be what the container's first one is. The
 * container's, if it is gone; its cgroup's and filters' in any case. target: where to put what now
 * refers to. */
void question_ask_of(struct question *now, struct target *target, const struct question *container,
		     pid_t pid);
void question_free(struct question *question);

/* why_watch.c: runs the command behind "--" in the container, and prints each call that is refused
 * together with the layer that did it. Returns the exit status of why. */
int why_watch(const struct invocation *invocation, const struct inspection_options *options,
	      const struct target *target, struct question *question, struct error *err);

#endif
