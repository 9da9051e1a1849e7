/* SPDX-License-Identifier: Apache-2.0 */
/*
 * minirun update. minirun-update(8)
 *
 * syscalls: openat, read
 */
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/string.h"
#include "base/table.h"
#include "runtime/commands/command.h"
#include "runtime/commands/size.h"
#include "runtime/update.h"
#include "spec/load.h"
#include "spec/resources.h"

struct update_command_options {
	const char *resources;
	const char *blkio_weight, *cpu_period, *cpu_quota, *cpu_burst, *cpu_share, *cpu_rt_period,
		*cpu_rt_runtime, *cpu_idle, *cpuset_cpus, *cpuset_mems;
	const char *memory, *memory_reservation, *memory_swap, *kernel_memory, *kernel_memory_tcp;
	const char *pids_limit, *l3_cache_schema, *mem_bw_schema;
	struct option_list device_allow, device_deny;
};

#define ROW(member) .offset = offsetof(struct update_command_options, member)
#define NUMBER(option, member, text)                                                               \
	{                                                                                          \
		.name = (option), .kind = OPTION_TEXT, ROW(member), .value = "N", .help = (text),  \
		.choices = ""                                                                      \
	}
#define SIZE(option, member, text)                                                                 \
	{                                                                                          \
		.name = (option), .kind = OPTION_TEXT, ROW(member), .value = "BYTES",              \
		.help = (text), .choices = ""                                                      \
	}

static const struct option rows[] = {
	{ .name = "resources",
	  .letter = 'r',
	  .kind = OPTION_TEXT,
	  ROW(resources),
	  .value = "FILE",
	  .help = "read the specification's linux.resources from FILE, or - for standard input" },
	SIZE("memory", memory, "memory limit, -1: none; sizes may end in k, m, g"),
	SIZE("memory-swap", memory_swap, "limit of memory and swap together, -1: none"),
	SIZE("memory-reservation", memory_reservation, "memory that isn't taken away"),
	NUMBER("cpu-share", cpu_share, "share of the cpu beside others (2 to 262144)"),
	NUMBER("cpu-quota", cpu_quota, "microseconds of cpu in each period, -1: no limit"),
	NUMBER("cpu-period", cpu_period, "length of a period in microseconds"),
	NUMBER("cpu-burst", cpu_burst, "microseconds that may be saved up"),
	NUMBER("cpu-idle", cpu_idle, "1: runs only when nobody else wants to, 0: not so"),
	{ .name = "cpuset-cpus",
	  .kind = OPTION_TEXT,
	  ROW(cpuset_cpus),
	  .value = "LIST",
	  .help = "cpus to run on (0-3,7)",
	  .choices = "" },
	{ .name = "cpuset-mems",
	  .kind = OPTION_TEXT,
	  ROW(cpuset_mems),
	  .value = "LIST",
	  .help = "memory nodes to use",
	  .choices = "" },
	NUMBER("pids-limit", pids_limit, "number of processes and threads, -1: no limit"),
	NUMBER("blkio-weight", blkio_weight, "share of block I/O beside others (10 to 1000)"),
	{ .name = "device-deny",
	  .kind = OPTION_LIST,
	  ROW(device_deny),
	  .value = "RULE",
	  .help = "deny a device: \"c 10:229 rwm\" or /dev/fuse[:rwm] (repeatable)" },
	{ .name = "device-allow",
	  .kind = OPTION_LIST,
	  ROW(device_allow),
	  .value = "RULE",
	  .help = "allow a device, and make its node; after all --device-deny (repeatable)" },
	NUMBER("cpu-rt-period", cpu_rt_period, "only cgroup v1 has it: an error unless 0"),
	NUMBER("cpu-rt-runtime", cpu_rt_runtime, "only cgroup v1 has it: an error unless 0"),
	SIZE("kernel-memory", kernel_memory, "ignored with a warning: v2 counts it as memory"),
	SIZE("kernel-memory-tcp", kernel_memory_tcp,
	     "ignored with a warning: v2 counts it as memory"),
	{ .name = "l3-cache-schema",
	  .kind = OPTION_TEXT,
	  ROW(l3_cache_schema),
	  .value = "SCHEMA",
	  .help = "share of the L3 cache (L3:0=f), of a container with intelRdt",
	  .choices = "" },
	{ .name = "mem-bw-schema",
	  .kind = OPTION_TEXT,
	  ROW(mem_bw_schema),
	  .value = "SCHEMA",
	  .help = "share of memory bandwidth (MB:0=20), of a container with intelRdt",
	  .choices = "" },
};

/* Which option is which member, and how it is written. */
enum value_kind { VALUE_SIZE, VALUE_NUMBER, VALUE_NATURAL, VALUE_TEXT };
#define VALUE(option, member, to, value_kind)                                                      \
	{                                                                                          \
		.name = (option), .from = offsetof(struct update_command_options, member),         \
		.offset = offsetof(struct resources_spec, to), .kind = (value_kind)                \
	}
