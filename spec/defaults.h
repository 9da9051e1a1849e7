/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_DEFAULTS_H
#define SPEC_DEFAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/string.h"

/*
 * The document that `minirun spec` writes (reference.md §1.8), tabs, final newline. rootless: for a
 * user without privileges, with uid and gid mapped to the container's root. settings are
 * "POINTER=JSON" strings (RFC 6901; "-" appends to an array; missing objects on the way are made),
 * applied in order. The result passes spec_load(), or the call fails.
 */
int defaults_write(struct buffer *out, bool rootless, uid_t uid, gid_t gid,
		   const char *const *settings, size_t count, struct error *err);

/*
 * The same settings on a document that exists: members that nobody here knows stay as they are. An
 * error names the document by name. The result passes spec_load(), or the call fails.
 */
struct config_text {
	const char *name, *text;
	size_t length;
};
int defaults_edit(struct buffer *out, const struct config_text *config, const char *const *settings,
		  size_t count, struct error *err);

#endif
