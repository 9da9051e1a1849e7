/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cgroup as JSON.
 *
 * syscalls: none
 */
#include <stdio.h>

#include "base/table.h"
#include "runtime/inspect/cgroup.h"

static void json_number_of(struct json_out *json, const char *name,
			   const struct cgroup_number *number)
{
	json_begin_object(json, name);
	json_fact_uint(json, "used", &number->used);
	json_fact_uint(json, "limit", &number->limit);
	json_fact_uint(json, "effective", &number->effective);
	if (number->effective_from)
		json_string(json, "effective_from", number->effective_from);
}

static void json_events(struct json_out *json, const struct fact_uint *events,
			const enum cgroup_event *which, const char *const *names, size_t count)
{
	json_begin_object(json, "events");
	for (size_t i = 0; i < count; i++)
		json_fact_uint(json, names[i], &events[which[i]]);
	json_end_object(json);
	json_end_object(json); /* that of json_number_of() */
}

static void json_pressure(struct json_out *json, const struct cgroup_facts *facts)
{
	static const char *const names[] = { "cpu", "memory", "io" };
	static const char *const spans[] = { "avg10", "avg60", "avg300" };

	json_begin_object(json, "pressure");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (json_unknown(json, names[i], &facts->pressure[i].fact))
			continue;
		json_begin_object(json, names[i]);
		for (size_t span = 0; span < ARRAY_SIZE(spans); span++) {
			char text[32];

			(void)snprintf(text, sizeof(text), "%.2f",
				       facts->pressure[i].average[span]);
			json_number(json, spans[span], text);
		}
		json_end_object(json);
	}
	json_end_object(json);
}

static void json_devices(struct json_out *json, const struct cgroup_facts *facts)
{
	json_begin_object(json, "devices");
	if (!json_unknown(json, "programs", &facts->device_count.fact)) {
		json_begin_array(json, "programs");
		for (size_t i = 0;
		     i < facts->device_count.value && i < ARRAY_SIZE(facts->device_programs); i++)
			json_uint(json, NULL, facts->device_programs[i]);
		json_end_array(json);
	}
	json_fact_uint(json, "rules_v1", &facts->devices_v1);
	json_fact_uint(json, "rules_config", &facts->device_rules);
	json_end_object(json);
}

void cgroup_json(struct json_out *json, const struct document *document,
		 const struct cgroup_facts *before, uint64_t milliseconds)
{
	static const enum cgroup_event memory[] = { EVENT_OOM_KILL, EVENT_MEMORY_MAX };
	static const char *const memory_names[] = { "oom_kill", "max" };
	static const enum cgroup_event pids[] = { EVENT_PIDS_MAX };
	static const char *const pids_names[] = { "max" };
	static const enum cgroup_event cpu[] = { EVENT_PERIODS, EVENT_THROTTLED,
						 EVENT_THROTTLED_USEC };
	static const char *const cpu_names[] = { "nr_periods", "nr_throttled", "throttled_usec" };
	const struct cgroup_facts *facts = &document->cgroup;
	struct cgroup_number cores = facts->cpu;

	if (json_unknown(json, "mode", &facts->fact))
		return;
	json_string(json, "mode", facts->mode);
	json_begin_object(json, "paths");
	for (int i = 0; i < CONTROLLER_COUNT; i++)
		if (facts->where[i].path)
			json_string(json, cgroup_controller_names[i], facts->where[i].path);
	if (facts->planned_path)
		json_string(json, "planned", facts->planned_path);
	json_end_object(json);
	json_number_of(json, "memory", &facts->memory);
	json_events(json, facts->event, memory, memory_names, ARRAY_SIZE(memory));
	json_number_of(json, "pids", &facts->pids);
	json_events(json, facts->event, pids, pids_names, ARRAY_SIZE(pids));
	/* cpu in thousandths of a core */
	if (cgroup_cores(facts, before, milliseconds, &cores.used.value))
		cores.used.fact = fact_known(NULL);
	json_number_of(json, "cpu", &cores);
	json_fact_uint(json, "usage_usec", &facts->cpu_usec);
	json_events(json, facts->event, cpu, cpu_names, ARRAY_SIZE(cpu));
	json_begin_object(json, "io");
	json_fact_uint(json, "read", &facts->io_read);
	json_fact_uint(json, "written", &facts->io_written);
	json_fact_uint(json, "weight", &facts->io_weight);
	json_fact_text(json, "max", &facts->io_max);
	json_end_object(json);
	json_begin_object(json, "cpuset");
	json_fact_text(json, "cpus", &facts->cpuset);
	json_fact_text(json, "effective", &facts->cpuset_effective);
	json_fact_text(json, "mems", &facts->mems_effective);
	json_end_object(json);
	json_devices(json, facts);
	if (!json_unknown(json, "frozen", &facts->frozen.fact))
		json_bool(json, "frozen", facts->frozen.value != 0);
	json_fact_uint(json, "processes", &facts->processes);
	json_fact_uint(json, "zombies", &facts->zombies);
	json_pressure(json, facts);
}
