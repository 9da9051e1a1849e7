/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_JOURNAL_H
#define RUNTIME_JOURNAL_H

#include "base/error.h"
#include "spec/record.h"

/*
 * Journal first: the record names the cgroup and every other object before the first of them is
 * made, so that `delete` can work from it alone, whatever killed the create. Three writes at most:
 * "creating" with all names (they are decided while planning), init's identity, "created".
 *
 * Each write makes a file of its own name as a whole (O_EXCL, rename), and the latest counts. None
 * replaces another: where the state root isn't a tmpfs, replacing makes the file system write the
 * data out at once, which costs more than the rest of a start. Nothing is synced: what a power
 * failure can truncate describes processes and cgroups that the same failure has ended; the boot id
 * tells.
 */
#define JOURNAL_NAMES "creating.json", "identity.json", "state.json"
enum journal_entry { JOURNAL_CREATING, JOURNAL_IDENTITY, JOURNAL_CREATED };
#define JOURNAL_CONFIG "config.json"
/* What update has made of linux.resources, whole; missing until the first one. */
#define JOURNAL_RESOURCES "resources.json"

/* The whole record under the entry's name. -1: nothing of it is there. Runs in: parent, under the
 * lock. */
int journal_write(int state_directory, enum journal_entry entry, const struct record *record,
		  struct error *err);

/* -1 with err->code ENOENT: there is no record, i.e. its create ended before the first write. */
int journal_read(int state_directory, struct record *record, struct error *err);

#endif
