/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.resources alone: read, written, merged.
 *
 * syscalls: none
 */
#include "spec/resources.h"

#include <string.h>

#include "spec/document.h"
#include "spec/field.h"
#include "spec/json_out.h"

int resources_load(struct resources_spec *resources, const char *name, const char *text,
		   size_t length, struct arena *arena, struct error *err)
{
	const struct document document = { name, text, length, .any_case = true };

	*resources = (struct resources_spec){ 0 };
	return document_load(&document, resources_fields, resources, arena, err);
}

void resources_write(struct buffer *out, const struct resources_spec *resources)
{
	struct json_out json = json_out(out, 0);

	json_begin_object(&json, NULL);
	field_write(&json, resources_fields, resources);
	json_end_object(&json);
	buffer_add(out, "\n");
}

/* Lists with a common beginning; same() says whether two elements are about the same thing. */
struct list {
	void *items;
	size_t count;
};

typedef bool same_element(const void *a, const void *b);

/* change's elements take the place of those about the same thing, or follow. */
static int merge_list(void *result_list, const void *change_list, size_t size, same_element *same,
		      struct arena *arena, struct error *err)
{
	struct list *result = result_list;
	const struct list *change = change_list;
	char *items;

	if (change->count == 0)
		return 0;
	items = arena_array(arena, result->count + change->count, size);
	if (!items)
		return error_set(err, "memory is exhausted");
	if (result->count > 0)
		memcpy(items, result->items, result->count * size);
	result->items = items;
	for (size_t i = 0; i < change->count; i++) {
		const char *element = (const char *)change->items + i * size;
		size_t at = 0;

		while (at < result->count && !same(items + at * size, element))
			at++;
		memcpy(items + at * size, element, size);
		if (at == result->count)
			result->count++;
	}
	return 0;
}

static bool same_throttle(const void *a, const void *b)
{
	const struct throttle_device *one = a, *other = b;

	return one->major == other->major && one->minor == other->minor;
}

static bool same_weight(const void *a, const void *b)
{
	const struct weight_device *one = a, *other = b;

	return one->major == other->major && one->minor == other->minor;
}

static bool same_page(const void *a, const void *b)
{
	const struct hugepage_limit *one = a, *other = b;

	return strcmp(one->page_size, other->page_size) == 0;
}

static bool same_rdma(const void *a, const void *b)
{
	const struct rdma_limit *one = a, *other = b;

	return strcmp(one->device, other->device) == 0;
}

static bool same_key(const void *a, const void *b)
{
	const struct string_pair *one = a, *other = b;

	return strcmp(one->name, other->name) == 0;
}

#define MERGE(member, same)                                                                        \
	merge_list(&result->member, &change->member, sizeof(result->member.items[0]), same, arena, \
		   err)

static int merge_lists(struct resources_spec *result, const struct resources_spec *change,
		       struct arena *arena, struct error *err)
{
	if (MERGE(block_io.weight_device, same_weight) < 0 ||
	    MERGE(block_io.throttle_read_bps_device, same_throttle) < 0 ||
	    MERGE(block_io.throttle_write_bps_device, same_throttle) < 0 ||
	    MERGE(block_io.throttle_read_iops_device, same_throttle) < 0 ||
	    MERGE(block_io.throttle_write_iops_device, same_throttle) < 0 ||
	    MERGE(hugepage_limits, same_page) < 0 || MERGE(rdma, same_rdma) < 0)
		return -1;
	return MERGE(unified, same_key);
}

static void merge_int(struct opt_int *result, const struct opt_int *change)
{
	if (change->present)
		*result = *change;
}

/* Members of which 0 means that nothing is asked for. */
static void merge_limit(struct opt_int *result, const struct opt_int *change)
{
	if (change->present && change->value != 0)
		*result = *change;
}

static void merge_number(struct opt_uint *result, const struct opt_uint *change)
{
	if (change->present && change->value != 0)
		*result = *change;
}

static void merge_text(const char **result, const char *change)
{
	if (change && *change)
		*result = change;
}

static void merge_memory(struct resources_spec *result, const struct resources_spec *change)
{
	const struct opt_int *limit = &change->memory.limit;

	merge_limit(&result->memory.limit, limit);
	merge_limit(&result->memory.reservation, &change->memory.reservation);
	merge_limit(&result->memory.swap, &change->memory.swap);
	if (limit->present && limit->value == -1 &&
	    (!change->memory.swap.present || change->memory.swap.value == 0))
		result->memory.swap = *limit;
	if (change->memory.check_before_update.present)
		result->memory.check_before_update = change->memory.check_before_update;
}

static void merge_cpu(struct resources_spec *result, const struct resources_spec *change)
{
	const struct opt_int *idle = &change->cpu.idle;

	merge_number(&result->cpu.shares, &change->cpu.shares);
	merge_limit(&result->cpu.quota, &change->cpu.quota);
	merge_number(&result->cpu.period, &change->cpu.period);
	if (change->cpu.burst.present)
		result->cpu.burst = change->cpu.burst;
	merge_int(&result->cpu.idle, idle);
	if (idle->present && idle->value == 1 && !change->cpu.shares.present)
		result->cpu.shares.present = false;
	merge_text(&result->cpu.cpus, change->cpu.cpus);
	merge_text(&result->cpu.mems, change->cpu.mems);
}

int resources_merge(struct resources_spec *result, const struct resources_spec *old,
		    const struct resources_spec *change, struct arena *arena, struct error *err)
{
	*result = *old;
	merge_memory(result, change);
	merge_cpu(result, change);
	merge_int(&result->pids.limit, &change->pids.limit);
	merge_number(&result->block_io.weight, &change->block_io.weight);
	return merge_lists(result, change, arena, err);
}
