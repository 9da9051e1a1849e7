/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The parent's rows in calls and in the words of a shell.
 *
 * syscalls: none
 */
#include <sched.h>
#include <string.h>

#include "base/table.h"
#include "cgroups/convert.h"
#include "runtime/commands/explain_rows.h"

void detail_state_directory(const struct creation *creation, struct details *details)
{
	const char *path =
		FORMAT(details, "%s/%s", creation->settings->root, creation->options->id);

	detail_add(details, FORMAT(details, "mkdir(\"%s\", 0700)", path), NULL, NULL);
}

void detail_cgroup(const struct creation *creation, struct details *details)
{
	detail_add(details, FORMAT(details, "mkdir(\"%s\")", creation->cgroup_plan.place.path),
		   NULL, "mkdir -p \"$CGROUP\"");
}

void detail_cgroup_limits(const struct creation *creation, struct details *details)
{
	const struct cgroup_writes *writes = creation->cgroup_plan.limits;

	for (size_t i = 0; i < writes->count; i++) {
		const struct cgroup_write *item = &writes->items[i];

		detail_add(details, FORMAT(details, "write(%s, \"%s\")", item->file, item->text),
			   FORMAT(details, "/linux/resources/%s", item->member),
			   FORMAT(details, "echo %s >\"$CGROUP\"/%s",
				  detail_quote(details, item->text),
				  detail_quote(details, item->file)));
	}
}

void detail_network_devices(const struct creation *creation, struct details *details)
{
	for (size_t i = 0; i < creation->spec.linux.net_devices.count; i++) {
		const struct net_device_spec *item = &creation->spec.linux.net_devices.items[i];
		const char *name = item->name ? item->name : item->host_name;

		detail_add(details, FORMAT(details, "move \"%s\" as \"%s\"", item->host_name, name),
			   FORMAT(details, "/linux/netDevices/%s", item->host_name), NULL);
	}
}

static const struct {
	uint64_t flag;
	const char *name, *option; /* of unshare(1) and nsenter(1) */
} flags[] = {
	{ CLONE_NEWUSER, "CLONE_NEWUSER", "--user" },
	{ CLONE_NEWCGROUP, "CLONE_NEWCGROUP", "--cgroup" },
	{ CLONE_NEWIPC, "CLONE_NEWIPC", "--ipc" },
	{ CLONE_NEWUTS, "CLONE_NEWUTS", "--uts" },
	{ CLONE_NEWNET, "CLONE_NEWNET", "--net" },
	{ CLONE_NEWPID, "CLONE_NEWPID", "--pid" },
	{ CLONE_NEWNS, "CLONE_NEWNS", "--mount" },
	{ CLONE_NEWTIME, "CLONE_NEWTIME", "--time" },
};

void detail_clone(const struct creation *creation, struct details *details)
{
	const char *names = "", *options = "";

	for (size_t i = 0; names && options && i < ARRAY_SIZE(flags); i++) {
		if (!(creation->namespaces.create & flags[i].flag))
			continue;
		names = FORMAT(details, "%s%s%s", names, *names ? " | " : "", flags[i].name);
		options = FORMAT(details, "%s %s", options, flags[i].option);
	}
	if (creation->cgroup >= 0 && names)
		names = FORMAT(details, "%s%sCLONE_INTO_CGROUP", names, *names ? " | " : "");
	details->failed |= !names || !options;
	detail_add(details, FORMAT(details, "clone3(%s)", names ? names : ""), NULL,
		   FORMAT(details, "unshare%s --fork --kill-child", options ? options : ""));
}

static void map(const struct id_mapping_list *list, const char *file, const char *pointer,
		struct details *details)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct id_mapping *item = &list->items[i];

		detail_add(details,
			   FORMAT(details, "write(%s, \"%u %u %u\")", file, item->container_id,
				  item->host_id, item->size),
			   FORMAT(details, "%s/%zu", pointer, i),
			   FORMAT(details, "echo '%u %u %u' >>map", item->container_id,
				  item->host_id, item->size));
	}
}

void detail_id_maps(const struct creation *creation, struct details *details)
{
	map(&creation->spec.linux.uid_mappings, "uid_map", "/linux/uidMappings", details);
	map(&creation->spec.linux.gid_mappings, "gid_map", "/linux/gidMappings", details);
}

void detail_oom_score(const struct creation *creation, struct details *details)
{
	const int value = (int)creation->spec.process.oom_score_adj.value;

	detail_add(details, FORMAT(details, "write(oom_score_adj, \"%d\")", value), NULL,
		   FORMAT(details, "echo %d >/proc/self/oom_score_adj", value));
}

void detail_runtime_hooks(const struct creation *creation, struct details *details)
{
	detail_hooks(creation, HOOK_PRESTART, details);
	detail_hooks(creation, HOOK_CREATE_RUNTIME, details);
}
