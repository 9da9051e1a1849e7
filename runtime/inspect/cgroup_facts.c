/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a cgroup uses and may use: Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/ *.rst. Both
 * versions' files behind one vocabulary.
 *
 * syscalls: openat read bpf
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/string.h"
#include "base/table.h"
#include "cgroups/device_query.h"
#include "cgroups/stat_file.h"
#include "runtime/inspect/cgroup_facts.h"

#define FILE_MAX ((size_t)256 << 10)
#define V1_NO_LIMIT (UINT64_C(1) << 62) /* LONG_MAX in whole pages: what v1 says for none */

/* A file of the cgroup; NULL, *fact says why. The caller frees it. */
static char *read_file(const char *path, const char *name, struct arena *arena, struct fact *fact)
{
	autofd directory = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char *text = NULL;
	struct error err;

	*fact = fact_known(arena_format(arena, "%s/%s", path, name));
	if (directory < 0) {
		*fact = fact_from_errno(errno, fact->source);
		return NULL;
	}
	if (file_read_at(directory, name, FILE_MAX, &text, NULL, &err) < 0) {
		*fact = fact_from_errno(err.code, fact->source);
		fact->need = NULL; /* ordinary permissions of files */
		return NULL;
	}
	return text;
}

static struct fact_uint read_number(const char *path, const char *name, struct arena *arena)
{
	struct fact_uint number = { { .state = FACT_ABSENT }, 0 };
	autofree char *text = read_file(path, name, arena, &number.fact);

	if (!text)
		return number;
	text[strcspn(text, "\n")] = '\0';
	if (!stat_number(text, &number.value) || number.value == STAT_NO_LIMIT ||
	    number.value >= V1_NO_LIMIT)
		number.fact = (struct fact){ .why = "no limit", .source = number.fact.source };
	return number;
}

/* cpu.max or cpu.cfs_*: thousandths of a core. */
static struct fact_uint read_quota(const char *path, int version, struct arena *arena)
{
	struct fact_uint quota = { { .state = FACT_ABSENT }, 0 };
	long long value = -1, period = 0;
	autofree char *text =
		read_file(path, version == 2 ? "cpu.max" : "cpu.cfs_quota_us", arena, &quota.fact);

	if (!text)
		return quota;
	if (version == 2 && text[0] != 'm') { /* "max" */
		char *end;

		value = strtoll(text, &end, 10);
		period = strtoll(end, NULL, 10);
	}
	if (version == 1) {
		const struct fact_uint length = read_number(path, "cpu.cfs_period_us", arena);

		value = strtoll(text, NULL, 10);
		period = (long long)length.value;
	}
	if (value < 0 || period <= 0)
		quota.fact = (struct fact){ .why = "no limit", .source = quota.fact.source };
	else
		quota.value = (uint64_t)(value * 1000 / period);
	return quota;
}

typedef struct fact_uint read_limit(const char *path, int version, struct arena *arena);

static struct fact_uint memory_limit(const char *path, int version, struct arena *arena)
{
	return read_number(path, version == 2 ? "memory.max" : "memory.limit_in_bytes", arena);
}

static struct fact_uint pids_limit(const char *path, int version, struct arena *arena)
{
	(void)version; /* the same in both */
	return read_number(path, "pids.max", arena);
}

/* The tightest limit on the way up. */
static void find_effective(const struct cgroup_where *where, read_limit *read,
			   struct cgroup_number *number, struct arena *arena)
{
	char *path = arena_string(arena, where->path);
	size_t mount = strlen(where->mount);

	number->limit = read(where->path, where->version, arena);
	number->effective = number->limit;
	number->effective_from = fact_is_known(&number->limit.fact) ? where->relative : NULL;
	while (path && strlen(path) > mount) {
		char *slash = strrchr(path, '/');
		struct fact_uint limit;

		if (!slash)
			return;
		*slash = '\0';
		if (strlen(path) < mount)
			return;
		limit = read(path, where->version, arena);
		if (!fact_is_known(&limit.fact) || (fact_is_known(&number->effective.fact) &&
						    limit.value >= number->effective.value))
			continue;
		number->effective = limit;
		number->effective_from = path[mount] ? arena_string(arena, path + mount) : "/";
	}
}

