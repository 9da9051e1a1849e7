/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One page about a process. Namespaces are what it sees, the cgroup what it may use, capabilities,
 * filter and label what it may do.
 *
 * syscalls: none
 */
#include "runtime/inspect/summary.h"

#include <inttypes.h>
#include <string.h>

#include "base/table.h"
#include "runtime/inspect/caps.h"
#include "runtime/inspect/cgroup.h"

static void add_duration(struct buffer *out, uint64_t seconds)
{
	if (seconds >= 86400)
		buffer_format(out, "%" PRIu64 "d", seconds / 86400);
	if (seconds >= 3600)
		buffer_format(out, "%" PRIu64 "h", seconds / 3600 % 24);
	if (seconds >= 60)
		buffer_format(out, "%" PRIu64 "m", seconds / 60 % 60);
	buffer_format(out, "%" PRIu64 "s", seconds % 60);
}

static void first_line(struct buffer *out, const struct document *document,
		       const struct text_style *style)
{
	const struct process_facts *process = &document->process;
	const struct status_facts *status = &process->status;

	text_escaped_width(out, document->target->text, 30, style);
	buffer_format(out, "   %s", document->status);
	if (document->target->pid > 0)
		buffer_format(out, "   pid %d", document->target->pid);
	if (status->nspid_count > 1)
		buffer_format(out, " (%d inside)", status->nspid[status->nspid_count - 1]);
	if (fact_is_known(&process->up.fact)) {
		buffer_add(out, "   up ");
		add_duration(out, process->up.value);
	}
	if (process->engine.engine) {
		buffer_format(out, "   %s%s", process->engine.engine,
			      process->engine.id[0] ? " " : "");
		text_escaped_width(out, process->engine.id, 16, style);
		buffer_add(out, " (guess)");
	}
	buffer_add(out, "\n");
	if (document->target->bundle) {
		buffer_add(out, "bundle      ");
		text_escaped_width(out, document->target->bundle, 66, style);
		buffer_add(out, "\n");
	}
}

static void who(struct buffer *out, const struct document *document, const struct text_style *style)
{
	const struct process_facts *process = &document->process;

	buffer_add(out, "process     ");
	if (fact_is_known(&process->arguments_fact)) {
		text_arguments(out, process->arguments, process->arguments_length, 40, style);
	} else if (fact_is_known(&process->comm.fact)) {
		buffer_add(out, "[");
		text_escaped(out, process->comm.value, style);
		buffer_format(out, "]%s%s%s", process->arguments_fact.why ? " (no arguments: " : "",
			      process->arguments_fact.why ? process->arguments_fact.why : "",
			      process->arguments_fact.why ? ")" : "");
	} else {
		text_unknown(out, &process->arguments_fact);
	}
	if (fact_is_known(&document->cgroup.processes.fact))
		buffer_format(out, "   %" PRIu64 " in its cgroup, %" PRIu64 " zombie%s",
			      document->cgroup.processes.value, document->cgroup.zombies.value,
			      document->cgroup.zombies.value == 1 ? "" : "s");
	buffer_add(out, "\nuser        ");
	if (!fact_is_known(&process->fact))
		text_unknown(out, &process->fact);
	else if (process->uid_is_mapped)
		buffer_format(out, "%" PRIu32 ":%" PRIu32, process->uid, process->gid);
	else
		buffer_add(out, "unmapped");
	if (fact_is_known(&process->host_uid.fact))
		buffer_format(out, " = host %" PRIu64 "%s", process->host_uid.value,
			      process->userns_is_ours ? " (no user namespace)" : "");
	if (process->status.groups && *process->status.groups)
		buffer_format(out, "   groups %.40s", process->status.groups);
	buffer_add(out, "\n");
}

/* The namespaces that are (or aren't) the caller's. */
static void add_kinds(struct buffer *out, const struct document *document, bool shared)
{
	static const enum namespace_kind order[] = {
		NAMESPACE_MOUNT,   NAMESPACE_UTS,  NAMESPACE_IPC,    NAMESPACE_PID,
		NAMESPACE_NETWORK, NAMESPACE_USER, NAMESPACE_CGROUP, NAMESPACE_TIME,
	};
	bool any = false;

	table_for_each (kind, order) {
		bool known = document->planned || fact_is_known(&document->ns.inode[*kind].fact);

		if (!known || document->ns.shared[*kind] != shared)
			continue;
		buffer_format(out, " %s", namespace_types[*kind].proc_name);
		any = true;
	}
	if (!any)
		buffer_add(out, " none");
}

