/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which namespaces a container gets: new ones for clone3(2), existing ones as descriptors for
 * setns(2), and the runtime's own for everything that the configuration doesn't list.
 *
 * namespaces(7), ioctl_ns(2), setns(2)
 * syscalls: openat fstatfs ioctl fstat newfstatat setns, faccessat2 after a failure
 */
#include "namespaces/namespace.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/sys.h"
#include "base/table.h"

#define NAMESPACE_FS_MAGIC 0x6e736673 /* NSFS_MAGIC of linux/magic.h */

/*
 * The order is that of joining. The user namespace comes first, since its capabilities are what an
 * unprivileged runtime joins the others with; who is privileged outside calls namespace_join()
 * for the others before. The mount namespace comes late, since it changes what names mean.
 */
const struct namespace_type namespace_types[NAMESPACE_COUNT] = {
	[NAMESPACE_USER] = { "user", CLONE_NEWUSER, "user" },
	[NAMESPACE_CGROUP] = { "cgroup", CLONE_NEWCGROUP, "cgroup" },
	[NAMESPACE_IPC] = { "ipc", CLONE_NEWIPC, "ipc" },
	[NAMESPACE_UTS] = { "uts", CLONE_NEWUTS, "uts" },
	[NAMESPACE_NETWORK] = { "network", CLONE_NEWNET, "net" },
	[NAMESPACE_PID] = { "pid", CLONE_NEWPID, "pid" },
	[NAMESPACE_MOUNT] = { "mount", CLONE_NEWNS, "mnt" },
	[NAMESPACE_TIME] = { "time", CLONE_NEWTIME, "time" },
};

const char *namespace_missing(uint64_t flags)
{
	autofd own = open("/proc/self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC);

	table_for_each (type, namespace_types) {
		if (own >= 0 && (flags & type->flag) &&
		    faccessat(own, type->proc_name, F_OK, AT_SYMLINK_NOFOLLOW) < 0 &&
		    errno == ENOENT)
			return type->type;
	}
	return NULL;
}

static int find_kind(const char *type)
{
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++) {
		if (strcmp(namespace_types[kind].type, type) == 0)
			return kind;
	}
	return -1;
}

static const char *type_of_flag(int flag)
{
	table_for_each (row, namespace_types) {
		if (row->flag == (uint64_t)flag)
			return row->type;
	}
	return "unknown";
}

/* O_NONBLOCK: a path that is a FIFO must not hold us up. The file system is looked at before the
 * ioctl(2), whose number means something else to a device. */
static int open_namespace(const char *path, int kind, size_t index, struct error *err)
{
	autofd fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct statfs fs;
	int flag;

	if (fd < 0)
		return error_errno(err, "/linux/namespaces/%zu/path: %s", index, path);
	if (fstatfs(fd, &fs) < 0 || fs.f_type != NAMESPACE_FS_MAGIC)
		return error_set(err, "/linux/namespaces/%zu/path: %s is no namespace", index,
				 path);
	flag = ioctl(fd, NS_GET_NSTYPE);
	if (flag < 0)
		return error_errno(err, "/linux/namespaces/%zu/path: type of %s", index, path);
	if ((uint64_t)flag != namespace_types[kind].flag)
		return error_set(err, "/linux/namespaces/%zu/path: %s is a %s namespace, not %s",
				 index, path, type_of_flag(flag), namespace_types[kind].type);
	return fd_take(&fd);
}

/* A name of a namespace is its device and inode number: nsfs gives each namespace one inode. */
static int is_own(int fd, int kind, bool *own, struct error *err)
{
	struct stat theirs, ours;
	char path[64];

	(void)snprintf(path, sizeof(path), "/proc/self/ns/%s", namespace_types[kind].proc_name);
	if (stat(path, &ours) < 0)
		return error_errno(err, "%s", path);
	if (fstat(fd, &theirs) < 0)
		return error_errno(err, "%s namespace", namespace_types[kind].type);
	*own = theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;
	return 0;
}

static int plan_one(const struct namespace_spec *spec, size_t index, struct namespace_plan *plan,
		    struct report *report, struct error *err)
{
	int kind = find_kind(spec->type);
	autofd fd = -1;
	uint64_t flag;
	bool own = false;

	if (kind < 0)
		return error_set(err, "/linux/namespaces/%zu/type: \"%s\" is no namespace type",
				 index, spec->type);
	flag = namespace_types[kind].flag;
	if (namespace_is_private(plan, flag))
		return error_set(err, "/linux/namespaces/%zu/type: \"%s\" appears twice", index,
				 spec->type);
	if (!spec->path) {
		plan->create |= flag;
		return 0;
	}
	if (spec->path[0] != '/')
		return error_set(err, "/linux/namespaces/%zu/path: \"%s\" isn't absolute", index,
				 spec->path);
	if (!report_may_look(report, "/linux/namespaces/%zu/path", index)) {
		plan->join |= flag;
		return 0;
	}
	fd = open_namespace(spec->path, kind, index, err);
	if (fd < 0 || is_own(fd, kind, &own, err) < 0)
		return -1;
	if (own)
		return 0;
	plan->join |= flag;
	plan->fd[kind] = fd_take(&fd);
	return 0;
}

int namespace_plan(const struct container_spec *spec, struct namespace_plan *plan,
		   struct report *report, struct error *err)
{
	*plan = (struct namespace_plan){ 0 };
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
		plan->fd[kind] = -1;
	for (size_t i = 0; i < spec->linux.namespaces.count; i++) {
		const struct namespace_spec *one = &spec->linux.namespaces.items[i];
		const int kind = find_kind(one->type);

		if (plan_one(one, i, plan, report, err) == 0)
			continue;
		if (!report_tell(report, err)) {
			namespace_plan_close(plan);
			return -1;
		}
		/* what else is said goes by what was meant */
		if (kind >= 0 && !namespace_is_private(plan, namespace_types[kind].flag))
			plan->join |= namespace_types[kind].flag;
	}
	return 0;
}

void namespace_plan_close(struct namespace_plan *plan)
{
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++)
		fd_close(&plan->fd[kind]);
}

int namespace_join(const struct namespace_plan *plan, uint64_t which, struct error *err)
{
	for (int kind = 0; kind < NAMESPACE_COUNT; kind++) {
		const struct namespace_type *type = &namespace_types[kind];

		if (!(plan->join & which & type->flag))
			continue;
		if (setns(plan->fd[kind], (int)type->flag) < 0)
			return error_errno(err, "join %s namespace", type->type);
	}
	return 0;
}
