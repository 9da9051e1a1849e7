/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup block: live through the process's cgroup file, planned through the plan that create
 * makes; and who is in it.
 *
 * syscalls: openat read getdents64
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/process.h"
#include "base/string.h"
#include "cgroups/ancestors.h"
#include "cgroups/cgroup.h"
#include "runtime/inspect/document.h"

#define MOUNTINFO_MAX ((size_t)64 << 20)
#define SMALL_MAX ((size_t)64 << 10)

static int find_where(struct document *document, const struct live *live)
{
	struct cgroup_facts *facts = &document->cgroup;
	const char *source = live_source(live, "cgroup", &document->arena);
	autofree char *cgroups = live_read(live, "cgroup", SMALL_MAX, NULL);
	autofree char *mountinfo = NULL;
	autofree char *controllers = NULL;
	struct error err;

	facts->fact = cgroups ? fact_known(source) : fact_from_errno(errno, source);
	if (!cgroups)
		return -1;
	if (file_read_at(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &mountinfo, NULL, &err) <
	    0) {
		facts->fact = fact_from_errno(err.code, "/proc/self/mountinfo");
		return -1;
	}
	cgroup_where(facts->where, cgroups, mountinfo, "", &document->arena);
	if (facts->where[CONTROLLER_UNIFIED].mount) {
		const char *name = arena_format(&document->arena, "%s/cgroup.controllers",
						facts->where[CONTROLLER_UNIFIED].mount);

		if (name && file_read_at(AT_FDCWD, name, SMALL_MAX, &controllers, NULL, &err) == 0)
			cgroup_where(facts->where, cgroups, mountinfo, controllers,
				     &document->arena);
	}
	facts->mode = cgroup_mode(facts->where);
	return 0;
}

/* The cgroup that tells whose processes these are: the v2 one unless it is the root, which on a
 * hybrid host nobody uses, else that of pids or memory. */
static const struct cgroup_where *own_place(const struct cgroup_facts *facts)
{
	static const int order[] = { CONTROLLER_UNIFIED, CONTROLLER_PIDS, CONTROLLER_MEMORY };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const struct cgroup_where *where = &facts->where[order[i]];

		if (where->path && strcmp(where->relative, "/") != 0)
			return where;
	}
	return NULL;
}

/* Pure: a /proc/PID/cgroup text has a line with this path or one below it. */
static bool is_in(const char *cgroups, const char *relative)
{
	size_t length = strlen(relative);

	for (const char *line = cgroups; *line; line = strchrnul(line, '\n')) {
		const char *path;

		line += *line == '\n';
		path = strchr(line, ':');
		path = path ? strchr(path + 1, ':') : NULL;
		if (path && path < strchrnul(line, '\n') &&
		    strncmp(path + 1, relative, length) == 0 &&
		    (path[length + 1] == '/' || path[length + 1] == '\n'))
			return true;
	}
	return false;
}

/* Zombies are in no cgroup.procs, but they count against pids. */
static void count_processes(struct cgroup_facts *facts)
{
	const struct cgroup_where *where = own_place(facts);
	int fd = where ? openat(AT_FDCWD, "/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	autodir dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	if (!dir) {
		fd_close(&fd);
		facts->processes.fact = fact_absent("it is in no cgroup but the root");
		facts->zombies.fact = facts->processes.fact;
		return;
	}
	facts->processes.fact = fact_known("/proc/*/cgroup");
	facts->zombies.fact = fact_known("/proc/*/stat");
	while ((entry = readdir(dir))) {
		pid_t pid = (pid_t)strtol(entry->d_name, NULL, 10);
		autofree char *text = NULL;
		struct process_status status;
		struct error ignored;
		char name[32];

		(void)snprintf(name, sizeof(name), "%d/cgroup", pid);
		if (pid <= 0 ||
		    file_read_at(dirfd(dir), name, SMALL_MAX, &text, NULL, &ignored) < 0 ||
		    !is_in(text, where->relative) || process_read_status(pid, &status) < 0)
			continue;
		facts->processes.value += status.state != 'Z';
		facts->zombies.value += status.state == 'Z';
	}
}

/* A container without limits is in the v2 tree only, and what v1 counts is counted further up. */
static void note_shared(struct document *document)
{
	const struct cgroup_facts *facts = &document->cgroup;
	const char *own = facts->where[CONTROLLER_UNIFIED].relative;
	char names[64] = "";

	if (document->target->kind != TARGET_CONTAINER || !own)
		return;
	for (int i = CONTROLLER_MEMORY; i <= CONTROLLER_CPU; i++)
		if (facts->where[i].version == 1 && !string_equal(facts->where[i].relative, own))
			(void)snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
				       *names ? ", " : "", cgroup_controller_names[i]);
	if (*names)
		document_note(document, "CG05",
			      "%s: cgroup v1 has these, and no group of this container's: what is "
			      "used is what all processes in the same place use.",
			      names);
}

