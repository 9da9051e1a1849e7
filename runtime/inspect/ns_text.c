/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces as a tree of their owners, and as a table of kinds.
 *
 * syscalls: none
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "runtime/inspect/namespaces.h"

#define WIDTH 80
#define ROWS_MAX 12 /* of processes below a container; all of one that was asked for */

struct tree {
	struct buffer *out;
	const struct ns_world *world;
	const struct text_style *style;
	bool selected;
	char prefix[128]; /* what stands before a line of this level */
};

/* In the order in which a person thinks of them. */
static const enum namespace_kind order[] = {
	NAMESPACE_MOUNT,   NAMESPACE_UTS,    NAMESPACE_IPC,  NAMESPACE_PID,
	NAMESPACE_NETWORK, NAMESPACE_CGROUP, NAMESPACE_TIME,
};

static const struct {
	unsigned why;
	const char *words;
} reasons[] = {
	{ ALIVE_PROCESS, "processes" }, { ALIVE_MOUNT, "bind mount" },
	{ ALIVE_FD, "held open" },	{ ALIVE_CHILD, "a namespace below it" },
	{ ALIVE_OWNER, "owns others" }, { ALIVE_PENDING, "children to come" },
};

void ns_reason(struct buffer *out, const struct ns_node *node, const struct text_style *style)
{
	const char *separator = "";

	table_for_each (reason, reasons) {
		if (!(node->alive & reason->why))
			continue;
		buffer_format(out, "%s%s", separator, reason->words);
		separator = ", ";
		if (reason->why == ALIVE_MOUNT && node->mount) {
			buffer_add(out, " ");
			text_escaped_width(out, node->mount, 40, style);
			if (node->mount_viewer > 0)
				buffer_format(out, " (in the mounts of %d)", node->mount_viewer);
		}
		if ((reason->why == ALIVE_FD || reason->why == ALIVE_PENDING) && node->holder > 0)
			buffer_format(out, " %s %d", reason->why == ALIVE_FD ? "by" : "of",
				      node->holder);
	}
}

void ns_map_text(struct buffer *out, const char *map)
{
	struct id_range range;
	int lines = 0;

	for (; lines < 2 && id_map_next(&map, &range); lines++) {
		buffer_format(out, "%s%" PRIu64, lines ? ", " : "", range.inside);
		if (range.count > 1)
			buffer_format(out, "-%" PRIu64 " = host %" PRIu64 "-%" PRIu64,
				      range.inside + range.count - 1, range.outside,
				      range.outside + range.count - 1);
		else
			buffer_format(out, " = host %" PRIu64, range.outside);
	}
	if (lines == 0)
		buffer_add(out, "nothing mapped");
	else if (id_map_next(&map, &range))
		buffer_add(out, ", ...");
}

static bool is_initial_map(const char *map)
{
	struct id_range range;

	return id_map_next(&map, &range) && range.inside == 0 && range.outside == 0 &&
	       range.count == UINT32_MAX;
}

/* ---- which lines there are ---- */

static bool group_is_shown(const struct tree *tree, const struct ns_group *group)
{
	return tree->selected ? group->shown : true;
}

/* Namespaces without a process in any group: a line of their own. */
static bool stands_alone(const struct tree *tree, const struct ns_node *node)
{
	return !tree->selected && node->kind != NAMESPACE_USER && !(node->alive & ALIVE_PROCESS);
}

static uint64_t owner_of(const struct tree *tree, const struct ns_node *node)
{
	/* an owner that can't be seen: the caller's own user namespace is the best place */
	return fact_is_known(&node->owner.fact) ? node->owner.value
						: tree->world->host[NAMESPACE_USER];
}

static uint64_t parent_of(const struct ns_node *user)
{
	return fact_is_known(&user->parent.fact) ? user->parent.value : 0;
}

