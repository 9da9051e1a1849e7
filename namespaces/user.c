/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A new user namespace: which ids outside its ids are.
 *
 * user_namespaces(7)
 * syscalls: (openat2 write close by base/procfs.c) setresgid setresuid geteuid
 */
#include "namespaces/user.h"

#include <stdio.h>
#include <unistd.h>

#include "base/procfs.h"
#include "base/string.h"

/* The kernel takes a map in one write(2) only, shorter than a page, and at most this many lines. */
#define MAP_LINES_MAX 340
#define MAP_LENGTH_MAX 4095

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

static int write_map(int procfs, pid_t pid, const char *file, const char *text, const char *pointer,
		     struct error *err)
{
	char name[64];

	(void)snprintf(name, sizeof(name), "%d/%s", (int)pid, file);
	if (procfs_write(procfs, name, text, err) < 0)
		return error_context(err, "%s", pointer);
	return 0;
}

int user_write_maps(int procfs, pid_t pid, const struct linux_spec *linux, struct error *err)
{
	autobuffer uids = { 0 };
	autobuffer gids = { 0 };

	if (user_format_map(&linux->uid_mappings, &uids, "/linux/uidMappings", err) < 0 ||
	    user_format_map(&linux->gid_mappings, &gids, "/linux/gidMappings", err) < 0)
		return -1;
	if (write_map(procfs, pid, "uid_map", uids.text, "/linux/uidMappings", err) < 0)
		return -1;
	/* Without CAP_SETGID a group map is accepted only after setgroups(2) is given up: else a
	 * process could leave a group that denies it something. */
	if (geteuid() != 0 &&
	    write_map(procfs, pid, "setgroups", "deny", "/linux/gidMappings", err) < 0)
		return -1;
	return write_map(procfs, pid, "gid_map", gids.text, "/linux/gidMappings", err);
}

int user_become_root(struct error *err)
{
	if (setresgid(0, 0, 0) < 0)
		return error_errno(err, "gid 0 of the user namespace");
	if (setresuid(0, 0, 0) < 0)
		return error_errno(err, "uid 0 of the user namespace");
	return 0;
}
