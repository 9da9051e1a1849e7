/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which mounts are CRIU's and which are ours. proc_pid_mountinfo(5)
 *
 * syscalls: fsopen, fsmount, move_mount, fstat, mkdirat, openat
 */
#include "runtime/criu/mounts.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/path.h"
#include "base/string.h"
#include "namespaces/detached.h"
#include "namespaces/devices.h"
#include "namespaces/filesystem.h"
#include "namespaces/mount.h"
#include "spec/default_devices.h"

#define DEFAULT_DEVICES_MAX 16
#define NULL_KEY "null" /* what masks files; no other key is without a prefix */

static int out_of_memory(struct error *err)
{
	return error_code(err, ENOMEM, "plan of the mounts");
}

/* "mount:/data", "mount:/a%20b" */
static const char *make_key(const char *prefix, const char *path, struct arena *arena)
{
	autobuffer key = { 0 };

	buffer_add(&key, prefix);
	for (; *path; path++) {
		const unsigned char byte = (unsigned char)*path;

		if (isascii(byte) && (isalnum(byte) || strchr("._-/", byte)))
			buffer_add_bytes(&key, path, 1);
		else
			buffer_format(&key, "%%%02X", byte);
	}
	return key.failed ? NULL : arena_string(arena, key.text);
}

/* --- mountinfo -------------------------------------------------------------------------------- */

/* Blank, tab, newline and backslash are three octal digits there. */
static const char *unescape(const char *from, size_t length, struct arena *arena)
{
	char *copy = arena_alloc(arena, length + 1);
	char *to = copy;

	for (size_t i = 0; copy && i < length; i++) {
		if (from[i] == '\\' && i + 3 < length) {
			*to++ = (char)((from[i + 1] - '0') * 64 + (from[i + 2] - '0') * 8 +
				       (from[i + 3] - '0'));
			i += 3;
		} else {
			*to++ = from[i];
		}
	}
	return copy;
}

bool criu_mount_line(const char **line, struct criu_mount_line *mount, struct arena *arena)
{
	const char *field = *line;

	if (!*field)
		return false;
	*mount = (struct criu_mount_line){ .id = strtoll(field, NULL, 10) };
	for (int number = 1; number <= 5; number++) {
		const size_t length = strcspn(field, " \n");

		if (number == 4)
			mount->root = unescape(field, length, arena);
		if (number == 5)
			mount->point = unescape(field, length, arena);
		field += length + (field[length] == ' ');
	}
	*line = field + strcspn(field, "\n");
	*line += **line == '\n';
	return true;
}

struct mount_table {
	struct criu_mount_line *lines;
	size_t count;
};

static int read_table(const char *text, struct mount_table *table, struct arena *arena,
		      struct error *err)
{
	size_t most = 1;

	for (const char *at = text; *at; at++)
		most += *at == '\n';
	table->count = 0;
	table->lines = arena_array(arena, most, sizeof(*table->lines));
	if (!table->lines)
		return out_of_memory(err);
	while (criu_mount_line(&text, &table->lines[table->count], arena)) {
		const struct criu_mount_line *line = &table->lines[table->count++];

		if (!line->root || !line->point)
			return out_of_memory(err);
	}
	return 0;
}

/* The last one at a place is the one that is seen. */
static const struct criu_mount_line *at_point(const struct mount_table *table, const char *point)
{
	for (size_t i = table->count; i > 0; i--)
		if (strcmp(table->lines[i - 1].point, point) == 0)
			return &table->lines[i - 1];
	return NULL;
}

static const struct criu_mount_line *of_id(const struct mount_table *table, int64_t id)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->lines[i].id == id)
			return &table->lines[i];
	return NULL;
}

/* --- dump ------------------------------------------------------------------------------------- */

struct planner {
	struct criu_pairs *mounts;
	struct arena *arena;
	size_t capacity;
};

static int begin(struct planner *planner, const struct container_spec *spec, struct error *err)
{
	planner->capacity = spec->mounts.count + spec->linux.masked_paths.count +
			    spec->linux.devices.count + DEFAULT_DEVICES_MAX;
	*planner->mounts = (struct criu_pairs){
		.items = arena_array(planner->arena, planner->capacity, sizeof(struct criu_pair)),
	};
	return planner->mounts->items ? 0 : out_of_memory(err);
}

static int add(struct planner *planner, const char *key, const char *value, struct error *err)
{
	if (!key || !value || planner->mounts->count == planner->capacity)
		return out_of_memory(err);
	planner->mounts->items[planner->mounts->count++] = (struct criu_pair){ key, value };
	return 0;
}

/* What would end CRIU's own notation early. */
static int check_point(const char *point, struct error *err)
{
	for (const char *at = point; *at; at++)
		if (*at == '[' || *at == ']' || iscntrl((unsigned char)*at))
			return error_of_kind(
				err, ERROR_UNSUPPORTED,
				"mount point %s: a name with \"[\", \"]\" or a control "
				"character can't be checkpointed",
				point);
	return 0;
}

