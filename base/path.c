/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names inside a root file system that works against us: openat2(2) with RESOLVE_IN_ROOT, and a
 * walk of our own where something has to be made. The walk holds one O_PATH descriptor at a time:
 * each component is opened or made on its parent's descriptor and never followed by the kernel; a
 * symbolic link's text is put in front of what remains, and an absolute one starts again at the
 * root. "..", which a descriptor alone can't answer safely, is resolved by opening the physical
 * path walked so far, less one component, without following any link.
 * CVE-2021-30465, CVE-2024-45310, CVE-2026-41579.
 *
 * syscalls: openat2 mkdirat mknodat readlinkat fstat fstatfs statx fcntl sched_yield
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/sys.h"

#define RENAME_RETRIES 256 /* a rename anywhere on the host can cost one */
#define SYMLINKS_MAX 40	   /* as the kernel's own limit */
#define MAKE_RETRIES 16	   /* made by us, gone before we opened it */

#define IN_ROOT (RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS)
#define STRICT (RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)

static int resolve(int dir, const char *path, int flags, uint64_t how_resolve)
{
	struct open_how how = {
		.flags = (uint64_t)(unsigned)flags | O_CLOEXEC,
		.resolve = how_resolve,
	};

	for (int i = 0; i < RENAME_RETRIES; i++) {
		int fd = sys_openat2(dir, path, &how);

		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			return fd;
		if (errno == EAGAIN)
			(void)sched_yield(); /* let the renamer get on */
	}
	errno = EAGAIN;
	return -1;
}

static int refused(struct error *err, const char *path)
{
	if (errno != EAGAIN)
		return error_errno(err, "open %s in the root file system", path);
	(void)error_set(err,
			"open %s in the root file system: names on the way are being renamed all "
			"the time",
			path);
	err->code = EAGAIN;
	return -1;
}

int path_open_quiet(int root, const char *path, int flags)
{
	return resolve(root, path, flags, IN_ROOT);
}

int path_open(int root, const char *path, int flags, struct error *err)
{
	int fd = resolve(root, path, flags, IN_ROOT);

	return fd < 0 ? refused(err, path) : fd;
}

int path_open_strict(int root, const char *path, int flags, struct error *err)
{
	const char *relative = path + strspn(path, "/");
	int fd = resolve(root, *relative ? relative : ".", flags, STRICT);

	return fd < 0 ? refused(err, path) : fd;
}

enum goal { GOAL_DIRECTORY, GOAL_FILE, GOAL_PARENT };

struct walk {
	int root; /* borrowed */
	int dir;  /* O_PATH: where the walk stands, or the result at its end; -1: at the root */
	enum goal goal;
	mode_t mode;		 /* of what is made at the end of the path */
	char done[PATH_MAX];	 /* physical path of dir below root, "" = the root */
	char rest[2 * PATH_MAX]; /* what is still to be walked */
	int symlinks;
};

static int walk_dir(const struct walk *walk)
{
	return walk->dir >= 0 ? walk->dir : walk->root;
}

static int walk_to_root(struct walk *walk)
{
	fd_close(&walk->dir);
	walk->done[0] = '\0';
	return 0;
}

static int walk_up(struct walk *walk)
{
	char *slash = strrchr(walk->done, '/');
	int fd;

	if (!slash || slash == walk->done)
		return walk_to_root(walk);
	*slash = '\0';
	fd = resolve(walk->root, walk->done + 1, O_PATH | O_DIRECTORY, STRICT);
	if (fd < 0)
		return -1;
	fd_close(&walk->dir);
	walk->dir = fd;
	return 0;
}

