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
#include "spec/load.h"

int journal_write(int state_directory, const struct record *record, struct error *err)
{
	autobuffer out = { 0 };

	record_write(&out, record);
	if (out.failed)
		return error_code(err, ENOMEM, "journal of %s", record->id);
	if (file_replace_at(state_directory, JOURNAL_NAME, out.text, out.length, 0600, 0, err) < 0)
		return error_context(err, "journal of %s", record->id);
	return 0;
}

int journal_read(int state_directory, struct record *record, struct error *err)
{
	autofree char *text = NULL;
	size_t length;

	if (file_read_at(state_directory, JOURNAL_NAME, SPEC_SIZE_MAX, &text, &length, err) < 0)
		return -1;
	return record_load(record, JOURNAL_NAME, text, length, err);
}
