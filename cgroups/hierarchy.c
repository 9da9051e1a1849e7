/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Finds the cgroup2 mount (proc_pid_mountinfo(5)) and the own cgroup in it (cgroups(7)).
 *
 * mountinfo grows with the host's mounts, a thousand on a busy node, and the kernel formats each of
 * its lines on every read. The two usual places are therefore asked by statfs(2) first.
 *
 * syscalls: statfs openat read geteuid stat
 */
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "base/string.h"
#include "base/table.h"
#include "cgroups/hierarchy.h"

#define MOUNTINFO_MAX ((size_t)64 << 20) /* kernels allow 100,000 mounts (fs.mount-max) */
#define OWN_MAX ((size_t)64 << 10)

/* In order of preference: pure v2, then the hybrid layout that systemd made customary. */
static const char *const usual_mounts[] = { "/sys/fs/cgroup", "/sys/fs/cgroup/unified" };

/* mountinfo writes blank, tab, newline and backslash as three octal digits. */
static bool copy_unescaped(const char *text, size_t length, char *result)
{
	size_t used = 0;

	for (size_t i = 0; i < length; i++, used++) {
		if (used >= PATH_MAX - 1)
			return false;
		if (text[i] == '\\' && length - i > 3) {
			result[used] = (char)((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 +
					      (text[i + 3] - '0'));
			i += 3;
		} else {
			result[used] = text[i];
		}
	}
	result[used] = '\0';
	return true;
}

/* The nth (from 0) blank-separated field of a line of this length; NULL if there is none. */
static const char *find_field(const char *line, size_t line_length, unsigned int n, size_t *length)
{
	const char *end = line + line_length;

	while (n-- > 0) {
		line = memchr(line, ' ', (size_t)(end - line));
		if (!line)
			return NULL;
		line++;
	}

	const char *blank = memchr(line, ' ', (size_t)(end - line));

	*length = (size_t)((blank ? blank : end) - line);
	return line;
}

static bool is_cgroup2_line(const char *line, size_t length)
{
	static const char mark[] = " - cgroup2 ";

	return memmem(line, length, mark, sizeof(mark) - 1) != NULL;
}

/* Lower is better. */
static size_t preference(const char *mount)
{
	size_t rank = 0;

	while (rank < ARRAY_SIZE(usual_mounts) && !string_equal(mount, usual_mounts[rank]))
		rank++;
	return rank;
}

bool hierarchy_find_mount(const char *mountinfo, const char *wanted, char *root, char *mount)
{
	size_t best = SIZE_MAX;
	const char *next;

	for (const char *line = mountinfo; *line; line = next) {
		const char *end = strchrnul(line, '\n');
		size_t length = (size_t)(end - line), root_length = 0, mount_length = 0;
		const char *root_field = find_field(line, length, 3, &root_length);
		const char *mount_field = find_field(line, length, 4, &mount_length);
		char candidate[PATH_MAX];

		next = *end ? end + 1 : end;
		if (!root_field || !mount_field || !is_cgroup2_line(line, length) ||
		    !copy_unescaped(mount_field, mount_length, candidate) ||
		    (wanted && !string_equal(candidate, wanted)) || preference(candidate) > best)
			continue;
		/* equals are taken too: a later line of the same place covers the earlier one */
		if (!copy_unescaped(root_field, root_length, root))
			continue;
		best = preference(candidate);
		(void)strcpy(mount, candidate); /* both hold PATH_MAX */
	}
	return best != SIZE_MAX;
}

bool hierarchy_find_type(const char *mountinfo, const char *type, char *mount)
{
	bool found = false;
	char mark[64];
	int mark_length = snprintf(mark, sizeof(mark), " - %s ", type);

	for (const char *line = mountinfo, *end; *line; line = *end ? end + 1 : end) {
		size_t length, mount_length = 0;
		const char *field;

		end = strchrnul(line, '\n');
		length = (size_t)(end - line);
		field = find_field(line, length, 4, &mount_length);
		if (field && memmem(line, length, mark, (size_t)mark_length))
			found |= copy_unescaped(field, mount_length, mount);
	}
	return found;
}

bool hierarchy_find_own(const char *cgroups, const char *root, char *own)
{
	const char *line = cgroups;
	size_t root_length = strlen(root);

	while (!string_starts_with(line, "0::")) {
		line = strchr(line, '\n');
		if (!line)
			return false;
		line++;
	}
	line += strlen("0::");

	const char *path = line;
	size_t length = strcspn(path, "\n");

	if (root_length > 1) {
		if (strncmp(path, root, root_length) != 0 ||
		    (length > root_length && path[root_length] != '/'))
			length = 0;
		else
			path += root_length, length -= root_length;
	}
	/* "/../x": outside of our cgroup namespace, so there is no name for it here */
	if (length == 0 || length >= PATH_MAX || string_starts_with(path, "/.."))
		path = "/", length = 1;
	(void)snprintf(own, PATH_MAX, "%.*s", (int)length, path);
	return true;
}

static bool is_cgroup2(const char *path)
{
	struct statfs file_system;

	return statfs(path, &file_system) == 0 && file_system.f_type == CGROUP2_SUPER_MAGIC;
}

static int read_proc(const char *path, size_t limit, char **text, struct error *err)
{
	return file_read_at(AT_FDCWD, path, limit, text, NULL, err);
}

/* The whole hierarchy is mounted there, and names in /proc/self/cgroup start at its root as well:
 * what mountinfo would call "/". A kernel on which one of the numbers were another one: false. */
static bool shows_whole_hierarchy(const char *mount)
{
	const ino_t root_cgroup = 1;		     /* of every kernfs */
	const ino_t initial_namespace = 0xEFFFFFFBU; /* PROC_CGROUP_INIT_INO */
	struct stat root, namespace;

	return stat(mount, &root) == 0 && root.st_ino == root_cgroup &&
	       stat("/proc/self/ns/cgroup", &namespace) == 0 &&
	       namespace.st_ino == initial_namespace;
}

/* root: what of the hierarchy the mount shows. */
static int find_own(struct hierarchy *hierarchy, const char *root, struct arena *arena,
		    struct error *err)
{
	autofree char *cgroups = NULL;
	char own[PATH_MAX];

	if (read_proc("/proc/self/cgroup", OWN_MAX, &cgroups, err) < 0)
		return -1;
	if (!hierarchy_find_own(cgroups, root, own))
		return error_set(err, "/proc/self/cgroup: no line of cgroup v2");
	hierarchy->own = arena_string(arena, own);
	return hierarchy->own ? 0 : error_set(err, "out of memory");
}

static int find_through_mountinfo(struct hierarchy *hierarchy, bool with_own, struct arena *arena,
				  struct error *err)
{
	autofree char *mountinfo = NULL;
	char root[PATH_MAX], mount[PATH_MAX];

	if (read_proc("/proc/self/mountinfo", MOUNTINFO_MAX, &mountinfo, err) < 0)
		return -1;
	if (!hierarchy_find_mount(mountinfo, hierarchy->mount, root, mount))
		return 0;
	hierarchy->mount = arena_string(arena, mount);
	if (!hierarchy->mount)
		return error_set(err, "out of memory");
	return with_own ? find_own(hierarchy, root, arena, err) : 0;
}

int hierarchy_find(struct hierarchy *hierarchy, bool with_own, struct arena *arena,
		   struct error *err)
{
	*hierarchy = (struct hierarchy){ NULL, NULL };
	table_for_each (mount, usual_mounts) {
		if (is_cgroup2(*mount)) {
			hierarchy->mount = *mount;
			break;
		}
	}
	if (hierarchy->mount && !with_own)
		return 0;
	if (hierarchy->mount && shows_whole_hierarchy(hierarchy->mount))
		return find_own(hierarchy, "/", arena, err);
	return find_through_mountinfo(hierarchy, with_own, arena, err);
}

bool hierarchy_is_unprivileged(void)
{
	return geteuid() != 0 || process_in_user_namespace();
}
