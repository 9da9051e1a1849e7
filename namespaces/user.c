/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new user namespace: which ids outside its ids are.
 *
 * user_namespaces(7), newuidmap(1), subuid(5)
 * syscalls: access openat read stat (openat2 write close by base/procfs.c) setresgid setresuid
 *           setfsgid
 */
#include "namespaces/user.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/fsuid.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/passwd.h"
#include "base/process.h"
#include "base/procfs.h"
#include "base/table.h"
#include "namespaces/subid.h"

/* The kernel takes a map in one write(2) only, shorter than a page, and at most this many lines. */
#define MAP_LINES_MAX 340
#define MAP_LENGTH_MAX 4095
#define FILE_SIZE_MAX ((size_t)4 << 20) /* of passwd and subuid: more would be a mistake */

static const struct kind {
	const char *pointer, *ids_file, *own_map, *file, *helper_name;
	const char *helpers[4]; /* where they may be: no search path of the caller's */
} kinds[USER_MAP_COUNT] = {
	[USER_MAP_UID] = { "/linux/uidMappings",
			   "/etc/subuid",
			   "/proc/self/uid_map",
			   "uid_map",
			   "newuidmap",
			   { "/usr/bin/newuidmap", "/bin/newuidmap", "/usr/local/bin/newuidmap",
			     "/run/wrappers/bin/newuidmap" } },
	[USER_MAP_GID] = { "/linux/gidMappings",
			   "/etc/subgid",
			   "/proc/self/gid_map",
			   "gid_map",
			   "newgidmap",
			   { "/usr/bin/newgidmap", "/bin/newgidmap", "/usr/local/bin/newgidmap",
			     "/run/wrappers/bin/newgidmap" } },
};

/* --- the plan
 * ------------------------------------------------------------------------------------- */

static const char *find_helper(const struct kind *kind)
{
	for (size_t i = 0; i < ARRAY_SIZE(kind->helpers); i++) {
		if (access(kind->helpers[i], X_OK) == 0)
			return kind->helpers[i];
	}
	return NULL;
}

static uint32_t own_id(const struct user_caller *caller, int kind)
{
	return kind == USER_MAP_UID ? caller->uid : caller->gid;
}

/* What the kernel lets anybody write. */
static bool is_own_id_alone(const struct id_mapping_list *list, uint32_t own)
{
	return list->count == 1 && list->items[0].size == 1 && list->items[0].host_id == own;
}

static int read_text(const char *path, char **text)
{
	struct error ignored;

	return file_read_at(AT_FDCWD, path, FILE_SIZE_MAX, text, NULL, &ignored);
}

/* The files may be missing, or not for us to read: then there are no further ids. */
static int add_subordinate_ids(struct user_map *map, int kind, const struct user_caller *caller,
			       struct arena *arena, struct error *err)
{
	autofree char *text = NULL;
	autofree char *passwd = NULL;
	const char *name = NULL;

	if ((!caller->privileged && !find_helper(&kinds[kind])) ||
	    read_text(kinds[kind].ids_file, &text) < 0)
		return 0;
	if (read_text("/etc/passwd", &passwd) == 0)
		name = passwd_name(passwd, caller->uid, arena);
	return subid_add_ranges(&map->list, text, name, caller->uid, arena, err);
}

static int plan_default(struct user_map *map, int kind, const struct user_caller *caller,
			struct arena *arena, struct error *err)
{
	autofree char *text = NULL;

	if (caller->privileged && process_in_user_namespace() &&
	    read_text(kinds[kind].own_map, &text) == 0)
		return subid_identity(&map->list, text, arena, err);
	map->list.items = arena_array(arena, 1, sizeof(*map->list.items));
	if (!map->list.items)
		return error_code(err, ENOMEM, "id mappings");
	map->list.count = 1;
	map->list.items[0] = (struct id_mapping){ 0, own_id(caller, kind), 1 };
	return add_subordinate_ids(map, kind, caller, arena, err);
}

