/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who a process is: state, names, ids on both sides of its user namespace, and the little that
 * /proc says about its filters. proc(5), user_namespaces(7)
 *
 * syscalls: openat read readlinkat sysconf clock_gettime
 */
#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/process.h"
#include "base/procfs.h"
#include "base/table.h"
#include "runtime/inspect/document.h"
#include "runtime/inspect/namespaces.h"

#define CMDLINE_MAX 4096 /* bytes that are shown */
#define MAP_MAX 65536

static const struct {
	char letter;
	const char *word;
} states[] = {
	{ 'R', "running" }, { 'S', "sleeping" }, { 'D', "blocked" }, { 'T', "stopped" },
	{ 't', "traced" },  { 'Z', "zombie" },	 { 'X', "dead" },    { 'I', "idle" },
};

static const char *state_word(char letter)
{
	table_for_each (state, states) {
		if (state->letter == letter)
			return state->word;
	}
	return "unknown";
}

static void collect_names(struct document *document, const struct live *live)
{
	struct process_facts *process = &document->process;
	const char *source = live_source(live, "comm", &document->arena);
	autofree char *comm = live_read(live, "comm", 64, NULL);
	char *copy;
	size_t length = 0;

	if (comm) {
		comm[strcspn(comm, "\n")] = '\0'; /* the kernel's own, at the end */
		process->comm.value = arena_string(&document->arena, comm);
	}
	process->comm.fact =
		process->comm.value ? fact_known(source) : fact_from_errno(errno, source);
	source = live_source(live, "cmdline", &document->arena);

	autofree char *cmdline = live_read(live, "cmdline", CMDLINE_MAX, &length);

	if (!cmdline) {
		process->arguments_fact = fact_from_errno(errno, source);
		return;
	}
	if (length > 0 && cmdline[length - 1] == '\0')
		length--;
	copy = length > 0 ? arena_alloc(&document->arena, length + 1) : NULL;
	process->arguments_fact =
		copy ? fact_known(source)
		     : fact_absent(process->status.state == 'Z' ? "a zombie has none"
								: "a kernel thread has none");
	if (copy)
		memcpy(copy, cmdline, length);
	process->arguments = copy;
	process->arguments_length = copy ? length : 0;
}

static void collect_ids(struct document *document, const struct live *live)
{
	struct process_facts *process = &document->process;
	const struct status_facts *status = &process->status;
	autofree char *map = live_read(live, "uid_map", MAP_MAX, NULL);
	autofree char *gid_map = live_read(live, "gid_map", MAP_MAX, NULL);
	uint64_t ours = 0;

	ns_read_inode(live, NAMESPACE_USER, &process->userns, &document->arena);
	process->userns_is_ours = ns_own_inode(NAMESPACE_USER, &ours) == 0 &&
				  fact_is_known(&process->userns.fact) &&
				  process->userns.value == ours;
	process->host_uid = (struct fact_uint){ status->fact, status->uid[1] };
	process->uid = status->uid[1];
	process->gid = status->gid[1];
	process->uid_is_mapped = true;
	/* a map's right side is in the reader's namespace, unless that is the same one */
	if (process->userns_is_ours || !map)
		return;
	process->uid_is_mapped = id_map_inside(map, status->uid[1], &process->uid);
	if (gid_map)
		(void)id_map_inside(gid_map, status->gid[1], &process->gid); /* else the host's */
}

static void collect_age(struct document *document, const struct live *live)
{
	struct process_status status;
	struct timespec now;
	long ticks = sysconf(_SC_CLK_TCK);

	if (process_read_status(live->pid, &status) < 0 || ticks <= 0 ||
	    clock_gettime(CLOCK_BOOTTIME, &now) < 0)
		return; /* absent: live_check() will say that it has ended */
	document->process.up.fact = fact_known(live_source(live, "stat", &document->arena));
	document->process.up.value = (uint64_t)now.tv_sec - status.start_time / (uint64_t)ticks;
	/* PF_KTHREAD, for kernels before 6.9 */
	document->process.status.kernel_thread |= (status.flags & 0x00200000UL) != 0;
}

#define ANCESTORS_MAX 32

/* Without cgroups of its own (podman of a user, LXC): who holds it. In a pid namespace below ours
 * only, since everybody else has the same ancestors. */
static void guess_by_holder(struct process_facts *process)
{
	struct error ignored;
	autofd procfs = procfs_open(PROCFS_PROCESSES, &ignored);
	pid_t pid = process->status.nspid_count > 1 ? process->status.ppid : 0;
	bool found = false;

	for (int i = 0; i < ANCESTORS_MAX && procfs >= 0 && pid > 1 && !found; i++) {
		struct live live = LIVE_INIT;
		struct arena arena = { 0 };
		struct status_facts status;
		size_t length = 0;

		if (live_open(&live, procfs, pid, &ignored) < 0)
			return;
		autofree char *comm = live_read(&live, "comm", 64, NULL);
		autofree char *cmdline = live_read(&live, "cmdline", MAP_MAX, &length);

		live_read_status(&live, &status, &arena);
		if (comm)
			comm[strcspn(comm, "\n")] = '\0';
		found = comm && cmdline &&
			engine_of_holder(comm, cmdline, length, &process->engine);
		pid = fact_is_known(&status.fact) ? status.ppid : 0;
		arena_free(&arena);
		live_close(&live);
	}
}

