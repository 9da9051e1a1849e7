/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces as pictures, drawn without any program: SVG with user namespaces as nested boxes and
 * groups of processes as cards in them, each namespace a chip whose colour is the same wherever it
 * is shared; DOT for who has Graphviz.
 *
 * syscalls: none
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/table.h"
#include "runtime/inspect/namespaces.h"

#define HEADING_MAX 80
#define LETTER_WIDTH 8
#define CARD_WIDTH 190
#define CHIP_HEIGHT 19
#define CARD_HEIGHT (46 + 7 * CHIP_HEIGHT + 6)
#define LONELY_HEIGHT 66
#define GAP 12
#define HEADING 26
#define COLUMNS 4
#define DEPTH_MAX 33

static const enum namespace_kind order[] = {
	NAMESPACE_MOUNT,   NAMESPACE_UTS,    NAMESPACE_IPC,  NAMESPACE_PID,
	NAMESPACE_NETWORK, NAMESPACE_CGROUP, NAMESPACE_TIME,
};

static const struct text_style plain = { .utf8 = true };

/* Text for XML: escaped for people first, then for the parser. */
static void add_xml(struct buffer *out, const char *text, size_t width)
{
	autobuffer escaped = { 0 };

	text_escaped_width(&escaped, text, width, &plain);
	if (escaped.failed)
		out->failed = true;
	for (const char *c = escaped.text; c && *c; c++) {
		switch (*c) {
		case '<':
			buffer_add(out, "&lt;");
			break;
		case '>':
			buffer_add(out, "&gt;");
			break;
		case '&':
			buffer_add(out, "&amp;");
			break;
		case '"':
			buffer_add(out, "&quot;");
			break;
		default:
			buffer_add_bytes(out, c, 1);
		}
	}
}

static void add_label(struct buffer *out, const struct ns_world *world,
		      const struct ns_group *group)
{
	if (group->is_host)
		buffer_add(out, "host");
	else if (group->container)
		add_xml(out, group->container, 22);
	else
		add_xml(out, world->processes[group->first].comm, 22);
}

struct picture {
	struct buffer *out;
	const struct ns_world *world;
	bool selected;
};

static bool is_shown(const struct picture *picture, const struct ns_group *group)
{
	return !picture->selected || group->shown;
}

static uint64_t user_of(const struct ns_world *world, const struct ns_group *group)
{
	return group->ns[NAMESPACE_USER] ? group->ns[NAMESPACE_USER] : world->host[NAMESPACE_USER];
}

static uint64_t parent_of(const struct ns_node *user)
{
	return fact_is_known(&user->parent.fact) ? user->parent.value : 0;
}

static uint64_t owner_of(const struct ns_world *world, const struct ns_node *node)
{
	return fact_is_known(&node->owner.fact) ? node->owner.value : world->host[NAMESPACE_USER];
}

static bool is_lonely(const struct picture *picture, const struct ns_node *node)
{
	return !picture->selected && node->kind != NAMESPACE_USER && !(node->alive & ALIVE_PROCESS);
}

/* Grey for the host's, else a hue out of the inode: equal numbers, equal colours. */
static void add_colour(struct buffer *out, const struct ns_world *world, enum namespace_kind kind,
		       uint64_t inode)
{
	if (inode == 0)
		buffer_add(out, "#fff\" stroke=\"#bbb"); /* unknown */
	else if (inode == world->host[kind])
		buffer_add(out, "#e4e4e4");
	else
		buffer_format(out, "hsl(%u,65%%,80%%)", (unsigned)(inode * 137 % 360));
}

