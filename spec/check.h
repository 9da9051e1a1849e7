/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_CHECK_H
#define SPEC_CHECK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/string.h"
#include "spec/load.h"

/* spec_load() for who wants to know all that is wrong, not only the first. */

enum finding_level { FINDING_ERROR, FINDING_WARNING, FINDING_NOTE, FINDING_LEVEL_COUNT };

/* rule: "SPEC-json", "SPEC-members", "SPEC-unknown", or "SPEC-" and the name of a row of
 * validate_rules[]; text begins with the JSON pointer where there is one. rule and text are gone
 * after the call. */
typedef void spec_finding(void *data, const char *rule, const char *section,
			  enum finding_level level, const char *text);

/*
 * Reports all that spec_load() would refuse, each member on its own, and members that the
 * specification doesn't know (warnings). The rules between members are asked only when the members
 * themselves are right: before, their answers would be about gaps. True: spec is as good as loaded.
 * It is to be freed in both cases. Runs in: commands.
 */
bool spec_check(struct container_spec *spec, const char *text, size_t length, spec_finding *report,
		void *data);

/* What a rule is about and where it comes from; false: there is none of this name. */
bool spec_check_explain(struct buffer *out, const char *rule);

#endif
