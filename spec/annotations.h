/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_ANNOTATIONS_H
#define SPEC_ANNOTATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "spec/report.h"
#include "spec/spec.h"

/*
 * The annotations of config.json that change what minirun does. Engines that let strangers choose
 * annotations read them in `minirun features` (potentiallyUnsafeConfigAnnotations), so whoever acts
 * upon one adds a row here.
 */
struct annotation {
	const char *name; /* one that ends in "." stands for all that begin so (features.md) */
	bool refused; /* others know it, here it is an error: ignoring it would change what runs */
	const char *cure; /* of a refused one */
};

extern const struct annotation known_annotations[];
extern const size_t known_annotation_count;

/* The value, NULL if it isn't there. */
const char *annotation_value(const struct container_spec *spec, const char *name);

/* No refused one: a rule of validate.h. */
int annotations_check(const struct container_spec *spec, struct report *report, struct error *err);

#endif
