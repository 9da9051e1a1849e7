/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_JOURNAL_H
#define RUNTIME_JOURNAL_H

#include "base/error.h"
#include "spec/record.h"

/*
 * Journal first: state.json names the cgroup and every other object before the first of them is
 * made, so that `delete` can work from it alone, whatever killed the create. Three writes at most:
 * "creating" with all names (they are decided while planning), init's identity, "created".
 *
 * Each write replaces the file as a whole. It isn't synced: what a power failure can truncate
 * describes processes and cgroups that the same failure has ended; the boot id tells.
 */
#define JOURNAL_NAME "state.json"
#define JOURNAL_CONFIG "config.json"

int journal_write(int state_directory, const struct record *record, struct error *err);

/* -1 with err->code ENOENT: there is no record, i.e. its create ended before the first write. */
int journal_read(int state_directory, struct record *record, struct error *err);

#endif
