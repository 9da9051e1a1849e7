/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup's statistics as JSON. One function per controller; which file's key becomes which member
 * stands in its table (cgroup-v2.rst, psi.rst).
 *
 * syscalls: openat read getdents64
 */
#include "cgroups/stats.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/string.h"
#include "base/table.h"
#include "cgroups/processes.h"
#include "cgroups/stat_file.h"

#define NANOSECONDS 1000 /* of a microsecond, which v2 counts in and v1 didn't */

/* key of a flat keyed file -> member */
struct stat_row {
	const char *key, *member;
	uint64_t factor;
};

static void write_row(struct json_out *json, const char *text, const struct stat_row *row)
{
	uint64_t value;

	if (stat_find(text, row->key, &value))
		json_uint(json, row->member, value * row->factor);
}

/* --- pressure stall information ------------------------------------------------------------------
 */

/* "0.25": goes out as it came in, if it is what JSON calls a number. */
static bool is_decimal(const char *text)
{
	size_t whole = strspn(text, "0123456789");
	size_t rest = text[whole] == '.' ? strspn(text + whole + 1, "0123456789") : 0;

	return whole > 0 && (text[whole] == '\0' || (rest > 0 && text[whole + 1 + rest] == '\0'));
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" */
static void write_psi(struct json_out *json, int cgroup, const char *file)
{
	autofree char *text = stat_read(cgroup, file);
	char *rest = text;
	char *line = text ? stat_next_line(&rest) : NULL;

	if (!line)
		return; /* built without, switched off (psi=0), or too old for it */
	json_begin_object(json, "psi");
	for (; line; line = stat_next_line(&rest)) {
		char *word = stat_next_word(&line);
		const char *name, *value;

		json_begin_object(json, word ? word : "");
		while ((word = stat_next_word(&line)) != NULL) {
			if (stat_split(word, &name, &value) && is_decimal(value))
				json_number(json, name, value);
		}
		json_end_object(json);
	}
	json_end_object(json);
}

/* --- cpu and cpuset ------------------------------------------------------------------------------
 */

static void write_cpu_part(struct json_out *json, const char *name, const char *text,
			   const struct stat_row *rows, size_t count)
{
	json_begin_object(json, name);
	for (size_t i = 0; i < count; i++)
		write_row(json, text, &rows[i]);
	json_end_object(json);
}

static void write_cpu(struct json_out *json, int cgroup)
{
	static const struct stat_row usage[] = {
		{ "usage_usec", "total", NANOSECONDS },
		{ "system_usec", "kernel", NANOSECONDS },
		{ "user_usec", "user", NANOSECONDS },
	};
	static const struct stat_row throttling[] = {
		{ "nr_periods", "periods", 1 },
		{ "nr_throttled", "throttledPeriods", 1 },
		{ "throttled_usec", "throttledTime", NANOSECONDS },
	};
	static const struct stat_row burst[] = {
		{ "nr_bursts", "bursts", 1 },
		{ "burst_usec", "burstTime", NANOSECONDS },
	};
	autofree char *text = stat_read(cgroup, "cpu.stat");

	json_begin_object(json, "cpu");
	write_cpu_part(json, "usage", text, usage, ARRAY_SIZE(usage));
	write_cpu_part(json, "throttling", text, throttling, ARRAY_SIZE(throttling));
	write_cpu_part(json, "burst", text, burst, ARRAY_SIZE(burst));
	write_psi(json, cgroup, "cpu.pressure");
	json_end_object(json);
}

#define LIST_MAX 65536 /* a processor's or node's number; no machine has more */

/* "0-3,8" as an array of numbers. */
static void write_list(struct json_out *json, int cgroup, const char *file, const char *name)
{
	autofree char *text = stat_read(cgroup, file);
	const char *at = text;

	if (!text)
		return;
	json_begin_array(json, name);
	while (*at >= '0' && *at <= '9') {
		char *end;
		unsigned long first = strtoul(at, &end, 10);
		unsigned long last = *end == '-' ? strtoul(end + 1, &end, 10) : first;

		for (; first <= last && last < LIST_MAX; first++)
			json_uint(json, NULL, first);
		at = end + (*end == ',');
	}
	json_end_array(json);
}

/* The flags are v1's: v2 has nothing of the kind, so they are off. */
static void write_cpuset(struct json_out *json, int cgroup)
{
	static const char *const flags[] = {
		"cpu_exclusive",   "mem_hardwall",	 "mem_exclusive",
		"memory_migrate",  "memory_spread_page", "memory_spread_slab",
		"memory_pressure", "sched_load_balance", "sched_relax_domain_level",
	};

	json_begin_object(json, "cpuset");
	write_list(json, cgroup, "cpuset.cpus.effective", "cpus");
	write_list(json, cgroup, "cpuset.mems.effective", "mems");
	table_for_each (flag, flags)
		json_uint(json, *flag, 0);
	json_end_object(json);
}

/* --- memory --------------------------------------------------------------------------------------
 */

static uint64_t add_limits(uint64_t a, uint64_t b)
{
	return a > STAT_NO_LIMIT - b ? STAT_NO_LIMIT : a + b;
}

/* Every line of a flat keyed file. */
static void write_all(struct json_out *json, const char *name, char *text)
{
	char *line;

	json_begin_object(json, name);
	while (text && (line = stat_next_line(&text)) != NULL) {
		const char *key = stat_next_word(&line);
		uint64_t value;

		if (key && stat_number(line, &value))
			json_uint(json, key, value);
	}
	json_end_object(json);
}

/* One kind of memory; max is its high-water mark. */
struct memory_entry {
	uint64_t limit, usage, max, failcnt;
	bool has_max;
};

static void write_entry(struct json_out *json, const char *name, const struct memory_entry *entry)
{
	json_begin_object(json, name);
	json_uint(json, "limit", entry->limit);
	json_uint(json, "usage", entry->usage);
	if (entry->has_max)
		json_uint(json, "max", entry->max);
	json_uint(json, "failcnt", entry->failcnt);
	json_end_object(json);
}

/* prefix "memory" or "memory.swap"; false: there is no such controller here. */
static bool read_entry(int cgroup, const char *prefix, struct memory_entry *entry)
{
	autofree char *events = NULL;
	char name[32];

	*entry = (struct memory_entry){ .limit = STAT_NO_LIMIT };
	(void)snprintf(name, sizeof(name), "%s.current", prefix);
	if (!stat_read_number(cgroup, name, &entry->usage))
		return false;
	(void)snprintf(name, sizeof(name), "%s.max", prefix);
	(void)stat_read_number(cgroup, name, &entry->limit); /* stays unlimited */
	(void)snprintf(name, sizeof(name), "%s.peak", prefix);
	entry->has_max = stat_read_number(cgroup, name, &entry->max);
	(void)snprintf(name, sizeof(name), "%s.events", prefix);
	events = stat_read(cgroup, name);
	(void)stat_find(events, "max", &entry->failcnt); /* stays 0 */
	return true;
}

/* "swap" is memory and swap together, as v1 counted; swap alone is our own member. */
static void write_swap(struct json_out *json, int cgroup, const struct memory_entry *memory)
{
	struct memory_entry swap, both = { .limit = STAT_NO_LIMIT };

	if (!read_entry(cgroup, "memory.swap", &swap))
		return;
	both.usage = memory->usage + swap.usage;
	both.limit = add_limits(memory->limit, swap.limit);
	both.failcnt = swap.failcnt;
	write_entry(json, "swap", &both);
	write_entry(json, "swap_only", &swap);
}

static void write_part(struct json_out *json, const char *name, const char *stat, const char *key)
{
	struct memory_entry part = { .limit = STAT_NO_LIMIT };

	if (stat_find(stat, key, &part.usage))
		write_entry(json, name, &part);
}

static void write_memory(struct json_out *json, int cgroup)
{
	autofree char *stat = stat_read(cgroup, "memory.stat");
	autofree char *events = stat_read(cgroup, "memory.events");
	const struct stat_row cache = { "file", "cache", 1 };
	struct memory_entry usage;

	json_begin_object(json, "memory");
	write_row(json, stat, &cache);
	if (read_entry(cgroup, "memory", &usage)) {
		write_entry(json, "usage", &usage);
		write_swap(json, cgroup, &usage);
	}
	write_part(json, "kernel", stat, "kernel");
	write_part(json, "kernelTCP", stat, "sock");
	if (stat)
		write_all(json, "raw", stat);
	if (events)
		write_all(json, "event_count", events);
	write_psi(json, cgroup, "memory.pressure");
	json_end_object(json);
}

/* --- pids ----------------------------------------------------------------------------------------
 */

static void write_pids(struct json_out *json, int cgroup)
{
	uint64_t current, limit;
	struct error ignored;

	json_begin_object(json, "pids");
	if (stat_read_number(cgroup, "pids.current", &current)) {
		json_uint(json, "current", current);
		if (stat_read_number(cgroup, "pids.max", &limit) && limit != STAT_NO_LIMIT)
			json_uint(json, "limit", limit);
	} else {
		autoset set = { NULL, 0 };

		if (process_set_read(cgroup, &set, &ignored) == 0)
			json_uint(json, "current", set.count);
	}
	json_end_object(json);
}

/* --- io ------------------------------------------------------------------------------------------
 */

/* Which of io.stat's numbers an array collects, and how it calls them. */
struct io_row {
	const char *key, *op;
};

static void write_io_entry(struct json_out *json, const char *device, const char *op,
			   const char *value)
{
	const char *colon = strchr(device, ':');
	uint64_t major, minor, number;
	char text[16];

	if (!colon || (size_t)(colon - device) >= sizeof(text) || !stat_number(value, &number))
		return;
	memcpy(text, device, (size_t)(colon - device));
	text[colon - device] = '\0';
	if (!string_to_uint(text, UINT32_MAX, &major) ||
	    !string_to_uint(colon + 1, UINT32_MAX, &minor))
		return;
	json_begin_object(json, NULL);
	json_uint(json, "major", major);
	json_uint(json, "minor", minor);
	json_string(json, "op", op);
	json_uint(json, "value", number);
	json_end_object(json);
}

/* "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0" */
static void write_io_line(struct json_out *json, char *line, const struct io_row *rows,
			  size_t count)
{
	const char *device = stat_next_word(&line);
	const char *key, *value;
	char *word;

	while (device && (word = stat_next_word(&line)) != NULL) {
		if (!stat_split(word, &key, &value))
			continue;
		for (size_t i = 0; i < count; i++) {
			if (strcmp(key, rows[i].key) == 0)
				write_io_entry(json, device, rows[i].op, value);
		}
	}
}

static void write_io_array(struct json_out *json, const char *name, const char *text,
			   const struct io_row *rows, size_t count)
{
	autofree char *copy = strdup(text);
	char *rest = copy;
	char *line;

	if (!copy) {
		json->out->failed = true;
		return;
	}
	json_begin_array(json, name);
	while ((line = stat_next_line(&rest)) != NULL)
		write_io_line(json, line, rows, count);
	json_end_array(json);
}

static void write_io(struct json_out *json, int cgroup)
{
	static const struct io_row bytes[] = { { "rbytes", "Read" },
					       { "wbytes", "Write" },
					       { "dbytes", "Discard" } };
	static const struct io_row operations[] = { { "rios", "Read" },
						    { "wios", "Write" },
						    { "dios", "Discard" } };
	static const struct io_row cost[] = { /* of blk-iocost, in microseconds */
					      { "cost.usage", "usage" },
					      { "cost.wait", "wait" },
					      { "cost.indebt", "indebt" },
					      { "cost.indelay", "indelay" }
	};
	autofree char *text = stat_read(cgroup, "io.stat");

	json_begin_object(json, "blkio");
	if (text && *text) {
		write_io_array(json, "ioServiceBytesRecursive", text, bytes, ARRAY_SIZE(bytes));
		write_io_array(json, "ioServicedRecursive", text, operations,
			       ARRAY_SIZE(operations));
		if (strstr(text, " cost."))
			write_io_array(json, "ioCost", text, cost, ARRAY_SIZE(cost));
	}
	write_psi(json, cgroup, "io.pressure");
	json_end_object(json);
}

/* --- hugetlb, rdma, misc -------------------------------------------------------------------------
 */

static void write_page_size(struct json_out *json, int cgroup, const char *size)
{
	autofree char *events = NULL;
	uint64_t usage, failcnt = 0;
	char name[64];

	/* what is reserved counts: a mapping that can't be filled later fails when it is made */
	(void)snprintf(name, sizeof(name), "hugetlb.%s.rsvd.current", size);
	if (!stat_read_number(cgroup, name, &usage)) {
		(void)snprintf(name, sizeof(name), "hugetlb.%s.current", size);
		if (!stat_read_number(cgroup, name, &usage))
			return;
	}
	(void)snprintf(name, sizeof(name), "hugetlb.%s.events", size);
	events = stat_read(cgroup, name);
	(void)stat_find(events, "max", &failcnt); /* stays 0 */
	json_begin_object(json, size);
	json_uint(json, "usage", usage);
	json_uint(json, "failcnt", failcnt);
	json_end_object(json);
}

/* Which sizes there are the file names say: hugetlb.2MB.max */
static void write_hugetlb(struct json_out *json, int cgroup)
{
	autofd copy = openat(cgroup, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autodir stream = copy < 0 ? NULL : fdopendir(copy);
	const struct dirent *entry;

	json_begin_object(json, "hugetlb");
	if (stream)
		(void)fd_take(&copy);
	while (stream && (entry = readdir(stream)) != NULL) {
		char size[16], rest[8];

		if (sscanf(entry->d_name, "hugetlb.%15[0-9KMGTB].%7s", size, rest) == 2 &&
		    strcmp(rest, "max") == 0)
			write_page_size(json, cgroup, size);
	}
	json_end_object(json);
}

/* "mlx4_0 hca_handle=2 hca_object=2000" */
static void write_rdma(struct json_out *json, int cgroup)
{
	autofree char *text = stat_read(cgroup, "rdma.current");
	char *rest = text;
	char *line;

	if (!text)
		return;
	json_begin_object(json, "rdma");
	while ((line = stat_next_line(&rest)) != NULL) {
		char *word = stat_next_word(&line);
		const char *name, *value;
		uint64_t number;

		json_begin_object(json, word ? word : "");
		while ((word = stat_next_word(&line)) != NULL) {
			if (stat_split(word, &name, &value) && stat_number(value, &number))
				json_uint(json, name, number);
		}
		json_end_object(json);
	}
	json_end_object(json);
}

/* misc.current has the names; the limit and the failures are looked up by them. */
static void write_misc(struct json_out *json, int cgroup)
{
	autofree char *current = stat_read(cgroup, "misc.current");
	autofree char *limits = stat_read(cgroup, "misc.max");
	autofree char *events = stat_read(cgroup, "misc.events");
	char *rest = current;
	char *line;

	if (!current)
		return;
	json_begin_object(json, "misc");
	while ((line = stat_next_line(&rest)) != NULL) {
		const char *name = stat_next_word(&line);
		uint64_t usage, limit = STAT_NO_LIMIT, failcnt = 0;
		char event[64];

		if (!name || !stat_number(line, &usage))
			continue;
		(void)snprintf(event, sizeof(event), "%s.max", name);
		(void)stat_find(limits, name, &limit);	  /* stays unlimited */
		(void)stat_find(events, event, &failcnt); /* stays 0 */
		json_begin_object(json, name);
		json_uint(json, "limit", limit);
		json_uint(json, "usage", usage);
		json_uint(json, "failcnt", failcnt);
		json_end_object(json);
	}
	json_end_object(json);
}

void stats_write(struct json_out *json, int cgroup)
{
	write_cpu(json, cgroup);
	write_cpuset(json, cgroup);
	write_memory(json, cgroup);
	write_pids(json, cgroup);
	write_io(json, cgroup);
	write_hugetlb(json, cgroup);
	write_rdma(json, cgroup);
	write_misc(json, cgroup);
}
