/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_FILTERS_H
#define INSPECT_FILTERS_H

#include <sys/types.h>

#include "base/error.h"
#include "runtime/inspect/document.h"
#include "runtime/inspect/text.h"
#include "seccomp/explain.h"
#include "seccomp/families.h"

/*
 * minirun seccomp: the filters of a process as programs, and what the analyser (seccomp/explain.h)
 * makes of them.
 */
#define FILTERS_MAX 64
struct filters {
	struct seccomp_program programs[FILTERS_MAX]; /* the oldest first */
	struct seccomp_stack stack;
	const char *source;			 /* where they come from, in words */
	const struct string_list *architectures; /* config.json's, of those that come from there */
};

/*
 * The filters that the kernel has for the main thread of this process (PTRACE_SECCOMP_GET_FILTER).
 * The process is stopped meanwhile, for some dozen microseconds, and detached again; one that
 * doesn't stop within two seconds is an error. start_time (0: any) says which process of this pid
 * is meant: another one is let go unread. Needs CAP_SYS_ADMIN in the first user namespace and
 * a caller without filters of its own. err->code: EACCES, EPERM if that is missing.
 */
int filters_read(struct filters *filters, pid_t pid, uint64_t start_time, struct error *err);

/* Those that our own process has, and with it its caller: read of a child. */
int filters_read_own(struct filters *filters, struct error *err);

/* The one that create would load: linux.seccomp compiled, none if there isn't any. */
int filters_plan(struct filters *filters, const struct container_spec *spec, struct error *err);

bool filters_equal(const struct filters *a, const struct filters *b);
void filters_free(struct filters *filters);
#define autofilters __attribute__((cleanup(filters_free))) struct filters

/* ---- the analyser's answers for all system calls that have a name ---- */

struct call_answer {
	const char *name;
	uint32_t number;
	struct explain_cases cases;
};

struct call_table {
	struct arena arena;
	const struct filters *filters;
	uint32_t arch;
	struct call_answer *calls;
	size_t count;
	uint32_t usual; /* what most calls get, whatever their arguments */
};

int call_table_fill(struct call_table *table, const struct filters *filters, uint32_t arch,
		    struct error *err);
void call_table_free(struct call_table *table);
#define autocalltable __attribute__((cleanup(call_table_free))) struct call_table

/* The answer whatever the arguments; false: it depends on them. */
bool call_answer_is_fixed(const struct call_answer *call, uint32_t *result);

/* For hole_find(): data is the table. */
enum call_fate call_table_fate(const char *name, void *data);

void seccomp_text(struct buffer *out, const struct call_table *table, bool all,
		  const struct text_style *style);
/* The members of the document; json is open in it. all: also what gets the usual answer. */
void seccomp_json(struct json_out *json, const struct call_table *table, bool all);

#endif