static int plan_writer(struct user_map *map, int kind, const struct user_caller *caller,
		       struct error *err)
{
	const uint32_t own = own_id(caller, kind);

	if (caller->privileged || is_own_id_alone(&map->list, own))
		return 0;
	map->helper = find_helper(&kinds[kind]);
	if (map->helper)
		return 0;
	return error_of_kind(
		err, ERROR_SUBORDINATE_IDS,
		"%s: without privilege only one id, %u (the caller's), can be mapped: more "
		"needs %s (package uidmap), which is not in /usr/bin, and a range in %s",
		map->pointer, own, kinds[kind].helper_name, kinds[kind].ids_file);
}

bool user_maps_id(const struct id_mapping_list *list, uint32_t id)
{
	for (size_t i = 0; i < list->count; i++) {
		const struct id_mapping *map = &list->items[i];

		if (id >= map->container_id && id - map->container_id < map->size)
			return true;
	}
	return false;
}

static const char *caller_name(const struct user_caller *caller, struct arena *arena)
{
	autofree char *passwd = NULL;
	const char *name = NULL;

	if (read_text("/etc/passwd", &passwd) == 0)
		name = passwd_name(passwd, caller->uid, arena);
	return name ? name : arena_format(arena, "%u", caller->uid);
}

/* Why the map that the caller gets without asking is too small, and what would make it larger. */
static const char *explain_default(const struct user_map *map, int kind,
				   const struct user_caller *caller, struct arena *arena)
{
	const char *file = kinds[kind].ids_file;
	const char *name = caller_name(caller, arena);

	if (!name)
		return NULL;
	if (caller->privileged && process_in_user_namespace())
		return "the user namespace around minirun hasn't got it";
	if (!caller->privileged && !find_helper(&kinds[kind]))
		return arena_format(arena,
				    "ids but the caller's own need %s (package uidmap) and a range "
				    "in %s",
				    kinds[kind].helper_name, file);
	if (map->list.count == 1)
		return arena_format(arena,
				    "%s has no range for user %s (usermod --add-sub%ss "
				    "100000-165535 %s)",
				    file, name, kind == USER_MAP_UID ? "uid" : "gid", name);
	return arena_format(arena, "the ranges of user %s in %s are too small", name, file);
}

/* What process.user is compared with. */
struct user_question {
	const struct user_maps *maps;
	const struct user_caller *caller;
	struct arena *arena;
};

static int check_mapped(const struct user_question *question, int kind, uint32_t id,
			const char *member, struct error *err)
{
	const struct user_map *map = &question->maps->map[kind];
	const char *why = NULL;

	if (user_maps_id(&map->list, id))
		return 0;
	if (map->is_default)
		why = explain_default(map, kind, question->caller, question->arena);
	(void)error_set(err, "/process/user/%s: %u has no place in the user namespace: %s%s",
			member, id, why ? why : map->pointer, why ? "" : " doesn't map it");
	return map->is_default ? error_kind(err, ERROR_SUBORDINATE_IDS) : -1;
}

static int check_user(const struct user_question *question, const struct user_spec *user,
		      struct report *report, struct error *err)
{
	char member[40];

	if (check_mapped(question, USER_MAP_UID, user->uid, "uid", err) < 0 &&
	    !report_tell(report, err))
		return -1;
	if (check_mapped(question, USER_MAP_GID, user->gid, "gid", err) < 0 &&
	    !report_tell(report, err))
		return -1;
	if (question->maps->deny_setgroups && user->additional_gids.count > 0 && !user->keep_groups)
		return error_of_kind(
			err, ERROR_SUBORDINATE_IDS,
			"/process/user/additionalGids: can't be set in a user namespace "
			"with one group, since the kernel denies setgroups there: it needs "
			"newgidmap and a range in /etc/subgid");
	for (size_t i = 0; i < user->additional_gids.count; i++) {
		(void)snprintf(member, sizeof(member), "additionalGids/%zu", i);
		if (check_mapped(question, USER_MAP_GID, user->additional_gids.items[i], member,
				 err) < 0 &&
		    !report_tell(report, err))
			return -1;
	}
	return 0;
}

