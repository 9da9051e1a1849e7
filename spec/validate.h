/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_VALIDATE_H
#define SPEC_VALIDATE_H

#include <stddef.h>

#include "base/error.h"
#include "spec/spec.h"

/*
 * What the specification (or, where it is silent, this project) asks of members together, and of
 * texts with a grammar. All of it holds on any host: what depends on the host is checked by those
 * who use the member. The table is public so that `check` can walk it row by row.
 */
struct validate_rule {
	const char *name;
	int (*check)(const struct container_spec *spec, struct error *err);
	const char *anchor; /* of the runtime specification */
};

extern const struct validate_rule validate_rules[];
extern const size_t validate_rule_count;

/* Applies every rule in order. Errors begin with the JSON pointer. Runs in: parent. */
int validate_spec(const struct container_spec *spec, struct error *err);

/* The rules of one process; prefix is the pointer to it: "/process", or "" for a document. */
int validate_process(const struct process_spec *process, const char *prefix, struct error *err);

/* Each entry of an environment is NAME=VALUE. pointer is that of the list. */
int validate_environment(const struct string_list *env, const char *pointer, struct error *err);

/* No size of 0, nothing beyond the last id, no overlap on either side, no more than the kernel
 * takes. pointer is that of the list. */
int validate_id_mappings(const struct id_mapping_list *list, const char *pointer,
			 struct error *err);

/* The rules of linux.intelRdt. */
int validate_intel_rdt(const struct container_spec *spec, struct error *err);

/* The rules of linux.netDevices. */
int validate_net_devices(const struct container_spec *spec, struct error *err);

/* The id maps of each of mounts[]. */
int validate_mounts(const struct container_spec *spec, struct error *err);

/* The rules of linux.resources alone. */
int validate_resources(const struct resources_spec *resources, const char *prefix,
		       struct error *err);

#endif
