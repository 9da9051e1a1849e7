/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new file system for a mount: its parameters, its label, its flags.
 *
 * fsconfig(2), proc(5), tmpfs(5), selinux(8) "context="
 * syscalls: fsopen fsconfig fsmount mount_setattr fstatfs openat fsetxattr close
 */
#include "namespaces/mount_instance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/table.h"
#include "namespaces/detached.h"
#include "namespaces/mount_proc.h"

static const struct {
	uint32_t flag;
	const char *name;
} superblock_names[] = {
	{ MOUNT_SUPERBLOCK_SYNC, "sync" },
	{ MOUNT_SUPERBLOCK_DIRSYNC, "dirsync" },
	{ MOUNT_SUPERBLOCK_LAZYTIME, "lazytime" },
	{ MOUNT_SUPERBLOCK_MAND, "mand" },
};

/*
 * fsconfig(2) has no general name for mount(2)'s MS_I_VERSION. Some file systems have one of their
 * own, others count always or never and nothing can change it; for them the wish is void, as it is
 * for mount(2).
 */
static int set_iversion(struct filesystem *fs, struct error *err)
{
	if (filesystem_checks_parameters(fs)) {
		if (filesystem_set(fs, "iversion", NULL, err) == 0 ||
		    filesystem_set(fs, "i_version", NULL, err) == 0)
			return 0;
		if (err->code != EINVAL)
			return -1;
	}
	log_debug("file system %s has no say in iversion", fs->type);
	return 0;
}

int mount_instance_set_superblock(struct filesystem *fs, const struct mount_options *options,
				  struct error *err)
{
	table_for_each (row, superblock_names) {
		if ((options->superblock & row->flag) &&
		    filesystem_set(fs, row->name, NULL, err) < 0)
			return -1;
	}
	if (options->superblock & MOUNT_SUPERBLOCK_IVERSION)
		return set_iversion(fs, err);
	return 0;
}

/*
 * Read-only as a property of the file system is for those that write on their own account, such as
 * a journal on a disk. In these the kernel keeps one superblock for several mounts (a pod's
 * containers share the one of sysfs), and the mount's flag is all that is asked for.
 */
static bool is_readonly_by_mount(const char *type)
{
	static const char *const types[] = { "devpts", "mqueue", "proc", "sysfs", "tmpfs" };

	table_for_each (name, types) {
		if (strcmp(*name, type) == 0)
			return true;
	}
	return false;
}

static int configure(struct filesystem *fs, const struct mount_plan *plan, mode_t existing,
		     struct error *err)
{
	const struct mount_options *options = &plan->options;

	if (filesystem_set(fs, "source", plan->source, err) < 0 ||
	    mount_instance_set_superblock(fs, options, err) < 0)
		return -1;
	if ((options->own.set & MOUNT_ATTR_RDONLY) && !plan->late_readonly &&
	    !is_readonly_by_mount(plan->type) && filesystem_set(fs, "ro", NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < options->data_count; i++) {
		if (filesystem_set_option(fs, options->data[i], err) < 0)
			return -1;
	}
	if (plan->label && strcmp(plan->type, "mqueue") != 0 &&
	    filesystem_set(fs, "context", plan->label, err) < 0)
		return -1;
	if (existing) {
		char mode[12];

		(void)snprintf(mode, sizeof(mode), "%o", (unsigned)existing);
		return filesystem_set(fs, "mode", mode, err);
	}
	return 0;
}

/* mqueue takes no context= but lets its root be labelled. */
static int label_mqueue(int mount, const char *label, struct error *err)
{
	autofd directory = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (directory < 0)
		return error_errno(err, "label of mqueue");
	if (fsetxattr(directory, "security.selinux", label, strlen(label) + 1, 0) < 0 &&
	    errno != ENOTSUP)
		return error_errno(err, "label of mqueue");
	return 0;
}

/* The context may have come from a process that others can get at (mount_proc.c). */
static int check_proc_mount(int mount, struct error *err)
{
	struct statfs fs;

	if (fstatfs(mount, &fs) < 0)
		return error_errno(err, "proc");
	if (fs.f_type != PROC_SUPER_MAGIC)
		return error_set(err, "what was made is no proc file system");
	return 0;
}

int mount_instance_make(const struct mount_plan *plan, int pid_namespace, mode_t existing,
			struct error *err)
{
	autofilesystem fs = { .context = -1 };
	uint64_t attributes = plan->options.own.set;
	autofd mount = -1;
	int opened;

	if (strcmp(plan->type, "proc") == 0)
		opened = mount_proc_open(&fs, pid_namespace, err);
	else
		opened = filesystem_open(&fs, plan->type, err);
	if (opened < 0 || configure(&fs, plan, existing, err) < 0)
		return -1;
	if (plan->late_readonly)
		attributes &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	mount = filesystem_mount(&fs, attributes, err);
	if (mount < 0 || detached_apply_propagation(mount, &plan->options, 0, err) < 0)
		return -1;
	if (strcmp(plan->type, "proc") == 0 && check_proc_mount(mount, err) < 0)
		return -1;
	if (plan->label && strcmp(plan->type, "mqueue") == 0 &&
	    label_mqueue(mount, plan->label, err) < 0)
		return -1;
	return fd_take(&mount);
}
