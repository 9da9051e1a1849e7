/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_LIMITS_H
#define CGROUPS_LIMITS_H

#include "base/error.h"
#include "cgroups/convert.h"

/*
 * Writes to the files of a cgroup, whose descriptor is given. A file that is missing is an error
 * only if the value asks for something. The error names the member, the file, the value and the
 * kernel's reason.
 */

/* Whether the files will be there, for those of which that can be known before the cgroup: the
 * sizes of huge pages, and the disks. The words are those of a write. Runs in: check. */
int limits_check_files(const struct cgroup_writes *writes, struct report *report,
		       struct error *err);

/* Puts the member that asks for a write before an error about it; -1. */
int limits_name_member(const struct cgroup_write *write, struct error *err);

/* Turns the number of a refused write into the member, the file, the value and the reason. */
int limits_explain(const struct cgroup_write *write, struct error *err);

/* For a new cgroup: it is removed if this fails. Runs in: parent. */
int limits_apply(int cgroup, const struct cgroup_writes *writes, struct error *err);

/*
 * For one in use: reads what each file says before it is written, and if one write is refused puts
 * everything back, so that after -1 the old limits are in force. What couldn't be put back is added
 * to the error. Runs in: update.
 */
int limits_change(int cgroup, const struct cgroup_writes *writes, struct error *err);

/* The two halves of that, for who has something else to do before the change counts: what the files
 * say now, in writes' arena (NULL on failure), and back to it. */
struct limits_old {
	const char *text, *other_text; /* NULL: the file isn't there */
};
struct limits_old *limits_read(int cgroup, const struct cgroup_writes *writes, struct error *err);
void limits_put_back(int cgroup, const struct cgroup_writes *writes, const struct limits_old *old,
		     struct error *err);

#endif
