/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECCOMP_FILTER_H
#define SECCOMP_FILTER_H

#include <linux/filter.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "spec/report.h"
#include "spec/spec.h"

/* A compiled profile: what seccomp(2) takes. instructions comes from malloc(3). */
struct seccomp_program {
	struct sock_filter *instructions;
	uint16_t length; /* instructions; 0 = no filter asked for */
	uint32_t flags;	 /* SECCOMP_FILTER_FLAG_* */
};

/*
 * Translates linux.seccomp with libseccomp and exports the BPF program. Unknown system call names
 * are skipped (debug log); unknown actions, operators, architectures, flags and errno values where
 * the action takes none are errors with their JSON pointer. Runs in: parent, before any side
 * effect.
 */
int seccomp_compile(const struct seccomp_spec *seccomp, struct seccomp_program *program,
		    struct error *err);

/*
 * The same, for a program that is kept and loaded again and again (cache.h): large profiles become
 * a binary tree. That costs libseccomp half as much time again, once, and spares the kernel more
 * than half of its time at each load, when it works out which calls it need not ask about.
 */
int seccomp_compile_to_keep(const struct seccomp_spec *seccomp, struct seccomp_program *program,
			    struct error *err);

/* All that seccomp_compile() would refuse. Runs in: check. */
int seccomp_check(const struct seccomp_spec *seccomp, struct report *report, struct error *err);
void seccomp_program_free(struct seccomp_program *program);

/* Whether a rule says SCMP_ACT_NOTIFY: for this call, or, with NULL, for any. */
bool seccomp_notifies(const struct seccomp_spec *seccomp, const char *name);

/* Whether the call can neither kill its caller nor wait for an agent or a tracer, whatever its
 * arguments are. */
bool seccomp_passes(const struct seccomp_spec *seccomp, const char *name);

/* Whether loading the program makes a listener, for which an agent is needed. */
bool seccomp_program_listens(const struct seccomp_program *program);

/* seccomp(2). Needs CAP_SYS_ADMIN or no_new_privs. No allocation, no library. (seccomp_load is a
 * function of libseccomp.) Returns 0, or the listener's descriptor (O_CLOEXEC) where there is one.
 * Runs in: init, exec's last child. */
int seccomp_program_load(const struct seccomp_program *program, struct error *err);

#endif
