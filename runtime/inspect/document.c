/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two collectors: which block is filled by which function, live and planned.
 *
 * syscalls: those of live.c
 */
#include "runtime/inspect/document.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "base/procfs.h"
#include "base/table.h"

static const struct {
	enum document_block block;
	int (*live)(struct document *document, const struct live *live, struct error *err);
	int (*plan)(struct document *document, struct error *err);
} blocks[] = {
	{ BLOCK_PROCESS, process_collect, process_plan },
	{ BLOCK_NS, ns_collect, ns_plan },
	{ BLOCK_CAPS, caps_collect, caps_plan },
	{ BLOCK_CGROUP, cgroup_collect, cgroup_plan_facts },
	{ BLOCK_SECCOMP, seccomp_collect, seccomp_summary_plan },
	{ BLOCK_LSM, lsm_collect, lsm_plan },
	{ BLOCK_MOUNTS, mounts_collect, mounts_plan },
};

/* Every block needs the process: ids and user namespace give the others their meaning. */
static unsigned with_needed(unsigned wanted)
{
	return wanted | BLOCK_PROCESS;
}

static int collect_live(struct document *document, unsigned wanted, struct error *err)
{
	autofd procfs = procfs_open(PROCFS_ALL, err);
	struct live live = LIVE_INIT;
	struct process_status status;
	int result = 0;

	if (procfs < 0 || live_open(&live, procfs, document->target->pid, err) < 0)
		return -1;
	table_for_each (row, blocks) {
		if (result == 0 && (wanted & row->block))
			result = row->live(document, &live, err);
	}
	if (process_read_status(document->target->pid, &status) == 0)
		document->start_time = status.start_time;
	if (result == 0)
		result = live_check(&live, err);
	live_close(&live);
	return result;
}

static int collect_plan(struct document *document, unsigned wanted, struct error *err)
{
	document->planned = true;
	if (!document->target->config)
		return error_set(err, "%s: has no process", document->target->text);
	table_for_each (row, blocks) {
		if ((wanted & row->block) && row->plan(document, err) < 0)
			return -1;
	}
	return 0;
}

int document_collect(struct document *document, const struct target *target, unsigned wanted,
		     struct error *err)
{
	*document = (struct document){ .target = target, .status = target->status };
	wanted = with_needed(wanted);
	if (target->pid > 0)
		return collect_live(document, wanted, err);
	if (!document->status)
		document->status = "planned";
	return collect_plan(document, wanted, err);
}

void document_free(struct document *document)
{
	arena_free(&document->arena);
}

void document_note(struct document *document, const char *id, const char *format, ...)
{
	char text[512];
	va_list arguments;
	const char *copy;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	copy = arena_string(&document->arena, text);
	if (copy && document->note_count < NOTES_MAX)
		document->notes[document->note_count++] = (struct note){ id, copy };
}

void document_json_head(struct json_out *json, const struct document *document, const char *schema)
{
	const struct target *target = document->target;

	json_string(json, "schema", schema);
	json_string(json, "target", target->text);
	json_string(json, "kind", target_kind_name(target->kind));
	json_string(json, "status", document->status);
	if (target->pid > 0)
		json_int(json, "pid", target->pid);
	else
		json_null(json, "pid");
}

void document_json_notes(struct json_out *json, const struct document *document)
{
	json_begin_array(json, "notes");
	for (size_t i = 0; i < document->note_count; i++) {
		json_begin_object(json, NULL);
		json_string(json, "id", document->notes[i].id);
		json_string(json, "text", document->notes[i].text);
		json_end_object(json);
	}
	json_end_array(json);
}
