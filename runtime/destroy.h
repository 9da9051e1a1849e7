/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_DESTROY_H
#define RUNTIME_DESTROY_H

#include <stdbool.h>

#include "base/error.h"
#include "runtime/creation.h"
#include "runtime/store.h"
#include "spec/record.h"

/*
 * The only undo. Both ways end in the same rows: end the processes, remove the cgroup, run the
 * poststop hooks, remove the state directory, and look again whether all of it is gone.
 */

/*
 * Takes a container apart by its record alone, whatever state its create was left in. The store is
 * locked. spec may be NULL: the poststop hooks then come from the frozen configuration. Idempotent;
 * goes on after a failure and reports the first. Runs in: parent.
 */
int container_destroy(struct store *store, const struct record *record,
		      const struct container_spec *spec, bool poststop, struct error *err);

/* Undoes a create that failed, incl. the processes that it made. What goes wrong here is a warning:
 * the first cause is what the user reads. Runs in: parent. */
void container_abort(struct creation *creation);

/* Ends exactly this process by SIGKILL and waits for it (bounded). 0 if it is gone or a zombie. */
int container_end_process(const struct process_identity *identity, struct error *err);

static inline struct process_identity record_init(const struct record *record)
{
	return (struct process_identity){
		.pid = (pid_t)record->pid,
		.start_time = record->start_time,
		.pidfs_id = record->pidfs_id,
	};
}

#endif
