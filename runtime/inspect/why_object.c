/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of failed calls. proc_pid_mountinfo(5)
 *
 * syscalls: openat, openat2, fstat, fstatvfs, statx, readlinkat, read, getxattr
 */
#include "runtime/inspect/why_object.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/xattr.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/procfs.h"

#define FORMAT(facts, ...) arena_format(&(facts)->document->arena, __VA_ARGS__)
#define FILE_MAX ((size_t)4 << 20)

static int open_process(struct live *live, pid_t pid)
{
	struct error ignored;
	autofd procfs = procfs_open(PROCFS_PROCESSES, &ignored);

	return procfs < 0 ? -1 : live_open(live, procfs, pid, &ignored);
}

/* A link of /proc/PID as text. */
static bool read_link(const struct live *live, const char *name, char *text, size_t size)
{
	return live_link(live, name, text, size) >= 0 && text[0] == '/';
}

/* Field 1 is the mount's number, 5 its point, 6 its flags; the type follows a lone "-". */
static void find_mount(const struct why_facts *facts, const struct live *live, uint64_t id,
		       struct why_object *object)
{
	autofree char *text = live_read(live, "mountinfo", FILE_MAX, NULL);

	for (char *line = text; line && *line;) {
		char *end = strchrnul(line, '\n');
		const bool last = *end == '\0';
		struct mount_fact mount;

		*end = '\0';
		if (strtoull(line, NULL, 10) == id) {
			if (!mount_parse(line, &mount, &facts->document->arena))
				return;
			object->point = mount.destination;
			object->flags = mount.options;
			object->type = mount.type;
			object->super_options = mount.super_options;
			return;
		}
		line = last ? NULL : end + 1;
	}
}

static void look_at(const struct why_facts *facts, const struct live *live, int fd,
		    struct why_object *object)
{
	struct statx mount;

	if (fstat(fd, &object->attributes) < 0 || fstatvfs(fd, &object->space) < 0)
		return;
	object->is_known = true;
	/* not path_mount_id(): mountinfo has the numbers that are used again */
	if (statx(fd, "", AT_EMPTY_PATH, STATX_MNT_ID, &mount) < 0)
		return;
	object->is_mount_root = mount.stx_attributes & STATX_ATTR_MOUNT_ROOT;
	object->is_immutable = mount.stx_attributes & STATX_ATTR_IMMUTABLE;
	object->is_append_only = mount.stx_attributes & STATX_ATTR_APPEND;
	if (mount.stx_mask & STATX_MNT_ID)
		find_mount(facts, live, mount.stx_mnt_id, object);
}

bool why_ends_in(const char *text, const char *end)
{
	const size_t length = strlen(text), tail = strlen(end);

	return length >= tail && strcmp(text + length - tail, end) == 0;
}

/* The path as seen from the process's root. What is relative is so to a descriptor, in the argument
 * before the path, or to the working directory. NULL: not known. */
static const char *absolute(const struct why_facts *facts, const struct live *live,
			    const struct why_failure *failure, const char *text, int path)
{
	char base[4096], name[32];
	int directory = AT_FDCWD;

	if (!text || text[0] == '/')
		return text;
	if (path > 0 && (why_ends_in(failure->call, "at") || why_ends_in(failure->call, "at2")))
		directory = (int)failure->arguments[path - 1];
	(void)snprintf(name, sizeof(name), "fd/%d", directory);
	if (!read_link(live, directory == AT_FDCWD ? "cwd" : name, base, sizeof(base)))
		return NULL;
	return FORMAT(facts, "%s/%s", base, text);
}

static void look_up(const struct why_facts *facts, const struct live *live,
		    const struct why_failure *failure, const char *text, int argument,
		    struct why_object *object)
{
	autofd root = openat(live->dir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	const char *path = absolute(facts, live, failure, text, argument);
	autofd fd = -1;

	if (root < 0 || !path)
		return;
	fd = path_open_quiet(root, path, O_PATH);
	object->exists = fd >= 0;
	if (fd < 0 && errno == ENOENT) {
		char *parent = arena_string(&facts->document->arena, path);
		char *slash = parent ? strrchr(parent, '/') : NULL;

		if (!slash)
			return;
		slash[slash == parent] = '\0';
		fd = path_open_quiet(root, parent, O_PATH);
	}
	if (fd >= 0)
		look_at(facts, live, fd, object);
}

/* No link, and everybody may search it. An empty name is the root's. */
static bool is_open_directory(int root, const char *path, size_t length)
{
	char part[PATH_MAX];
	struct stat directory;
	autofd fd = -1;

	if (length >= sizeof(part))
		return false;
	(void)snprintf(part, sizeof(part), "%.*s", (int)length, path);
	fd = path_open_quiet(root, *part ? part : "/", O_PATH | O_NOFOLLOW);
	return fd >= 0 && fstat(fd, &directory) == 0 && S_ISDIR(directory.st_mode) &&
	       (directory.st_mode & 01);
}

/* All directories of the path are: what is refused is refused at its end, which begins at last. */
static bool way_is_open(int root, const char *path, const char *last)
{
	for (const char *slash = path; slash && slash < last; slash = strchr(slash + 1, '/'))
		if (!is_open_directory(root, path, (size_t)(slash - path)))
			return false;
	return true;
}

/* The directory of a path whose last component begins at last; -1: none. */
static int open_parent(int root, const char *path, const char *last)
{
	char parent[PATH_MAX];

	if ((size_t)(last - path) >= sizeof(parent))
		return -1;
	(void)snprintf(parent, sizeof(parent), "%.*s", (int)(last - path), path);
	return path_open_quiet(root, parent, O_PATH);
}

static void look_at_place(int root, const char *path, struct why_place *place)
{
	const char *last = strrchr(path, '/') + 1;
	autofd directory = open_parent(root, path, last);
	autofd itself = path_open_quiet(root, path, O_PATH | O_NOFOLLOW);
	autofd end = path_open_quiet(root, path, O_PATH);
	struct statx attributes;

	if (*last == '\0' || directory < 0 || fstat(directory, &place->directory) < 0 ||
	    itself < 0 || fstat(itself, &place->itself) < 0)
		return;
	place->is_known = true;
	if (statx(directory, "", AT_EMPTY_PATH, STATX_TYPE, &attributes) == 0) {
		place->keeps_all = attributes.stx_attributes & STATX_ATTR_IMMUTABLE;
		place->keeps_names = attributes.stx_attributes & STATX_ATTR_APPEND;
	}
	place->end_is_known = end >= 0 && fstat(end, &place->end) == 0;
	place->way_is_open = way_is_open(root, path, last);
}

void why_place_find(const struct why_facts *facts, const struct why_failure *failure,
		    const char *text, int argument, struct why_place *place)
{
	struct live live = LIVE_INIT;

	*place = (struct why_place){ 0 };
	if (text && open_process(&live, failure->pid) == 0) {
		const char *path = absolute(facts, &live, failure, text, argument);
		autofd root = openat(live.dir, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);

		if (path && root >= 0)
			look_at_place(root, path, place);
	}
	live_close(&live);
}

static void look_at_link(const struct why_facts *facts, const struct live *live, const char *name,
			 struct why_object *object)
{
	autofd fd = openat(live->dir, name, O_PATH | O_CLOEXEC);

