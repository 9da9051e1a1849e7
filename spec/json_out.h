/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_JSON_OUT_H
#define SPEC_JSON_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/string.h"

/*
 * Every JSON that minirun prints or stores is written by this: slashes unescaped, members in the
 * order of the calls. indent 0 = compact on one line; n = pretty with n blanks a level; -1 = tabs.
 * Memory running out shows in out->failed.
 */
struct json_out {
	struct buffer *out;
	int indent;
	int depth;
	bool has_member; /* of the object or array that is open now */
};

struct json_out json_out(struct buffer *out, int indent);

/* name NULL: an array's element or the document itself. */
void json_begin_object(struct json_out *json, const char *name);
void json_end_object(struct json_out *json);
void json_begin_array(struct json_out *json, const char *name);
void json_end_array(struct json_out *json);
void json_string(struct json_out *json, const char *name, const char *value);
void json_int(struct json_out *json, const char *name, int64_t value);
void json_uint(struct json_out *json, const char *name, uint64_t value);
void json_bool(struct json_out *json, const char *name, bool value);
void json_null(struct json_out *json, const char *name);
/* A number as it is written already: for what a document brings along. */
void json_number(struct json_out *json, const char *name, const char *text);

#endif
