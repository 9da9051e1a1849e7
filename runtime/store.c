/* SPDX-License-Identifier: Apache-2.0 */
/*
 * State directories: made, locked, opened, removed.
 *
 * syscalls: mkdirat, openat, fstat, flock, unlinkat (through base/file.c)
 */
#include "runtime/store.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/table.h"
#include "runtime/journal.h"

/* The longest name that we make from an id: "minirun-<id>.scope" and a hidden temporary file. */
#define ID_MAX (NAME_MAX - 24)

int store_check_id(const char *id, struct error *err)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789_+.-";
	size_t length = strlen(id);

	if (length == 0)
		return error_of_kind(err, ERROR_USAGE,
				     "invalid container ID format: the ID is empty");
	if (length > ID_MAX)
		return error_of_kind(
			err, ERROR_USAGE,
			"invalid container ID format: %zu bytes, at most %d are allowed", length,
			ID_MAX);
	if (id[0] == '.' || id[0] == '-')
		return error_of_kind(err, ERROR_USAGE,
				     "invalid container ID format: it may not begin with '%c'",
				     id[0]);
	if (strspn(id, allowed) != length)
		return error_of_kind(err, ERROR_USAGE,
				     "invalid container ID format: allowed are letters, digits and "
				     "the characters _+.-");
	return 0;
}

#define CACHE_NAME ".cache"

static int check_root(int root, const char *path, struct error *err)
{
	struct stat st;

	if (fstat(root, &st) < 0)
		return error_errno(err, "state root %s", path);
	if (st.st_uid != geteuid())
		return error_set(err, "state root %s belongs to uid %u, not to us", path,
				 st.st_uid);
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return error_set(err,
				 "state root %s is writable by others (mode %04o): chmod go-w %s",
				 path, st.st_mode & 07777U, path);
	return 0;
}

/* mkdir -p for the state root: the caller's own path, on the host. */
static int make_root(const char *path, struct error *err)
{
	char prefix[PATH_MAX];
	size_t length = strlen(path);

	if (length >= sizeof(prefix))
		return error_set(err, "state root %s: the path is too long", path);
	memcpy(prefix, path, length + 1);
	for (char *slash = strchr(prefix + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdirat(AT_FDCWD, prefix, 0711) < 0 && errno != EEXIST)
			return error_errno(err, "make state root %s: %s", path, prefix);
		*slash = '/';
	}
	if (mkdirat(AT_FDCWD, path, 0700) < 0)
		return errno == EEXIST ? 0 : error_errno(err, "make state root %s", path);
	if (fchmodat(AT_FDCWD, path, 01700, 0) < 0)
		return error_errno(err, "make state root %s", path);
	return 0;
}

int store_open_root(const struct settings *settings, bool make, struct error *err)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	autofd root = openat(AT_FDCWD, settings->root, flags);

	if (root < 0 && errno == ENOENT && make) {
		if (make_root(settings->root, err) < 0)
			return -1;
		root = openat(AT_FDCWD, settings->root, flags);
	}
	if (root < 0 && (errno == ELOOP || errno == ENOTDIR))
		return error_set(err,
				 "state root %s: is no directory (a symbolic link isn't followed)",
				 settings->root);
	if (root < 0)
		return error_errno(err, "state root %s", settings->root);
	if (check_root(root, settings->root, err) < 0)
		return -1;
	return fd_take(&root);
}

/* The words that engines look for; the code lets `delete --force` tell it from other errors. */
static int no_such_container(const char *id, struct error *err)
{
	(void)error_of_kind(err, ERROR_CONTAINER_MISSING, "container does not exist: %s", id);
	err->code = ENOENT;
	return -1;
}