/* A view of the cgroup, too: CRIU would look for the cgroup of then, and a mount of cgroup2 that
 * begins outside of a cgroup namespace changes the options of the host's. */
static bool is_external(const struct mount_plan *plan, bool cgroup)
{
	return (plan->kind == MOUNT_KIND_BIND && !plan->inside) ||
	       (plan->kind == MOUNT_KIND_CGROUP && cgroup);
}

/* The map of a mount that CRIU makes would be lost. */
static int check_idmap(const struct mount_plan *plan, size_t index, bool external,
		       struct error *err)
{
	if (external || !plan->idmap.asked)
		return 0;
	return error_of_kind(err, ERROR_UNSUPPORTED,
			     "/mounts/%zu: criu makes this mount again, and can't map its ids",
			     index);
}

static int refuse_root(size_t index, struct error *err)
{
	return error_of_kind(err, ERROR_UNSUPPORTED,
			     "/mounts/%zu: a mount at / can't be checkpointed", index);
}

static int dump_binds(struct planner *planner, const struct criu_dump_source *source,
		      const struct mount_table *table, struct error *err)
{
	for (size_t i = 0; i < source->spec->mounts.count; i++) {
		const struct mount_plan *plan = &source->rootfs->mounts[i];
		const struct criu_mount_line *line;

		const bool external = is_external(plan, source->cgroup);

		if (check_idmap(plan, i, external, err) < 0)
			return -1;
		if (strcmp(plan->destination, "/") == 0 && plan->kind != MOUNT_KIND_REMOUNT)
			return refuse_root(i, err);
		if (!external)
			continue;
		line = at_point(table, plan->destination);
		if (!line && source->find)
			line = of_id(table, source->find(source->context, plan->destination));
		if (line && strcmp(line->point, "/") == 0) /* by a link of the image */
			return refuse_root(i, err);
		if (!line) /* the container has unmounted it */
			continue;
		if (check_point(line->point, err) < 0 ||
		    add(planner, line->point, make_key("mount:", plan->destination, planner->arena),
			err) < 0)
			return -1;
	}
	return 0;
}

/* Files are masked by the host's /dev/null, directories by a tmpfs, which is CRIU's affair. */
static int dump_masks(struct planner *planner, const struct criu_dump_source *source,
		      const struct mount_table *table, struct error *err)
{
	const struct string_list *paths = &source->spec->linux.masked_paths;

	for (size_t i = 0; i < paths->count; i++) {
		const struct criu_mount_line *line = at_point(table, paths->items[i]);

		if (!line || !string_ends_with(line->root, "/null"))
			continue;
		if (check_point(line->point, err) < 0 ||
		    add(planner, line->point, NULL_KEY, err) < 0)
			return -1;
	}
	return 0;
}

/* The n-th device node of the container, the default ones first. NULL: no more. */
static const char *device_path(const struct container_spec *spec, size_t n)
{
	unsigned major, minor;
	size_t defaults = 0;

	while (default_device(defaults, &major, &minor))
		defaults++;
	if (n < defaults)
		return default_device(n, &major, &minor);
	n -= defaults;
	return n < spec->linux.devices.count ? spec->linux.devices.items[n].path : NULL;
}

static int dump_devices(struct planner *planner, const struct criu_dump_source *source,
			const struct mount_table *table, struct error *err)
{
	const char *path;

	for (size_t n = 0; (path = device_path(source->spec, n)) != NULL; n++) {
		const struct criu_mount_line *line = at_point(table, path);

		if (!line)
			continue;
		if (check_point(line->point, err) < 0 ||
		    add(planner, line->point, make_key("device:", path, planner->arena), err) < 0)
			return -1;
	}
	return 0;
}

int criu_dump_mounts(const struct criu_dump_source *source, struct criu_pairs *mounts,
		     struct arena *arena, struct error *err)
{
	struct planner planner = { .mounts = mounts, .arena = arena };
	struct mount_table table;

	if (read_table(source->mountinfo, &table, arena, err) < 0 ||
	    begin(&planner, source->spec, err) < 0 ||
	    dump_binds(&planner, source, &table, err) < 0 ||
	    dump_masks(&planner, source, &table, err) < 0)
		return -1;
	return source->rootfs->device_bind ? dump_devices(&planner, source, &table, err) : 0;
}

/* --- restore ---------------------------------------------------------------------------------- */

/* "/run/minirun/web/criu-mounts/3" */
static const char *staged(const char *stage, const char *name, struct arena *arena)
{
	return arena_format(arena, "%s/%s", stage, name);
}

#define NAME_SIZE 32

static void name_of(size_t index, char name[static NAME_SIZE])
{
	(void)snprintf(name, NAME_SIZE, "%zu", index);
}

static void device_name_of(size_t n, char name[static NAME_SIZE])
{
	(void)snprintf(name, NAME_SIZE, "device-%zu", n);
}

static int restore_binds(struct planner *planner, const struct criu_restore_sources *sources,
			 struct error *err)
{
	char name[NAME_SIZE];

