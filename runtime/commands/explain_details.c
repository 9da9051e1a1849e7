/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the rows of the step tables do for one configuration: the calls with their arguments, the
 * members of config.json, and the same in the words of a shell. Here: which function speaks for
 * which row, and what all of them need.
 *
 * syscalls: none
 */
#include <string.h>

#include "base/table.h"
#include "runtime/commands/explain_rows.h"
#include "runtime/hooks.h"

/* --- building -----------------------------------------------------------------------------------
 */

void detail_add(struct details *details, const char *call, const char *pointer, const char *shell)
{
	if (details->count == details->capacity) {
		const size_t capacity = details->capacity ? details->capacity * 2 : 16;
		struct detail *items = arena_array(details->arena, capacity, sizeof(*items));

		if (!items) {
			details->failed = true;
			return;
		}
		if (details->count > 0)
			memcpy(items, details->items, details->count * sizeof(*items));
		details->items = items;
		details->capacity = capacity;
	}
	if (!call)
		details->failed = true;
	details->items[details->count++] = (struct detail){ call, pointer, shell };
}

const char *detail_quote(struct details *details, const char *text)
{
	const char *quoted = shell_quote(details->arena, text);

	if (!quoted)
		details->failed = true;
	return quoted ? quoted : "";
}

const char *detail_in_root(struct details *details, const char *path)
{
	return FORMAT(details, "\"$ROOT\"%s", detail_quote(details, path));
}

const char *detail_joined(struct details *details, const struct string_list *list, const char *with,
			  const char *end)
{
	char *text = arena_string(details->arena, "");

	for (size_t i = 0; text && i < list->count; i++)
		text = arena_format(details->arena, "%s%s%s", text, i > 0 ? with : "",
				    list->items[i]);
	return text ? arena_format(details->arena, "%s%s", text, end) : NULL;
}

void detail_hooks(const struct creation *creation, enum hook_point point, struct details *details)
{
	const struct hook_list *list = &creation->spec.hooks[point];

	for (size_t i = 0; i < list->count; i++)
		detail_add(details, FORMAT(details, "execve(\"%s\")", list->items[i].path),
			   FORMAT(details, "/hooks/%s/%zu", hook_point_name(point), i), NULL);
}

/* --- which row has which ------------------------------------------------------------------------
 */

static const struct description {
	const struct step_table *table;
	const char *name;
	void (*describe)(const struct creation *creation, struct details *details);
} descriptions[] = {
	{ &parent_table, "state directory", detail_state_directory },
	{ &parent_table, "cgroup", detail_cgroup },
	{ &parent_table, "limits", detail_cgroup_limits },
	{ &parent_table, "network devices", detail_network_devices },
	{ &parent_table, "clone", detail_clone },
	{ &parent_table, "id maps", detail_id_maps },
	{ &parent_table, "oom score", detail_oom_score },
	{ &parent_table, "runtime hooks", detail_runtime_hooks },
	{ &init_table, "join namespaces", detail_join },
	{ &init_table, "hostname", detail_names },
	{ &init_table, "loopback", detail_loopback },
	{ &init_table, "isolate mounts", detail_isolate },
	{ &init_table, "mounts", detail_mounts },
	{ &init_table, "devices", detail_devices },
	{ &init_table, "createContainer hooks", detail_create_container_hooks },
	{ &init_table, "sysctl", detail_sysctl },
	{ &init_table, "masked paths", detail_masked_paths },
	{ &init_table, "read-only paths", detail_readonly_paths },
	{ &init_table, "seal", detail_seal },
	{ &init_table, "pivot", detail_pivot },
	{ &init_table, "working directory", detail_working_directory },
	{ &init_table, "user, joined pid namespace", detail_user },
	{ &init_table, "filter, joined pid namespace", detail_filter },
	{ &init_table, "limits", detail_limits },
	{ &init_table, "user", detail_user },
	{ &init_table, "filter without no_new_privs", detail_filter },
	{ &init_table, "filter", detail_filter },
	{ &init_table, "startContainer hooks", detail_start_container_hooks },
	{ &init_table, "exec", detail_execute },
};

const char *explain_described(size_t n, const struct step_table **table)
{
	if (n >= ARRAY_SIZE(descriptions))
		return NULL;
	*table = descriptions[n].table;
	return descriptions[n].name;
}

void explain_details(const struct creation *creation, const struct step *step,
		     const struct step_table *table, struct details *details)
{
	for (size_t i = 0; i < ARRAY_SIZE(descriptions); i++)
		if (descriptions[i].table == table && strcmp(descriptions[i].name, step->name) == 0)
			descriptions[i].describe(creation, details);
}
