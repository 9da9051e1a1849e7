/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members that are lists: a line of a keyed file, or a file, for each element (cgroup-v2.rst, "IO",
 * "HugeTLB", "RDMA"; block/bfq-iosched.rst in the kernel's documentation for io.bfq.weight).
 *
 * syscalls: none
 */
#include "cgroups/convert_lists.h"

#include <inttypes.h>
#include <string.h>

#include "base/string.h"
#include "base/table.h"

/* The line's counterpart that takes it back. */
static int set_undo(struct cgroup_writes *writes, const char *undo, struct error *err)
{
	writes->items[writes->count - 1].undo = undo;
	return undo ? 0 : error_set(err, "out of memory");
}

/* BFQ's file takes v1's numbers; where that scheduler isn't loaded io.weight (iocost) may be. */
static int set_io_weight(struct cgroup_writes *writes, const char *text, struct error *err)
{
	struct cgroup_write *write = &writes->items[writes->count - 1];

	write->other_file = "io.weight";
	write->other_text = text;
	return text ? 0 : error_set(err, "out of memory");
}

RESOURCE_FORMAT(format_io_weight)
{
	uint64_t weight = resources->block_io.weight.present ? resources->block_io.weight.value : 0;

	if (weight == 0)
		return 0;
	if (convert_add(writes, row, row->file, arena_format(writes->arena, "%" PRIu64, weight),
			true, err) < 0)
		return -1;
	return set_io_weight(
		writes, arena_format(writes->arena, "default %" PRIu64, convert_io_weight(weight)),
		err);
}

RESOURCE_FORMAT(format_io_weight_device)
{
	struct arena *arena = writes->arena;

	for (size_t i = 0; i < resources->block_io.weight_device.count; i++) {
		const struct weight_device *device = &resources->block_io.weight_device.items[i];
		const char *key =
			arena_format(arena, "%" PRId64 ":%" PRId64, device->major, device->minor);
		uint64_t weight = device->weight.present ? device->weight.value : 0;

		if (!key)
			return error_set(err, "out of memory");
		if (weight == 0)
			continue;
		if (convert_add(writes, row, row->file,
				arena_format(arena, "%s %" PRIu64, key, weight), true, err) < 0 ||
		    set_undo(writes, arena_format(arena, "%s default", key), err) < 0 ||
		    set_io_weight(
			    writes,
			    arena_format(arena, "%s %" PRIu64, key, convert_io_weight(weight)),
			    err) < 0)
			return -1;
	}
	return 0;
}

/* v1 took 0 as "no limit"; the kernel's word for that is "max" now. */
static int format_throttle(const struct resource_file *row, const struct throttle_list *list,
			   const char *name, struct cgroup_writes *writes, struct error *err)
{
	struct arena *arena = writes->arena;

	for (size_t i = 0; i < list->count; i++) {
		const struct throttle_device *device = &list->items[i];
		const char *undo = arena_format(arena, "%" PRId64 ":%" PRId64 " %s=max",
						device->major, device->minor, name);
		const char *text =
			device->rate == 0
				? undo
				: arena_format(arena, "%" PRId64 ":%" PRId64 " %s=%" PRIu64,
					       device->major, device->minor, name, device->rate);

		if (convert_add(writes, row, row->file, text, device->rate != 0, err) < 0 ||
		    set_undo(writes, undo, err) < 0)
			return -1;
	}
	return 0;
}

RESOURCE_FORMAT(format_read_bps)
{
	return format_throttle(row, &resources->block_io.throttle_read_bps_device, "rbps", writes,
			       err);
}

RESOURCE_FORMAT(format_write_bps)
{
	return format_throttle(row, &resources->block_io.throttle_write_bps_device, "wbps", writes,
			       err);
}

RESOURCE_FORMAT(format_read_iops)
{
	return format_throttle(row, &resources->block_io.throttle_read_iops_device, "riops", writes,
			       err);
}

RESOURCE_FORMAT(format_write_iops)
{
	return format_throttle(row, &resources->block_io.throttle_write_iops_device, "wiops",
			       writes, err);
}

RESOURCE_FORMAT(format_hugepages)
{
	for (size_t i = 0; i < resources->hugepage_limits.count; i++) {
		const struct hugepage_limit *limit = &resources->hugepage_limits.items[i];

		if (convert_add(writes, row,
				arena_format(writes->arena, "hugetlb.%s.max", limit->page_size),
				arena_format(writes->arena, "%" PRIu64, limit->limit), true,
				err) < 0)
			return -1;
	}
	return 0;
}

/* Counts what is reserved by mmap(2), before it is touched: an error there instead of a SIGBUS
 * later. Kernels before 5.7 have no such file. */
RESOURCE_FORMAT(format_hugepages_reserved)
{
	for (size_t i = 0; i < resources->hugepage_limits.count; i++) {
		const struct hugepage_limit *limit = &resources->hugepage_limits.items[i];

		if (convert_add(
			    writes, row,
			    arena_format(writes->arena, "hugetlb.%s.rsvd.max", limit->page_size),
			    arena_format(writes->arena, "%" PRIu64, limit->limit), false, err) < 0)
			return -1;
	}
	return 0;
}

static const char *rdma_part(struct arena *arena, const char *name, const struct opt_uint *number)
{
	return number->present ? arena_format(arena, " %s=%" PRIu64, name, number->value) : "";
}

RESOURCE_FORMAT(format_rdma)
{
	struct arena *arena = writes->arena;

	for (size_t i = 0; i < resources->rdma.count; i++) {
		const struct rdma_limit *limit = &resources->rdma.items[i];
		const char *handles = rdma_part(arena, "hca_handle", &limit->hca_handles);
		const char *objects = rdma_part(arena, "hca_object", &limit->hca_objects);

		if (!handles || !objects)
			return error_set(err, "out of memory");
		if (convert_add(writes, row, row->file,
				arena_format(arena, "%s%s%s", limit->device, handles, objects),
				true, err) < 0 ||
		    set_undo(writes,
			     arena_format(arena, "%s hca_handle=max hca_object=max", limit->device),
			     err) < 0)
			return -1;
	}
	return 0;
}

/* What is no limit but would move or end processes, or hand controllers to nobody. */
static const char *const not_limits[] = {
	"cgroup.procs",	 "cgroup.threads",	   "cgroup.kill",
	"cgroup.freeze", "cgroup.subtree_control", "cgroup.type",
};

static int check_unified(const char *file, struct error *err)
{
	table_for_each (name, not_limits) {
		if (strcmp(*name, file) == 0)
			return error_set(err,
					 "/linux/resources/unified: cannot set unified resource "
					 "\"%s\": it is no limit",
					 file);
	}
	if (!strchr(file, '.') || file[0] == '.')
		return error_set(err,
				 "/linux/resources/unified: unified resource \"%.100s\" must be in "
				 "the form CONTROLLER.PARAMETER",
				 file);
	return 0;
}

/* Files with a line for each device that has limits: what stands for none. A device that had none
 * has no old line to write back. */
static const struct {
	const char *file, *none;
	bool named; /* the values have names */
} keyed_files[] = {
	{ "io.max", "max", true },
	{ "io.latency", "0", true },
	{ "rdma.max", "max", true },
	{ "io.weight", "default", false },
	{ "io.bfq.weight", "default", false },
};

/* "8:0 rbps=5" is taken back by "8:0 rbps=max". */
static const char *names_without_values(const char *line, size_t key, const char *none,
					struct arena *arena)
{
	const char *undo = arena_format(arena, "%.*s", (int)key, line);

	for (const char *word = line + key; undo && *word; word += strcspn(word, " ")) {
		word += strspn(word, " ");
		if (strcspn(word, "=") < strcspn(word, " "))
			undo = arena_format(arena, "%s %.*s=%s", undo, (int)strcspn(word, "="),
					    word, none);
	}
	return undo;
}

/* For the write that was added last. "default 200" has its old line in the file. */
static int undo_line(const char *file, const char *line, struct cgroup_writes *writes,
		     struct error *err)
{
	const size_t key = strcspn(line, " ");
	struct arena *arena = writes->arena;

	if (key == 0 || string_starts_with(line, "default"))
		return 0;
	table_for_each (row, keyed_files) {
		if (strcmp(row->file, file) == 0)
			return set_undo(
				writes,
				row->named
					? names_without_values(line, key, row->none, arena)
					: arena_format(arena, "%.*s %s", (int)key, line, row->none),
				err);
	}
	return 0;
}

/* A keyed file takes one key per write(2), so each line is a write of its own. */
static int add_lines(const struct resource_file *row, const struct string_pair *pair,
		     struct cgroup_writes *writes, struct error *err)
{
	const char *line = pair->value;

	do {
		size_t length = strcspn(line, "\n");
		const char *text = arena_format(writes->arena, "%.*s", (int)length, line);

		if ((length > 0 || !*pair->value) &&
		    (convert_add(writes, row, pair->name, text, true, err) < 0 ||
		     undo_line(pair->name, text, writes, err) < 0))
			return -1;
		line += length;
	} while (*line++ == '\n');
	return 0;
}

RESOURCE_FORMAT(format_unified)
{
	for (size_t i = 0; i < resources->unified.count; i++) {
		const struct string_pair *pair = &resources->unified.items[i];
		struct resource_file file = *row;

		if (check_unified(pair->name, err) < 0)
			return -1;
		file.controller = arena_format(writes->arena, "%.*s", (int)strcspn(pair->name, "."),
					       pair->name);
		if (!file.controller)
			return error_set(err, "out of memory");
		if (add_lines(&file, pair, writes, err) < 0)
			return -1;
	}
	return 0;
}

uint64_t convert_io_weight(uint64_t weight)
{
	return 1 + (weight - 10) * 9999 / 990;
}