static struct fact_uint find_key(const char *text, const struct fact *fact, const char *key)
{
	struct fact_uint number = { *fact, 0 };

	if (!text)
		return number;
	if (!stat_find(text, key, &number.value))
		number.fact = (struct fact){ .why = "the kernel doesn't count it",
					     .source = fact->source };
	return number;
}

static void read_memory(struct cgroup_facts *facts, struct arena *arena)
{
	const struct cgroup_where *where = &facts->where[CONTROLLER_MEMORY];
	bool v2 = where->version == 2;
	struct fact fact = { .state = FACT_ABSENT };

	if (!where->path)
		return;
	facts->memory.used =
		read_number(where->path, v2 ? "memory.current" : "memory.usage_in_bytes", arena);
	find_effective(where, memory_limit, &facts->memory, arena);

	autofree char *events =
		read_file(where->path, v2 ? "memory.events" : "memory.oom_control", arena, &fact);

	facts->event[EVENT_OOM_KILL] = find_key(events, &fact, "oom_kill");
	facts->event[EVENT_MEMORY_MAX] = v2 ? find_key(events, &fact, "max")
					    : read_number(where->path, "memory.failcnt", arena);
}

static void read_pids(struct cgroup_facts *facts, struct arena *arena)
{
	const struct cgroup_where *where = &facts->where[CONTROLLER_PIDS];
	struct fact fact = { .state = FACT_ABSENT };

	if (!where->path)
		return;
	facts->pids.used = read_number(where->path, "pids.current", arena);
	find_effective(where, pids_limit, &facts->pids, arena);

	autofree char *events = read_file(where->path, "pids.events", arena, &fact);

	facts->event[EVENT_PIDS_MAX] = find_key(events, &fact, "max");
}

/* A place in the v2 tree, and none in this v1 hierarchy. */
static bool has_own_place(const struct cgroup_facts *facts, const struct cgroup_where *v1)
{
	const struct cgroup_where *v2 = &facts->where[CONTROLLER_UNIFIED];

	return v2->path && v2->relative && strcmp(v2->relative, "/") != 0 && v1->relative &&
	       strcmp(v1->relative, "/") == 0;
}

static void read_cpu(struct cgroup_facts *facts, struct arena *arena)
{
	const struct cgroup_where *where = &facts->where[CONTROLLER_CPU];
	const struct cgroup_where *account = &facts->where[CONTROLLER_CPUACCT];
	struct fact fact = { .state = FACT_ABSENT };
	bool v2 = where->version == 2;
	autofree char *stat = where->path ? read_file(where->path, "cpu.stat", arena, &fact) : NULL;

	if (account->path && account->version == 1 && !has_own_place(facts, account)) {
		facts->cpu_usec = read_number(account->path, "cpuacct.usage", arena);
		facts->cpu_usec.value /= 1000;
	} else if (facts->where[CONTROLLER_UNIFIED].path) {
		/* v2 counts it also without the controller */
		struct fact usage;
		autofree char *text =
			read_file(facts->where[CONTROLLER_UNIFIED].path, "cpu.stat", arena, &usage);

		facts->cpu_usec = find_key(text, &usage, "usage_usec");
	}
	if (!where->path)
		return;
	find_effective(where, read_quota, &facts->cpu, arena);
	facts->event[EVENT_PERIODS] = find_key(stat, &fact, "nr_periods");
	facts->event[EVENT_THROTTLED] = find_key(stat, &fact, "nr_throttled");
	facts->event[EVENT_THROTTLED_USEC] =
		find_key(stat, &fact, v2 ? "throttled_usec" : "throttled_time");
	if (!v2)
		facts->event[EVENT_THROTTLED_USEC].value /= 1000;
}

/* The sum over all devices: "8:0 rbytes=4096 wbytes=0 ..." and, v1, "8:0 Read 4096". */
static struct fact_uint sum_devices(const char *text, const struct fact *fact, const char *key)
{
	struct fact_uint sum = { *fact, 0 };