	object->exists = fd >= 0;
	if (fd >= 0)
		look_at(facts, live, fd, object);
}

void why_object_find(const struct why_facts *facts, const struct why_failure *failure,
		     struct why_object *object)
{
	const struct call_effect *effect = call_effect_find(failure->call);
	struct live live = LIVE_INIT;
	char name[32];

	*object = (struct why_object){ 0 };
	if (open_process(&live, failure->pid) == 0) {
		if (effect->flags & CALL_ON_DESCRIPTOR) {
			(void)snprintf(name, sizeof(name), "fd/%d",
				       (int)failure->arguments[effect->object]);
			look_at_link(facts, &live, name, object);
		} else if (failure->path) {
			look_up(facts, &live, failure, failure->path, effect->object, object);
		}
	}
	live_close(&live);
}

void why_object_find_source(const struct why_facts *facts, const struct why_failure *failure,
			    struct why_object *object)
{
	struct live live = LIVE_INIT;

	*object = (struct why_object){ 0 };
	if (failure->source && open_process(&live, failure->pid) == 0)
		look_up(facts, &live, failure, failure->source, call_source_argument(failure->call),
			object);
	live_close(&live);
}

/* capabilities(7), "File capability extended attribute versioning": all versions begin alike. */
static uint64_t permitted_of_file(int fd)
{
	struct vfs_ns_cap_data data = { 0 };
	char name[64];

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd); /* O_PATH has no fgetxattr */
	if (getxattr(name, "security.capability", &data, sizeof(data)) < (ssize_t)XATTR_CAPS_SZ_2)
		return 0;
	return le32toh(data.data[0].permitted) | (uint64_t)le32toh(data.data[1].permitted) << 32;
}

static void look_at_program(const struct why_facts *facts, const struct live *live,
			    struct why_program *program)
{
	autofd fd = openat(live->dir, "exe", O_PATH | O_CLOEXEC);
	const struct stat *file = &program->object.attributes;
	struct status_facts status;

	live_read_status(live, &status, &facts->document->arena);
	if (fd < 0 || !fact_is_known(&status.fact))
		return;
	look_at(facts, live, fd, &program->object);
	program->lacks_ids = ((file->st_mode & S_ISUID) && file->st_uid != status.uid[1]) ||
			     ((file->st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
			      file->st_gid != status.gid[1]);
	program->lacks_capabilities = permitted_of_file(fd) & ~status.set[CAPABILITY_PERMITTED];
}

void why_object_of_program(const struct why_facts *facts, pid_t pid, struct why_program *program)
{
	struct live live = LIVE_INIT;

	*program = (struct why_program){ 0 };
	if (open_process(&live, pid) == 0)
		look_at_program(facts, &live, program);
	live_close(&live);
}

bool why_object_has_flag(const struct why_object *object, const char *flag)
{
	const size_t length = strlen(flag);

	for (const char *word = object->flags ? object->flags : ""; *word;) {
		const size_t size = strcspn(word, ",");

		if (size == length && strncmp(word, flag, size) == 0)
			return true;
		word += size + (word[size] == ',');
	}
	return false;
}

bool why_object_is_readonly(const struct why_object *object)
{
	return object->is_known &&
	       (why_object_has_flag(object, "ro") || (object->space.f_flag & ST_RDONLY));
}

bool why_object_is_foreign(const struct why_object *object, pid_t pid)
{
	struct live live = LIVE_INIT;
	autofree char *uids = NULL, *gids = NULL;
	uint32_t inside;

	if (object->is_known && open_process(&live, pid) == 0) {
		uids = live_read(&live, "uid_map", FILE_MAX, NULL);
		gids = live_read(&live, "gid_map", FILE_MAX, NULL);
	}
	live_close(&live);
	return uids && gids &&
	       !(id_map_inside(uids, object->attributes.st_uid, &inside) &&
		 id_map_inside(gids, object->attributes.st_gid, &inside));
}