/* Which user namespace a group stands below: its own, or the caller's where that is denied. */
static uint64_t user_of(const struct tree *tree, const struct ns_group *group)
{
	return group->ns[NAMESPACE_USER] ? group->ns[NAMESPACE_USER]
					 : tree->world->host[NAMESPACE_USER];
}

static bool user_is_shown(const struct tree *tree, const struct ns_node *user)
{
	if (!tree->selected)
		return true;
	for (size_t g = 0; g < tree->world->group_count; g++)
		if (tree->world->groups[g].shown &&
		    user_of(tree, &tree->world->groups[g]) == user->inode)
			return true;
	for (size_t i = 0; i < tree->world->node_count; i++) {
		const struct ns_node *child = &tree->world->nodes[i];

		if (child->kind == NAMESPACE_USER && child != user &&
		    parent_of(child) == user->inode && user_is_shown(tree, child))
			return true;
	}
	return false;
}

static size_t count_children(const struct tree *tree, uint64_t user)
{
	const struct ns_world *world = tree->world;
	size_t count = 0;

	for (size_t g = 0; g < world->group_count; g++)
		count += group_is_shown(tree, &world->groups[g]) &&
			 user_of(tree, &world->groups[g]) == user;
	for (size_t i = 0; i < world->node_count; i++) {
		const struct ns_node *node = &world->nodes[i];

		if (node->kind == NAMESPACE_USER)
			count += node->inode != user && parent_of(node) == user &&
				 user_is_shown(tree, node);
		else
			count += stands_alone(tree, node) && owner_of(tree, node) == user;
	}
	return count;
}

/* ---- lines ---- */

static void branch(const struct tree *tree, bool last)
{
	buffer_add(tree->out, tree->prefix);
	if (tree->style->utf8)
		buffer_add(tree->out,
			   last ? "\xe2\x94\x94\xe2\x94\x80 " : "\xe2\x94\x9c\xe2\x94\x80 ");
	else
		buffer_add(tree->out, last ? "`- " : "|- ");
}

static struct tree below(const struct tree *tree, bool last)
{
	struct tree inner = *tree;

	(void)snprintf(inner.prefix, sizeof(inner.prefix), "%.100s%s", tree->prefix,
		       last		   ? "   "
		       : tree->style->utf8 ? "\xe2\x94\x82  "
					   : "|  ");
	return inner;
}

#define LEVELS_MAX 4 /* of pid namespaces with a column; JSON has all */

static void pid_columns(struct buffer *out, const struct ns_process *process)
{
	const size_t count = process->nspid_count;

	for (size_t i = count; i-- > 0;) {
		if (count > LEVELS_MAX && i > 0 && i < count - 2)
			continue;
		if (count > LEVELS_MAX && i == count - 2)
			buffer_format(out, "%-8s", "...");
		else
			buffer_format(out, "%-8d", process->nspid[i]);
	}
	if (count < 2)
		buffer_format(out, "%-8s", "");
}

/* "0", or "0 (host 100000)" where the container has another number for it. */
static int user_text(char *text, size_t size, const struct ns_process *process)
{
	if (process->inner_uid_known && process->inner_uid != process->uid)
		return snprintf(text, size, "%" PRIu32 " (host %" PRIu32 ")", process->inner_uid,
				process->uid);
	return snprintf(text, size, "%" PRIu32, process->uid);
}

/* As wide as the longest of a group's. */
static int user_width(const struct ns_world *world, size_t group)
{
	int width = 7;

	for (size_t i = 0; i < world->process_count; i++) {
		char user[40];
		int length;

		if (world->processes[i].group != group)
			continue;
		length = user_text(user, sizeof(user), &world->processes[i]);
		if (length > width)
			width = length;
	}
	return width;
}

