/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Copies a tree of the image into a new tmpfs, descriptor by descriptor.
 *
 * OCI config.md "tmpcopyup"; xattr(7), symlink(7)
 * syscalls: openat openat2 getdents64 fstat fstatat mkdirat mknodat symlinkat readlinkat sendfile
 *           fchown fchownat fchmod futimens utimensat flistxattr fgetxattr fsetxattr
 */
#include "namespaces/copy_up.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/cleanup.h"
#include "base/sys.h"

/* Two descriptors and a stack frame per level, and the image decides how deep it is. */
#define DEPTH_MAX 100

static int copy_directory(int from, int to, int depth, struct error *err);

/* Opens name in dir without leaving the file system or following a link. */
static int open_beneath(int dir, const char *name, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};

	return sys_openat2(dir, name, &how);
}

static int copy_attribute(int from, int to, const char *name, struct error *err)
{
	char value[4096];
	autofree char *large = NULL;
	char *data = value;
	ssize_t length = fgetxattr(from, name, value, sizeof(value));

	if (length < 0 && errno == ERANGE) {
		large = malloc(XATTR_SIZE_MAX);
		if (!large)
			return error_set(err, "out of memory");
		data = large;
		length = fgetxattr(from, name, data, XATTR_SIZE_MAX);
	}
	if (length < 0)
		return error_errno(err, "attribute %s", name);
	/* tmpfs has fewer kinds than a disk has, and labels may be the policy's alone to set. */
	if (fsetxattr(to, name, data, (size_t)length, 0) < 0 && errno != ENOTSUP && errno != EPERM)
		return error_errno(err, "attribute %s", name);
	return 0;
}

static int copy_attributes(int from, int to, struct error *err)
{
	char names[4096]; /* sixteen of the longest names */
	ssize_t length = flistxattr(from, names, sizeof(names));

	if (length < 0)
		return errno == ENOTSUP ? 0 : error_errno(err, "attributes");
	for (ssize_t i = 0; i < length; i += (ssize_t)strlen(names + i) + 1) {
		if (copy_attribute(from, to, names + i, err) < 0)
			return -1;
	}
	return 0;
}

/* In a user namespace an owner without a place there can't be given. */
static int copy_owner(int to, const struct stat *source, struct error *err)
{
	if (fchown(to, source->st_uid, source->st_gid) == 0)
		return 0;
	return errno == EINVAL
		       ? error_code(err, EINVAL, "its owner has no place in the user namespace")
		       : error_errno(err, "owner");
}

/* Owner before mode, since chown(2) takes the set-id bits away; extended attributes after both,
 * since it takes file capabilities, too. */
static int copy_some_metadata(int from, int to, const struct stat *source, bool owner, bool mode,
			      struct error *err)
{
	struct timespec times[2] = { source->st_atim, source->st_mtim };

	if (owner && copy_owner(to, source, err) < 0)
		return -1;
	if (mode && fchmod(to, source->st_mode & 07777) < 0)
		return error_errno(err, "mode");
	if (copy_attributes(from, to, err) < 0)
		return -1;
	if (futimens(to, times) < 0)
		return error_errno(err, "times");
	return 0;
}

static int copy_metadata(int from, int to, const struct stat *source, struct error *err)
{
	return copy_some_metadata(from, to, source, true, true, err);
}

static int copy_content(int from, int to, off_t size, struct error *err)
{
	while (size > 0) {
		size_t chunk = size > 0x40000000 ? 0x40000000 : (size_t)size;
		ssize_t copied = sendfile(to, from, NULL, chunk);

		if (copied < 0 && errno == EINTR)
			continue;
		if (copied < 0)
			return error_errno(err, "content");
		if (copied == 0)
			break;
		size -= copied;
	}
	return 0;
}

static int copy_file(int from, int to, const char *name, struct error *err)
{
	autofd input = open_beneath(from, name, O_RDONLY);
	autofd output = -1;
	struct stat source;

	if (input < 0 || fstat(input, &source) < 0)
		return error_errno(err, "open");
	if (!S_ISREG(source.st_mode))
		return error_set(err, "changes while it is copied");
	output = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (output < 0)
		return error_errno(err, "create");
	if (copy_content(input, output, source.st_size, err) < 0)
		return -1;
	return copy_metadata(input, output, &source, err);
}