static int open_directory(int root, const char *id)
{
	return openat(root, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* True if dir is still what root/id names: `delete` may have removed it before we got the lock. */
static bool is_current(const struct store *store, const char *id)
{
	struct stat ours, named;

	return fstat(store->dir, &ours) == 0 &&
	       fstatat(store->root, id, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
	       ours.st_dev == named.st_dev && ours.st_ino == named.st_ino;
}

static int already_exists(const char *id, struct error *err)
{
	return error_of_kind(err, ERROR_CONTAINER_EXISTS,
			     "container with given ID already exists: %s", id);
}

int store_check_free(const struct settings *settings, const char *id, struct error *err)
{
	char path[PATH_MAX];
	struct stat st;
	int length = snprintf(path, sizeof(path), "%s/%s", settings->root, id);

	if (length < 0 || (size_t)length >= sizeof(path))
		return error_set(err, "state root %s: the path is too long", settings->root);
	return fstatat(AT_FDCWD, path, &st, AT_SYMLINK_NOFOLLOW) == 0 ? already_exists(id, err) : 0;
}

int store_open_cache(const struct settings *settings)
{
	struct error ignored;
	autofd root = store_open_root(settings, false, &ignored);

	if (root < 0 || (mkdirat(root, CACHE_NAME, 0700) < 0 && errno != EEXIST))
		return -1;
	return openat(root, CACHE_NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int store_reserve(struct store *store, const struct settings *settings, const char *id,
		  struct error *err)
{
	int locked;

	if (store_check_id(id, err) < 0)
		return -1;
	store->root = store_open_root(settings, true, err);
	if (store->root < 0)
		return -1;
	if (mkdirat(store->root, id, 0700) < 0) {
		if (errno == EEXIST)
			return already_exists(id, err);
		return error_errno(err, "make state directory %s/%s", settings->root, id);
	}
	store->dir = open_directory(store->root, id);
	if (store->dir < 0) {
		(void)error_errno(err, "state directory %s/%s", settings->root, id);
		(void)unlinkat(store->root, id, AT_REMOVEDIR); /* made above, and still empty */
		return -1;
	}
	locked = flock(store->dir, LOCK_EX | LOCK_NB);
	if (locked < 0 && errno != EWOULDBLOCK) {
		(void)error_errno(err, "lock state directory %s/%s", settings->root, id);
		(void)unlinkat(store->root, id, AT_REMOVEDIR); /* made above, and still empty */
		fd_close(&store->dir);
		return -1;
	}
	if (locked < 0 || !is_current(store, id)) {
		/* a `delete --force` of this very id came between: it removes the directory */
		fd_close(&store->dir);
		return error_set(err, "container %s was deleted while it was being created", id);
	}
	return 0;
}

int store_open(struct store *store, const struct settings *settings, const char *id,
	       struct error *err)
{
	if (store_check_id(id, err) < 0)
		return -1;
	if (store->root < 0)
		store->root = store_open_root(settings, false, err);
	if (store->root < 0)
		return err->code == ENOENT ? no_such_container(id, err) : -1;
	store->dir = open_directory(store->root, id);
	if (store->dir >= 0)
		return 0;
	if (errno != ENOENT)
		return error_errno(err, "state directory %s/%s", settings->root, id);
	return no_such_container(id, err);
}

int store_lock(struct store *store, const char *id, int milliseconds, struct error *err)
{
	const int pause = 10; /* ms between two tries: a lock that wakes us has no timeout */

	while (flock(store->dir, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK && errno != EINTR)
			return error_errno(err, "lock container %s", id);
		if (milliseconds <= 0) {
			(void)error_of_kind(err, ERROR_CONTAINER_CREATING,
					    "container %s is being changed by another minirun", id);
			err->code = EBUSY;
			return -1;
		}
		(void)poll(NULL, 0, pause); /* only a wait */
		milliseconds -= pause;
	}
	if (is_current(store, id))
		return 0;
	return no_such_container(id, err);
}

int store_watch(const struct store *store)
{
	autofd fd = openat(store->dir, JOURNAL_CONFIG, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	if (fd < 0 || flock(fd, LOCK_SH) < 0)
		return -1;
	return fd_take(&fd);
}

bool store_await_watchers(const struct store *store, int milliseconds)
{
	const int pause = 5; /* ms */
	autofd fd = openat(store->dir, JOURNAL_CONFIG, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (milliseconds <= 0)
			return false;
		(void)poll(NULL, 0, pause);
		milliseconds -= pause;
	}
	return true;
}

/* What is usually in it, by name: cheaper than a look, and possible without a free descriptor. */
static bool remove_known(const struct store *store, const char *id)
{
	static const char *const names[] = { JOURNAL_NAMES, JOURNAL_CONFIG, START_SOCKET_NAME };

	table_for_each (name, names)
		(void)unlinkat(store->dir, *name, 0); /* rmdir tells whether anything is left */
	return unlinkat(store->root, id, AT_REMOVEDIR) == 0;
}

int store_remove(struct store *store, const char *id, struct error *err)
{
	struct stat st;

	if (store->dir >= 0 && remove_known(store, id))
		return 0;
	if (file_remove_tree_at(store->root, id, err) < 0)
		return error_context(err, "remove state directory of %s", id);
	if (fstatat(store->root, id, &st, AT_SYMLINK_NOFOLLOW) == 0)
		return error_set(err, "state directory of %s is still there", id);
	return 0;
}

void store_unlock(const struct store *store)
{
	(void)flock(store->dir, LOCK_UN); /* can't fail for a descriptor that holds it */
}

void store_close(struct store *store)
{
	fd_close(&store->dir);
	fd_close(&store->root);
}