static void process_row(const struct tree *tree, const struct ns_process *process, int width)
{
	struct buffer *out = tree->out;
	char user[40];

	(void)user_text(user, sizeof(user), process);
	buffer_format(out, "%s   ", tree->prefix);
	pid_columns(out, process);
	buffer_format(out, "%-*s ", width, user);
	if (process->thread)
		buffer_format(out, "(thread %d) ", process->thread);
	if (process->arguments)
		text_arguments(out, process->arguments, process->arguments_length, 40, tree->style);
	else
		text_escaped(out, process->comm, tree->style);
	buffer_add(out, "\n");
}

static void process_rows(const struct tree *tree, size_t group)
{
	const struct ns_world *world = tree->world;
	const int width = user_width(world, group);
	size_t shown = 0, nested = 1;

	for (size_t i = 0; i < world->process_count; i++)
		if (world->processes[i].group == group && world->processes[i].nspid_count > nested)
			nested = world->processes[i].nspid_count;
	if (tree->style->header) {
		buffer_format(tree->out, "%s   %-8s", tree->prefix, nested > 1 ? "PID" : "HOST");
		for (size_t i = 2; i < (nested > LEVELS_MAX ? 3 : nested); i++)
			buffer_format(tree->out, "%-8s", "...");
		buffer_format(tree->out, "%-8s%-*s COMMAND\n", nested > 1 ? "HOST" : "", width,
			      "USER");
	}
	for (size_t i = 0; i < world->process_count; i++) {
		if (world->processes[i].group != group)
			continue;
		if (!tree->selected && ++shown > ROWS_MAX) {
			buffer_format(tree->out, "%s   ... %zu more\n", tree->prefix,
				      world->groups[group].processes - ROWS_MAX);
			return;
		}
		process_row(tree, &world->processes[i], width);
	}
}

/* How far the last line goes, in characters. */
static size_t column(const struct buffer *out)
{
	size_t width = 0;

	for (size_t i = out->length; i > 0 && out->text[i - 1] != '\n'; i--)
		width += ((unsigned char)out->text[i - 1] & 0xC0) != 0x80;
	return width;
}

/* The namespaces in which a group differs from the host: the first in full, of the others what
 * differs; an owner other than the group's own user namespace is named. */
static void group_namespaces(const struct tree *tree, const struct tree *inner,
			     const struct ns_group *group)
{
	const struct ns_world *world = tree->world;
	bool first = true;

	table_for_each (kind, order) {
		uint64_t inode = group->ns[*kind];
		const struct ns_node *node = ns_find(world, *kind, inode);

		if (inode == 0 || inode == world->host[*kind])
			continue;
		if (column(tree->out) > WIDTH - 14) {
			buffer_format(tree->out, "\n%s    ", inner->prefix);
			first = false;
		}
		buffer_format(tree->out, " %s:[", namespace_types[*kind].proc_name);
		if (first)
			buffer_format(tree->out, "%" PRIu64 "]", inode);
		else
			buffer_format(tree->out, "..%03" PRIu64 "]", inode % 1000);
		first = false;
		if (node && fact_is_known(&node->owner.fact) &&
		    node->owner.value != group->ns[NAMESPACE_USER])
			buffer_add(tree->out, "(owned above)");
	}
}

static void group_shared(const struct tree *tree, const struct ns_group *group)
{
	static const char heading[] = "shared with host:";
	const uint64_t *host = tree->world->host;
	autobuffer kinds = { 0 };

	table_for_each (kind, order)
		if (group->ns[*kind] && group->ns[*kind] == host[*kind])
			buffer_format(&kinds, " %s", namespace_types[*kind].proc_name);
	if (group->ns[NAMESPACE_USER] && group->ns[NAMESPACE_USER] == host[NAMESPACE_USER])
		buffer_add(&kinds, " user");
	tree->out->failed |= kinds.failed;
	if (kinds.length > 0)
		buffer_format(tree->out, "%s   %s%s\n", tree->prefix, heading, kinds.text);
}

