/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_REHEARSAL_H
#define RUNTIME_REHEARSAL_H

#include "base/error.h"
#include "runtime/creation.h"
#include "spec/host.h"

/*
 * What create refuses only while it works is known by working: `check` walks the rows of both step
 * tables that have `rehearse`, in namespaces that end with their processes, and tells what fails.
 * No row is among them that the host, another container or the caller would notice: no state
 * directory, cgroup, hook, name, key or filter; nothing of the image runs, and what is
 * built is built over a stand-in of the root (namespaces/stand_in.h).
 *
 *	check's child ── director: a mount namespace of its own, walks the parent's table
 *	                    └─ (stage ─) init: the container's namespaces, walks init's table
 *
 * Where something can't be known, it is silent: without a new mount namespace, and from the working
 * directory on where hooks or what a tmpfs stands in for may bring the program.
 */
int rehearsal_check(const struct host *host, struct report *report, struct error *err);

/* init_main() of a rehearsal. Never returns. Runs in: init. */
_Noreturn void rehearsal_main(struct creation *creation);

/* Rows that are other ones in a rehearsal. Runs in: director. */
int rehearse_sources(struct creation *creation, struct error *err);
int rehearse_await(struct creation *creation, struct error *err);
/* Runs in: init. */
int rehearse_isolate(struct creation *creation, struct error *err);
int rehearse_mounts(struct creation *creation, struct error *err);
int rehearse_sysctl(struct creation *creation, struct error *err);
int rehearse_cwd(struct creation *creation, struct error *err);
int rehearse_start_hooks(struct creation *creation, struct error *err);

#endif