static const struct {
	const char *name;
	size_t from, offset;
	enum value_kind kind;
} values[] = {
	VALUE("memory", memory, memory.limit, VALUE_SIZE),
	VALUE("memory-swap", memory_swap, memory.swap, VALUE_SIZE),
	VALUE("memory-reservation", memory_reservation, memory.reservation, VALUE_SIZE),
	VALUE("cpu-share", cpu_share, cpu.shares, VALUE_NATURAL),
	VALUE("cpu-quota", cpu_quota, cpu.quota, VALUE_NUMBER),
	VALUE("cpu-period", cpu_period, cpu.period, VALUE_NATURAL),
	VALUE("cpu-burst", cpu_burst, cpu.burst, VALUE_NATURAL),
	VALUE("cpu-idle", cpu_idle, cpu.idle, VALUE_NUMBER),
	VALUE("cpu-rt-period", cpu_rt_period, cpu.realtime_period, VALUE_NATURAL),
	VALUE("cpu-rt-runtime", cpu_rt_runtime, cpu.realtime_runtime, VALUE_NUMBER),
	VALUE("cpuset-cpus", cpuset_cpus, cpu.cpus, VALUE_TEXT),
	VALUE("cpuset-mems", cpuset_mems, cpu.mems, VALUE_TEXT),
	VALUE("pids-limit", pids_limit, pids.limit, VALUE_NUMBER),
	VALUE("blkio-weight", blkio_weight, block_io.weight, VALUE_NATURAL),
};

static int store_value(enum value_kind kind, const char *name, const char *text, void *to,
		       struct error *err)
{
	struct opt_int *number = to;
	struct opt_uint *natural = to;
	bool valid = true;

	switch (kind) {
	case VALUE_TEXT:
		*(const char **)to = text;
		return 0;
	case VALUE_SIZE:
		valid = size_parse(text, &number->value) && number->value >= -1;
		number->present = true;
		break;
	case VALUE_NUMBER:
		valid = string_to_int(text, -1, INT64_MAX, &number->value);
		number->present = true;
		break;
	case VALUE_NATURAL:
		valid = string_to_uint(text, UINT64_MAX, &natural->value);
		natural->present = true;
		break;
	}
	if (!valid)
		return error_of_kind(err, ERROR_USAGE,
				     "invalid value \"%s\" for flag --%s: expected %s", text, name,
				     kind == VALUE_SIZE ? "a size like 64m, or -1" : "a number");
	return 0;
}

static int read_document(const char *name, struct resources_spec *resources, struct arena *arena,
			 struct error *err)
{
	autofree char *text = NULL;
	size_t length;

	if (strcmp(name, "-") == 0) {
		name = "standard input";
		if (fd_read_all(STDIN_FILENO, SPEC_SIZE_MAX, &text, &length) < 0)
			return error_errno(err, "--resources: %s", name);
	} else if (file_read_at(AT_FDCWD, name, SPEC_SIZE_MAX, &text, &length, err) < 0) {
		return error_context(err, "--resources");
	}
	return resources_load(resources, name, text, length, arena, err);
}

static int read_values(const struct update_command_options *given, struct resources_spec *asked,
		       struct error *err)
{
	table_for_each (row, values) {
		const char *text =
			*(const char *const *)(const void *)((const char *)given + row->from);

		if (text &&
		    store_value(row->kind, row->name, text, (char *)asked + row->offset, err) < 0)
			return -1;
	}
	if (asked->cpu.idle.present && (asked->cpu.idle.value & ~INT64_C(1)))
		return error_of_kind(err, ERROR_USAGE,
				     "invalid value for flag --cpu-idle: expected 0 or 1");
	if (given->kernel_memory)
		log_warning("--kernel-memory is ignored: cgroup v2 counts it as memory");
	if (given->kernel_memory_tcp)
		log_warning("--kernel-memory-tcp is ignored: cgroup v2 counts it as memory");
	return 0;
}

static int read_devices(const struct option_list *list, bool allow, struct device_change *changes,
			size_t *count, struct arena *arena, struct error *err)
{
	for (size_t i = 0; i < list->count; i++) {
		if (device_change_parse(list->items[i], allow, &changes[(*count)++], arena, err) <
		    0)
			return -1;
	}
	return 0;
}

static int run(const struct invocation *invocation, const void *parsed, struct error *err)
{
	const struct update_command_options *given = parsed;
	struct update_options options = { .id = invocation->arguments[0] };
	struct device_change *devices = arena_array(
		invocation->arena, given->device_allow.count + given->device_deny.count + 1,
		sizeof(*devices));

	if (!devices)
		return error_set(err, "out of memory");
	options.devices = devices;
	options.l3_cache_schema = given->l3_cache_schema;
	options.mem_bw_schema = given->mem_bw_schema;
	if ((given->resources &&
	     read_document(given->resources, &options.asked, invocation->arena, err) < 0) ||
	    read_values(given, &options.asked, err) < 0 ||
	    read_devices(&given->device_deny, false, devices, &options.device_count,
			 invocation->arena, err) < 0 ||
	    read_devices(&given->device_allow, true, devices, &options.device_count,
			 invocation->arena, err) < 0)
		return -1;
	return container_update(invocation->settings, &options, invocation->arena, err);
}

const struct command update_command = {
	.name = "update",
	.usage = "ID",
	.help = "change the limits and devices of a container",
	.description =
		"Changes what is given and leaves the rest as it is. If the kernel refuses one of\n"
		"several changes, all old limits are in force again.\n"
		"\n"
		"Examples:\n"
		"  minirun update --memory 256m --pids-limit 100 web1\n"
		"  echo '{\"cpu\": {\"quota\": 50000}}' | minirun update -r - web1\n"
		"  minirun update --device-allow /dev/fuse web1\n",
	.options = OPTION_TABLE(rows),
	.options_size = sizeof(struct update_command_options),
	.arguments_min = 1,
	.arguments_max = 1,
	.failure = "",
	.failure_status = 1,
	.enters_container = true, /* to mount a device's node */
	.run = run,
};
