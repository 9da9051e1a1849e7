/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun cgroup. minirun-cgroup(8)
 *
 * syscalls: those of runtime/inspect/; isatty clock_nanosleep write
 */
#include "runtime/inspect/cgroup.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "runtime/commands/inspection.h"
#include "runtime/commands/usage.h"

struct cgroup_options {
	struct inspection_options inspection;
	const char *path, *sort;
	bool watch;
	int interval, count;
};

static const struct option rows[] = {
	{ .name = "count",
	  .kind = OPTION_NUMBER,
	  .offset = offsetof(struct cgroup_options, count),
	  .value = "N",
	  .help = "with --watch: end after N looks (default: 0, go on)",
	  .choices = "" },
	INSPECTION_ROWS(struct cgroup_options, inspection),
	{ .name = "interval",
	  .kind = OPTION_NUMBER,
	  .offset = offsetof(struct cgroup_options, interval),
	  .value = "SECONDS",
	  .help = "with --watch: time between two looks (default: 2)",
	  .choices = "" },
	{ .name = "path",
	  .kind = OPTION_TEXT,
	  .offset = offsetof(struct cgroup_options, path),
	  .value = "CONTROLLER",
	  .help = "print only the directory in which this controller has the target",
	  .choices = "memory pids cpu cpuacct cpuset io hugetlb devices freezer unified" },
	{ .name = "sort",
	  .kind = OPTION_TEXT,
	  .offset = offsetof(struct cgroup_options, sort),
	  .value = "BY",
	  .help = "order of containers: id, mem, cpu, pids or pressure (default: id)",
	  .choices = "id mem cpu pids pressure" },
	{ .name = "watch",
	  .letter = 'w',
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct cgroup_options, watch),
	  .help = "look again and again: a table on a terminal, else JSON lines" },
};

static const struct cgroup_options defaults = {
	.inspection = INSPECTION_DEFAULTS,
	.sort = "id",
	.interval = 2,
};

static int check(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct cgroup_options *options = data;
	autobuffer word = { 0 };
	bool json;

	if (inspection_format(&options->inspection, &json, err) < 0)
		return -1;
	if (options->path && cgroup_find_controller(options->path) == CONTROLLER_COUNT)
		return error_set(err,
				 "--path %s: there are memory, pids, cpu, cpuacct, cpuset, io, "
				 "hugetlb, devices, freezer and unified",
				 options->path);
	if (options->path && (invocation->argument_count != 1 || options->watch))
		return error_set(err, "--path takes one target");
	buffer_format(&word, " %s ", options->sort);
	if (word.failed || !strstr(" id mem cpu pids pressure ", word.text))
		return error_set(err, "--sort %s: there are id, mem, cpu, pids and pressure",
				 options->sort);
	if (options->watch && options->interval == 0)
		return error_set(err, "--interval 0: at least one second");
	return 0;
}

/* ---- one look at everything ---- */

struct look {
	struct subject *subjects; /* each in memory of its own: documents point to their targets */
	struct document *documents;
	size_t count;
	struct arena *arena; /* of this look: a watch may go on for days */
};

/* Targets that have ended meanwhile are left out, unless they were named. */
static int look_at(struct look *look, size_t room, const struct invocation *invocation,
		   const char *text, struct error *err)
{
	struct subject *subject = &look->subjects[look->count];

	if (look->count == room)
		return 0;
	if (subject_open(subject, invocation, text, err) < 0 ||
	    document_collect(&look->documents[look->count], &subject->target, BLOCK_CGROUP, err) <
		    0) {
		document_free(&look->documents[look->count]);
		subject_free(subject);
		return -1;
	}
	look->count++;
	return 0;
}

static void look_free(struct look *look)
{
	for (size_t i = 0; i < look->count; i++) {
		document_free(&look->documents[i]);
		subject_free(&look->subjects[i]);
	}
	free(look->subjects);
	free(look->documents);
	if (look->arena)
		arena_free(look->arena);
	free(look->arena);
	*look = (struct look){ 0 };
}

