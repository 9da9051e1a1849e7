/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A resctrl group's statistics as JSON, by the names that `events` of runc has.
 *
 * resctrl.rst of the kernel. syscalls: openat read getdents64
 */
#include "cgroups/resctrl_stats.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/string.h"
#include "base/table.h"
#include "cgroups/stat_file.h"

struct info_row {
	const char *file, *member; /* the same word, mostly */
	bool text;		   /* a mask, which stays one */
};

static void write_info(struct json_out *json, int root, const char *resource, const char *object,
		       const struct info_row *rows, size_t count)
{
	bool open = false;

	for (size_t i = 0; i < count; i++) {
		char path[64];
		autofree char *text = NULL;
		uint64_t value;

		(void)snprintf(path, sizeof(path), "info/%s/%s", resource, rows[i].file);
		text = stat_read(root, path);
		if (!text)
			continue;
		if (!open)
			json_begin_object(json, object);
		open = true;
		text[strcspn(text, "\n")] = '\0';
		if (rows[i].text)
			json_string(json, rows[i].member, text);
		else if (stat_number(text, &value))
			json_uint(json, rows[i].member, value);
	}
	if (open)
		json_end_object(json);
}

/* The line of a resource; "L3" also finds nothing in a text with L3CODE and L3DATA. */
static void write_line(struct json_out *json, const char *member, const char *schemata,
		       const char *resource)
{
	const size_t length = strlen(resource);
	autofree char *copy = schemata ? strdup(schemata) : NULL;
	char *rest = copy;

	for (char *line; copy && (line = stat_next_line(&rest)) != NULL;) {
		line += strspn(line, " \t");
		if (strncmp(line, resource, length) == 0 && line[length] == ':') {
			json_string(json, member, line);
			return;
		}
	}
}

static void write_lines(struct json_out *json, const char *schemata)
{
	autofree char *copy = schemata ? strdup(schemata) : NULL;
	char *rest = copy;

	if (!copy)
		return;
	json_begin_array(json, "schemata");
	for (char *line; (line = stat_next_line(&rest)) != NULL;)
		json_string(json, NULL, line + strspn(line, " \t"));
	json_end_array(json);
}

static char *read_below(int root, const char *group, const char *name)
{
	char path[PATH_MAX];

	if (snprintf(path, sizeof(path), "%s/%s", group, name) >= (int)sizeof(path))
		return NULL;
	return stat_read(root, path);
}

/* --- monitoring: a directory for each cache -----------------------------------------------------
 */

static int is_cache(const struct dirent *entry)
{
	return string_starts_with(entry->d_name, "mon_L3_");
}

/* A counter that the hardware has none for at the moment reads "Unavailable" or "Error". */
static void write_counters(struct json_out *json, int root, const char *directory,
			   const char *const *files, size_t count)
{
	json_begin_object(json, NULL);
	for (size_t i = 0; i < count; i++) {
		autofree char *text = read_below(root, directory, files[i]);
		uint64_t value;

		if (text)
			text[strcspn(text, "\n")] = '\0';
		if (text && stat_number(text, &value))
			json_uint(json, files[i], value);
	}
	json_end_object(json);
}

/* files[0] says whether the CPU counts this at all. */
static void write_caches(struct json_out *json, int root, const char *data, const char *member,
			 const char *const *files, size_t count)
{
	struct dirent **entries = NULL;
	int found = scandirat(root, data, &entries, is_cache, versionsort);
	bool open = false;

	for (int i = 0; i < found; i++) {
		char directory[PATH_MAX];
		const int length =
			snprintf(directory, sizeof(directory), "%s/%s", data, entries[i]->d_name);
		autofree char *text = length < (int)sizeof(directory)
					      ? read_below(root, directory, files[0])
					      : NULL;

		free(entries[i]);
		if (!text)
			continue;
		if (!open)
			json_begin_array(json, member);
		open = true;
		write_counters(json, root, directory, files, count);
	}
	if (open)
		json_end_array(json);
	free(entries);
}

static void write_monitoring(struct json_out *json, int root, const char *group)
{
	static const char *const bandwidth[] = { "mbm_total_bytes", "mbm_local_bytes" };
	static const char *const occupancy[] = { "llc_occupancy" };
	char data[PATH_MAX];

	if (snprintf(data, sizeof(data), "%s/mon_data", group) >= (int)sizeof(data))
		return;
	write_caches(json, root, data, "mbm_stats", bandwidth, ARRAY_SIZE(bandwidth));
	write_caches(json, root, data, "cmt_stats", occupancy, ARRAY_SIZE(occupancy));
}

void resctrl_stats_write(struct json_out *json, int root, const char *group, const char *monitor)
{
	static const struct info_row cache[] = { { "cbm_mask", "cbm_mask", true },
						 { "min_cbm_bits", "min_cbm_bits", false },
						 { "num_closids", "num_closids", false } };
	static const struct info_row bandwidth[] = { { "bandwidth_gran", "bandwidth_gran", false },
						     { "delay_linear", "delay_linear", false },
						     { "min_bandwidth", "min_bandwidth", false },
						     { "num_closids", "num_closids", false } };
	autofree char *all = root < 0 ? NULL : stat_read(root, "schemata");
	autofree char *own = root < 0 ? NULL : read_below(root, group, "schemata");

	if (root < 0)
		return;
	write_info(json, root, "L3", "l3_cache_info", cache, ARRAY_SIZE(cache));
	write_line(json, "l3_cache_schema_root", all, "L3");
	write_line(json, "l3_cache_schema", own, "L3");
	write_info(json, root, "MB", "mem_bw_info", bandwidth, ARRAY_SIZE(bandwidth));
	write_line(json, "mem_bw_schema_root", all, "MB");
	write_line(json, "mem_bw_schema", own, "MB");
	write_lines(json, own);
	write_monitoring(json, root, monitor ? monitor : group);
}
