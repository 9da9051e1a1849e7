/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The maps of id-mapped mounts: where they come from, the user namespace that carries one, and its
 * way to the mount.
 *
 * mount_setattr(2), user_namespaces(7), OCI config.md "Mounts"
 * syscalls: clone pipe2 read close wait4 (fsopen fsconfig fsmount openat2 write by base/procfs.c)
 *           openat mount_setattr fstatfs open_tree_attr
 */
#include "namespaces/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/string.h"
#include "base/sys.h"
#include "namespaces/user.h"
#include "spec/validate.h"

/* --- plan ---------------------------------------------------------------------------------------
 */

static bool take_number(const char **text, uint32_t *number)
{
	uint64_t value = 0;
	const char *start = *text;

	for (; **text >= '0' && **text <= '9' && value <= UINT32_MAX; (*text)++)
		value = value * 10 + (uint64_t)(**text - '0');
	*number = (uint32_t)value;
	return *text > start && value <= UINT32_MAX;
}

static bool take(const char **text, char wanted)
{
	if (**text != wanted)
		return false;
	(*text)++;
	return true;
}

/* The part of a range of container ids that starts in this entry; its hosts' ids. */
static bool translate(const struct id_mapping_list *base, uint32_t id, uint32_t size,
		      struct id_mapping *part)
{
	for (size_t i = 0; i < base->count; i++) {
		const struct id_mapping *entry = &base->items[i];
		uint32_t left;

		if (id < entry->container_id || id - entry->container_id >= entry->size)
			continue;
		left = entry->size - (id - entry->container_id);
		part->host_id = entry->host_id + (id - entry->container_id);
		part->size = size < left ? size : left;
		return true;
	}
	return false;
}

/* '@': hostID is an id of the container. A range that lies in several of its ranges becomes
 * several. False: an id of it isn't mapped. */
static bool add_relative(struct id_mapping_list *list, struct id_mapping mapping,
			 const struct id_mapping_list *base)
{
	while (mapping.size > 0) {
		struct id_mapping part = { .container_id = mapping.container_id };

		if (!translate(base, mapping.host_id, mapping.size, &part))
			return false;
		list->items[list->count++] = part;
		mapping.container_id += part.size;
		mapping.host_id += part.size;
		mapping.size -= part.size;
	}
	return true;
}

/* One "[@]FILE-SYSTEM-ID-HOST-ID-LENGTH#…", up to ';' or the end. reason: a constant. */
static const char *parse_ranges(const char **text, const struct id_mapping_list *base,
				struct id_mapping_list *list, struct arena *arena)
{
	size_t ranges = 1;

	for (const char *at = *text; *at && *at != ';'; at++)
		ranges += *at == '#';
	list->items = arena_array(arena, ranges * (base->count + 1), sizeof(*list->items));
	if (!list->items)
		return "out of memory";
	do {
		bool relative = take(text, '@');
		struct id_mapping mapping;

		if (!take_number(text, &mapping.container_id) || !take(text, '-') ||
		    !take_number(text, &mapping.host_id) || !take(text, '-') ||
		    !take_number(text, &mapping.size))
			return "a range is three numbers, as in 0-1000-10";
		if (mapping.size == 0)
			return "the length of a range must not be 0";
		if (!relative)
			list->items[list->count++] = mapping;
		else if (!add_relative(list, mapping, base))
			return "\"@\": an id that /linux/uidMappings or gidMappings doesn't map";
	} while (take(text, '#'));
	return NULL;
}

static const char *parse_maps(struct idmap *idmap, const char *text, const struct linux_spec *linux,
			      struct arena *arena)
{
	static const struct linux_spec none;
	const char *reason = NULL;

	if (!linux)
		linux = &none;
	do {
		bool uids = string_starts_with(text, "uids=");
		struct id_mapping_list *list = uids ? &idmap->uids : &idmap->gids;

		if (!uids && !string_starts_with(text, "gids="))
			return "only uids= and gids= can stand there";
		if (list->count > 0)
			return "uids= or gids= twice";
		text += strlen("uids=");
		reason = parse_ranges(&text, uids ? &linux->uid_mappings : &linux->gid_mappings,
				      list, arena);
	} while (!reason && take(&text, ';'));
	if (reason)
		return reason;
	if (*text)
		return "a range is three numbers, as in 0-1000-10";
	return idmap->uids.count && idmap->gids.count ? NULL : "needs both uids= and gids=";
}

