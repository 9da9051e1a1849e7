/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the container may not see or not change.
 *
 * OCI config-linux.md "Masked Paths", "Readonly Paths"
 * syscalls: openat2 fstat fstatfs open_tree mount_setattr move_mount fsopen fsconfig fsmount close
 */
#include "namespaces/masked_paths.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "namespaces/detached.h"
#include "namespaces/filesystem.h"

#define NULL_MAJOR 1
#define NULL_MINOR 3
#define STATUS_READONLY 1 /* ST_RDONLY */

static bool is_null_device(const struct stat *file)
{
	return S_ISCHR(file->st_mode) && file->st_rdev == makedev(NULL_MAJOR, NULL_MINOR);
}

/* 1 = opened, 0 = nothing there, -1. */
static int open_path(const struct string_list *paths, size_t i, int root, int *fd,
		     struct error *err)
{
	*fd = path_open_quiet(root, paths->items[i], O_PATH);
	if (*fd >= 0)
		return 1;
	if (errno == ENOENT || errno == ENOTDIR)
		return 0;
	return error_errno(err, "open it");
}

int masked_paths_open_null(struct error *err)
{
	/* Read-only, since its owner and mode are the host's; writing to it isn't affected. */
	struct mount_attributes attributes = {
		.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC,
	};
	autofd mount = detached_clone(AT_FDCWD, "/dev/null", 0);
	struct stat file;

	if (mount < 0 || fstat(mount, &file) < 0)
		return error_errno(err, "/dev/null of the host");
	if (!is_null_device(&file))
		return error_set(err, "/dev/null of the host: not the character device 1:3");
	if (detached_set(mount, false, attributes, MS_PRIVATE) < 0)
		return error_errno(err, "/dev/null of the host");
	return fd_take(&mount);
}

/* One superblock for all masked directories: no block and no inode but the root's. */
static int open_empty_directory(const char *label, struct error *err)
{
	autofilesystem fs = { .context = -1 };

	if (filesystem_open(&fs, "tmpfs", err) < 0 ||
	    filesystem_set(&fs, "source", "tmpfs", err) < 0 ||
	    filesystem_set(&fs, "nr_blocks", "1", err) < 0 ||
	    filesystem_set(&fs, "nr_inodes", "2", err) < 0 ||
	    filesystem_set(&fs, "mode", "0555", err) < 0 ||
	    filesystem_set(&fs, "ro", NULL, err) < 0)
		return -1;
	if (label && filesystem_set(&fs, "context", label, err) < 0)
		return -1;
	return filesystem_mount(
		&fs, MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC,
		err);
}

/*
 * Kernels before 6.15 don't clone a detached mount, so the first place gets the mount itself, and
 * it is cloned for the others.
 */
struct cover {
	int mount; /* the original */
	bool attached;
	const char *label; /* for the empty directory */
};

static int cover_with(struct cover *cover, int target, struct error *err)
{
	autofd clone = -1;

	if (cover->attached) {
		clone = detached_clone(cover->mount, "", 0);
		if (clone < 0)
			return error_errno(err, "clone the cover");
	}
	if (detached_attach(cover->attached ? clone : cover->mount, target) < 0)
		return error_errno(err, "cover it");
	cover->attached = true;
	return 0;
}

static int mask(struct cover *file, struct cover *directory, int target, struct error *err)
{
	struct stat attributes;

	if (fstat(target, &attributes) < 0)
		return error_errno(err, "look at it");
	if (S_ISDIR(attributes.st_mode)) {
		if (directory->mount < 0)
			directory->mount = open_empty_directory(directory->label, err);
		return directory->mount < 0 ? -1 : cover_with(directory, target, err);
	}
	if (file->mount < 0)
		file->mount = masked_paths_open_null(err);
	return file->mount < 0 ? -1 : cover_with(file, target, err);
}

static int mask_all(const struct string_list *paths, int root, struct cover *file,
		    struct cover *directory, struct error *err)
{
	for (size_t i = 0; i < paths->count; i++) {
		autofd target = -1;
		int found = open_path(paths, i, root, &target, err);

		if (found < 0 || (found > 0 && mask(file, directory, target, err) < 0))
			return error_context(err, "/linux/maskedPaths/%zu: %s", i, paths->items[i]);
	}
	return 0;
}

int masked_paths_apply(const struct string_list *paths, int root, int *null_device,
		       const char *label, struct error *err)
{
	struct cover file = { .mount = fd_take(null_device) };
	struct cover directory = { .mount = -1, .label = label };
	int result = mask_all(paths, root, &file, &directory, err);

	fd_close(&file.mount);
	fd_close(&directory.mount);
	return result;
}

static int make_readonly(int target, struct error *err)
{
	struct mount_attributes readonly = { .set = MOUNT_ATTR_RDONLY };
	autofd clone = detached_clone(target, "", AT_RECURSIVE);

	if (clone < 0)
		return error_errno(err, "clone it");
	if (detached_set(clone, true, readonly, MS_SLAVE) < 0)
		return error_errno(err, "make it read-only");
	if (detached_attach(clone, target) < 0)
		return error_errno(err, "cover it");
	return 0;
}

int readonly_paths_apply(const struct string_list *paths, int root, struct error *err)
{
	for (size_t i = 0; i < paths->count; i++) {
		autofd target = -1;
		int found = open_path(paths, i, root, &target, err);

		if (found < 0 || (found > 0 && make_readonly(target, err) < 0))
			return error_context(err, "/linux/readonlyPaths/%zu: %s", i,
					     paths->items[i]);
	}
	return 0;
}

/* As open_path(), after the user may have changed. */
static int open_again(const struct string_list *paths, size_t i, int root, int *fd,
		      struct error *err)
{
	int found = open_path(paths, i, root, fd, err);

	return found < 0 && err->code == EACCES ? 0 : found;
}

static int is_readonly(int fd, struct error *err)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return error_errno(err, "look at it");
	return (fs.f_flags & STATUS_READONLY) != 0;
}

/* The empty tmpfs is recognised by its type, its being read-only, and its having room for one file
 * more and no file. */
static int verify_masked(int fd, struct error *err)
{
	struct stat attributes;
	struct statfs fs;

	if (fstat(fd, &attributes) < 0 || fstatfs(fd, &fs) < 0)
		return error_errno(err, "look at it");
	if (is_null_device(&attributes))
		return 0;
	if (S_ISDIR(attributes.st_mode) && fs.f_type == TMPFS_MAGIC &&
	    (fs.f_flags & STATUS_READONLY) && fs.f_files == 2 && fs.f_ffree == 1)
		return 0;
	return error_set(err, "isn't masked");
}

int masked_paths_verify(const struct string_list *paths, int root, struct error *err)
{
	for (size_t i = 0; i < paths->count; i++) {
		autofd fd = -1;
		int found = open_again(paths, i, root, &fd, err);

		if (found < 0 || (found > 0 && verify_masked(fd, err) < 0))
			return error_context(err, "/linux/maskedPaths/%zu: %s", i, paths->items[i]);
	}
	return 0;
}

int readonly_paths_verify(const struct string_list *paths, int root, struct error *err)
{
	for (size_t i = 0; i < paths->count; i++) {
		autofd fd = -1;
		int found = open_again(paths, i, root, &fd, err);

		if (found > 0) {
			found = is_readonly(fd, err);
			if (found == 0)
				found = error_set(err, "isn't read-only");
			else if (found > 0)
				continue;
		}
		if (found < 0)
			return error_context(err, "/linux/readonlyPaths/%zu: %s", i,
					     paths->items[i]);
	}
	return 0;
}