static void group_line(const struct tree *tree, size_t g, bool last)
{
	const struct ns_group *group = &tree->world->groups[g];
	const struct ns_process *first = &tree->world->processes[group->first];
	struct tree inner = below(tree, last);
	bool rows = group->container || (tree->selected && !group->is_host);

	branch(tree, last);
	if (group->is_host) {
		buffer_format(tree->out, "host  %zu proc%s", group->processes,
			      group->processes == 1 ? "" : "s");
	} else if (!group->ns[NAMESPACE_MOUNT] && !group->container && group->processes > 1) {
		buffer_format(tree->out, "not to be read  %zu procs ", group->processes);
	} else if (group->container) {
		text_escaped_width(tree->out, group->container, 24, tree->style);
		buffer_format(tree->out, "  %s%s  %zu proc%s ",
			      group->engine ? group->engine : "container",
			      group->engine ? " (guess)" : "", group->processes,
			      group->processes == 1 ? "" : "s");
	} else {
		text_escaped_width(tree->out, first->comm, 16, tree->style);
		buffer_format(tree->out, "  pid %d%s  %zu proc%s ", first->pid,
			      first->kernel_thread ? " (kernel thread)" : "", group->processes,
			      group->processes == 1 ? "" : "s");
	}
	if (!group->ns[NAMESPACE_MOUNT] && !group->ns[NAMESPACE_USER])
		buffer_add(tree->out, " ? (EACCES: needs CAP_SYS_PTRACE)");
	group_namespaces(tree, &inner, group);
	buffer_add(tree->out, "\n");
	if (!rows)
		return;
	process_rows(&inner, g);
	group_shared(&inner, group);
}

static void lonely_line(const struct tree *tree, const struct ns_node *node, bool last)
{
	branch(tree, last);
	buffer_format(tree->out, "%s:[%" PRIu64 "]  0 procs  kept by ",
		      namespace_types[node->kind].proc_name, node->inode);
	ns_reason(tree->out, node, tree->style);
	buffer_add(tree->out, "\n");
}

static void user_heading(const struct tree *tree, const struct ns_node *user, bool leaf)
{
	struct buffer *out = tree->out;

	buffer_format(out, "user:[%" PRIu64 "]  ", user->inode);
	if (parent_of(user))
		buffer_format(out, "child of user:[%" PRIu64 "]  ", parent_of(user));
	else if (user->uid_map && is_initial_map(user->uid_map))
		buffer_add(out, "initial  ");
	else
		buffer_add(out, "(its parent can't be seen)  ");
	if (fact_is_known(&user->owner_uid.fact))
		buffer_format(out, "owner uid %" PRIu64, user->owner_uid.value);
	if (user->uid_map && !is_initial_map(user->uid_map)) {
		buffer_format(out, "\n%s%s  uid ", tree->prefix,
			      leaf		  ? " "
			      : tree->style->utf8 ? "\xe2\x94\x82"
						  : "|");
		ns_map_text(out, user->uid_map);
	}
	if (!(user->alive & ALIVE_PROCESS)) {
		buffer_add(out, "  kept by ");
		ns_reason(out, user, tree->style);
	}
	buffer_add(out, "\n");
}

static void user_tree(const struct tree *tree, const struct ns_node *user)
{
	const struct ns_world *world = tree->world;
	size_t left = count_children(tree, user->inode);

	user_heading(tree, user, left == 0);
	for (size_t g = 0; g < world->group_count; g++)
		if (group_is_shown(tree, &world->groups[g]) &&
		    user_of(tree, &world->groups[g]) == user->inode)
			group_line(tree, g, --left == 0);
	for (size_t i = 0; i < world->node_count; i++)
		if (stands_alone(tree, &world->nodes[i]) &&
		    owner_of(tree, &world->nodes[i]) == user->inode)
			lonely_line(tree, &world->nodes[i], --left == 0);
	for (size_t i = 0; i < world->node_count; i++) {
		const struct ns_node *child = &world->nodes[i];

		if (child->kind != NAMESPACE_USER || child == user ||
		    parent_of(child) != user->inode || !user_is_shown(tree, child))
			continue;
		branch(tree, --left == 0);

		struct tree inner = below(tree, left == 0);

		user_tree(&inner, child);
	}
}