static int plan_text(struct idmap *idmap, const struct idmap_request *request, struct arena *arena,
		     struct error *err)
{
	const struct mount_options *options = request->options;
	char pointer[96];
	const char *reason;

	(void)snprintf(pointer, sizeof(pointer), "/mounts/%zu/options/%zu", request->index,
		       options->idmap_index);
	if (request->spec->uid_mappings.count > 0)
		return error_set(err, "%s: there are uidMappings as well", pointer);
	reason = parse_maps(idmap, options->idmap_text, request->linux, arena);
	if (reason)
		return error_set(err, "%s: \"%.128s\": %s", pointer,
				 request->spec->options.items[options->idmap_index], reason);
	if (validate_id_mappings(&idmap->uids, pointer, NULL, err) < 0)
		return -1;
	return validate_id_mappings(&idmap->gids, pointer, NULL, err);
}

static int plan_container_map(struct idmap *idmap, const struct idmap_request *request,
			      struct error *err)
{
	const struct namespace_plan *namespaces = request->namespaces;

	if (namespaces && (namespaces->join & CLONE_NEWUSER)) {
		idmap->joined = true;
		return 0;
	}
	if (!namespaces || !(namespaces->create & CLONE_NEWUSER))
		return error_set(err,
				 "/mounts/%zu/options/%zu: needs uidMappings and gidMappings, or a "
				 "user namespace whose maps it can take",
				 request->index, request->options->idmap_index);
	idmap->uids = request->linux->uid_mappings;
	idmap->gids = request->linux->gid_mappings;
	return 0;
}

int idmap_plan(struct idmap *idmap, const struct idmap_request *request, struct arena *arena,
	       struct error *err)
{
	const struct mount_options *options = request->options;
	const struct mount_spec *spec = request->spec;

	*idmap = (struct idmap){ .owner = request->index, .fd = -1 };
	if (!options->idmap && spec->uid_mappings.count == 0)
		return 0;
	idmap->asked = true;
	idmap->tree = options->idmap_tree;
	idmap->by_option = spec->uid_mappings.count == 0;
	idmap->option = options->idmap_index;
	if (options->idmap_text)
		return plan_text(idmap, request, arena, err);
	if (spec->uid_mappings.count == 0)
		return plan_container_map(idmap, request, err);
	idmap->uids = spec->uid_mappings;
	idmap->gids = spec->gid_mappings;
	return 0;
}

static bool is_same_list(const struct id_mapping_list *a, const struct id_mapping_list *b)
{
	return a->count == b->count &&
	       (a->count == 0 || memcmp(a->items, b->items, a->count * sizeof(*a->items)) == 0);
}

bool idmap_is_same(const struct idmap *a, const struct idmap *b)
{
	return a->asked == b->asked && a->joined == b->joined && is_same_list(&a->uids, &b->uids) &&
	       is_same_list(&a->gids, &b->gids);
}

/* --- the namespace ------------------------------------------------------------------------------
 */

/* The process lives until its end of the pipe says that ours is closed, by us or by our death. */
static _Noreturn void hold_namespace(int pipe[2])
{
	char nothing;

	fd_close(&pipe[1]);
	_exit(read(pipe[0], &nothing, 1) == 0 ? 0 : 1);
}

/* Plain clone(2): some filters around us answer ENOSYS to clone3. */
static pid_t start_holder(int pipe[2], struct error *err)
{
	pid_t pid;

	if (pipe2(pipe, O_CLOEXEC) < 0)
		return error_errno(err, "pipe");
	pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
	if (pid == 0)
		hold_namespace(pipe);
	if (pid < 0)
		(void)error_errno(err, "make the user namespace that carries the map");
	fd_close(&pipe[0]);
	if (pid < 0)
		fd_close(&pipe[1]);
	return pid;
}