	for (size_t i = 0; i < sources->spec->mounts.count; i++) {
		const struct mount_plan *plan = &sources->rootfs->mounts[i];
		const bool external = is_external(plan, sources->rootfs->cgroup >= 0);

		if (check_idmap(plan, i, external, err) < 0)
			return -1;
		if (!external)
			continue;
		if (plan->fd < 0)
			return error_set(err, "/mounts/%zu: couldn't be opened on the host's side",
					 i);
		name_of(i, name);
		if (add(planner, make_key("mount:", plan->destination, planner->arena),
			staged(sources->stage, name, planner->arena), err) < 0)
			return -1;
	}
	return 0;
}

int criu_restore_mounts(const struct criu_restore_sources *sources, struct criu_pairs *mounts,
			struct arena *arena, struct error *err)
{
	struct planner planner = { .mounts = mounts, .arena = arena };
	const struct container_spec *spec = sources->spec;
	char name[NAME_SIZE];
	const char *path;

	if (begin(&planner, spec, err) < 0 || restore_binds(&planner, sources, err) < 0)
		return -1;
	if (spec->linux.masked_paths.count > 0 &&
	    add(&planner, NULL_KEY,
		sources->rootfs->null_device < 0 ? "/dev/null"
						 : staged(sources->stage, NULL_KEY, arena),
		err) < 0)
		return -1;
	for (size_t n = 0; sources->rootfs->device_bind && (path = device_path(spec, n)) != NULL;
	     n++) {
		device_name_of(n, name);
		if (add(&planner, make_key("device:", path, arena),
			staged(sources->stage, name, arena), err) < 0)
			return -1;
	}
	return 0;
}

static int stage_mount(int stage, const char *name, int mount, struct error *err)
{
	autofd place = -1;
	struct stat top;

	if (fstat(mount, &top) < 0)
		return error_errno(err, "top of the mount");
	if (S_ISDIR(top.st_mode))
		place = path_make_directory(stage, name, 0700, err);
	else
		place = path_make_file(stage, name, 0600, err);
	if (place < 0)
		return -1;
	return detached_attach(mount, place) < 0 ? error_errno(err, "attach it for criu") : 0;
}

/* A descriptor of the tmpfs. */
static int make_stage(const char *path, struct error *err)
{
	autofilesystem fs = { .context = -1 };
	autofd place = open(path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	autofd stage = -1;

	if (place < 0)
		return error_errno(err, "%s", path);
	if (filesystem_open(&fs, "tmpfs", err) < 0 || filesystem_set(&fs, "mode", "0755", err) < 0)
		return -1;
	stage = filesystem_mount(&fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV, err);
	if (stage < 0)
		return -1;
	if (detached_attach(stage, place) < 0)
		return error_errno(err, "mount a tmpfs at %s", path);
	return fd_take(&stage);
}

/* What can't be opened isn't staged: the container may have had its image's own node there, and
 * asks for none; if it does, criu says what it misses. */
static int stage_devices(int stage, const struct criu_restore_sources *sources, struct error *err)
{
	char name[NAME_SIZE];
	struct error missing;
	const char *path;

	for (size_t n = 0; (path = device_path(sources->spec, n)) != NULL; n++) {
		autofd mount = devices_open(sources->rootfs, path, &missing);

		if (mount < 0) {
			log_debug("%s", missing.text);
			continue;
		}
		device_name_of(n, name);
		if (stage_mount(stage, name, mount, err) < 0)
			return error_context(err, "%s", path);
	}
	return 0;
}

int criu_stage_mounts(const struct criu_restore_sources *sources, struct error *err)
{
	const struct rootfs *rootfs = sources->rootfs;
	autofd stage = make_stage(sources->stage, err);
	char name[NAME_SIZE];

	if (stage < 0)
		return -1;
	for (size_t i = 0; i < sources->spec->mounts.count; i++) {
		const struct mount_plan *plan = &rootfs->mounts[i];

		if (!is_external(plan, rootfs->cgroup >= 0))
			continue;
		name_of(i, name);
		if (stage_mount(stage, name, plan->fd, err) < 0)
			return error_context(err, "/mounts/%zu", i);
	}
	if (rootfs->null_device >= 0 && stage_mount(stage, NULL_KEY, rootfs->null_device, err) < 0)
		return error_context(err, "/dev/null of the host");
	return rootfs->device_bind ? stage_devices(stage, sources, err) : 0;
}

bool criu_needs_mountpoint(const struct rootfs *rootfs, size_t index)
{
	const struct mount_plan *plan = &rootfs->mounts[index];

	if (plan->kind == MOUNT_KIND_LINK || plan->kind == MOUNT_KIND_REMOUNT ||
	    strcmp(plan->destination, "/") == 0)
		return false;
	for (size_t i = 0; i < index; i++) {
		const struct mount_plan *earlier = &rootfs->mounts[i];

		if (earlier->kind != MOUNT_KIND_LINK && earlier->kind != MOUNT_KIND_REMOUNT &&
		    path_is_below(plan->destination, earlier->destination))
			return false;
	}
	return true;
}