static void note(struct document *document)
{
	const struct cgroup_facts *facts = &document->cgroup;

	note_shared(document);

	if (fact_is_known(&facts->zombies.fact) && facts->zombies.value > 2)
		document_note(document, "CG01",
			      "%ju zombies count against pids: their parent doesn't wait for them. "
			      "Use an init as the first process, or a program that waits.",
			      (uintmax_t)facts->zombies.value);
	if (fact_is_known(&facts->event[EVENT_OOM_KILL].fact) &&
	    facts->event[EVENT_OOM_KILL].value > 0)
		document_note(document, "CG02",
			      "memory: %ju process(es) were killed since the limit was reached "
			      "(exit status 137 = 128 + SIGKILL).",
			      (uintmax_t)facts->event[EVENT_OOM_KILL].value);
	if (fact_is_known(&facts->memory.effective.fact))
		document_note(document, "CG03",
			      "free(1) and nproc(1) inside show the host: /proc/meminfo is not per "
			      "cgroup.");
}

int cgroup_collect(struct document *document, const struct live *live, struct error *err)
{
	struct cgroup_facts *facts = &document->cgroup;

	(void)err; /* what can't be read is a fact */
	if (find_where(document, live) < 0)
		return 0;
	cgroup_read(facts, &document->arena);
	count_processes(facts);
	if (document->target->config) {
		facts->device_rules.fact = fact_known("config.json#/linux/resources/devices");
		facts->device_rules.value = document->target->config->linux.resources.devices.count;
	}
	note(document);
	return 0;
}

static void plan_limit(struct cgroup_number *number, const struct opt_int *limit,
		       const char *pointer)
{
	if (!limit->present || limit->value < 0)
		return;
	number->limit.fact = fact_known(pointer);
	number->limit.value = (uint64_t)limit->value;
	number->effective = number->limit;
	number->effective_from = "own";
}

static void add_throttles(struct buffer *out, const struct throttle_list *list, const char *word)
{
	for (size_t i = 0; i < list->count; i++)
		buffer_format(out, "%s%" PRId64 ":%" PRId64 " %s=%" PRIu64, out->length ? "; " : "",
			      list->items[i].major, list->items[i].minor, word,
			      list->items[i].rate);
}

/* In the words of io.max. */
static void plan_io(struct document *document)
{
	const struct container_spec *spec = document->target->config;
	struct cgroup_facts *facts = &document->cgroup;
	autobuffer limits = { 0 };

	if (spec->linux.resources.block_io.weight.present) {
		facts->io_weight.fact = fact_known("config.json#/linux/resources/blockIO/weight");
		facts->io_weight.value = spec->linux.resources.block_io.weight.value;
	}
	add_throttles(&limits, &spec->linux.resources.block_io.throttle_read_bps_device, "rbps");
	add_throttles(&limits, &spec->linux.resources.block_io.throttle_write_bps_device, "wbps");
	add_throttles(&limits, &spec->linux.resources.block_io.throttle_read_iops_device, "riops");
	add_throttles(&limits, &spec->linux.resources.block_io.throttle_write_iops_device, "wiops");
	if (limits.length == 0)
		return;
	facts->io_max.fact = fact_known("config.json#/linux/resources/blockIO");
	facts->io_max.value = arena_string(&document->arena, limits.text);
}

static void note_bound(void *document, bool error, const char *text)
{
	(void)error; /* those are create's refusals */
	document_note(document, "CG06", "above a parent's: %s.", text);
}

/* What create takes, and what never counts. */
static void note_bounds(struct document *document, const struct cgroup_plan *plan)
{
	struct report report = { .say = note_bound, .data = document };
	struct error ignored;

	if (plan->place.path)
		(void)ancestors_check_new(plan->mount, plan->place.path, plan->limits, &report,
					  &ignored);
}

int cgroup_plan_facts(struct document *document, struct error *err)
{
	const struct container_spec *spec = document->target->config;
	const struct resources_spec *resources = &spec->linux.resources;
	struct cgroup_facts *facts = &document->cgroup;
	const uint64_t period =
		resources->cpu.period.present ? resources->cpu.period.value : 100000;
	const struct cgroup_choice choice = { .manager = CGROUP_MANAGER_CGROUPFS,
					      .only_plan = true };
	struct cgroup_plan plan;
	struct error refused;

	(void)err; /* create's refusal is something to be shown */
	facts->fact = fact_known("config.json#/linux/resources");
	facts->mode = "planned";
	if (cgroup_plan(&plan, spec, "ID", &choice, &document->arena, &refused) < 0)
		document_note(document, "CG04", "create would refuse it: %s", refused.text);
	else {
		facts->planned_path = plan.place.path;
		note_bounds(document, &plan);
	}
	plan_limit(&facts->memory, &resources->memory.limit,
		   "config.json#/linux/resources/memory/limit");
	plan_limit(&facts->pids, &resources->pids.limit, "config.json#/linux/resources/pids/limit");
	if (resources->cpu.quota.present && resources->cpu.quota.value > 0 && period > 0) {
		facts->cpu.limit.fact = fact_known("config.json#/linux/resources/cpu/quota");
		facts->cpu.limit.value = (uint64_t)resources->cpu.quota.value * 1000 / period;
		facts->cpu.effective = facts->cpu.limit;
		facts->cpu.effective_from = "own";
	}
	plan_io(document);
	if (resources->cpu.cpus) {
		facts->cpuset.fact = fact_known("config.json#/linux/resources/cpu/cpus");
		facts->cpuset.value = resources->cpu.cpus;
	}
	facts->device_rules.fact = fact_known("config.json#/linux/resources/devices");
	facts->device_rules.value = resources->devices.count;
	return 0;
}