static void see(struct buffer *out, const struct document *document, const struct text_style *style)
{
	const struct mount_facts *mounts = &document->mounts;

	buffer_add(out, "SEE  ns     ");
	if (!document->planned && !fact_is_known(&document->ns.inode[NAMESPACE_MOUNT].fact)) {
		text_unknown(out, &document->ns.inode[NAMESPACE_MOUNT].fact);
	} else {
		buffer_add(out, "own:");
		add_kinds(out, document, false);
		buffer_add(out, "; the caller's:");
		add_kinds(out, document, true);
	}
	buffer_add(out, "\n     root   ");
	if (!fact_is_known(&mounts->fact)) {
		text_unknown(out, &mounts->fact);
	} else {
		text_escaped_width(out,
				   document->target->rootfs ? document->target->rootfs
							    : mounts->root.source,
				   34, style);
		buffer_format(out, " %s   %zu mounts", mounts->root.readonly ? "ro" : "rw",
			      mounts->count);
	}
	if (fact_is_known(&mounts->masked.fact))
		buffer_format(out, ", %" PRIu64 " masked, %" PRIu64 " read-only",
			      mounts->masked.value, mounts->readonly_paths.value);
	buffer_add(out, "\n");
}

typedef void add_value(struct buffer *out, uint64_t value);

static void add_plain(struct buffer *out, uint64_t value)
{
	buffer_format(out, "%" PRIu64, value);
}

static void add_cores(struct buffer *out, uint64_t milli)
{
	buffer_format(out, "%" PRIu64 ".%02" PRIu64, milli / 1000, milli % 1000 / 10);
}

/* "memory 688K/64M" */
static void add_use(struct buffer *out, const char *name, const struct cgroup_number *number,
		    add_value *add)
{
	buffer_format(out, "   %s ", name);
	if (fact_is_known(&number->used.fact))
		add(out, number->used.value);
	else
		text_unknown(out, &number->used.fact);
	buffer_add(out, "/");
	if (fact_is_known(&number->effective.fact))
		add(out, number->effective.value);
	else
		text_unknown(out, &number->effective.fact);
}

static void use(struct buffer *out, const struct document *document, const struct text_style *style)
{
	const struct cgroup_facts *cgroup = &document->cgroup;
	const char *place = document->planned ? cgroup->planned_path
					      : cgroup->where[CONTROLLER_UNIFIED].relative;

	buffer_add(out, "USE  cgroup ");
	if (!fact_is_known(&cgroup->fact)) {
		text_unknown(out, &cgroup->fact);
		buffer_add(out, "\n");
		return;
	}
	text_escaped_width(out, place ? place : "-", 40, style);
	buffer_format(out, " (%s)\n         ", cgroup->mode);
	add_use(out, "memory", &cgroup->memory, text_size);
	add_use(out, "pids", &cgroup->pids, add_plain);
	buffer_add(out, "   cpu ");
	if (fact_is_known(&cgroup->cpu.effective.fact))
		add_cores(out, cgroup->cpu.effective.value);
	else
		buffer_add(out, "no limit");
	if (fact_is_known(&cgroup->frozen.fact) && cgroup->frozen.value)
		buffer_add(out, "   frozen");
	buffer_add(out, "\n");
}

static void add_set(struct buffer *out, uint64_t set)
{
	if (__builtin_popcountll(set) <= 3 || __builtin_popcountll(set) == capability_count())
		caps_names(out, set);
	else
		buffer_format(out, "%d of %d", __builtin_popcountll(set), capability_count());
}

