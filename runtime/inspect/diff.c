/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The difference of two documents.
 *
 * syscalls: none
 */
#include "runtime/inspect/diff.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/table.h"
#include "runtime/inspect/caps.h"

#define PATH_WIDTH 20
#define VALUE_WIDTH 26
#define SECOND (PATH_WIDTH + 2 + VALUE_WIDTH + 3)

static void add(struct diff *diff, const char *path, const char *a, const char *b, bool unknown)
{
	struct diff_row row = {
		.path = arena_string(&diff->arena, path),
		.a = arena_string(&diff->arena, a),
		.b = arena_string(&diff->arena, b),
		.unknown = unknown,
	};

	if (diff->count == diff->room) {
		size_t room = diff->room ? diff->room * 2 : 32;
		struct diff_row *longer = realloc(diff->rows, room * sizeof(*longer));

		diff->failed |= longer == NULL;
		if (!longer)
			return;
		diff->rows = longer;
		diff->room = room;
	}
	diff->failed |= !row.path || !row.a || !row.b;
	if (!diff->failed)
		diff->rows[diff->count++] = row;
}

/* Two values as text; a denied one is never the same as anything. */
static void compare(struct diff *diff, const char *path, const struct fact *one, const char *a,
		    const struct fact *two, const char *b)
{
	autobuffer left = { 0 }, right = { 0 };
	bool unknown = one->state == FACT_DENIED || two->state == FACT_DENIED;

	if (fact_is_known(one))
		buffer_add(&left, a);
	else
		text_unknown(&left, one);
	if (fact_is_known(two))
		buffer_add(&right, b);
	else
		text_unknown(&right, two);
	diff->failed |= left.failed || right.failed;
	if (!diff->failed && (unknown || strcmp(left.text, right.text) != 0))
		add(diff, path, left.text, right.text, unknown);
}

static const char *number_text(const struct fact_uint *value, struct arena *arena)
{
	const char *text = arena_format(arena, "%" PRIu64, value->value);

	return text ? text : "";
}

static void compare_numbers(struct diff *diff, const char *path, const struct fact_uint *a,
			    const struct fact_uint *b)
{
	compare(diff, path, &a->fact, number_text(a, &diff->arena), &b->fact,
		number_text(b, &diff->arena));
}

static void compare_texts(struct diff *diff, const char *path, const struct fact_text *a,
			  const struct fact_text *b)
{
	compare(diff, path, &a->fact, a->value ? a->value : "", &b->fact, b->value ? b->value : "");
}

/* A configuration that doesn't say what it shall be is no different, whatever it has become. */
static bool leaves_open(const struct document *document, const struct fact *fact)
{
	return document->planned && fact->state == FACT_ABSENT;
}

/* The kernel may have no such kind: what isn't asked for isn't missing. */
static bool both_without(const struct document *plan, const struct document *other, int kind)
{
	return plan->planned && plan->ns.shared[kind] && !other->planned &&
	       other->ns.inode[kind].fact.state == FACT_ABSENT;
}

/* Of a plan only whether it is an own one is known. */
static void compare_namespaces(struct diff *diff, const struct document *a,
			       const struct document *b)
{
	bool plan = a->planned || b->planned;
	char path[32];

	for (int kind = 0; kind < NAMESPACE_COUNT; kind++) {
		const struct fact_uint *one = &a->ns.inode[kind], *two = &b->ns.inode[kind];

		(void)snprintf(path, sizeof(path), "ns.%s", namespace_types[kind].proc_name);
		if (!plan) {
			compare_numbers(diff, path, one, two);
			continue;
		}
		if (both_without(a, b, kind) || both_without(b, a, kind))
			continue;
		compare(diff, path, a->planned ? &a->ns.plan[kind].fact : &one->fact,
			a->ns.shared[kind] ? "the caller's" : "own",
			b->planned ? &b->ns.plan[kind].fact : &two->fact,
			b->ns.shared[kind] ? "the caller's" : "own");
	}
}

/* A plan asks, and the kernel doesn't give all of it: what its own container differs in. */
static void add_set(struct buffer *out, const struct document *document, enum capability_set set,
		    bool names)
{
	const uint64_t given = document->caps.set[set], asked = document->caps.asked[set];
	const bool less = document->planned && document->caps.has_config && (asked & ~given);

	if (less)
		buffer_format(out, "%d asked, ", __builtin_popcountll(asked));
	if (names || (less && given == 0))
		caps_names(out, given);
	else
		buffer_format(out, "%d (%016" PRIx64 ")", __builtin_popcountll(given), given);
}

