/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces for scripts.
 *
 * syscalls: none
 */
#include "base/table.h"
#include "runtime/inspect/namespaces.h"

static const struct {
	unsigned why;
	const char *word;
} reasons[] = {
	{ ALIVE_PROCESS, "process" }, { ALIVE_MOUNT, "mount" }, { ALIVE_FD, "fd" },
	{ ALIVE_CHILD, "child" },     { ALIVE_OWNER, "owner" }, { ALIVE_PENDING, "pending" },
};

static void write_node(struct json_out *json, const struct ns_world *world,
		       const struct ns_node *node)
{
	const char *container = NULL;

	for (size_t g = 0; g < world->group_count; g++)
		if (world->groups[g].container && world->groups[g].ns[node->kind] == node->inode &&
		    node->inode != world->host[node->kind])
			container = world->groups[g].container;
	json_begin_object(json, NULL);
	json_string(json, "type", namespace_types[node->kind].proc_name);
	json_uint(json, "ino", node->inode);
	json_fact_uint(json, "id", &node->id);
	json_fact_uint(json, "owner", &node->owner);
	json_fact_uint(json, "parent", &node->parent);
	if (node->kind == NAMESPACE_USER)
		json_fact_uint(json, "owner_uid", &node->owner_uid);
	json_begin_array(json, "alive");
	table_for_each (reason, reasons) {
		if (node->alive & reason->why)
			json_string(json, NULL, reason->word);
	}
	json_end_array(json);
	if (node->mount)
		json_string(json, "mount", node->mount);
	if (node->holder)
		json_int(json, "holder", node->holder);
	if (container)
		json_string(json, "container", container);
	json_uint(json, "procs", node->processes);
	json_end_object(json);
}

static void write_process(struct json_out *json, const struct ns_process *process)
{
	json_begin_object(json, NULL);
	json_int(json, "pid", process->pid);
	if (process->thread)
		json_int(json, "thread", process->thread);
	json_begin_array(json, "nspid");
	for (size_t i = 0; i < process->nspid_count; i++)
		json_int(json, NULL, process->nspid[i]);
	json_end_array(json);
	if (process->container)
		json_string(json, "container", process->container);
	if (process->engine)
		json_string(json, "engine_guess", process->engine);
	json_uint(json, "uid", process->uid);
	if (process->inner_uid_known)
		json_uint(json, "uid_inside", process->inner_uid);
	if (process->comm)
		json_string(json, "comm", process->comm);
	json_begin_object(json, "ns");
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
		if (process->ns[kind])
			json_uint(json, namespace_types[kind].proc_name, process->ns[kind]);
	json_end_object(json);
	json_end_object(json);
}

void ns_json(struct json_out *json, const struct ns_world *world)
{
	bool selected = false;

	for (size_t g = 0; g < world->group_count; g++)
		selected |= world->groups[g].shown;
	json_begin_object(json, NULL);
	json_string(json, "schema", "minirun.ns/1");
	json_begin_array(json, "namespaces");
	for (size_t i = 0; i < world->node_count; i++)
		if (ns_is_shown(world, &world->nodes[i]))
			write_node(json, world, &world->nodes[i]);
	json_end_array(json);
	json_begin_array(json, "processes");
	for (size_t i = 0; i < world->process_count; i++)
		if (!selected || world->groups[world->processes[i].group].shown)
			write_process(json, &world->processes[i]);
	json_end_array(json);
	json_uint(json, "denied", world->denied);
	json_end_object(json);
}
