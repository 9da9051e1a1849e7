/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts before they are attached.
 *
 * open_tree(2), mount_setattr(2), move_mount(2), mount_namespaces(7) "Shared subtrees"
 * syscalls: open_tree mount_setattr fstatfs move_mount
 */
#include "namespaces/detached.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/vfs.h>

#include "base/sys.h"
#include "base/table.h"

int detached_clone(int dir, const char *path, unsigned flags)
{
	flags |= OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
	if (path[0] == '\0')
		flags |= AT_EMPTY_PATH;
	return open_tree(dir, path, flags);
}

int detached_set(int mount, bool tree, struct mount_attributes attributes,
		 unsigned long propagation)
{
	struct mount_attr attr = {
		.attr_set = attributes.set,
		.attr_clr = attributes.clear,
		.propagation = propagation,
	};

	return mount_setattr(mount, "", AT_EMPTY_PATH | (tree ? AT_RECURSIVE : 0U), &attr,
			     sizeof(attr));
}

/* What statfs(2) calls a mount's attributes; the kernel's values, which glibc names in part. */
static const struct {
	long status;
	uint64_t attribute;
	const char *name;
} status_flags[] = {
	{ 0x0001, MOUNT_ATTR_RDONLY, "ro" },
	{ 0x0002, MOUNT_ATTR_NOSUID, "nosuid" },
	{ 0x0004, MOUNT_ATTR_NODEV, "nodev" },
	{ 0x0008, MOUNT_ATTR_NOEXEC, "noexec" },
	{ 0x0400, MOUNT_ATTR_NOATIME, "noatime" },
	{ 0x0800, MOUNT_ATTR_NODIRATIME, "nodiratime" },
	{ 0x2000, MOUNT_ATTR_NOSYMFOLLOW, "nosymfollow" },
};

/* nodiratime is a flag beside the enumeration, but for mount(2) one field with it. */
static bool says_access_time(const struct mount_attributes *own)
{
	return (own->clear & MOUNT_ATTR__ATIME) ||
	       ((own->set | own->clear) & MOUNT_ATTR_NODIRATIME);
}

/* The access time is an enumeration: another value takes this one away, too. */
static bool takes_away(const struct mount_attributes *own, uint64_t attribute)
{
	if (attribute != MOUNT_ATTR_NOATIME)
		return own->clear & attribute;
	return (own->clear & MOUNT_ATTR__ATIME) &&
	       (own->set & MOUNT_ATTR__ATIME) != MOUNT_ATTR_NOATIME;
}

static int refuse_locked(const char *name, struct error *err)
{
	(void)error_set(
		err,
		"the source's \"%s\" can't be taken away in a user namespace: operation not "
		"permitted",
		name);
	err->code = EPERM;
	return error_kind(err, ERROR_MOUNT_LOCKED);
}

/* word is what the options say; the other mode is the source's own, or that of a mount below it. */
static int refuse_access_time(const char *word, struct error *err)
{
	(void)error_set(err,
			"\"%s\": the source has another access time, which can't be changed in a "
			"user namespace: operation not permitted",
			word);
	err->code = EPERM;
	return error_kind(err, ERROR_MOUNT_LOCKED);
}

/* What EPERM means here: mount_namespaces(7), "Restrictions on mount namespaces". */
static int refused(const char *what, struct error *err)
{
	(void)error_errno(err, "%s", what);
	return err->code == EPERM ? error_kind(err, ERROR_MOUNT_LOCKED) : -1;
}

int detached_check_locked(int mount, const struct mount_options *options, struct error *err)
{
	const struct mount_attributes *all = &options->tree;
	bool tree = options->bind == MOUNT_BIND_TREE;

	table_for_each (row, status_flags) {
		struct mount_attributes one = { .clear = row->attribute };

		if (row->attribute == MOUNT_ATTR_NOATIME) {
			if (!(all->clear & MOUNT_ATTR__ATIME))
				continue;
			one.set = all->set & MOUNT_ATTR__ATIME;
			one.clear = MOUNT_ATTR__ATIME;
		} else if (!(all->clear & row->attribute)) {
			continue;
		}
		if (detached_set(mount, tree, one, 0) == 0)
			continue;
		if (errno != EPERM)
			return error_errno(err, "attributes of the mounts in the tree");
		return row->attribute == MOUNT_ATTR_NOATIME
			       ? refuse_access_time(options->tree_atime, err)
			       : refuse_locked(row->name, err);
	}
	return 0;
}

