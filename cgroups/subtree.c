/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk over a cgroup's descendants (cgroups(7)).
 *
 * syscalls: openat getdents64 close
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/string.h"
#include "cgroups/subtree.h"

#define DIRECTORY_FLAGS (O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)

/* One directory on the way down: its children's names, NUL after NUL, and the one at hand. */
struct level {
	struct level *above;
	struct buffer names;
	size_t at;
};

static bool list_children(int directory, struct buffer *names)
{
	/* a descriptor of its own: fdopendir takes over the one it gets */
	autofd copy = openat(directory, ".", DIRECTORY_FLAGS);
	autodir stream = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	if (!stream)
		return false;
	(void)fd_take(&copy);
	while ((errno = 0, entry = readdir(stream)) != NULL) {
		if (entry->d_type == DT_DIR && !string_equal(entry->d_name, ".") &&
		    !string_equal(entry->d_name, ".."))
			buffer_add_bytes(names, entry->d_name, strlen(entry->d_name) + 1);
	}
	if (names->failed)
		errno = ENOMEM;
	return errno == 0;
}

static struct level *push(struct level *above, int directory)
{
	struct level *level = calloc(1, sizeof(*level));

	if (!level)
		return NULL;
	if (!list_children(directory, &level->names) && errno != ENOENT && errno != ENODEV) {
		buffer_free(&level->names);
		free(level);
		return NULL;
	}
	level->above = above;
	return level;
}

static struct level *pop(struct level *level)
{
	struct level *above = level->above;

	buffer_free(&level->names);
	free(level);
	return above;
}

/* The child to go into, or the one that the level below is in. */
static const char *current_name(const struct level *level)
{
	return level->names.text + level->at;
}

static bool has_child(const struct level *level)
{
	return level->at < level->names.length;
}

static void next_child(struct level *level)
{
	level->at += strlen(current_name(level)) + 1;
}

/* Steps into the next child. The level below starts, or the child is gone and left out. */
static int descend(struct level **level, int *directory, struct error *err)
{
	autofd child = openat(*directory, current_name(*level), DIRECTORY_FLAGS);
	struct level *below;

	if (child < 0) {
		if (errno != ENOENT && errno != ENODEV)
			return error_errno(err, "cgroup %s", current_name(*level));
		next_child(*level);
		return 0;
	}
	below = push(*level, child);
	if (!below)
		return error_errno(err, "cgroup %s", current_name(*level));
	fd_close(directory);
	*directory = fd_take(&child);
	*level = below;
	return 0;
}

/* All children are done: visits the directory itself and steps out of it. */
static int ascend(struct level **level, int *directory, subtree_visit *visit, void *data,
		  struct error *err)
{
	struct level *above = (*level)->above;

	if (!above) {
		int result = visit(*directory, -1, NULL, data, err);

		*level = pop(*level);
		return result;
	}

	autofd parent = openat(*directory, "..", DIRECTORY_FLAGS);

	if (parent < 0)
		return error_errno(err, "parent of cgroup %s", current_name(above));
	if (visit(*directory, parent, current_name(above), data, err) < 0)
		return -1;
	next_child(above);
	*level = pop(*level);
	fd_close(directory);
	*directory = fd_take(&parent);
	return 0;
}

int subtree_walk(int top, subtree_visit *visit, void *data, struct error *err)
{
	autofd directory = openat(top, ".", DIRECTORY_FLAGS);
	struct level *level;
	int result = 0;

	if (directory < 0) {
		if (errno == ENOENT || errno == ENODEV)
			return 0;
		return error_errno(err, "cgroup directory");
	}
	level = push(NULL, directory);
	if (!level)
		return error_errno(err, "cgroup directory");
	while (level && result == 0) {
		if (has_child(level))
			result = descend(&level, &directory, err);
		else
			result = ascend(&level, &directory, visit, data, err);
	}
	while (level)
		level = pop(level);
	return result;
}