/* The process that was asked for; 0: everything. */
static pid_t asked_for(const struct ns_world *world)
{
	for (size_t g = 0; g < world->group_count; g++)
		if (world->groups[g].shown)
			return world->processes[world->groups[g].first].pid;
	return 0;
}

static void how(struct buffer *out, const struct ns_world *world, const struct text_style *style)
{
	const pid_t pid = asked_for(world);

	if (pid) {
		text_how(out, style, "lsns -p %d -o NS,TYPE,NPROCS,PID,COMMAND", pid);
		text_how(out, style, "ls -l /proc/%d/ns; grep NSpid /proc/%d/status", pid, pid);
		text_how(out, style, "cat /proc/%d/uid_map", pid);
		text_how(out, style, "ps -o pid,pidns,netns,ipcns,utsns,userns,args -p %d", pid);
		return;
	}
	text_how(out, style, "lsns -T owner          # util-linux >= 2.38");
	text_how(out, style, "lsns -o NS,TYPE,NPROCS,PID,COMMAND");
	text_how(out, style, "grep nsfs /proc/self/mountinfo; ip netns list");
}

void ns_tree_text(struct buffer *out, const struct ns_world *world, const struct text_style *style)
{
	struct tree tree = { .out = out, .world = world, .style = style };

	for (size_t g = 0; g < world->group_count; g++)
		tree.selected |= world->groups[g].shown;
	for (size_t i = 0; i < world->node_count; i++)
		if (world->nodes[i].kind == NAMESPACE_USER && parent_of(&world->nodes[i]) == 0 &&
		    user_is_shown(&tree, &world->nodes[i]))
			user_tree(&tree, &world->nodes[i]);
	if (world->denied > 0 && !tree.selected) {
		char text[160];

		(void)snprintf(text, sizeof(text),
			       "the namespaces of %zu process%s can't be read (EACCES: needs "
			       "CAP_SYS_PTRACE and what else the process has)",
			       world->denied, world->denied == 1 ? "" : "es");
		text_note(out, text, style);
	}
	if (style->verbose)
		buffer_add(out, "from: /proc/*/ns, /proc/*/fd, /proc/*/mountinfo, /proc/*/status, "
				"ioctl_ns(2)\n");
	how(out, world, style);
}

static void table_row(struct buffer *out, const struct ns_world *world, const struct ns_node *node,
		      const struct text_style *style)
{
	const struct ns_process *first = NULL;

	for (size_t p = 0; p < world->process_count && !first; p++)
		if (world->processes[p].pid == node->first)
			first = &world->processes[p];
	buffer_format(out, "%" PRIu64 " %-6s %5zu ", node->inode,
		      namespace_types[node->kind].proc_name, node->processes);
	if (first)
		buffer_format(out, "%-7d ", node->first);
	else
		buffer_format(out, "%-7s ", "-");
	if (!first)
		ns_reason(out, node, style);
	else if (first->arguments)
		text_arguments(out, first->arguments, first->arguments_length, 45, style);
	else
		text_escaped_width(out, first->comm, 45, style);
	if (style->verbose && fact_is_known(&node->id.fact))
		buffer_format(out, "  (id %" PRIu64 ")", node->id.value);
	buffer_add(out, "\n");
}

void ns_table_text(struct buffer *out, const struct ns_world *world, const struct text_style *style)
{
	text_heading(out, "NS         TYPE   PROCS PID     WHY IT LIVES / COMMAND", style);
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
		for (size_t i = 0; i < world->node_count; i++)
			if ((int)world->nodes[i].kind == kind &&
			    ns_is_shown(world, &world->nodes[i]))
				table_row(out, world, &world->nodes[i], style);
	how(out, world, style);
}
