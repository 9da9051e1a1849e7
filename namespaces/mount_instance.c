/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new file system for a mount: its parameters, its label, its flags.
 *
 * fsconfig(2), proc(5), tmpfs(5), selinux(8) "context="
 * syscalls: fsopen fsconfig fsmount mount_setattr open_tree fstatfs stat openat fsetxattr setfsgid
 *           close
 */
#include "namespaces/mount_instance.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/process.h"
#include "base/string.h"
#include "base/sys.h"
#include "base/table.h"
#include "namespaces/detached.h"
#include "namespaces/mount_proc.h"
#include "namespaces/user.h"

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

/* devpts's gid=5 of nearly every configuration, in a user namespace that has no group 5. The pty
 * then belongs to the group of who opens it, which is what a user without a tty group has anyway.
 */
static bool is_missing_group(const struct mount_plan *plan, const char *option)
{
	uint64_t gid;

	return strcmp(plan->type, "devpts") == 0 && string_starts_with(option, "gid=") &&
	       string_to_uint(option + strlen("gid="), UINT32_MAX, &gid) &&
	       !user_has_group((gid_t)gid);
}

static bool names_missing_group(const struct mount_plan *plan)
{
	for (size_t i = 0; i < plan->options.data_count; i++) {
		if (is_missing_group(plan, plan->options.data[i])) {
			log_warning("/mounts/%zu: %s: \"%s\" is left out: the user namespace has "
				    "no such group",
				    plan->index, plan->destination, plan->options.data[i]);
			return true;
		}
	}
	return false;
}

static int configure(struct filesystem *fs, const struct mount_plan *plan, mode_t existing,
		     bool drop_group, struct error *err)
{
	const struct mount_options *options = &plan->options;

	if (filesystem_set(fs, "source", plan->source, err) < 0 ||
	    mount_instance_set_superblock(fs, options, err) < 0)
		return -1;
	if ((options->own.set & MOUNT_ATTR_RDONLY) && !plan->late_readonly &&
	    !is_readonly_by_mount(plan->type) && filesystem_set(fs, "ro", NULL, err) < 0)
		return -1;
	for (size_t i = 0; i < options->data_count; i++) {
		if (drop_group && is_missing_group(plan, options->data[i]))
			continue;
		if (filesystem_set_option(fs, options->data[i], err) < 0)
			return -1;
	}
	if (plan->label && strcmp(plan->type, "mqueue") != 0 &&
	    filesystem_set(fs, plan->label_key, plan->label, err) < 0)
		return error_context(err, "/linux/mountLabel");
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

static int make(const struct mount_plan *plan, int pid_namespace, mode_t existing, bool drop_group,
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
	if (opened < 0 || configure(&fs, plan, existing, drop_group, err) < 0)
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

bool mount_instance_is_of_kernel(const char *type)
{
	static const char *const types[] = { "bpf",	  "cgroup2", "debugfs", "devpts",
					     "hugetlbfs", "mqueue",  "overlay", "proc",
					     "ramfs",	  "sysfs",   "tmpfs",	"securityfs",
					     "tracefs" };

	table_for_each (name, types) {
		if (strcmp(*name, type) == 0)
			return true;
	}
	return false;
}

bool mount_instance_names_objects(const char *type)
{
	return strcmp(type, "overlay") == 0 || !mount_instance_is_of_kernel(type);
}

int mount_instance_try(const struct mount_plan *plan, struct error *err)
{
	autofilesystem fs = { .context = -1 };

	if (!mount_instance_is_of_kernel(plan->type))
		return 0;
	if (filesystem_open(&fs, plan->type, err) < 0)
		return -1;
	return configure(&fs, plan, 0, false, err);
}

/* --- in a user namespace ------------------------------------------------------------------------
 */

/* A sysfs shows the devices of a network namespace, so a user namespace may mount only that of one
 * that it owns. The tree that is there shows the same as a new one would. It is the host's, with
 * the cgroups in it: read-only as a whole, whatever the options say (CVE-2023-25809). */
static int clone_sysfs(const struct mount_plan *plan, struct error *err)
{
	const uint64_t flags =
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	struct mount_attributes attributes = {
		.set = (plan->options.own.set & flags) | MOUNT_ATTR_RDONLY,
	};
	autofd mount = detached_clone(AT_FDCWD, "/sys", AT_RECURSIVE);
	struct statfs fs;

	if (mount < 0 || fstatfs(mount, &fs) < 0)
		return error_errno(err, "/sys of the host");
	if (fs.f_type != SYSFS_MAGIC)
		return error_of_kind(err, ERROR_SYSFS, "/sys of the host isn't a sysfs");
	if (detached_set(mount, true, attributes, MS_SLAVE) < 0)
		return error_errno(err, "/sys of the host");
	if (detached_apply_propagation(mount, &plan->options, 0, err) < 0)
		return -1;
	log_debug("a new sysfs is refused: the host's /sys, read-only, in its place");
	return fd_take(&mount);
}

static int explain_user_namespace(const struct mount_plan *plan, struct error *err)
{
	static const struct {
		const char *type, *hint;
	} hints[] = {
		{ "proc",
		  "in a user namespace a new proc needs a pid namespace that belongs to it, "
		  "and a /proc outside of which no part is covered, as by the masked paths of "
		  "a container around us" },
		{ "mqueue", "in a user namespace it needs an ipc namespace that belongs to it" },
	};

	table_for_each (row, hints) {
		if (strcmp(row->type, plan->type) == 0) {
			struct error plain = *err;

			(void)error_set(err, "%.200s (%s)", plain.text, row->hint);
			err->code = plain.code;
		}
	}
	return -1;
}

int mount_instance_make(const struct mount_plan *plan, int pid_namespace, mode_t existing,
			struct error *err)
{
	int mount = make(plan, pid_namespace, existing, false, err);

	if (mount >= 0)
		return mount;
	if (err->code == EINVAL && names_missing_group(plan))
		return make(plan, pid_namespace, existing, true, err);
	if (err->code != EPERM || !process_in_user_namespace())
		return -1;
	if (strcmp(plan->type, "sysfs") == 0)
		return clone_sysfs(plan, err);
	return explain_user_namespace(plan, err);
}
