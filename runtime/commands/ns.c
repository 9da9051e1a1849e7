/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun ns. minirun-ns(8)
 *
 * syscalls: those of runtime/inspect/; write
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "runtime/commands/inspection.h"
#include "runtime/commands/usage.h"
#include "runtime/inspect/namespaces.h"

struct ns_options {
	struct inspection_options inspection;
	const char *by;
	bool threads;
};

static const struct option rows[] = {
	{ .name = "by",
	  .kind = OPTION_TEXT,
	  .offset = offsetof(struct ns_options, by),
	  .value = "ORDER",
	  .help = "owner: a tree; type: a table, as lsns's (default: owner)",
	  .choices = "owner type" },
	INSPECTION_FORMAT_ROW(struct ns_options, inspection,
			      "text, json, dot or svg (default: text)", "text json dot svg"),
	INSPECTION_OTHER_ROWS(struct ns_options, inspection),
	{ .name = "threads",
	  .kind = OPTION_FLAG,
	  .offset = offsetof(struct ns_options, threads),
	  .help = "also look at threads: one can be elsewhere than its process" },
};

static const struct ns_options defaults = { .inspection = INSPECTION_DEFAULTS, .by = "owner" };

static int check(const struct invocation *invocation, const void *data, struct error *err)
{
	static const char formats[] = " text json dot svg ";
	const struct ns_options *options = data;
	autobuffer word = { 0 };

	(void)invocation; /* any number of targets */
	if (strcmp(options->by, "owner") != 0 && strcmp(options->by, "type") != 0)
		return error_set(err, "--by %s: there are owner and type", options->by);
	buffer_format(&word, " %s ", options->inspection.format);
	if (word.failed || !strstr(formats, word.text))
		return error_set(err, "invalid format \"%s\": there are text, json, dot and svg",
				 options->inspection.format);
	return 0;
}

struct containers {
	struct arena *arena;
	struct ns_container *items;
	size_t count;
};

static int add_container(struct subject *subject, void *data, struct error *err)
{
	struct containers *containers = data;
	const struct target *target = &subject->target;
	struct ns_container *longer;

	if (target->pid <= 0)
		return 0;
	longer = realloc(containers->items, (containers->count + 1) * sizeof(*longer));
	if (!longer)
		return error_set(err, "out of memory");
	containers->items = longer;
	longer[containers->count++] = (struct ns_container){
		.id = arena_string(containers->arena, target->name),
		.pid = target->pid,
		.cgroup_path = target->cgroup_path
				       ? arena_string(containers->arena, target->cgroup_path)
				       : NULL,
	};
	return 0;
}

/* What a bundle would get: there is nothing to be found in /proc. */
static void print_plan(struct buffer *out, const struct document *document, bool json,
		       const struct text_style *style)
{
	struct json_out output = json_out(out, 2);

	if (!json) {
		document_ns_text(out, document, style);
		return;
	}
	json_begin_object(&output, NULL);
	document_json_head(&output, document, "minirun.ns/1");
	json_begin_object(&output, "ns");
	document_ns_json(&output, document);
	json_end_object(&output);
	json_end_object(&output);
	buffer_add(out, "\n");
}

/* What the targets select, and how many of them were printed since they have no process. */
struct selection {
	struct ns_world *world;
	struct buffer *out;
	size_t planned;
};

static int select_target(const struct invocation *invocation, const struct ns_options *options,
			 const char *text, struct selection *selection, struct error *err)
{
	const struct text_style style = inspection_style(invocation, &options->inspection);
	autosubject subject = { 0 };
	autodocument document = { 0 };

	if (subject_open(&subject, invocation, text, err) < 0 ||
	    document_collect(&document, &subject.target, BLOCK_NS, err) < 0)
		return -1;
	if (document.planned) {
		selection->planned++;
		print_plan(selection->out, &document,
			   strcmp(options->inspection.format, "json") == 0, &style);
		return 0;
	}
	if (!ns_world_select(selection->world, subject.target.pid))
		return error_set(err, "process %d has no namespaces: it is a zombie or has ended",
				 subject.target.pid);
	return 0;
}

static void print_world(const struct ns_options *options, const struct ns_world *world,
			const struct text_style *style, struct buffer *out)
{
	struct json_out json = json_out(out, 2);
	const char *format = options->inspection.format;

	if (strcmp(format, "json") == 0) {
		ns_json(&json, world);
		buffer_add(out, "\n");
	} else if (strcmp(format, "dot") == 0) {
		ns_dot(out, world);
	} else if (strcmp(format, "svg") == 0) {
		ns_svg(out, world);
	} else if (strcmp(options->by, "type") == 0) {
		ns_table_text(out, world, style);
	} else {
		ns_tree_text(out, world, style);
	}
}

static int print_all(const struct invocation *invocation, const struct ns_options *options,
		     const struct containers *containers, struct buffer *out, struct error *err)
{
	const struct text_style style = inspection_style(invocation, &options->inspection);
	autoworld world = { 0 };
	struct selection selection = { .world = &world, .out = out };

	if (ns_world_read(&world, containers->items, containers->count, options->threads, err) < 0)
		return -1;
	for (size_t i = 0; i < invocation->argument_count; i++)
		if (select_target(invocation, options, invocation->arguments[i], &selection, err) <
		    0)
			return -1;
	if (selection.planned == 0 || selection.planned < invocation->argument_count)
		print_world(options, &world, &style, out);
	return 0;
}

static int run(const struct invocation *invocation, const void *data, struct error *err)
{
	struct containers containers = { .arena = invocation->arena };
	autobuffer out = { 0 };
	struct error unnamed;
	int result;

	/* the system is there even where the containers' names can't be read */
	if (subject_each(invocation, add_container, &containers, &unnamed) < 0)
		log_warning("ns: containers aren't named: %s", unnamed.text);
	result = print_all(invocation, data, &containers, &out, err);
	free(containers.items);
	return result < 0 ? -1 : usage_print(&out, err);
}

const struct command ns_command = {
	.name = "ns",
	.usage = "[TARGET...]",
	.help = "show namespaces: who is in them, who owns them, why they live",
	.description =
		"TARGET is a container's id, a pid, self, host or a bundle's directory (pid:N\n"
		"and id:NAME where it could be both). Without one: the whole system.\n"
		"\n"
		"Examples:\n"
		"  minirun ns\n"
		"  minirun ns web1               its pids inside and outside\n"
		"  minirun ns --format svg >ns.svg\n",
	.options = OPTION_TABLE(rows),
	.defaults = &defaults,
	.options_size = sizeof(struct ns_options),
	.arguments_max = ANY_NUMBER,
	.failure = "minirun ns: ",
	.failure_status = INSPECTION_TROUBLE,
	.usage_status = INSPECTION_TROUBLE,
	.state_is_optional = true,
	.check = check,
	.run = run,
};