static void compare_caps(struct diff *diff, const struct document *a, const struct document *b)
{
	static const struct {
		const char *path;
		enum capability_set set;
	} sets[] = {
		{ "caps.permitted", CAPABILITY_PERMITTED },
		{ "caps.effective", CAPABILITY_EFFECTIVE },
		{ "caps.inheritable", CAPABILITY_INHERITABLE },
		{ "caps.bounding", CAPABILITY_BOUNDING },
		{ "caps.ambient", CAPABILITY_AMBIENT },
	};

	table_for_each (row, sets) {
		autobuffer left = { 0 }, right = { 0 };

		/* names where they fit */
		add_set(&left, a, row->set, true);
		add_set(&right, b, row->set, true);
		if (left.length > VALUE_WIDTH || right.length > VALUE_WIDTH) {
			left.length = right.length = 0;
			add_set(&left, a, row->set, false);
			add_set(&right, b, row->set, false);
		}
		diff->failed |= left.failed || right.failed;
		if (!diff->failed)
			compare(diff, row->path, &a->caps.fact, left.text, &b->caps.fact,
				right.text);
	}
	compare(diff, "caps.no_new_privs", &a->caps.no_new_privs.fact,
		a->caps.no_new_privs.value ? "on" : "off", &b->caps.no_new_privs.fact,
		b->caps.no_new_privs.value ? "on" : "off");
}

static void compare_ids(struct diff *diff, const struct document *a, const struct document *b)
{
	const struct fact_uint one = { a->process.fact, a->process.uid };
	const struct fact_uint two = { b->process.fact, b->process.uid };
	const struct fact_uint group_one = { a->process.fact, a->process.gid };
	const struct fact_uint group_two = { b->process.fact, b->process.gid };

	compare_numbers(diff, "user.uid", &one, &two);
	compare_numbers(diff, "user.gid", &group_one, &group_two);
	if (!leaves_open(a, &a->process.host_uid.fact) &&
	    !leaves_open(b, &b->process.host_uid.fact))
		compare_numbers(diff, "user.host_uid", &a->process.host_uid, &b->process.host_uid);
}

static struct fact_text place_of(const struct document *document)
{
	const struct cgroup_where *where = &document->cgroup.where[CONTROLLER_UNIFIED];

	if (!fact_is_known(&document->cgroup.fact))
		return (struct fact_text){ document->cgroup.fact, NULL };
	if (!where->relative)
		return (struct fact_text){ fact_absent(where->why), NULL };
	return (struct fact_text){ document->cgroup.fact, where->relative };
}

static void compare_cgroups(struct diff *diff, const struct document *a, const struct document *b)
{
	const struct fact_text one = place_of(a), two = place_of(b);

	if (!a->planned && !b->planned) { /* a plan's place depends on the id */
		compare_texts(diff, "cgroup.path", &one, &two);
		compare_numbers(diff, "cgroup.frozen", &a->cgroup.frozen, &b->cgroup.frozen);
	}
	compare_numbers(diff, "cgroup.memory.limit", &a->cgroup.memory.limit,
			&b->cgroup.memory.limit);
	compare_numbers(diff, "cgroup.pids.limit", &a->cgroup.pids.limit, &b->cgroup.pids.limit);
	compare_numbers(diff, "cgroup.cpu.limit", &a->cgroup.cpu.limit, &b->cgroup.cpu.limit);
}

static bool has_mount(const struct mount_facts *mounts, const char *destination)
{
	for (size_t i = 0; i < mounts->count; i++)
		if (strcmp(mounts->items[i].destination, destination) == 0)
			return true;
	return false;
}

/* Destinations that only one of them has. A plan lists only what config.json asks for, not what
 * every container gets. */
static void compare_mounts(struct diff *diff, const struct document *a, const struct document *b)
{
	const struct mount_facts *one = &a->mounts, *two = &b->mounts;
	char path[256];

	if (!fact_is_known(&one->fact) || !fact_is_known(&two->fact)) {
		if (one->fact.state == FACT_DENIED || two->fact.state == FACT_DENIED)
			compare(diff, "mounts", &one->fact, "known", &two->fact, "known");
		return;
	}
	if (one->others || two->others)
		return;
	compare(diff, "mounts./", &one->fact, one->root.readonly ? "read-only" : "read-write",
		&two->fact, two->root.readonly ? "read-only" : "read-write");
	for (size_t i = 0; i < one->count && (!b->planned || a->planned); i++) {
		if (has_mount(two, one->items[i].destination))
			continue;
		(void)snprintf(path, sizeof(path), "mounts.%s", one->items[i].destination);
		add(diff, path, one->items[i].type, "-", false);
	}
	for (size_t i = 0; i < two->count && (!a->planned || b->planned); i++) {
		if (has_mount(one, two->items[i].destination))
			continue;
		(void)snprintf(path, sizeof(path), "mounts.%s", two->items[i].destination);
		add(diff, path, "-", two->items[i].type, false);
	}
}