static int look_once(struct look *look, const struct invocation *given, struct error *err)
{
	struct invocation copy = *given;
	const struct invocation *invocation = &copy;
	char **ids = NULL;
	size_t count = invocation->argument_count;
	int result = 0;

	*look = (struct look){ 0 };
	if (count == 0 && container_list_ids(invocation->settings, &ids, &count, err) < 0)
		return -1;
	look->subjects = calloc(count + 1, sizeof(*look->subjects));
	look->documents = calloc(count + 1, sizeof(*look->documents));
	look->arena = calloc(1, sizeof(*look->arena));
	copy.arena = look->arena;
	if (!look->subjects || !look->documents || !look->arena) {
		(void)error_set(err, "out of memory");
		result = -1;
	}
	for (size_t i = 0; i < count && result == 0; i++) {
		const char *text = ids ? arena_format(invocation->arena, "id:%s", ids[i])
				       : invocation->arguments[i];

		if (!text)
			result = error_set(err, "out of memory");
		else if (look_at(look, count, invocation, text, err) < 0 && !ids)
			result = -1;
		else if (ids && look->count > 0)
			look->subjects[look->count - 1].target.text =
				look->subjects[look->count - 1].target.name;
	}
	for (size_t i = 0; ids && i < count; i++)
		free(ids[i]);
	free(ids);
	return result;
}

/* ---- printing ---- */

struct times {
	struct look now, before;
	uint64_t milliseconds; /* between them; 0: there was none before */
};

static const struct cgroup_facts *earlier(const struct times *times, const struct target *target)
{
	for (size_t i = 0; i < times->before.count; i++)
		if (strcmp(times->before.documents[i].target->text, target->text) == 0 &&
		    times->before.documents[i].target->pid == target->pid)
			return &times->before.documents[i].cgroup;
	return NULL;
}

static double weight(const struct times *times, size_t i, const char *sort)
{
	const struct document *document = &times->now.documents[i];
	uint64_t cores = 0;

	switch (sort[0] == 'p' ? sort[1] : sort[0]) {
	case 'm':
		return (double)document->cgroup.memory.used.value;
	case 'c':
		if (!cgroup_cores(&document->cgroup, earlier(times, document->target),
				  times->milliseconds, &cores))
			return (double)document->cgroup.cpu_usec.value / 1e9;
		return (double)cores;
	case 'i': /* pids; "id" keeps the order that they come in */
		return sort[0] == 'p' ? (double)document->cgroup.pids.used.value : 0;
	default:
		return document->cgroup.pressure[0].average[0];
	}
}

/* Indices, highest weight first; as they come where equal. */
static void sort_look(const struct times *times, const char *sort, size_t *order)
{
	for (size_t i = 0; i < times->now.count; i++) {
		size_t at = i;

		while (at > 0 && weight(times, order[at - 1], sort) < weight(times, i, sort)) {
			order[at] = order[at - 1];
			at--;
		}
		order[at] = i;
	}
}

static void print_json(struct buffer *out, const struct times *times,
		       const struct document *document, int indent)
{
	struct json_out json = json_out(out, indent);

	json_begin_object(&json, NULL);
	document_json_head(&json, document, "minirun.cgroup/1");
	cgroup_json(&json, document, earlier(times, document->target), times->milliseconds);
	document_json_notes(&json, document);
	json_end_object(&json);
	buffer_add(out, "\n");
}

static int print_look(struct buffer *out, const struct invocation *invocation,
		      const struct cgroup_options *options, const struct times *times, bool json,
		      struct error *err)
{
	const struct text_style style = inspection_style(invocation, &options->inspection);
	bool list = invocation->argument_count != 1;
	size_t *order = calloc(times->now.count + 1, sizeof(*order));

