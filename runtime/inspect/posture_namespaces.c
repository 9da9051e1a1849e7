/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Namespaces and users: namespaces(7), user_namespaces(7).
 *
 * syscalls: none
 */
#include "runtime/inspect/posture_rules.h"

#include "base/table.h"

static void no_pid_namespace(const struct posture *posture)
{
	if (!posture_has_namespace(posture, "pid"))
		posture_found(posture,
			      "/linux/namespaces: no pid namespace: it sees the host's processes "
			      "and may signal those of its user");
}

static void no_network_namespace(const struct posture *posture)
{
	if (!posture_has_namespace(posture, "network"))
		posture_found(posture,
			      "/linux/namespaces: no network namespace: services on the host's "
			      "loopback and abstract sockets can be reached");
}

static void no_ipc_namespace(const struct posture *posture)
{
	if (!posture_has_namespace(posture, "ipc"))
		posture_found(posture,
			      "/linux/namespaces: no ipc namespace: shared memory and message "
			      "queues of the host's programs");
}

static void no_user_namespace(const struct posture *posture)
{
	if (!posture_has_namespace(posture, "user"))
		posture_found(
			posture,
			"/linux/namespaces: no user namespace: uid 0 inside is uid 0 outside");
}

static void no_mount_namespace(const struct posture *posture)
{
	if (!posture_has_namespace(posture, "mount"))
		posture_found(
			posture,
			"/linux/namespaces: no mount namespace: a chroot in the host's mounts");
}

static void no_cgroup_namespace(const struct posture *posture)
{
	if (!posture_has_namespace(posture, "cgroup"))
		posture_found(posture,
			      "/linux/namespaces: no cgroup namespace: names and places of the "
			      "host's cgroups are shown");
}

static void root_is_root(const struct posture *posture)
{
	const struct process_spec *process = &posture->spec->process;

	if (process->present && process->user.uid == 0 && !posture_has_namespace(posture, "user"))
		posture_found(posture,
			      "/process/user/uid: runs as root of the host, held by capabilities "
			      "and the filter only");
}

static void maps_host_root(const struct posture *posture)
{
	const struct id_mapping_list *list = &posture->spec->linux.uid_mappings;

	for (size_t i = 0; i < list->count; i++)
		if (list->items[i].host_id == 0)
			posture_found(posture,
				      "/linux/uidMappings/%zu: maps the host's root: uid %u inside "
				      "is uid "
				      "0 "
				      "outside",
				      i, list->items[i].container_id);
}

static void umask_zero(const struct posture *posture)
{
	const struct opt_uint *mask = &posture->spec->process.user.umask;

	if (mask->present && (mask->value & 2) == 0)
		posture_found(posture,
			      "/process/user/umask: %04o: new files can be written by everybody",
			      (unsigned)mask->value);
}

static const struct posture_rule rules[] = {
	{ "NS01", W, no_pid_namespace, "processes are named by pid", "add a pid namespace",
	  "pid_namespaces(7)" },
	{ "NS02", W, no_network_namespace, "addresses, ports and abstract sockets are the host's",
	  "add a network namespace", "network_namespaces(7)" },
	{ "NS03", W, no_ipc_namespace, "System V IPC and POSIX queues are the host's",
	  "add an ipc namespace", "ipc_namespaces(7)" },
	{ "NS04", N, no_user_namespace, "the last wall: root of a container that gets out is root",
	  "add a user namespace with mappings", "user_namespaces(7)" },
	{ "NS05", W, no_mount_namespace, "the host's mounts can be seen and, with rights, changed",
	  "add a mount namespace", "mount_namespaces(7)" },
	{ "NS06", N, no_cgroup_namespace, "/proc/self/cgroup tells the host's layout",
	  "add a cgroup namespace", "cgroup_namespaces(7)" },
	{ "USR01", N, root_is_root, "files of the host that it reaches are root's to it",
	  "another process.user, or a user namespace", "user_namespaces(7)" },
	{ "USR02", W, maps_host_root, "the user namespace doesn't protect from this user",
	  "map to an unused range", "user_namespaces(7)" },
	{ "USR03", W, umask_zero, "others may change its files", "022, or leave it out",
	  "umask(2)" },
};

const struct posture_group posture_namespaces = { rules, ARRAY_SIZE(rules) };
