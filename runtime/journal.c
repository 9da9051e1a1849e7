/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal's file.
 *
 * syscalls: openat, write, renameat (through base/file.c)
 */
#include "runtime/journal.h"

#include <errno.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/string.h"
#include "base/table.h"
#include "spec/load.h"

static const char *const names[] = { JOURNAL_NAMES }; /* by enum journal_entry */
_Static_assert(ARRAY_SIZE(names) == JOURNAL_CREATED + 1, "a name for each entry");

int journal_write(int state_directory, enum journal_entry entry, const struct record *record,
		  struct error *err)
{
	autobuffer out = { 0 };

	record_write(&out, record);
	if (out.failed)
		return error_code(err, ENOMEM, "journal of %s", record->id);
	if (file_replace_at(state_directory, names[entry], out.text, out.length, 0600, 0, err) < 0)
		return error_context(err, "journal of %s", record->id);
	return 0;
}

int journal_read(int state_directory, struct record *record, struct error *err)
{
	for (int entry = JOURNAL_CREATED; entry >= JOURNAL_CREATING; entry--) {
		autofree char *text = NULL;
		size_t length;

		if (file_read_at(state_directory, names[entry], SPEC_SIZE_MAX, &text, &length,
				 err) == 0)
			return record_load(record, names[entry], text, length, err);
		if (err->code != ENOENT)
			return -1;
	}
	return -1;
}
