/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.env: environ(7). The array is made while planning: names are unique (the last value wins,
 * at the place of the first), so that every program sees the same one whichever end it searches
 * from. Names are found by hash: an environment of 10,000 entries costs 10,000 steps.
 *
 * syscalls: openat fstat openat2 read (only for a missing HOME)
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/procfs.h"
#include "base/string.h"
#include "runtime/process/process.h"

#define PASSWD "/etc/passwd"
#define PASSWD_MAX ((size_t)1 << 20) /* bytes; a larger one is treated as missing */

/* Open addressing; a slot holds an index into entries plus one, 0 is free. */
struct name_table {
	const char **entries;
	size_t count;
	uint32_t *slots;
	size_t mask; /* number of slots less one */
};

static size_t name_length(const char *entry)
{
	return strcspn(entry, "=");
}

/* FNV-1a */
static size_t hash(const char *name, size_t length)
{
	uint64_t value = UINT64_C(14695981039346656037);

	for (size_t i = 0; i < length; i++)
		value = (value ^ (unsigned char)name[i]) * UINT64_C(1099511628211);
	return (size_t)(value ^ value >> 32);
}

/* Adds an entry, or replaces the one of the same name. */
static void put(struct name_table *table, const char *entry)
{
	size_t length = name_length(entry);
	size_t slot = hash(entry, length) & table->mask;

	for (; table->slots[slot] != 0; slot = (slot + 1) & table->mask) {
		const char **known = &table->entries[table->slots[slot] - 1];

		if (name_length(*known) == length && memcmp(*known, entry, length) == 0) {
			*known = entry;
			return;
		}
	}
	table->entries[table->count++] = entry;
	table->slots[slot] = (uint32_t)table->count;
}

static int out_of_memory(struct error *err)
{
	return error_code(err, ENOMEM, "environment");
}

static int put_listen_fds(struct name_table *table, int listen_fds, struct arena *arena,
			  struct error *err)
{
	const char *count = arena_format(arena, "LISTEN_FDS=%d", listen_fds);

	if (!count)
		return out_of_memory(err);
	put(table, count);
	put(table, "LISTEN_PID=1"); /* as the container sees itself; sd_listen_fds(3) */
	return 0;
}

const char **env_plan(const struct process_spec *process, int listen_fds, struct arena *arena,
		      struct error *err)
{
	const struct string_list *env = &process->env;
	size_t most = env->count + 2, slots = 16;
	struct name_table table = { 0 };

	while (slots < most * 2)
		slots *= 2;
	table.slots = arena_array(arena, slots, sizeof(*table.slots));
	table.entries = arena_array(arena, most + 1, sizeof(*table.entries));
	if (!table.slots || !table.entries) {
		(void)out_of_memory(err); /* always -1; this function's own failure is NULL */
		return NULL;
	}
	table.mask = slots - 1;

	for (size_t i = 0; i < env->count; i++) {
		const char *entry = env->items[i];

		if (*entry == '=' || !strchr(entry, '=')) {
			(void)error_set(err, "/process/env/%zu: \"%.200s\": expected NAME=value", i,
					entry);
			return NULL;
		}
		put(&table, entry);
	}
	if (listen_fds > 0 && put_listen_fds(&table, listen_fds, arena, err) < 0)
		return NULL;
	return table.entries; /* arena memory is zeroed: NULL ends it */
}

/* The directory of uid in passwd(5) text, which this cuts into pieces. NULL: not there. */
static const char *find_home(char *text, uint32_t uid)
{
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n"))) {
		char *field[7] = { NULL };
		uint64_t number;
		size_t count = 0;

		while (count < 7 && (field[count] = strsep(&line, ":")))
			count++;
		if (count >= 6 && string_to_uint(field[2], UINT32_MAX, &number) && number == uid)
			return field[5];
	}
	return NULL;
}

/* exec's first process is in no procfs of the container's, and its rights are gone: the name once
 * more, without waiting for anybody, and only if it is still this file. */
static int open_again(const char *path, const struct stat *meant)
{
	autofd fd = openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat got;

	if (fd < 0 || fstat(fd, &got) < 0 || !S_ISREG(got.st_mode) || got.st_dev != meant->st_dev ||
	    got.st_ino != meant->st_ino)
		return -1;
	return fd_take(&fd);
}

const char *env_find_home(const char *path, uint32_t uid, struct arena *arena)
{
	struct stat attributes;
	struct error ignored;
	autofree char *text = NULL;
	autofd place = openat(AT_FDCWD, path, O_PATH | O_CLOEXEC);
	autofd fd = -1;
	const char *home;

	/* A FIFO or a device must not even be opened: the image's author made it (CVE-2024-9676).
	 */
	if (place < 0 || fstat(place, &attributes) < 0 || !S_ISREG(attributes.st_mode) ||
	    attributes.st_size < 0 || (uint64_t)attributes.st_size > PASSWD_MAX)
		return NULL;
	fd = procfs_reopen(-1, place, &ignored);
	if (fd < 0)
		fd = open_again(path, &attributes);
	if (fd < 0 || fd_read_all(fd, PASSWD_MAX, &text, NULL) < 0)
		return NULL;
	home = find_home(text, uid);
	return home && *home ? arena_string(arena, home) : NULL;
}

const char **env_add_home(const char **env, uint32_t uid, struct arena *arena, struct error *err)
{
	size_t count = 0, place = SIZE_MAX;
	const char *home, *entry, **longer;

	for (; env[count]; count++) {
		if (!string_starts_with(env[count], "HOME="))
			continue;
		if (env[count][strlen("HOME=")] != '\0')
			return env;
		place = count;
	}

	home = env_find_home(PASSWD, uid, arena);
	entry = arena_format(arena, "HOME=%s", home ? home : "/");
	longer = arena_array(arena, count + 2, sizeof(*longer));
	if (!entry || !longer) {
		(void)out_of_memory(err); /* always -1; this function's own failure is NULL */
		return NULL;
	}
	memcpy(longer, env, count * sizeof(*env));
	longer[place != SIZE_MAX ? place : count] = entry;
	return longer;
}