static void may(struct buffer *out, const struct document *document, const struct text_style *style)
{
	const struct caps_facts *caps = &document->caps;
	const struct seccomp_facts *seccomp = &document->seccomp;
	static const char *const modes[] = { "off", "strict", "filter" };

	buffer_add(out, "DO   caps   ");
	if (fact_is_known(&caps->fact)) {
		add_set(out, caps->set[CAPABILITY_EFFECTIVE]);
		buffer_add(out, "   bounding ");
		if (caps->set[CAPABILITY_BOUNDING] == caps->set[CAPABILITY_EFFECTIVE])
			buffer_add(out, "the same");
		else
			add_set(out, caps->set[CAPABILITY_BOUNDING]);
		buffer_format(out, "   ambient %d",
			      __builtin_popcountll(caps->set[CAPABILITY_AMBIENT]));
		if (caps->asked[CAPABILITY_AMBIENT] & ~caps->set[CAPABILITY_AMBIENT])
			buffer_format(out, " of %d !",
				      __builtin_popcountll(caps->asked[CAPABILITY_AMBIENT]));
	} else {
		text_unknown(out, &caps->fact);
	}
	buffer_add(out, "\n     seccomp ");
	if (fact_is_known(&seccomp->filters.fact) && seccomp->filters.value > 0)
		buffer_format(out, "%" PRIu64 " filter%s", seccomp->filters.value,
			      seccomp->filters.value == 1 ? "" : "s");
	else if (fact_is_known(&seccomp->mode.fact))
		buffer_add(out, seccomp->mode.value < ARRAY_SIZE(modes) ? modes[seccomp->mode.value]
									: "unknown mode");
	else
		text_unknown(out, &seccomp->mode.fact);
	if (fact_is_known(&seccomp->rules.fact))
		buffer_format(out, "; config.json: %" PRIu64 " rule%s, default %s",
			      seccomp->rules.value, seccomp->rules.value == 1 ? "" : "s",
			      seccomp->default_action.value);
	buffer_add(out, "\n     nnp    ");
	if (fact_is_known(&caps->no_new_privs.fact))
		buffer_add(out, caps->no_new_privs.value ? "on" : "off");
	else
		text_unknown(out, &caps->no_new_privs.fact);
	buffer_add(out, "      LSM label ");
	if (fact_is_known(&document->lsm.label.fact))
		text_escaped_width(out, document->lsm.label.value, 30, style);
	else
		text_unknown(out, &document->lsm.label.fact);
	buffer_add(out, "   active ");
	if (fact_is_known(&document->lsm.active.fact))
		text_escaped_width(out, document->lsm.active.value, 40, style);
	else
		buffer_format(out, "- (%s)",
			      document->lsm.active.fact.why ? document->lsm.active.fact.why
							    : "can't be read");
	buffer_add(out, "\n");
}

static void sources(struct buffer *out, const struct document *document,
		    const struct text_style *style)
{
	text_source(out, style, &document->process.fact, "user, capabilities, seccomp, nnp");
	text_source(out, style, &document->process.arguments_fact, "process");
	text_source(out, style, &document->ns.inode[0].fact, "namespaces");
	text_source(out, style, &document->mounts.fact, "mounts");
	text_source(out, style, &document->cgroup.fact, "cgroup");
	text_source(out, style, &document->cgroup.memory.used.fact, "memory");
	text_source(out, style, &document->lsm.label.fact, "LSM label");
	text_source(out, style, &document->lsm.active.fact, "active LSMs");
	if (document->planned) {
		text_how(out, style, "jq . config.json");
		return;
	}
	text_how(out, style, "ps -o pid,ppid,uid,etime,args -p %d", document->target->pid);
	text_how(out, style, "ls -l /proc/%d/ns; cat /proc/%d/cgroup", document->target->pid,
		 document->target->pid);
	text_how(out, style, "grep -E '^(NSpid|Uid|Groups|Cap|NoNewPrivs|Seccomp)' /proc/%d/status",
		 document->target->pid);
	text_how(out, style, "findmnt -N %d; cat /proc/%d/attr/current", document->target->pid,
		 document->target->pid);
}

void summary_text(struct buffer *out, const struct document *document,
		  const struct text_style *style)
{
	first_line(out, document, style);
	who(out, document, style);
	see(out, document, style);
	use(out, document, style);
	may(out, document, style);
	for (size_t i = 0; i < document->note_count; i++)
		text_note(out, document->notes[i].text, style);
	sources(out, document, style);
}