/* All of a mapping, perhaps in several ranges beside each other. */
static bool lies_in_ranges(const struct id_mapping_list *ranges, const struct id_mapping *map)
{
	const uint64_t end = (uint64_t)map->host_id + map->size;
	uint64_t next = map->host_id;

	for (size_t i = 0; i < ranges->count && next < end;) {
		const struct id_mapping *range = &ranges->items[i++];

		if (next < range->host_id || next >= (uint64_t)range->host_id + range->size)
			continue;
		next = (uint64_t)range->host_id + range->size;
		i = 0;
	}
	return next >= end;
}

bool user_has_subid_source(const char *nsswitch)
{
	static const char name[] = "subid:";

	while (*nsswitch) {
		nsswitch += strspn(nsswitch, " \t");
		if (strncasecmp(nsswitch, name, strlen(name)) == 0)
			return true;
		nsswitch += strcspn(nsswitch, "\n");
		nsswitch += *nsswitch == '\n';
	}
	return false;
}

int user_check_ranges(const struct user_maps *maps, const struct user_caller *caller,
		      struct arena *arena, struct report *report, struct error *err)
{
	autofree char *sources = NULL;

	if (read_text("/etc/nsswitch.conf", &sources) == 0 && user_has_subid_source(sources))
		return 0;
	for (int kind = 0; kind < USER_MAP_COUNT; kind++) {
		const struct user_map *map = &maps->map[kind];
		struct user_map own = { .list.count = 0 };

		if (!map->helper)
			continue;
		if (add_subordinate_ids(&own, kind, caller, arena, err) < 0)
			return -1;
		for (size_t i = 0; i < map->list.count; i++) {
			const struct id_mapping *one = &map->list.items[i];

			if ((one->size == 1 && one->host_id == own_id(caller, kind)) ||
			    lies_in_ranges(&own.list, one))
				continue;
			(void)error_of_kind(err, ERROR_SUBORDINATE_IDS,
					    "%s/%zu: the %u ids from %u on aren't all among the "
					    "caller's in %s",
					    map->pointer, i, one->size, one->host_id,
					    kinds[kind].ids_file);
			if (!report_tell(report, err))
				return -1;
		}
	}
	return 0;
}

int user_plan(struct user_maps *maps, const struct container_spec *spec,
	      const struct user_caller *caller, struct arena *arena, struct report *report,
	      struct error *err)
{
	const struct linux_spec *linux = &spec->linux;
	const bool given = linux->uid_mappings.count > 0;

	*maps = (struct user_maps){ 0 };
	maps->map[USER_MAP_UID].list = linux->uid_mappings;
	maps->map[USER_MAP_GID].list = linux->gid_mappings;
	for (int kind = 0; kind < USER_MAP_COUNT; kind++) {
		struct user_map *map = &maps->map[kind];

		map->pointer = kinds[kind].pointer;
		map->is_default = !given;
		if (!given && plan_default(map, kind, caller, arena, err) < 0)
			return -1;
		if (plan_writer(map, kind, caller, err) < 0 && !report_tell(report, err))
			return -1;
	}
	maps->deny_setgroups = !caller->privileged && !maps->map[USER_MAP_GID].helper;
	if (!spec->process.present)
		return 0;
	return check_user(&(struct user_question){ maps, caller, arena }, &spec->process.user,
			  report, err);
}

/* --- writing the maps
 * ----------------------------------------------------------------------------- */