static int write_map(int procfs, pid_t pid, const char *file, const struct id_mapping_list *list,
		     const char *pointer, struct error *err)
{
	autobuffer text = { 0 };
	char name[48];

	(void)snprintf(name, sizeof(name), "%d/%s", (int)pid, file);
	if (user_format_map(list, &text, pointer, err) < 0)
		return -1;
	if (procfs_write(procfs, name, text.text, err) == 0)
		return 0;
	if (err->code == EPERM)
		return error_set(err,
				 "%s: id-mapped mounts need the privilege to map these ids "
				 "(CAP_SETUID and CAP_SETGID on the host)",
				 pointer);
	return error_context(err, "%s", pointer);
}

/* The member that asks for it; both sizes fit two numbers. */
static void name_map(char *pointer, size_t size, const struct idmap *idmap, size_t index,
		     const char *member)
{
	if (idmap->by_option)
		(void)snprintf(pointer, size, "/mounts/%zu/options/%zu", index, idmap->option);
	else
		(void)snprintf(pointer, size, "/mounts/%zu/%s", index, member);
}

static int prepare_holder(pid_t pid, const struct idmap *idmap, size_t index, struct error *err)
{
	char uids[64], gids[64], name[48];
	autofd procfs = procfs_open(PROCFS_PROCESSES, err);
	int fd;

	name_map(uids, sizeof(uids), idmap, index, "uidMappings");
	name_map(gids, sizeof(gids), idmap, index, "gidMappings");
	(void)snprintf(name, sizeof(name), "%d/ns/user", (int)pid);
	if (procfs < 0 || write_map(procfs, pid, "uid_map", &idmap->uids, uids, err) < 0 ||
	    write_map(procfs, pid, "gid_map", &idmap->gids, gids, err) < 0)
		return -1;
	/* a magic link, of our own child in a procfs that nobody else can reach */
	fd = openat(procfs, name, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? error_errno(err, "user namespace of the map") : fd;
}

int idmap_open_namespace(const struct idmap *idmap, size_t index, struct error *err)
{
	int pipe[2] = { -1, -1 };
	pid_t pid = start_holder(pipe, err);
	int fd;

	if (pid < 0)
		return error_context(err, "/mounts/%zu: id-mapped mount", index);
	fd = prepare_holder(pid, idmap, index, err);
	fd_close(&pipe[1]);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return fd;
}

/* --- the mount ----------------------------------------------------------------------------------
 */

static int explain(int mount, struct error *err)
{
	struct statfs fs = { 0 };

	(void)error_errno(err, "map the ids of the mount");
	if (err->code == EINVAL && fstatfs(mount, &fs) == 0)
		return error_set(err,
				 "the kernel can't map the ids of this file system (type 0x%lx), "
				 "or of one below it",
				 (unsigned long)fs.f_type);
	if (err->code == EPERM)
		return error_set(err,
				 "map the ids of the mount: needs CAP_SYS_ADMIN where the file "
				 "system belongs to (not rootless), and a mount without a map "
				 "before Linux 6.15");
	return -1;
}

/* Linux 6.15: a clone may get another map than the mount that it is cloned from. */
static bool replace(int *mount, bool tree, struct mount_attr *attr)
{
	unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH;
	int clone;

	attr->attr_clr = MOUNT_ATTR_IDMAP;
	clone = sys_open_tree_attr(*mount, "", flags | (tree ? AT_RECURSIVE : 0U), attr);
	if (clone < 0)
		return false;
	fd_close(mount);
	*mount = clone;
	return true;
}

int idmap_apply(int *mount, bool tree, int user_namespace, struct error *err)
{
	struct mount_attr attr = {
		.attr_set = MOUNT_ATTR_IDMAP,
		.userns_fd = (uint64_t)user_namespace,
	};
	unsigned flags = AT_EMPTY_PATH | (tree ? AT_RECURSIVE : 0U);

	if (mount_setattr(*mount, "", flags, &attr, sizeof(attr)) == 0)
		return 0;
	if (errno == EPERM) {
		if (replace(mount, tree, &attr))
			return 0;
		errno = EPERM;
	}
	return explain(*mount, err);
}