static int copy_symlink(int from, int to, const char *name, const struct stat *source,
			struct error *err)
{
	struct timespec times[2] = { source->st_atim, source->st_mtim };
	char target[PATH_MAX];
	ssize_t length = readlinkat(from, name, target, sizeof(target));

	if (length < 0)
		return error_errno(err, "read link");
	if ((size_t)length == sizeof(target))
		return error_set(err, "link is too long");
	target[length] = '\0';
	if (symlinkat(target, to, name) < 0 ||
	    fchownat(to, name, source->st_uid, source->st_gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	    utimensat(to, name, times, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, "create link");
	return 0;
}

/* FIFOs, sockets, device nodes: made again, never opened. umask is out of the way by fchmodat(2),
 * which follows no link here: we have just made the name in a mount that nobody else can reach. */
static int copy_node(int to, const char *name, const struct stat *source, struct error *err)
{
	if (mknodat(to, name, source->st_mode, source->st_rdev) < 0 ||
	    fchownat(to, name, source->st_uid, source->st_gid, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fchmodat(to, name, source->st_mode & 07777, 0) < 0)
		return error_errno(err, "create node");
	return 0;
}

static int copy_subdirectory(int from, int to, const char *name, int depth, struct error *err)
{
	autofd input = open_beneath(from, name, O_RDONLY | O_DIRECTORY);
	autofd output = -1;

	if (mkdirat(to, name, 0700) < 0)
		return error_errno(err, "create");
	if (input < 0 && errno != EXDEV)
		return error_errno(err, "open");
	if (input < 0)
		return 0; /* a mount point: what is mounted there isn't of this directory */
	output = open_beneath(to, name, O_RDONLY | O_DIRECTORY);
	if (output < 0)
		return error_errno(err, "open");
	return copy_directory(input, output, depth + 1, err);
}

static int copy_entry(int from, int to, const char *name, int depth, struct error *err)
{
	struct stat source;

	if (fstatat(from, name, &source, AT_SYMLINK_NOFOLLOW) < 0)
		return error_errno(err, "look at");
	switch (source.st_mode & S_IFMT) {
	case S_IFDIR:
		return copy_subdirectory(from, to, name, depth, err);
	case S_IFREG:
		return copy_file(from, to, name, err);
	case S_IFLNK:
		return copy_symlink(from, to, name, &source, err);
	default:
		return copy_node(to, name, &source, err);
	}
}

/* Both descriptors are readable directories. */
static int copy_entries(int from, int to, int depth, struct error *err)
{
	autofd again = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autodir stream = again < 0 ? NULL : fdopendir(again);

	if (depth > DEPTH_MAX)
		return error_set(err, "more than %d directories deep", DEPTH_MAX);
	if (!stream)
		return error_errno(err, "read");
	(void)fd_take(&again); /* the stream's now */
	for (;;) {
		const struct dirent *entry;

		errno = 0;
		entry = readdir(stream);
		if (!entry && errno)
			return error_errno(err, "read");
		if (!entry)
			return 0;
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (copy_entry(from, to, entry->d_name, depth, err) < 0)
			return error_context(err, "%s", entry->d_name);
	}
}

static int copy_directory(int from, int to, int depth, struct error *err)
{
	struct stat source;

	if (fstat(from, &source) < 0)
		return error_errno(err, "read");
	if (copy_entries(from, to, depth, err) < 0)
		return -1;
	return copy_metadata(from, to, &source, err);
}

int copy_up(int from, int to, bool owner, bool mode, struct error *err)
{
	struct stat source;
	autofd input = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autofd output = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (input < 0 || output < 0 || fstat(input, &source) < 0)
		return error_errno(err, "open");
	if (copy_entries(input, output, 0, err) < 0)
		return -1;
	/* Also without that owner the top is a place for what has been copied. */
	if (owner && fchown(output, source.st_uid, source.st_gid) < 0 && errno != EINVAL)
		return error_errno(err, "owner");
	return copy_some_metadata(input, output, &source, false, mode, err);
}