static void draw_text(struct buffer *out, int x, int y, const char *class, const char *text)
{
	buffer_format(out, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
	add_xml(out, text, 60);
	buffer_add(out, "</text>\n");
}

static void draw_chip(struct buffer *out, const struct ns_world *world, int x, int y,
		      enum namespace_kind kind, uint64_t inode)
{
	char text[64];

	buffer_format(out, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" fill=\"", x,
		      y, CARD_WIDTH - 16, CHIP_HEIGHT - 3);
	add_colour(out, world, kind, inode);
	buffer_add(out, "\"/>\n");
	if (inode)
		(void)snprintf(text, sizeof(text), "%-6s %" PRIu64 "%s",
			       namespace_types[kind].proc_name, inode,
			       inode == world->host[kind] ? " host" : "");
	else
		(void)snprintf(text, sizeof(text), "%-6s ?", namespace_types[kind].proc_name);
	buffer_format(out, "<text x=\"%d\" y=\"%d\" class=\"m\" xml:space=\"preserve\">%s</text>\n",
		      x + 6, y + CHIP_HEIGHT - 7, text);
}

static void draw_group(const struct picture *picture, const struct ns_group *group, int x, int y)
{
	struct buffer *out = picture->out;
	int row = y + 44;
	char text[80];

	buffer_format(out,
		      "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"6\" fill=\"#fff\" "
		      "stroke=\"#555\"/>\n<text x=\"%d\" y=\"%d\" class=\"b\">",
		      x, y, CARD_WIDTH, CARD_HEIGHT, x + 8, y + 18);
	add_label(out, picture->world, group);
	buffer_add(out, "</text>\n");
	(void)snprintf(text, sizeof(text), "%zu process%s%s%s", group->processes,
		       group->processes == 1 ? "" : "es",
		       group->engine	  ? ", a guess: "
		       : group->container ? ", container"
					  : "",
		       group->engine ? group->engine : "");
	draw_text(out, x + 8, y + 35, "s", text);
	table_for_each (kind, order) {
		draw_chip(out, picture->world, x + 8, row, *kind, group->ns[*kind]);
		row += CHIP_HEIGHT;
	}
}

static void draw_lonely(const struct picture *picture, const struct ns_node *node, int x, int y)
{
	struct buffer *out = picture->out;
	autobuffer reason = { 0 };

	buffer_format(out,
		      "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"66\" rx=\"6\" fill=\"#fff\" "
		      "stroke=\"#555\" stroke-dasharray=\"4\"/>\n",
		      x, y, CARD_WIDTH);
	draw_text(out, x + 8, y + 18, "b", "no process");
	draw_chip(out, picture->world, x + 8, y + 26, node->kind, node->inode);
	ns_reason(&reason, node, &plain);
	buffer_format(out, "<text x=\"%d\" y=\"%d\" class=\"s\">", x + 8, y + 58);
	add_xml(out, reason.text ? reason.text : "", 30);
	buffer_add(out, "</text>\n");
}

/* Where a user namespace is drawn, and whether it is drawn or only measured. */
struct spot {
	int x, y, depth;
	bool draw;
};

static int lay_out(const struct picture *picture, const struct ns_node *user, struct spot spot,
		   int *width);

/* One card; returns its height. */
static int lay_card(const struct picture *picture, size_t i, struct spot spot)
{
	const struct ns_world *world = picture->world;

	if (i < world->group_count) {
		if (spot.draw)
			draw_group(picture, &world->groups[i], spot.x, spot.y);
		return CARD_HEIGHT;
	}
	if (spot.draw)
		draw_lonely(picture, &world->nodes[i - world->group_count], spot.x, spot.y);
	return LONELY_HEIGHT;
}

/* Groups first, then nodes: whether the ith is a card of this user namespace. */
static bool has_card(const struct picture *picture, const struct ns_node *user, size_t i)
{
	const struct ns_world *world = picture->world;

	if (i < world->group_count)
		return is_shown(picture, &world->groups[i]) &&
		       user_of(world, &world->groups[i]) == user->inode;
	return is_lonely(picture, &world->nodes[i - world->group_count]) &&
	       owner_of(world, &world->nodes[i - world->group_count]) == user->inode;
}

static int lay_cards(const struct picture *picture, const struct ns_node *user, struct spot spot,
		     int *width)
{
	const struct ns_world *world = picture->world;
	struct spot card = spot;
	int column = 0, height = 0;

	for (size_t i = 0; i < world->group_count + world->node_count; i++) {
		int this;

		if (!has_card(picture, user, i))
			continue;
		if (column == COLUMNS) {
			column = 0;
			card.y += height + GAP;
			height = 0;
		}
		card.x = spot.x + column * (CARD_WIDTH + GAP);
		this = lay_card(picture, i, card);
		height = this > height ? this : height;
		column++;
		if (column * (CARD_WIDTH + GAP) > *width)
			*width = column * (CARD_WIDTH + GAP);
	}
	return card.y + height + GAP - spot.y;
}

static int lay_children(const struct picture *picture, const struct ns_node *user, struct spot spot,
			int *width)
{
	struct spot below = { spot.x, spot.y, spot.depth + 1, spot.draw };

	for (size_t i = 0; i < picture->world->node_count && spot.depth < DEPTH_MAX; i++) {
		const struct ns_node *child = &picture->world->nodes[i];
		int inner = 0;

		if (child->kind != NAMESPACE_USER || child == user ||
		    parent_of(child) != user->inode)
			continue;
		below.y += lay_out(picture, child, below, &inner) + GAP;
		if (inner + GAP > *width)
			*width = inner + GAP;
	}
	return below.y - spot.y;
}

static void heading_text(struct buffer *text, const struct ns_node *user)
{
	buffer_format(text, "user:[%" PRIu64 "]", user->inode);
	if (!parent_of(user)) {
		buffer_add(text, ", the first one");
	} else if (user->uid_map) {
		buffer_add(text, ": uid ");
		ns_map_text(text, user->uid_map);
	}
}

/* As wide as the letters are at most. */
static int heading_width(const struct ns_node *user)
{
	autobuffer text = { 0 };

	heading_text(&text, user);
	return (int)(text.length < HEADING_MAX ? text.length : HEADING_MAX) * LETTER_WIDTH;
}

static void draw_heading(const struct picture *picture, const struct ns_node *user, int x, int y)
{
	struct buffer *out = picture->out;
	autobuffer text = { 0 };

	heading_text(&text, user);
	buffer_format(out, "<text x=\"%d\" y=\"%d\" class=\"b\">", x + GAP, y + 18);
	add_xml(out, text.text ? text.text : "", HEADING_MAX);
	buffer_add(out, "</text>\n");
}

/* What is in the box, below its heading; returns the height of all. */
static int lay_contents(const struct picture *picture, const struct ns_node *user, struct spot spot,
			int *width)
{
	struct spot inside = { spot.x + GAP, spot.y + HEADING, spot.depth, spot.draw };

	inside.y += lay_cards(picture, user, inside, width);
	inside.y += lay_children(picture, user, inside, width);
	return inside.y - spot.y;
}

/* Lays out (and, with spot.draw, draws) a user namespace; returns its height, *width grows. */
static int lay_out(const struct picture *picture, const struct ns_node *user, struct spot spot,
		   int *width)
{
	const struct spot measure = { spot.x, spot.y, spot.depth, false };
	int inner = heading_width(user);
	int height = lay_contents(picture, user, measure, &inner);

	inner += 2 * GAP;
	if (inner > *width)
		*width = inner;
	if (!spot.draw)
		return height;
	buffer_format(picture->out,
		      "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"8\" fill=\"%s\" "
		      "stroke=\"#888\"/>\n",
		      spot.x, spot.y, inner, height, spot.depth % 2 ? "#eef4ff" : "#f8f8f4");
	draw_heading(picture, user, spot.x, spot.y);
	return lay_contents(picture, user, spot, &inner);
}

static struct picture picture_of(struct buffer *out, const struct ns_world *world)
{
	struct picture picture = { .out = out, .world = world };

	for (size_t g = 0; g < world->group_count; g++)
		picture.selected |= world->groups[g].shown;
	return picture;
}

void ns_svg(struct buffer *out, const struct ns_world *world)
{
	const struct picture picture = picture_of(out, world);
	int width = 0, height = 0;

	for (int pass = 0; pass < 2; pass++) {
		int top = GAP;

		if (pass == 1)
			buffer_format(
				out,
				"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
				"height=\"%d\" viewBox=\"0 0 %d %d\">\n<title>namespaces</title>\n"
				"<style>text{font-family:sans-serif;font-size:12px}"
				".b{font-weight:bold}.s{font-size:11px;fill:#444}"
				".m{font-family:monospace;font-size:11px;white-space:pre}</style>\n"
				"<rect width=\"100%%\" height=\"100%%\" fill=\"#fff\"/>\n",
				width + 2 * GAP, height, width + 2 * GAP, height);
		for (size_t i = 0; i < world->node_count; i++)
			if (world->nodes[i].kind == NAMESPACE_USER &&
			    parent_of(&world->nodes[i]) == 0)
				top += lay_out(&picture, &world->nodes[i],
					       (struct spot){ GAP, top, 0, pass == 1 }, &width) +
				       GAP;
		height = top;
	}
	buffer_add(out, "</svg>\n");
}

/* ---- DOT ---- */

static void dot_label(struct buffer *out, const char *text)
{
	autobuffer escaped = { 0 };

	text_escaped_width(&escaped, text, 40, &plain);
	for (const char *c = escaped.text; c && *c; c++) {
		if (*c == '"' || *c == '\\')
			buffer_add(out, "\\");
		buffer_add_bytes(out, c, 1);
	}
}

static void dot_group(const struct picture *picture, size_t g)
{
	const struct ns_world *world = picture->world;
	const struct ns_group *group = &world->groups[g];

	buffer_format(picture->out, "    g%zu [shape=box, label=\"", g);
	dot_label(picture->out, group->is_host	   ? "host"
				: group->container ? group->container
						   : world->processes[group->first].comm);
	buffer_format(picture->out, "\\n%zu processes\"];\n", group->processes);
}

static void dot_node(const struct picture *picture, const struct ns_node *node)
{
	buffer_format(picture->out,
		      "    n%" PRIu64 " [shape=ellipse, label=\"%s\\n%" PRIu64 "\"%s];\n",
		      node->inode, namespace_types[node->kind].proc_name, node->inode,
		      node->alive & ALIVE_PROCESS ? "" : ", style=dashed");
}

static bool node_is_shown(const struct picture *picture, const struct ns_node *node)
{
	if (!picture->selected)
		return true;
	return ns_is_shown(picture->world, node);
}

static void dot_user(const struct picture *picture, const struct ns_node *user, int depth)
{
	const struct ns_world *world = picture->world;

	if (depth > DEPTH_MAX)
		return;
	buffer_format(picture->out,
		      "  subgraph cluster_%" PRIu64 " {\n    label=\"user:[%" PRIu64 "]\";\n",
		      user->inode, user->inode);
	for (size_t g = 0; g < world->group_count; g++)
		if (is_shown(picture, &world->groups[g]) &&
		    user_of(world, &world->groups[g]) == user->inode)
			dot_group(picture, g);
	for (size_t i = 0; i < world->node_count; i++) {
		const struct ns_node *node = &world->nodes[i];

		if (node->kind != NAMESPACE_USER && owner_of(world, node) == user->inode &&
		    node_is_shown(picture, node))
			dot_node(picture, node);
		if (node->kind == NAMESPACE_USER && node != user && parent_of(node) == user->inode)
			dot_user(picture, node, depth + 1);
	}
	buffer_add(picture->out, "  }\n");
}

void ns_dot(struct buffer *out, const struct ns_world *world)
{
	const struct picture picture = picture_of(out, world);

	buffer_add(out, "digraph namespaces {\n  rankdir=LR;\n");
	for (size_t i = 0; i < world->node_count; i++)
		if (world->nodes[i].kind == NAMESPACE_USER && parent_of(&world->nodes[i]) == 0)
			dot_user(&picture, &world->nodes[i], 0);
	for (size_t g = 0; g < world->group_count; g++) {
		if (!is_shown(&picture, &world->groups[g]))
			continue;
		table_for_each (kind, order) {
			if (world->groups[g].ns[*kind])
				buffer_format(out, "  g%zu -> n%" PRIu64 ";\n", g,
					      world->groups[g].ns[*kind]);
		}
	}
	buffer_add(out, "}\n");
}
