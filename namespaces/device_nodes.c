/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Nodes for a user namespace, made outside of it. Who may open a node is decided by the user
 * namespace of its file system, which is ours here.
 *
 * mknod(2), user_namespaces(7), open_tree(2)
 * syscalls: fsopen fsconfig fsmount mknodat fchmodat fchownat open_tree close; before Linux 6.15
 *           clone3 mount_setattr move_mount dup3 wait4 as well
 */
#include "namespaces/device_nodes.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/process.h"
#include "base/sys.h"
#include "namespaces/detached.h"
#include "namespaces/filesystem.h"

static bool is_wanted(const struct rootfs *rootfs)
{
	return (rootfs->namespaces->create & CLONE_NEWUSER) &&
	       rootfs->spec->linux.devices.count > 0;
}

int device_nodes_plan(struct rootfs *rootfs, struct arena *arena, struct error *err)
{
	const size_t count = rootfs->spec->linux.devices.count;

	if (!is_wanted(rootfs))
		return 0;
	rootfs->made_nodes = arena_array(arena, count, sizeof(*rootfs->made_nodes));
	if (!rootfs->made_nodes)
		return error_code(err, ENOMEM, "/linux/devices");
	for (size_t i = 0; i < count; i++)
		rootfs->made_nodes[i] = -1;
	return 0;
}

/* The host's id for one of the container; false: it has none. */
static bool map_id(const struct id_mapping_list *list, uint32_t id, uint32_t *host)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct id_mapping *map = &list->items[i];

		if (id < map->container_id || id - map->container_id >= map->size)
			continue;
		*host = map->host_id + (id - map->container_id);
		return true;
	}
	return false;
}

static int give(int directory, const char *name, const struct device_spec *device,
		const struct linux_spec *linux, struct error *err)
{
	const uint32_t uid = device->uid.present ? (uint32_t)device->uid.value : 0;
	const uint32_t gid = device->gid.present ? (uint32_t)device->gid.value : 0;
	uint32_t host_uid, host_gid;

	if (!map_id(&linux->uid_mappings, uid, &host_uid) ||
	    !map_id(&linux->gid_mappings, gid, &host_gid)) {
		log_warning("%s: its owner %u:%u has no place in the user namespace", device->path,
			    uid, gid);
		return 0;
	}
	if (fchownat(directory, name, host_uid, host_gid, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, "%s: owner %u:%u", device->path, uid, gid);
	return 0;
}

#define NAME_SIZE 24

static void name_of(size_t index, char name[static NAME_SIZE])
{
	(void)snprintf(name, NAME_SIZE, "%zu", index);
}

/* Quietly -1 where a node can't be made: a filter, a user namespace around us. */
static int make_node(int directory, size_t i, const struct rootfs *rootfs, struct error *err)
{
	const struct device_spec *device = &rootfs->spec->linux.devices.items[i];
	const mode_t mode =
		device->file_mode.present ? (mode_t)device->file_mode.value & 07777 : 0666;
	const dev_t number = makedev((unsigned)device->major.value, (unsigned)device->minor.value);
	const mode_t type = device->type[0] == 'b' ? S_IFBLK : S_IFCHR;
	char name[NAME_SIZE];

	name_of(i, name);
	if (mknodat(directory, name, type | 0600, number) < 0) {
		log_debug("%s: can't be made: the host's, then", device->path);
		err->code = 0;
		return -1;
	}
	if (give(directory, name, device, &rootfs->spec->linux, err) < 0)
		return -1;
	if (fchmodat(directory, name, mode, 0) < 0) /* whatever our umask is; after the owner */
		return error_errno(err, "%s: mode", device->path);
	return 0;
}

/* Born in a mount namespace of its own, with the parent's descriptors: under each of the numbers in
 * nodes the clone takes the place of what kept it free. */
static int run_helper(int directory, const int *nodes, size_t count)
{
	struct mount_attr private = { .propagation = MS_PRIVATE };
	autofd root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char name[NAME_SIZE];

	if (root < 0 || mount_setattr(root, "", AT_EMPTY_PATH, &private, sizeof(private)) < 0 ||
	    detached_attach(directory, root) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		autofd clone = -1;

		if (nodes[i] < 0)
			continue;
		name_of(i, name);
		clone = detached_clone(directory, name, 0);
		if (clone < 0 || dup3(clone, nodes[i], O_CLOEXEC) < 0)
			return -1;
	}
	return 0;
}

static bool clone_in_helper(int directory, const int *nodes, size_t count)
{
	struct clone_args args = { .flags = CLONE_FILES | CLONE_NEWNS, .exit_signal = SIGCHLD };
	struct error ignored;
	pid_t pid = sys_clone3(&args);
	int status;

	if (pid == 0)
		_exit(run_helper(directory, nodes, count) < 0);
	return pid > 0 && process_reap(pid, &status, &ignored) == 0 &&
	       process_exit_code(status) == 0;
}

/* Before Linux 6.15 only what is mounted where the caller is can be cloned: there the number is
 * kept free, for the helper. */
static int clone_node(int directory, size_t i, bool *helper)
{
	char name[NAME_SIZE];
	int mount = -1;

	name_of(i, name);
	if (!*helper)
		mount = detached_clone(directory, name, 0);
	if (mount < 0 && (*helper || errno == EINVAL)) {
		*helper = true;
		mount = fcntl(directory, F_DUPFD_CLOEXEC, 3);
	}
	return mount;
}

static int make_all(struct rootfs *rootfs, int directory, struct error *err)
{
	const size_t count = rootfs->spec->linux.devices.count;
	bool helper = false;

	for (size_t i = 0; i < count; i++) {
		const struct device_spec *device = &rootfs->spec->linux.devices.items[i];

		if (device->type[0] == 'p')
			continue; /* anybody makes these */
		*err = (struct error){ 0 };
		if (make_node(directory, i, rootfs, err) < 0) {
			if (*err->text)
				return error_context(err, "/linux/devices/%zu", i);
			continue;
		}
		rootfs->made_nodes[i] = clone_node(directory, i, &helper);
		if (rootfs->made_nodes[i] < 0)
			return error_errno(err, "/linux/devices/%zu: %s", i, device->path);
	}
	if (helper && !clone_in_helper(directory, rootfs->made_nodes, count)) {
		log_debug("listed devices can't be bound: the host's, then");
		device_nodes_close(rootfs);
	}
	return 0;
}

int device_nodes_make(struct rootfs *rootfs, struct error *err)
{
	autofilesystem fs = { .context = -1 };
	autofd directory = -1;
	const char *label = rootfs->spec->linux.mount_label;
	struct error ignored;

	if (!rootfs->made_nodes || geteuid() != 0 || process_in_user_namespace())
		return 0;
	if (filesystem_open(&fs, "tmpfs", &ignored) < 0 ||
	    filesystem_set(&fs, "mode", "755", &ignored) < 0)
		return 0;
	if (label && filesystem_set(&fs, rootfs->label_key, label, err) < 0)
		return error_context(err, "/linux/mountLabel");
	directory = filesystem_mount(&fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, &ignored);
	return directory < 0 ? 0 : make_all(rootfs, directory, err);
}

void device_nodes_close(struct rootfs *rootfs)
{
	for (size_t i = 0; rootfs->made_nodes && i < rootfs->spec->linux.devices.count; i++)
		fd_close(&rootfs->made_nodes[i]);
}