	for (const char *at = text ? strstr(text, key) : NULL; at; at = strstr(at, key)) {
		at += strlen(key);
		sum.value += strtoull(at, NULL, 10);
	}
	return sum;
}

/* "default 100" of io.weight, "100" of bfq's and of v1's */
static struct fact_uint read_weight(const char *path, const char *name, struct arena *arena)
{
	struct fact_uint weight = { { .state = FACT_ABSENT }, 0 };
	autofree char *text = read_file(path, name, arena, &weight.fact);
	const char *digits = text ? strpbrk(text, "0123456789") : NULL;

	if (digits)
		weight.value = strtoull(digits, NULL, 10);
	else if (text)
		weight.fact = (struct fact){ .why = "none", .source = weight.fact.source };
	return weight;
}

static struct fact_text read_lines(const char *path, const char *name, struct arena *arena)
{
	struct fact_text value = { { .state = FACT_ABSENT }, NULL };
	autofree char *text = read_file(path, name, arena, &value.fact);
	autobuffer joined = { 0 };
	char *line, *rest = text;

	while (text && (line = strsep(&rest, "\n")) != NULL)
		if (*line)
			buffer_format(&joined, "%s%s", joined.length ? "; " : "", line);
	if (joined.length > 0)
		value.value = arena_string(arena, joined.text);
	else if (text)
		value.fact = (struct fact){ .why = "no limit", .source = value.fact.source };
	return value;
}

/* v1's four files, in the words of io.max: "8:0 rbps=1048576; 8:0 wiops=100". */
static struct fact_text read_throttles(const char *path, struct arena *arena)
{
	static const struct {
		const char *file, *word;
	} throttles[] = {
		{ "blkio.throttle.read_bps_device", "rbps" },
		{ "blkio.throttle.write_bps_device", "wbps" },
		{ "blkio.throttle.read_iops_device", "riops" },
		{ "blkio.throttle.write_iops_device", "wiops" },
	};
	struct fact_text value = { { .state = FACT_ABSENT }, NULL };
	autobuffer joined = { 0 };

	table_for_each (row, throttles) {
		autofree char *text = read_file(path, row->file, arena, &value.fact);
		char *line, *rest = text;

		while (text && (line = strsep(&rest, "\n")) != NULL) {
			char *number = strchr(line, ' ');

			if (!number)
				continue;
			*number++ = '\0';
			buffer_format(&joined, "%s%s %s=%s", joined.length ? "; " : "", line,
				      row->word, number);
		}
	}
	if (joined.length > 0)
		value.value = arena_string(arena, joined.text);
	else if (fact_is_known(&value.fact))
		value.fact = (struct fact){ .why = "no limit", .source = value.fact.source };
	return value;
}

static void read_io(struct cgroup_facts *facts, struct arena *arena)
{
	const struct cgroup_where *where = &facts->where[CONTROLLER_IO];
	const bool v2 = where->version == 2;
	struct fact fact = { .state = FACT_ABSENT };

	if (!where->path || (!v2 && has_own_place(facts, where)))
		return; /* what all processes in the v1 root do is no fact about this one */

	autofree char *text = read_file(
		where->path, v2 ? "io.stat" : "blkio.throttle.io_service_bytes", arena, &fact);

	facts->io_read = sum_devices(text, &fact, v2 ? "rbytes=" : " Read ");
	facts->io_written = sum_devices(text, &fact, v2 ? "wbytes=" : " Write ");
	if (!v2) {
		facts->io_max = read_throttles(where->path, arena);
		facts->io_weight = read_weight(where->path, "blkio.bfq.weight", arena);
		return;
	}
	facts->io_weight = read_weight(where->path, "io.weight", arena);
	if (!fact_is_known(&facts->io_weight.fact))
		facts->io_weight = read_weight(where->path, "io.bfq.weight", arena);
	facts->io_max = read_lines(where->path, "io.max", arena);
}

static struct fact_text read_text(const char *path, const char *name, struct arena *arena)
{
	struct fact_text value = { { .state = FACT_ABSENT }, NULL };
	autofree char *text = read_file(path, name, arena, &value.fact);

