/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_VALIDATE_H
#define SPEC_VALIDATE_H

#include <stddef.h>

#include "base/error.h"
#include "spec/report.h"
#include "spec/spec.h"

/*
 * What the specification (or, where it is silent, this project) asks of members together, and of
 * texts with a grammar. All of it holds on any host: what depends on the host is checked by those
 * who use the member. The table is public so that `check` can walk it row by row.
 */
struct validate_rule {
	const char *name;
	int (*check)(const struct container_spec *spec, struct report *report, struct error *err);
	const char *anchor; /* of the runtime specification */
};

extern const struct validate_rule validate_rules[];
extern const size_t validate_rule_count;

/* Applies every rule in order. Errors begin with the JSON pointer. Runs in: parent. */
int validate_spec(const struct container_spec *spec, struct error *err);

/* The functions below are rules, or parts of them; report may be NULL (report.h). */

/* Those of one process; prefix is the pointer to it: "/process", or "" for a document. */
int validate_process(const struct process_spec *process, const char *prefix, struct report *report,
		     struct error *err);
/* Its scheduler: which members go together, and within which bounds. */
int validate_scheduler(const struct scheduler_spec *scheduler, const char *prefix,
		       struct report *report, struct error *err);

/* Each entry of an environment is NAME=VALUE. pointer is that of the list. */
int validate_environment(const struct string_list *env, const char *pointer, struct report *report,
			 struct error *err);

/* No size of 0, nothing beyond the last id, no overlap on either side, no more than the kernel
 * takes. pointer is that of the list. */
int validate_id_mappings(const struct id_mapping_list *list, const char *pointer,
			 struct report *report, struct error *err);
/* linux.uidMappings and gidMappings. */
int validate_user_namespace(const struct container_spec *spec, struct report *report,
			    struct error *err);
/* The id maps of each of mounts[]. */
int validate_mounts(const struct container_spec *spec, struct report *report, struct error *err);

int validate_devices(const struct container_spec *spec, struct report *report, struct error *err);
int validate_intel_rdt(const struct container_spec *spec, struct report *report, struct error *err);
int validate_memory_policy(const struct container_spec *spec, struct report *report,
			   struct error *err);
int validate_net_devices(const struct container_spec *spec, struct report *report,
			 struct error *err);
int validate_seccomp(const struct container_spec *spec, struct report *report, struct error *err);
int validate_notify(const struct container_spec *spec, struct report *report, struct error *err);

/* linux.resources alone; prefix as above: "/linux/resources". */
int validate_resources(const struct resources_spec *resources, const char *prefix,
		       struct report *report, struct error *err);

/* The namespace of this type in linux.namespaces; NULL: it isn't listed. */
const struct namespace_spec *validate_find_namespace(const struct container_spec *spec,
						     const char *type);

#endif