/* fd becomes the place where the walk stands. */
static int walk_down(struct walk *walk, int fd, const char *name)
{
	size_t used = strlen(walk->done);

	if (used + 1 + strlen(name) >= sizeof(walk->done)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	walk->done[used] = '/';
	memcpy(walk->done + used + 1, name, strlen(name) + 1);
	fd_close(&walk->dir);
	walk->dir = fd;
	return 0;
}

/* Puts the text of the symbolic link behind fd in front of what remains. */
static int walk_symlink(struct walk *walk, int fd)
{
	char target[PATH_MAX], rest[sizeof(walk->rest)];
	struct statfs filesystem;
	ssize_t length;
	int total;

	/* the text of a magic link isn't where it leads; none is needed where we make things */
	if (fstatfs(fd, &filesystem) < 0)
		return -1;
	if (++walk->symlinks > SYMLINKS_MAX || filesystem.f_type == PROC_SUPER_MAGIC) {
		errno = ELOOP;
		return -1;
	}
	length = readlinkat(fd, "", target, sizeof(target) - 1);
	if (length < 0)
		return -1;
	target[length] = '\0';
	total = snprintf(rest, sizeof(rest), "%s/%s", target, walk->rest);
	if (total < 0 || (size_t)total >= sizeof(rest) || length == sizeof(target) - 1) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(walk->rest, rest, (size_t)total + 1);
	return target[0] == '/' ? walk_to_root(walk) : 0;
}

/* Opens name in the directory where the walk stands, making it if there is nothing. */
static int open_or_make(const struct walk *walk, const char *name, bool last)
{
	int dir = walk_dir(walk);

	for (int i = 0; i < MAKE_RETRIES; i++) {
		int fd = resolve(dir, name, O_PATH | O_NOFOLLOW,
				 RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
		int made;

		if (fd >= 0 || errno != ENOENT)
			return fd;
		if (last && walk->goal == GOAL_FILE)
			made = mknodat(dir, name, S_IFREG | walk->mode, 0);
		else
			made = mkdirat(dir, name, last ? walk->mode : 0755);
		if (made < 0 && errno != EEXIST)
			return -1;
	}
	errno = EAGAIN;
	return -1;
}

/* One component. last: nothing but slashes follows it. */
static int walk_component(struct walk *walk, const char *name, bool last)
{
	struct stat attributes;
	autofd fd = -1;

	if (strcmp(name, ".") == 0)
		return 0;
	if (strcmp(name, "..") == 0)
		return walk_up(walk);

	fd = open_or_make(walk, name, last);
	if (fd < 0 || fstat(fd, &attributes) < 0)
		return -1;
	if (S_ISLNK(attributes.st_mode))
		return walk_symlink(walk, fd);
	if (!S_ISDIR(attributes.st_mode) && !(last && walk->goal == GOAL_FILE)) {
		errno = ENOTDIR;
		return -1;
	}
	if (walk_down(walk, fd, name) < 0)
		return -1;
	(void)fd_take(&fd);
	return 0;
}

/* Cuts the first component off rest. False: nothing but slashes is left. */
static bool next_component(char *rest, char name[static NAME_MAX + 1], bool *too_long)
{
	size_t skip = strspn(rest, "/");
	size_t length = strcspn(rest + skip, "/");

	*too_long = length > NAME_MAX;
	if (length == 0 || *too_long)
		return false;
	memcpy(name, rest + skip, length);
	name[length] = '\0';
	memmove(rest, rest + skip + length, strlen(rest + skip + length) + 1);
	return true;
}

/* The result is in walk->dir; -1 there: the root itself. */
static int walk_all(struct walk *walk)
{
	char name[NAME_MAX + 1];
	bool too_long;

	while (next_component(walk->rest, name, &too_long)) {
		bool last = walk->rest[strspn(walk->rest, "/")] == '\0';

		if (walk_component(walk, name, last) < 0)
			return -1;
	}
	if (too_long) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

/* Walks path and returns the descriptor of its end (O_PATH), -1 with errno. */
static int walk_path(int root, const char *path, enum goal goal, mode_t mode)
{
	struct walk walk = { .root = root, .dir = -1, .goal = goal, .mode = mode };
	int fd;

	if (strlen(path) >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(walk.rest, path, strlen(path) + 1);
	if (walk_all(&walk) < 0) {
		fd_close(&walk.dir);
		return -1;
	}
	fd = fd_take(&walk.dir);
	return fd >= 0 ? fd : fcntl(root, F_DUPFD_CLOEXEC, 0);
}

static int not_made(struct error *err, const char *path)
{
	if (errno == EAGAIN)
		return refused(err, path);
	return error_errno(err, "make %s in the root file system", path);
}

int path_make_directory(int root, const char *path, mode_t mode, struct error *err)
{
	int fd = resolve(root, path, O_PATH | O_DIRECTORY, IN_ROOT);

	if (fd >= 0)
		return fd;
	if (errno != ENOENT)
		return refused(err, path);
	fd = walk_path(root, path, GOAL_DIRECTORY, mode);
	return fd < 0 ? not_made(err, path) : fd;
}

int path_make_file(int root, const char *path, mode_t mode, struct error *err)
{
	autofd fd = resolve(root, path, O_PATH, IN_ROOT);
	struct stat attributes;

	if (fd < 0 && errno != ENOENT)
		return refused(err, path);
	if (fd < 0)
		fd = walk_path(root, path, GOAL_FILE, mode);
	if (fd < 0 || fstat(fd, &attributes) < 0)
		return not_made(err, path);
	if (S_ISDIR(attributes.st_mode))
		return error_code(err, EISDIR, "make %s in the root file system", path);
	return fd_take(&fd);
}

int path_make_parent(int root, const char *path, char *name, struct error *err)
{
	size_t end = strlen(path), start;
	char parent[PATH_MAX];
	int fd;

	while (end > 0 && path[end - 1] == '/')
		end--;
	for (start = end; start > 0 && path[start - 1] != '/';)
		start--;
	if (end - start > NAME_MAX || start >= sizeof(parent))
		return error_code(err, ENAMETOOLONG, "make %s in the root file system", path);
	memcpy(name, path + start, end - start);
	name[end - start] = '\0';
	if (end == start || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return error_set(err, "make %s in the root file system: not a name", path);

	memcpy(parent, path, start);
	parent[start] = '\0';
	fd = resolve(root, start ? parent : ".", O_PATH | O_DIRECTORY, IN_ROOT);
	if (fd < 0 && errno == ENOENT)
		fd = walk_path(root, parent, GOAL_PARENT, 0755);
	return fd < 0 ? not_made(err, path) : fd;
}

int path_mount_id(int fd, uint64_t *id, struct error *err)
{
	struct statx attributes;

	/* where the kernel knows both, the unique one (never reused) is what it fills in */
	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID | STATX_MNT_ID_UNIQUE, &attributes) < 0)
		return error_errno(err, "read a mount id");
	if (!(attributes.stx_mask & (STATX_MNT_ID | STATX_MNT_ID_UNIQUE)))
		return error_set(err, "read a mount id: the kernel doesn't tell it");
	*id = attributes.stx_mnt_id;
	return 0;
}

/* The next component of *path that isn't ".", its length in *length; NULL at the end. */
static const char *component(const char **path, size_t *length)
{
	for (;;) {
		const char *start = *path + strspn(*path, "/");

		*length = strcspn(start, "/");
		*path = start + *length;
		if (*length == 0)
			return NULL;
		if (*length != 1 || *start != '.')
			return start;
	}
}

bool path_is_below(const char *path, const char *prefix)
{
	size_t length, prefix_length;

	for (;;) {
		const char *wanted = component(&prefix, &prefix_length);
		const char *found = component(&path, &length);

		if (!wanted)
			return true;
		if (!found || length != prefix_length || memcmp(wanted, found, length) != 0)
			return false;
	}
}

bool path_clean(const char *path, char *result)
{
	size_t used = 0, length;
	const char *name;

	while ((name = component(&path, &length))) {
		if (length == 2 && memcmp(name, "..", 2) == 0) {
			while (used > 0 && result[--used] != '/')
				;
			continue;
		}
		if (used + 1 + length >= PATH_MAX)
			return false;
		result[used++] = '/';
		memcpy(result + used, name, length);
		used += length;
	}
	if (used == 0)
		result[used++] = '/';
	result[used] = '\0';
	return true;
}