	if (!order)
		return error_set(err, "out of memory");
	sort_look(times, options->sort, order);
	if (list && !json)
		cgroup_list_heading(out, &style);
	for (size_t i = 0; i < times->now.count; i++) {
		const struct document *document = &times->now.documents[order[i]];
		const struct cgroup_facts *before = earlier(times, document->target);

		if (json)
			print_json(out, times, document, options->watch ? 0 : 2);
		else if (list)
			cgroup_list_line(out, document, before, times->milliseconds, &style);
		else
			cgroup_text(out, document, before, times->milliseconds, &style);
	}
	free(order);
	return 0;
}

/* Ends with its targets, after --count looks, or when nobody reads on. */
static int watch(const struct invocation *invocation, const struct cgroup_options *options,
		 struct error *err)
{
	const bool terminal = isatty(STDOUT_FILENO) == 1;
	const struct timespec pause = { .tv_sec = options->interval };
	struct times times = { 0 };
	int result = 0, looks = 0;

	for (uint64_t last = 0; result == 0;) {
		uint64_t now = (uint64_t)clock_milliseconds();
		autobuffer out = { 0 };

		result = look_once(&times.now, invocation, err);
		if (result < 0 && looks > 0 && invocation->argument_count > 0) {
			result = 0; /* a target has ended, and with it what was to be watched */
			break;
		}
		times.milliseconds = last ? now - last : 0;
		last = now;
		if (terminal)
			buffer_add(&out, "\033[H\033[J");
		if (result == 0)
			result = print_look(&out, invocation, options, &times, !terminal, err);
		if (result == 0 && out.length > 0)
			result = usage_print(&out, err);
		look_free(&times.before);
		times.before = times.now;
		times.now = (struct look){ 0 };
		if (result < 0 || ++looks == options->count)
			break;
		(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL); /* a signal: earlier */
	}
	look_free(&times.before);
	look_free(&times.now);
	return result;
}

static int print_path(const struct cgroup_options *options, const struct document *document,
		      const struct text_style *style, struct buffer *out, struct error *err)
{
	const struct cgroup_where *where =
		&document->cgroup.where[cgroup_find_controller(options->path)];

	if (document->planned)
		return error_set(err, "%s: has no process, so it is in no cgroup",
				 document->target->text);
	if (!where->path)
		return error_set(err, "%s: %s", options->path, where->why);
	/* a script gets the name as it is, a terminal nothing that works against it */
	if (isatty(STDOUT_FILENO) == 1)
		text_escaped(out, where->path, style);
	else
		buffer_add(out, where->path);
	buffer_add(out, "\n");
	return 0;
}

static int run(const struct invocation *invocation, const void *data, struct error *err)
{
	const struct cgroup_options *options = data;
	const struct text_style style = inspection_style(invocation, &options->inspection);
	struct times times = { 0 };
	autobuffer out = { 0 };
	bool json;
	int result;

	if (options->watch)
		return watch(invocation, options, err);
	if (inspection_format(&options->inspection, &json, err) < 0)
		return -1;
	result = look_once(&times.now, invocation, err);
	if (result == 0 && options->path)
		result = print_path(options, &times.now.documents[0], &style, &out, err);
	else if (result == 0)
		result = print_look(&out, invocation, options, &times, json, err);
	look_free(&times.now);
	return result < 0 || out.length == 0 ? result : usage_print(&out, err);
}

const struct command cgroup_command = {
	.name = "cgroup",
	.usage = "[TARGET...]",
	.help = "show what a cgroup uses, and which limit applies",
	.description =
		"TARGET is a container's id, a pid, self, host or a bundle's directory (pid:N\n"
		"and id:NAME where it could be both). Without one: a line per container.\n"
		"\n"
		"Examples:\n"
		"  minirun cgroup web1\n"
		"  minirun cgroup --watch --sort mem\n"
		"  cat $(minirun cgroup --path memory web1)/memory.stat\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(struct cgroup_options),
	.arguments_max = ANY_NUMBER,
	.failure = "minirun cgroup: ",
	.failure_status = INSPECTION_TROUBLE,
	.usage_status = INSPECTION_TROUBLE,
	.state_is_optional = true,
	.check = check,
	.run = run,
};
