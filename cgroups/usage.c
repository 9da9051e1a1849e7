/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is used, beside new limits (cgroup-v2.rst, memory.stat and the *.current files; proc(5),
 * /proc/meminfo).
 *
 * syscalls: openat read
 */
#include "cgroups/usage.h"

#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/string.h"
#include "cgroups/ancestors.h"
#include "cgroups/limit_value.h"
#include "cgroups/limits.h"
#include "cgroups/stat_file.h"
#include "cgroups/state.h"

#define MEMINFO_MAX ((size_t)16 << 10)

static uint64_t sum_of(const char *stat, const char *const *keys)
{
	uint64_t sum = 0, value;

	for (; *keys; keys++) {
		if (stat_find(stat, *keys, &value))
			sum += value;
	}
	return sum;
}

struct memory_need usage_memory_need(const char *stat)
{
	static const char *const kernel[] = { "slab_unreclaimable",
					      "kernel_stack",
					      "pagetables",
					      "sec_pagetables",
					      "percpu",
					      "sock",
					      "vmalloc",
					      NULL };
	/* Two ways to count the same: by whose memory it is, where some may have been given up by
	 * its owner (MADV_FREE), and by the lists, where locked caches stand as well. */
	static const char *const owners[] = { "anon", "shmem", NULL };
	static const char *const lists[] = { "active_anon", "inactive_anon", "unevictable", NULL };
	const uint64_t by_owner = sum_of(stat, owners), by_list = sum_of(stat, lists);

	return (struct memory_need){ .fixed = sum_of(stat, kernel),
				     .swappable = by_owner < by_list ? by_owner : by_list };
}

uint64_t usage_must_stay(const struct memory_need *need, uint64_t swap)
{
	return need->fixed + (need->swappable > swap ? need->swappable - swap : 0);
}

/* ---- how much swap there is ---- */

static uint64_t free_swap(void)
{
	static const char name[] = "SwapFree:";
	autofree char *text = NULL;
	struct error ignored;
	const char *line;

	if (file_read_at(AT_FDCWD, "/proc/meminfo", MEMINFO_MAX, &text, NULL, &ignored) < 0)
		return UINT64_MAX; /* then nobody is refused */
	line = strstr(text, name);
	return line ? (uint64_t)strtoull(line + strlen(name), NULL, 10) << 10 : 0;
}

