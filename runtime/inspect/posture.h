/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_POSTURE_H
#define INSPECT_POSTURE_H

#include "base/string.h"
#include "spec/check.h"
#include "spec/spec.h"

/*
 * What a configuration that is right in itself leaves open: findings with reasons, no score. Each
 * row has a stable id, and a cure that one can decide against. Used by `minirun check`.
 */
struct posture_finding {
	const char *id;
	enum finding_level level;
	const char *manual;
	const char *text; /* begins with the JSON pointer; gone after the call */
};
typedef void posture_report(void *data, const struct posture_finding *finding);

/* Pure, but for compiling the filter. spec is loaded and valid. Runs in: commands. */
void posture_check(const struct container_spec *spec, posture_report *report, void *data);

/* --explain: the rule's reason, cure and manual page; false: there is none of this name. */
bool posture_explain(struct buffer *out, const char *id);

#endif