/* Leaves alone what is set and wasn't named: it is, or is to be, locked. */
static int set_around_locked(int mount, const struct mount_options *options,
			     unsigned long propagation, struct error *err)
{
	const struct mount_attributes *own = &options->own;
	struct mount_attributes attributes = { own->set, MOUNT_ATTRIBUTES_ALL & ~own->set };
	struct statfs fs;
	uint64_t kept = 0;

	if (fstatfs(mount, &fs) < 0)
		return refused("attributes of the mount", err);
	table_for_each (row, status_flags) {
		if (!(fs.f_flags & row->status) || row->attribute == MOUNT_ATTR_NOSYMFOLLOW)
			continue; /* the kernel locks all but that one */
		if (takes_away(own, row->attribute))
			return row->attribute == MOUNT_ATTR_NOATIME
				       ? refuse_access_time(options->own_atime, err)
				       : refuse_locked(row->name, err);
		kept |= row->attribute;
	}
	attributes.set |= kept & ~(uint64_t)MOUNT_ATTR__ATIME;
	attributes.clear &= ~attributes.set;
	if (own->clear & MOUNT_ATTR__ATIME)
		attributes.clear |= MOUNT_ATTR__ATIME;
	else
		attributes.clear &= ~(uint64_t)MOUNT_ATTR__ATIME;
	if (detached_set(mount, false, attributes, propagation) == 0)
		return 0;
	if (errno == EPERM && says_access_time(own)) /* the kernel locks it, whichever it is */
		return refuse_access_time(options->own_atime		     ? options->own_atime
					  : own->set & MOUNT_ATTR_NODIRATIME ? "nodiratime"
									     : "diratime",
					  err);
	return refused("attributes of the mount", err);
}

int detached_apply_exact(int mount, const struct mount_options *options, unsigned long propagation,
			 struct error *err)
{
	const struct mount_attributes *own = &options->own;
	struct mount_attributes exact = {
		.set = own->set,
		.clear = (MOUNT_ATTRIBUTES_ALL & ~own->set) | MOUNT_ATTR__ATIME,
	};

	if (!says_access_time(own))
		exact.clear &= ~(uint64_t)(MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME);
	if (!options->keep) {
		if (detached_set(mount, false, exact, propagation) == 0)
			return 0;
		if (errno != EPERM)
			return refused("attributes of the mount", err);
	}
	return set_around_locked(mount, options, propagation, err);
}

int detached_apply_propagation(int mount, const struct mount_options *options, size_t first,
			       struct error *err)
{
	for (size_t i = first; i < options->propagation_count; i++) {
		const struct mount_propagation *propagation = &options->propagation[i];

		if (detached_set(mount, propagation->recursive, (struct mount_attributes){ 0 },
				 propagation->type) < 0)
			return error_errno(err, "propagation of the mount");
	}
	return 0;
}

/* Two calls at most in the usual case: what goes for the whole tree, then what goes for its top. */
int detached_apply_options(int mount, const struct mount_options *options, struct error *err)
{
	struct mount_propagation first = { MS_SLAVE, true };
	bool tree = options->bind == MOUNT_BIND_TREE;
	bool whole, apart;

	if (options->propagation_count > 0)
		first = options->propagation[0];
	/* A single mount is a tree of one, so its propagation can go with the other call. */
	whole = tree && first.recursive;
	/* "private" without an r is for the top; the mounts below must not be peers of the host's
	 */
	apart = tree && !whole && first.type != MS_SHARED;
	if (whole || apart || options->tree.set || options->tree.clear) {
		const unsigned long below = whole ? first.type : apart ? MS_SLAVE : 0;

		if (detached_set(mount, tree, options->tree, below) < 0)
			return refused("attributes of the mounts in the tree", err);
	}
	if (options->exact) {
		if (detached_apply_exact(mount, options, whole ? 0UL : first.type, err) < 0)
			return -1;
	} else if (!whole) {
		if (detached_set(mount, false, (struct mount_attributes){ 0 }, first.type) < 0)
			return error_errno(err, "propagation of the mount");
	}
	return detached_apply_propagation(mount, options, 1, err);
}

int detached_attach(int mount, int target)
{
	return move_mount(mount, "", target, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
}
