/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_FACT_H
#define INSPECT_FACT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What is known about one thing, in three values: a blank never stands for "I may not look". Zeroed
 * memory is "absent" without a reason.
 */
enum fact_state {
	FACT_ABSENT, /* there is none: this kernel, this process, this configuration has no such
			thing */
	FACT_KNOWN,
	FACT_DENIED, /* there may be one: code says why it can't be read, need what would be needed
		      */
};

struct fact {
	enum fact_state state;
	int code;	    /* errno of a denied one */
	const char *need;   /* denied: the right that is missing, NULL: none would help */
	const char *why;    /* absent: the reason, where it isn't plain */
	const char *source; /* the file that says it: what -v prints */
};

struct fact_uint {
	struct fact fact;
	uint64_t value;
};
struct fact_text {
	struct fact fact;
	const char *value;
};

static inline bool fact_is_known(const struct fact *fact)
{
	return fact->state == FACT_KNOWN;
}

/* From an errno of reading source: ENOENT, ESRCH, EINVAL, EOPNOTSUPP are "absent", all else is
 * "denied"; EACCES and EPERM name the right. */
struct fact fact_known(const char *source);
struct fact fact_absent(const char *why);
struct fact fact_from_errno(int code, const char *source);

/* "EACCES"; a number for what has no name. Static storage or the caller's next call's. */
const char *fact_errno_name(int code);

#endif
