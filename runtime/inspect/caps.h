/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_CAPS_H
#define INSPECT_CAPS_H

#include "runtime/inspect/document.h"
#include "runtime/inspect/text.h"

/*
 * minirun caps: the five sets, what config.json asked for, and what an execve makes of them.
 */

/* Permitted after execve of a file that has no privileges of its own (capabilities(7),
 * "Transformation of capabilities during execve()"). Pure. */
uint64_t caps_after_exec(const uint64_t set[CAPABILITY_SET_COUNT], bool uid_zero,
			 bool no_new_privs);

void caps_text(struct buffer *out, const struct document *document, bool all,
	       const struct text_style *style);
/* Two targets side by side: capabilities that one of them has. */
void caps_text_pair(struct buffer *out, const struct document *a, const struct document *b,
		    bool all, const struct text_style *style);
/* The five lines as in /proc/PID/status: for `capsh --decode`. */
void caps_mask(struct buffer *out, const struct document *document);
/* The members of the caps object; json is open in it. */
void caps_json(struct json_out *json, const struct document *document);
/* "chown,kill" of a set; "none", "all 41". */
void caps_names(struct buffer *out, uint64_t set);

#endif
