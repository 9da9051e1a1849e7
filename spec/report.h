/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_REPORT_H
#define SPEC_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Who asks a rule: create, to which the first error is enough (report NULL), or `check`, which
 * wants all of them. A rule that may find several tells each and goes on:
 *
 *	if (check_one(&list->items[i], err) < 0 && !report_tell(report, err))
 *		return -1;
 *
 * so that with a report it returns 0 also where it has found something: report->errors counts.
 */
struct report {
	/* error false: what create passes over: an unknown member, a limit above a parent's */
	void (*say)(void *data, bool error, const char *text);
	void *data;
	size_t errors;
	/* NULL: whatever may be looked at */
	bool (*may_look)(void *data, const char *pointer);
};

/* True: it was told, and the rule may go on. False: there is nobody to tell. */
bool report_tell(struct report *report, const struct error *err);

/* Of what report_may_look() says, with its end. */
#define REPORT_PLACE_SIZE 256

/* What is found and doesn't count as an error. */
void report_warn(struct report *report, const struct error *warning);

/*
 * Before each path of the configuration is followed, where a file system may never answer (a
 * network without its server, FUSE): who asks with a deadline gets the member's pointer to blame.
 * The deadline is of what comes before the next of these, so where one member leads to several
 * paths each is told, behind the pointer and ": ". False: it has been tried, and is to be passed
 * over.
 */
bool report_may_look(struct report *report, const char *pointer, ...)
	__attribute__((format(printf, 2, 3)));

#endif