int user_format_map(const struct id_mapping_list *list, struct buffer *text, const char *pointer,
		    struct error *err)
{
	if (list->count == 0)
		return error_set(err, "%s: a new user namespace needs a mapping", pointer);
	if (list->count > MAP_LINES_MAX)
		return error_set(err, "%s: %zu mappings, the kernel takes at most %d", pointer,
				 list->count, MAP_LINES_MAX);
	for (size_t i = 0; i < list->count; i++) {
		const struct id_mapping *map = &list->items[i];

		buffer_format(text, "%u %u %u\n", map->container_id, map->host_id, map->size);
	}
	if (text->failed)
		return error_set(err, "%s: out of memory", pointer);
	if (text->length > MAP_LENGTH_MAX)
		return error_set(err, "%s: %zu bytes of text, the kernel takes at most %d", pointer,
				 text->length, MAP_LENGTH_MAX);
	return 0;
}

int user_write_map(int procfs, pid_t pid, const struct user_maps *maps, int kind, struct error *err)
{
	const struct user_map *map = &maps->map[kind];
	autobuffer text = { 0 };
	char name[64];

	if (user_format_map(&map->list, &text, map->pointer, err) < 0)
		return -1;
	(void)snprintf(name, sizeof(name), "%d/%s", (int)pid, kinds[kind].file);
	if (procfs_write(procfs, name, text.text, err) == 0)
		return 0;
	if (err->code == EPERM)
		(void)user_explain_refusal(err);
	if (err->code == EPERM || err->code == EINVAL)
		return error_context(err, "%s: an id that isn't ours to map?", map->pointer);
	return error_context(err, "%s", map->pointer);
}

/* Without CAP_SETGID a group map is accepted only after setgroups(2) is given up: else a process
 * could leave a group that denies it something. */
int user_deny_setgroups(int procfs, pid_t pid, struct error *err)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%d/setgroups", (int)pid);
	if (procfs_write(procfs, name, "deny", err) == 0)
		return 0;
	return error_context(err, "%s", kinds[USER_MAP_GID].pointer);
}

/* --- inside
 * --------------------------------------------------------------------------------------- */

/* Root, or else the first id there is: files that we make must belong to somebody. */
static uint32_t inner_id(const struct user_maps *maps, int kind)
{
	const struct id_mapping_list *list = maps ? &maps->map[kind].list : NULL;

	return !list || user_maps_id(list, 0) ? 0 : list->items[0].container_id;
}

int user_become_root(const struct user_maps *maps, struct error *err)
{
	const gid_t gid = inner_id(maps, USER_MAP_GID);
	const uid_t uid = inner_id(maps, USER_MAP_UID);

	/* a joined one may be without root; whoever has entered it has its capabilities anyway */
	if (setresgid(gid, gid, gid) < 0 && (maps || errno != EINVAL))
		return error_errno(err, "gid %u of the user namespace", gid);
	if (setresuid(uid, uid, uid) < 0 && (maps || errno != EINVAL))
		return error_errno(err, "uid %u of the user namespace", uid);
	return 0;
}

/* setfsgid(2) reports no error: an impossible id changes nothing, and tells the present one. */
bool user_has_group(gid_t gid)
{
	const gid_t before = (gid_t)setfsgid(gid);
	const bool has = (gid_t)setfsgid((gid_t)-1) == gid;

	(void)setfsgid(before); /* the one that we have had */
	return has;
}

/* --- why it fails
 * ------------------------------------------------------------------------------- */

int user_explain_refusal(struct error *err)
{
	static const struct {
		const char *path, *value, *hint;
	} settings[] = {
		{ "/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1",
		  "AppArmor restricts user namespaces here: minirun needs a profile with "
		  "\"userns\", or the sysctl kernel.apparmor_restrict_unprivileged_userns=0" },
		{ "/proc/sys/kernel/unprivileged_userns_clone", "0",
		  "the sysctl kernel.unprivileged_userns_clone is 0" },
	};

	table_for_each (setting, settings) {
		autofree char *value = NULL;
		struct error plain = *err;

		if (read_text(setting->path, &value) < 0 ||
		    strncmp(value, setting->value, strlen(setting->value)) != 0)
			continue;
		(void)error_of_kind(err, ERROR_USER_NAMESPACE, "%s (%s)", plain.text,
				    setting->hint);
		err->code = plain.code;
		break;
	}
	return -1;
}