int process_collect(struct document *document, const struct live *live, struct error *err)
{
	struct process_facts *process = &document->process;

	(void)err; /* what can't be read is a fact */
	live_read_status(live, &process->status, &document->arena);
	process->fact = process->status.fact;
	if (!document->status || process->status.state == 'Z')
		document->status = state_word(process->status.state);
	collect_age(document, live);
	collect_names(document, live);
	collect_ids(document, live);
	if (document->target->kind != TARGET_CONTAINER) {
		autofree char *cgroups = live_read(live, "cgroup", MAP_MAX, NULL);

		if (!cgroups || !engine_guess(cgroups, &process->engine))
			guess_by_holder(process); /* none: it says so itself */
	}
	return 0;
}

/* args with NULs between, as the kernel would show them */
static int plan_arguments(struct document *document, const struct process_spec *spec,
			  struct error *err)
{
	struct process_facts *process = &document->process;
	size_t length = 0, used = 0;
	char *text;

	for (size_t i = 0; i < spec->args.count; i++)
		length += strlen(spec->args.items[i]) + 1;
	text = arena_alloc(&document->arena, length + 1);
	if (!text)
		return error_set(err, "out of memory");
	for (size_t i = 0; i < spec->args.count; i++) {
		size_t size = strlen(spec->args.items[i]) + 1;

		memcpy(text + used, spec->args.items[i], size);
		used += size;
	}
	process->arguments = text;
	process->arguments_length = used > 0 ? used - 1 : 0;
	process->arguments_fact = fact_known("config.json#/process/args");
	return 0;
}

static bool host_id(const struct id_mapping_list *maps, uint32_t inside, uint64_t *host)
{
	for (size_t i = 0; i < maps->count; i++) {
		const struct id_mapping *map = &maps->items[i];

		if (inside >= map->container_id && inside - map->container_id < map->size) {
			*host = (uint64_t)map->host_id + (inside - map->container_id);
			return true;
		}
	}
	return false;
}

int process_plan(struct document *document, struct error *err)
{
	const struct container_spec *spec = document->target->config;
	struct process_facts *process = &document->process;
	struct namespace_plan namespaces;

	process->fact = spec->process.present ? fact_known("config.json#/process")
					      : fact_absent("config.json has no process");
	process->userns.fact = fact_absent("it doesn't run");
	process->uid = spec->process.user.uid;
	process->gid = spec->process.user.gid;
	process->uid_is_mapped = true;
	process->terminal = spec->process.terminal;
	if (namespace_plan(spec, &namespaces, NULL, err) < 0)
		return -1;
	/* a path may lead to the caller's own */
	process->userns_is_ours = !namespace_is_private(&namespaces, CLONE_NEWUSER);
	namespace_plan_close(&namespaces);
	process->host_uid.value = process->uid;
	if (process->userns_is_ours ||
	    host_id(&spec->linux.uid_mappings, process->uid, &process->host_uid.value))
		process->host_uid.fact = fact_known("config.json#/linux/uidMappings");
	return plan_arguments(document, &spec->process, err);
}

int seccomp_collect(struct document *document, const struct live *live, struct error *err)
{
	const struct status_facts *status = &document->process.status;
	const char *source = live_source(live, "status", &document->arena);

	(void)err; /* what can't be read is a fact */
	document->seccomp.mode = status->seccomp;
	document->seccomp.filters = status->seccomp_filters;
	if (!fact_is_known(&status->fact)) {
		document->seccomp.mode.fact = status->fact;
		document->seccomp.filters.fact = status->fact;
	}
	if (fact_is_known(&document->seccomp.mode.fact))
		document->seccomp.mode.fact.source = source;
	return document->target->config ? seccomp_summary_plan(document, err) : 0;
}

int seccomp_summary_plan(struct document *document, struct error *err)
{
	const struct seccomp_spec *spec = &document->target->config->linux.seccomp;
	struct seccomp_facts *seccomp = &document->seccomp;

	(void)err; /* pure */
	if (document->planned) {
		seccomp->mode = (struct fact_uint){ fact_known("config.json#/linux/seccomp"),
						    spec->present ? 2 : 0 };
		seccomp->filters = (struct fact_uint){ fact_known("config.json#/linux/seccomp"),
						       spec->present };
	}
	if (!spec->present)
		return 0;
	seccomp->default_action.fact = fact_known("config.json#/linux/seccomp/defaultAction");
	seccomp->default_action.value = spec->default_action;
	seccomp->rules.fact = fact_known("config.json#/linux/seccomp/syscalls");
	seccomp->rules.value = spec->syscalls.count;
	return 0;
}