static uint64_t least(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

/* What is left of a cgroup's swap with this limit. */
static uint64_t swap_left(uint64_t limit, uint64_t used)
{
	return limit == LIMIT_MAX ? limit : limit > used ? limit - used : 0;
}

/* The write that will hold; NULL: none. */
static const struct cgroup_write *last_write(const struct cgroup_writes *writes, const char *file)
{
	for (size_t i = writes->count; i-- > 0;) {
		if (strcmp(writes->items[i].file, file) == 0)
			return &writes->items[i];
	}
	return NULL;
}

/* In this cgroup with the new limit, if there is one, and in those above. */
static uint64_t find_swap(const char *mount, const char *path, int cgroup,
			  const struct cgroup_writes *writes)
{
	const struct cgroup_write *write = last_write(writes, "memory.swap.max");
	char above[PATH_MAX];
	uint64_t left = free_swap(), limit, used;

	if (stat_read_number(cgroup, "memory.swap.current", &used) &&
	    (write ? limit_number(write->text, &limit)
		   : stat_read_number(cgroup, "memory.swap.max", &limit)))
		left = least(left, swap_left(limit, used));
	(void)snprintf(above, sizeof(above), "%s", path);
	while (left > 0 && ancestors_next(mount, above)) {
		autofd directory = open(above, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);

		if (directory >= 0 && stat_read_number(directory, "memory.swap.current", &used) &&
		    stat_read_number(directory, "memory.swap.max", &limit))
			left = least(left, swap_left(limit, used));
	}
	return left;
}

/* ---- memory ---- */

static int reject(const char *what, int64_t limit, uint64_t used, const char *files,
		  struct error *err)
{
	return error_set(err,
			 "/linux/resources/memory: rejecting %s limit %" PRId64 " <= usage %" PRIu64
			 " (%s): free memory first, or ask for more",
			 what, limit, used, files);
}

/* checkBeforeUpdate: caches count, too. The specification's member for swap is the sum. */
static int check_all_used(int cgroup, const struct resources_spec *resources, struct error *err)
{
	const struct opt_int *limit = &resources->memory.limit, *sum = &resources->memory.swap;
	uint64_t used, swap;

	if (!stat_read_number(cgroup, "memory.current", &used))
		return 0;
	if (!stat_read_number(cgroup, "memory.swap.current", &swap))
		swap = 0;
	if (sum->present && sum->value > 0 && (uint64_t)sum->value <= used + swap)
		return reject("memory+swap", sum->value, used + swap,
			      "memory.current and memory.swap.current", err);
	if (limit->present && limit->value > 0 && (uint64_t)limit->value <= used)
		return reject("memory", limit->value, used, "memory.current", err);
	return 0;
}

static int check_must_stay(const char *mount, const char *path, int cgroup,
			   const struct cgroup_writes *writes, const struct cgroup_write *write,
			   struct error *err)
{
	autofree char *stat = NULL;
	struct memory_need need;
	uint64_t limit, used, stays;

	if (!limit_number(write->text, &limit) ||
	    !stat_read_number(cgroup, "memory.current", &used) || limit >= used)
		return 0;
	stat = stat_read(cgroup, "memory.stat");
	if (!stat)
		return 0;
	need = usage_memory_need(stat);
	if (usage_must_stay(&need, 0) <= limit)
		return 0;
	stays = usage_must_stay(&need, find_swap(mount, path, cgroup, writes));
	if (stays <= limit)
		return 0;
	(void)error_set(err,
			"%s: \"%.*s\" is less than the %" PRIu64
			" bytes that can't be given back of the %" PRIu64
			" in use (memory.stat, memory.current): the kernel would kill processes; "
			"free memory first, ask for more than that, or set "
			"memory.checkBeforeUpdate to false",
			write->file, (int)strcspn(write->text, "\n"), write->text, stays, used);
	return limits_name_member(write, err);
}

/* ---- what is counted piece by piece ---- */

static int check_count(int cgroup, const struct cgroup_write *write, struct error *err)
{
	const size_t stem = strlen(write->file) - strlen(".max");
	char current[64];
	uint64_t limit, used;

	(void)snprintf(current, sizeof(current), "%.*s.current", (int)stem, write->file);
	if (!limit_number(write->text, &limit) || !stat_read_number(cgroup, current, &used) ||
	    limit >= used)
		return 0;
	(void)error_set(err,
			"%s: \"%.*s\" is less than what is in use: %s is %" PRIu64
			", and the kernel takes nothing back; let some of it end first, or ask for "
			"%" PRIu64 " at least",
			write->file, (int)strcspn(write->text, "\n"), write->text, current, used,
			used);
	return limits_name_member(write, err);
}

/* Of swap what is too much is left until it is read back: nobody is killed for it. */
static bool is_counted(const char *file)
{
	return strcmp(file, "pids.max") == 0 ||
	       (string_starts_with(file, "hugetlb.") && limit_kind_of(file) == LIMIT_NUMBER);
}

/* The write to this file that changes it; NULL: none does. */
static const struct cgroup_write *find_change(int cgroup, const struct cgroup_writes *writes,
					      const char *file)
{
	const struct cgroup_write *write = last_write(writes, file);
	char now[64];

	if (write && state_read_file(cgroup, file, now, sizeof(now)) == 0 &&
	    limit_is_same(file, write->text, now))
		return NULL;
	return write;
}

static int check_memory(const char *mount, const char *path, int cgroup,
			const struct resources_spec *resources, const struct cgroup_writes *writes,
			struct error *err)
{
	const struct opt_bool *check = &resources->memory.check_before_update;
	const struct cgroup_write *write = find_change(cgroup, writes, "memory.max");

	if (!check->present)
		return write ? check_must_stay(mount, path, cgroup, writes, write, err) : 0;
	if (!check->value || (!write && !find_change(cgroup, writes, "memory.swap.max")))
		return 0;
	return check_all_used(cgroup, resources, err);
}

int usage_check(const char *mount, const char *path, int cgroup,
		const struct resources_spec *resources, const struct cgroup_writes *writes,
		struct error *err)
{
	if (check_memory(mount, path, cgroup, resources, writes, err) < 0)
		return -1;
	for (size_t i = 0; i < writes->count; i++) {
		const struct cgroup_write *write = &writes->items[i];

		if (is_counted(write->file) && find_change(cgroup, writes, write->file) == write &&
		    check_count(cgroup, write, err) < 0)
			return -1;
	}
	return 0;
}