void diff_make(struct diff *diff, const struct document *a, const struct document *b)
{
	*diff = (struct diff){ 0 };
	compare_ids(diff, a, b);
	compare_namespaces(diff, a, b);
	compare_caps(diff, a, b);
	compare_numbers(diff, "seccomp.mode", &a->seccomp.mode, &b->seccomp.mode);
	compare_numbers(diff, "seccomp.filters", &a->seccomp.filters, &b->seccomp.filters);
	if (!leaves_open(a, &a->lsm.label.fact) && !leaves_open(b, &b->lsm.label.fact))
		compare_texts(diff, "lsm.label", &a->lsm.label, &b->lsm.label);
	compare_cgroups(diff, a, b);
	compare_mounts(diff, a, b);
}

void diff_free(struct diff *diff)
{
	free(diff->rows);
	arena_free(&diff->arena);
	*diff = (struct diff){ 0 };
}

bool diff_found(const struct diff *diff)
{
	for (size_t i = 0; i < diff->count; i++)
		if (!diff->rows[i].unknown)
			return true;
	return false;
}

/* What is too long moves what follows to the next line: nothing is cut. */
static void cell(struct buffer *out, const char *text, size_t width, size_t next,
		 const struct text_style *style)
{
	const size_t begin = out->length;

	text_escaped(out, text, style);
	if (out->length - begin > width)
		buffer_format(out, "\n%*s", (int)next, "");
	else
		buffer_format(out, "%*s", (int)(width - (out->length - begin)), "");
}

static void row_text(struct buffer *out, const char *path, const char *a, const char *b,
		     const struct text_style *style)
{
	cell(out, path, PATH_WIDTH, PATH_WIDTH, style);
	buffer_add(out, "  ");
	cell(out, a, VALUE_WIDTH, PATH_WIDTH + 2 + VALUE_WIDTH, style);
	buffer_add(out, " | ");
	text_wrapped(out, b, SECOND, SECOND, style);
}

/* Where one side's facts come from, and how to see them without us. */
static void of_one(struct buffer *out, const struct document *document,
		   const struct text_style *style)
{
	text_source(out, style, &document->process.fact, "user, caps, seccomp");
	text_source(out, style,
		    document->planned ? &document->ns.plan[0].fact : &document->ns.inode[0].fact,
		    "ns");
	text_source(out, style, &document->cgroup.fact, "cgroup");
	text_source(out, style, &document->mounts.fact, "mounts");
	if (document->planned)
		text_how(out, style, "jq . config.json");
	else
		text_how(out, style, "ls -l /proc/%d/ns; cat /proc/%d/{status,cgroup,mountinfo}",
			 document->target->pid, document->target->pid);
}

void diff_text(struct buffer *out, const struct diff *diff, const struct document *a,
	       const struct document *b, const struct text_style *style)
{
	if (diff->count > 0 && style->header)
		row_text(out, "", a->target->text, b->target->text, style);
	for (size_t i = 0; i < diff->count; i++)
		row_text(out, diff->rows[i].path, diff->rows[i].a, diff->rows[i].b, style);
	for (int i = 0; i < 2; i++)
		of_one(out, i == 0 ? a : b, style);
}

void diff_json(struct buffer *out, const struct diff *diff, const struct document *a,
	       const struct document *b)
{
	struct json_out json = json_out(out, 2);

	json_begin_object(&json, NULL);
	json_string(&json, "schema", "minirun.diff/1");
	json_string(&json, "a", a->target->text);
	json_string(&json, "b", b->target->text);
	for (int unknown = 0; unknown < 2; unknown++) {
		json_begin_array(&json, unknown ? "unknown" : "differences");
		for (size_t i = 0; i < diff->count; i++) {
			if (diff->rows[i].unknown != (unknown == 1))
				continue;
			json_begin_object(&json, NULL);
			json_string(&json, "path", diff->rows[i].path);
			json_string(&json, "a", diff->rows[i].a);
			json_string(&json, "b", diff->rows[i].b);
			json_end_object(&json);
		}
		json_end_array(&json);
	}
	json_end_object(&json);
	buffer_add(out, "\n");
}
