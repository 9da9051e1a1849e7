/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SPEC_LOAD_H
#define SPEC_LOAD_H

#include <stddef.h>

#include "base/error.h"
#include "spec/spec.h"

#define SPEC_SIZE_MAX ((size_t)4 << 20) /* bytes of a document; more is refused */
#define SPEC_DEPTH_MAX 64

/*
 * Reads config.json from memory: scan (strict JSON: grammar, depth, UTF-8, NUL, line and column)
 * -> json-c -> field tables -> validate (rules between members). Errors begin with name and, where
 * there is one, the JSON pointer: "config.json: /process/args/1: expected a string". On failure
 * spec is empty. text need not outlive the call. Runs in: parent.
 */
int spec_load(struct container_spec *spec, const char *name, const char *text, size_t length,
	      struct error *err);

/* A process document of `exec --process`: the same tables and rules, as spec->process alone. */
int spec_load_process(struct container_spec *spec, const char *name, const char *text,
		      size_t length, struct error *err);

/* What `mounts` reads: an array of mounts as in config.json, or an object with one as its member
 * "mounts". Fills spec->mounts alone. */
int spec_load_mounts(struct container_spec *spec, const char *name, const char *text, size_t length,
		     struct error *err);

/* Releases everything that the load made. Safe on a zeroed struct. */
void spec_free(struct container_spec *spec);

/* The rules that also hold for a process that exec's options have changed. */
int spec_validate_process(const struct process_spec *process, struct error *err);

/* Prefixes err with the document's name if it begins with the JSON pointer of a member of
 * config.json, so that every error that has one reads "config.json: /mounts/3: ...". One without an
 * errno, a kind and a step becomes ERROR_CONFIG. Always -1. */
int spec_name_error(const char *name, struct error *err);

/* What annotations say of members; the loads do it. Pure. */
void spec_derive(struct container_spec *spec);

/* ... of resources, which may be those of an update: the annotations are spec's. Pure. */
void spec_derive_resources(const struct container_spec *spec, struct resources_spec *resources);

#define autospec __attribute__((cleanup(spec_free))) struct container_spec

#endif