	if (!text)
		return value;
	text[strcspn(text, "\n")] = '\0';
	value.value = arena_string(arena, text);
	if (!value.value || !*value.value)
		value.fact = (struct fact){ .why = "none set", .source = value.fact.source };
	return value;
}

static void read_sets(struct cgroup_facts *facts, struct arena *arena)
{
	const struct cgroup_where *where = &facts->where[CONTROLLER_CPUSET];
	bool v2 = where->version == 2;

	if (!where->path)
		return;
	facts->cpuset = read_text(where->path, "cpuset.cpus", arena);
	facts->cpuset_effective = read_text(
		where->path, v2 ? "cpuset.cpus.effective" : "cpuset.effective_cpus", arena);
	facts->mems_effective = read_text(
		where->path, v2 ? "cpuset.mems.effective" : "cpuset.effective_mems", arena);
}

static void read_devices(struct cgroup_facts *facts, struct arena *arena)
{
	const struct cgroup_where *v1 = &facts->where[CONTROLLER_DEVICES];
	const struct cgroup_where *v2 = &facts->where[CONTROLLER_UNIFIED];
	const char *text;

	if (v1->version == 1 && v1->path) {
		autofree char *list =
			read_file(v1->path, "devices.list", arena, &facts->devices_v1.fact);

		text = list;
		while (text && (text = strchr(text, '\n'))) {
			facts->devices_v1.value++;
			text++;
		}
	}
	if (!v2->path)
		return;

	autofd cgroup = openat(AT_FDCWD, v2->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int count = cgroup < 0 ? -1
			       : device_query(cgroup, facts->device_programs,
					      ARRAY_SIZE(facts->device_programs));

	facts->device_count.fact = fact_known("bpf(2): BPF_PROG_QUERY");
	if (count < 0) {
		facts->device_count.fact = fact_from_errno(errno, "bpf(2): BPF_PROG_QUERY");
		if (facts->device_count.fact.need)
			facts->device_count.fact.need = "CAP_NET_ADMIN";
	} else {
		facts->device_count.value = (uint64_t)count;
	}
}

static void read_frozen(struct cgroup_facts *facts, struct arena *arena)
{
	const struct cgroup_where *v1 = &facts->where[CONTROLLER_FREEZER];
	const struct cgroup_where *v2 = &facts->where[CONTROLLER_UNIFIED];
	struct fact fact = { .state = FACT_ABSENT };

	if (v2->path) {
		autofree char *events = read_file(v2->path, "cgroup.events", arena, &fact);

		facts->frozen = find_key(events, &fact, "frozen");
		if (fact_is_known(&facts->frozen.fact) && facts->frozen.value)
			return;
	}
	if (v1->version == 1 && v1->path) {
		autofree char *state = read_file(v1->path, "freezer.state", arena, &fact);

		if (state)
			facts->frozen =
				(struct fact_uint){ fact, strncmp(state, "THAWED", 6) != 0 };
	}
}

/* "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" */
static bool parse_pressure(const char *text, double *averages)
{
	static const char *const keys[] = { "avg10=", "avg60=", "avg300=" };

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *found = strstr(text, keys[i]);

		if (!found)
			return false;
		averages[i] = strtod(found + strlen(keys[i]), NULL);
	}
	return true;
}

static void read_pressure(struct cgroup_facts *facts, struct arena *arena)
{
	static const char *const names[] = { "cpu.pressure", "memory.pressure", "io.pressure" };
	const struct cgroup_where *where = &facts->where[CONTROLLER_UNIFIED];

	for (size_t i = 0; where->path && i < ARRAY_SIZE(names); i++) {
		struct cgroup_pressure *one = &facts->pressure[i];
		autofree char *text = read_file(where->path, names[i], arena, &one->fact);

		if (text && !parse_pressure(text, one->average))
			one->fact = fact_absent("the kernel doesn't measure it");
	}
}

void cgroup_read(struct cgroup_facts *facts, struct arena *arena)
{
	read_memory(facts, arena);
	read_pids(facts, arena);
	read_cpu(facts, arena);
	read_io(facts, arena);
	read_sets(facts, arena);
	read_devices(facts, arena);
	read_frozen(facts, arena);
	read_pressure(facts, arena);
}
