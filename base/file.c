/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole files in directories that we trust, by the directory's descriptor. Replacing is rename(2)
 * of a temporary file, so that a reader or a crash never sees half of it.
 *
 * syscalls: openat openat2 read write fsync renameat unlinkat fstat getdents64
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/sys.h"

#define REMOVE_DEPTH_MAX 64
#define TEMPORARY_TRIES 64

int file_read_at(int dir, const char *name, size_t limit, char **data, size_t *length,
		 struct error *err)
{
	autofd fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return error_errno(err, "open %s", name);
	if (fd_read_all(fd, limit, data, length) == 0)
		return 0;
	if (errno == EFBIG) {
		(void)error_set(err, "read %s: more than %zu bytes", name, limit);
		err->code = EFBIG;
		return -1;
	}
	return error_errno(err, "read %s", name);
}

int file_write_at(int dir, const char *name, const char *text, struct error *err)
{
	autofd fd = openat(dir, name, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	size_t length = strlen(text);
	ssize_t written;

	if (fd < 0)
		return error_errno(err, "open %s", name);
	do
		written = write(fd, text, length);
	while (written < 0 && errno == EINTR);
	if (written < 0)
		return error_errno(err, "write %s", name);
	if ((size_t)written != length)
		return error_set(err, "write %s: only a part was taken", name);
	return 0;
}

/* Makes a new file beside name and leaves what it is called in temporary. */
static int open_temporary(int dir, const char *name, mode_t mode, char *temporary, size_t size)
{
	for (int i = 0; i < TEMPORARY_TRIES; i++) {
		int length = snprintf(temporary, size, ".%s.%d.%d", name, (int)getpid(), i);
		int fd;

		if (length < 0 || (size_t)length >= size) {
			errno = ENAMETOOLONG;
			return -1;
		}
		fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    mode);
		/* one that is there was left by a crash of an earlier process of this number */
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

static int fill(int fd, const void *data, size_t length, int sync)
{
	if (fd_write_all(fd, data, length) < 0)
		return -1;
	return sync ? fsync(fd) : 0;
}

static int sync_directory(int dir)
{
	autofd fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return fd < 0 ? -1 : fsync(fd);
}

/* NOLINTNEXTLINE(readability-function-size): dir, what, and how; a struct would say it twice */
int file_replace_at(int dir, const char *name, const void *data, size_t length, mode_t mode,
		    int sync, struct error *err)
{
	char temporary[NAME_MAX + 1];
	autofd fd = open_temporary(dir, name, mode, temporary, sizeof(temporary));

	if (fd < 0)
		return error_errno(err, "write %s", name);
	if (fill(fd, data, length, sync) < 0 || renameat(dir, temporary, dir, name) < 0) {
		(void)error_errno(err, "write %s", name);
		(void)unlinkat(dir, temporary, 0); /* the first cause is what counts */
		return -1;
	}
	if (sync && sync_directory(dir) < 0)
		return error_errno(err, "write %s: sync its directory", name);
	return 0;
}

int file_replace(const char *path, const void *data, size_t length, mode_t mode, struct error *err)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char parent[PATH_MAX] = ".";
	autofd dir = -1;

	if (*name == '\0' || strlen(path) >= sizeof(parent))
		return error_set(err, "write %s: not a file's name", path);
	if (slash)
		(void)snprintf(parent, sizeof(parent), "%.*s/", (int)(slash - path), path);
	dir = open(parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return error_errno(err, "write %s: open its directory", path);
	if (file_replace_at(dir, name, data, length, mode, 0, err) < 0)
		return slash ? error_context(err, "%s", parent) : -1;
	return 0;
}

static int remove_tree(int dir, const char *name, int depth, struct error *err);

static int remove_content(int fd, const char *name, int depth, struct error *err)
{
	autofd copy = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	autodir stream = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!stream)
		return error_errno(err, "read directory %s", name);
	(void)fd_take(&copy); /* the stream's now */
	while ((errno = 0, entry = readdir(stream))) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (remove_tree(fd, entry->d_name, depth + 1, err) < 0)
			return error_context(err, "%s", name);
	}
	if (errno)
		return error_errno(err, "read directory %s", name);
	return 0;
}

static int remove_tree(int dir, const char *name, int depth, struct error *err)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		/* a mount on it isn't ours to empty */
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	autofd fd = -1;

	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	/* Linux says EISDIR for a directory, POSIX EPERM */
	if (errno != EISDIR && errno != EPERM)
		return error_errno(err, "remove %s", name);
	if (depth > REMOVE_DEPTH_MAX)
		return error_set(err, "remove %s: directories are nested too deeply", name);
	fd = sys_openat2(dir, name, &how);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 && errno == EXDEV)
		return error_set(err, "remove %s: something is mounted on it", name);
	if (fd < 0)
		return error_errno(err, "remove %s", name);
	if (remove_content(fd, name, depth, err) < 0)
		return -1;
	if (unlinkat(dir, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return error_errno(err, "remove directory %s", name);
	return 0;
}

int file_remove_tree_at(int dir, const char *name, struct error *err)
{
	return remove_tree(dir, name, 0, err);
}
