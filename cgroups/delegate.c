/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Giving the container's cgroup to the container's user (config-linux.md#cgroup-ownership;
 * cgroup-v2.rst, "Model of Delegation"): the directory and the files of
 * /sys/kernel/cgroup/delegate, never a limit's file.
 *
 * syscalls: openat read fchown fchownat
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/string.h"
#include "cgroups/cgroup.h"

#define LIST_MAX 4096 /* bytes: a file name a line */

/* What kernels before 4.15, which have no such file, delegate. */
static const char default_list[] = "cgroup.procs\ncgroup.subtree_control\ncgroup.threads\n";

static bool has_option(const struct mount_spec *mount, const char *option)
{
	for (size_t i = 0; i < mount->options.count; i++) {
		if (strcmp(mount->options.items[i], option) == 0)
			return true;
	}
	return false;
}

/* The specification names the mount by its source and destination, config-linux.md, "Cgroup
 * ownership". */
static bool has_writable_mount(const struct container_spec *spec)
{
	for (size_t i = 0; i < spec->mounts.count; i++) {
		const struct mount_spec *mount = &spec->mounts.items[i];

		if (string_equal(mount->type, "cgroup") && string_equal(mount->source, "cgroup") &&
		    string_equal(mount->destination, "/sys/fs/cgroup") && !has_option(mount, "ro"))
			return true;
	}
	return false;
}

static bool has_new_namespace(const struct container_spec *spec, const char *type)
{
	for (size_t i = 0; i < spec->linux.namespaces.count; i++) {
		const struct namespace_spec *namespace = &spec->linux.namespaces.items[i];

		if (strcmp(namespace->type, type) == 0)
			return namespace->path == NULL;
	}
	return false;
}

bool cgroup_delegate_owner(const struct container_spec *spec, uid_t *owner)
{
	const struct id_mapping_list *maps = &spec->linux.uid_mappings;
	uint32_t uid = spec->process.user.uid;

	if (!spec->process.present || !has_new_namespace(spec, "cgroup") ||
	    !has_writable_mount(spec))
		return false;
	*owner = uid;
	if (maps->count == 0)
		return true;
	for (size_t i = 0; i < maps->count; i++) {
		const struct id_mapping *map = &maps->items[i];

		if (uid >= map->container_id && uid - map->container_id < map->size) {
			*owner = map->host_id + (uid - map->container_id);
			return true;
		}
	}
	return false;
}

/* Of a controller that isn't enabled here a file is missing. */
static int give_files(int cgroup, const char *list, uid_t owner, struct error *err)
{
	for (; *list; list += *list == '\n') {
		int length = (int)strcspn(list, "\n");
		char name[NAME_MAX + 1];

		(void)snprintf(name, sizeof(name), "%.*s", length, list);
		list += length;
		if (name[0] && !strchr(name, '/') &&
		    fchownat(cgroup, name, owner, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 &&
		    errno != ENOENT)
			return error_errno(err, "give %s of the cgroup to user %u", name, owner);
	}
	return 0;
}

int cgroup_delegate(int cgroup, uid_t owner, struct error *err)
{
	autofree char *list = NULL;
	struct error ignored;
	bool known = file_read_at(AT_FDCWD, "/sys/kernel/cgroup/delegate", LIST_MAX, &list, NULL,
				  &ignored) == 0;

	if (fchown(cgroup, owner, (gid_t)-1) < 0)
		return error_errno(err, "give the cgroup to user %u", owner);
	return give_files(cgroup, known ? list : default_list, owner, err);
}