static void json_process(struct json_out *json, const struct document *document)
{
	const struct process_facts *process = &document->process;
	const struct status_facts *status = &process->status;

	json_begin_object(json, "process");
	json_fact_text(json, "comm", &process->comm);
	if (!json_unknown(json, "args", &process->arguments_fact)) {
		json_begin_array(json, "args");
		for (size_t i = 0; i <= process->arguments_length && process->arguments;) {
			json_string(json, NULL, process->arguments + i);
			i += strlen(process->arguments + i) + 1;
		}
		json_end_array(json);
	}
	json_begin_array(json, "nspid");
	for (size_t i = 0; i < status->nspid_count; i++)
		json_int(json, NULL, status->nspid[i]);
	json_end_array(json);
	if (!json_unknown(json, "uid", &process->fact))
		json_uint(json, "uid", process->uid);
	if (!json_unknown(json, "gid", &process->fact))
		json_uint(json, "gid", process->gid);
	json_fact_uint(json, "host_uid", &process->host_uid);
	json_fact_uint(json, "up", &process->up);
	if (process->engine.engine) {
		json_string(json, "engine_guess", process->engine.engine);
		json_string(json, "engine_id", process->engine.id);
	}
	json_end_object(json);
}

static void json_mounts(struct json_out *json, const struct mount_facts *mounts)
{
	if (json_unknown(json, "mounts", &mounts->fact))
		return;
	json_begin_array(json, "mounts");
	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount_fact *mount = &mounts->items[i];

		json_begin_object(json, NULL);
		json_string(json, "destination", mount->destination);
		json_string(json, "type", mount->type);
		json_string(json, "source", mount->source);
		json_string(json, "root", mount->root);
		json_string(json, "options", mount->options);
		json_end_object(json);
	}
	json_end_array(json);
}

void summary_json(struct buffer *out, const struct document *document)
{
	struct json_out json = json_out(out, 2);

	json_begin_object(&json, NULL);
	document_json_head(&json, document, "minirun.inspect/1");
	if (document->target->bundle)
		json_string(&json, "bundle", document->target->bundle);
	json_process(&json, document);
	json_begin_object(&json, "ns");
	document_ns_json(&json, document);
	json_end_object(&json);
	json_begin_object(&json, "cgroup");
	cgroup_json(&json, document, NULL, 0);
	json_end_object(&json);
	json_begin_object(&json, "caps");
	caps_json(&json, document);
	json_end_object(&json);
	json_begin_object(&json, "seccomp");
	json_fact_uint(&json, "mode", &document->seccomp.mode);
	json_fact_uint(&json, "filters", &document->seccomp.filters);
	json_fact_uint(&json, "rules_config", &document->seccomp.rules);
	json_fact_text(&json, "default_config", &document->seccomp.default_action);
	json_end_object(&json);
	json_begin_object(&json, "lsm");
	json_fact_text(&json, "label", &document->lsm.label);
	json_fact_text(&json, "active", &document->lsm.active);
	json_end_object(&json);
	json_mounts(&json, &document->mounts);
	document_json_notes(&json, document);
	json_end_object(&json);
	buffer_add(out, "\n");
}

void summary_list_heading(struct buffer *out, const struct text_style *style)
{
	text_heading(out,
		     "ID                   STATUS   PID      NAMESPACES, CAPABILITIES, SECCOMP",
		     style);
}

void summary_list_line(struct buffer *out, const struct document *document,
		       const struct text_style *style)
{
	size_t begin = out->length;

	text_escaped_width(out, document->target->text, 20, style);
	while (!out->failed && out->length < begin + 21)
		buffer_add(out, " ");
	buffer_format(out, "%-8s %-8d own:", document->status, document->target->pid);
	add_kinds(out, document, false);
	buffer_format(out, "; %d caps; %s\n",
		      __builtin_popcountll(document->caps.set[CAPABILITY_EFFECTIVE]),
		      document->seccomp.mode.value == 2 ? "filter" : "no filter");
}
