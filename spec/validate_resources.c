/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules inside linux.resources: config-linux.md#control-groups. Whether the host's cgroup
 * hierarchy can do what is asked is cgroups/' question.
 *
 * cpuset(7) for the list format. syscalls: none
 */
#include "spec/validate.h"

#include <string.h>

#define WEIGHT_MIN 10 /* to 1000, which the table checks; 0 asks for nothing */

static int check_device_rules(const struct resources_spec *resources, const char *prefix,
			      struct report *report, struct error *err)
{
	for (size_t i = 0; i < resources->devices.count; i++) {
		const char *access = resources->devices.items[i].access;

		if (!access || !access[strspn(access, "rwm")])
			continue;
		(void)error_set(err, "%s/devices/%zu/access: expected letters of \"rwm\"", prefix,
				i);
		if (!report_tell(report, err))
			return -1;
	}
	return 0;
}

/* Reads a number of at most six digits; false if there is none. */
static bool read_cpu(const char **text, unsigned *number)
{
	const char *at = *text;

	*number = 0;
	while (*at >= '0' && *at <= '9' && at - *text < 6)
		*number = *number * 10 + (unsigned)(*at++ - '0');
	if (at == *text)
		return false;
	*text = at;
	return true;
}

/* "0-3,7": blanks are allowed around the elements. */
static bool is_list(const char *text)
{
	for (;;) {
		unsigned first, last;

		text += strspn(text, " ");
		if (!read_cpu(&text, &first))
			return false;
		if (*text == '-') {
			text++;
			if (!read_cpu(&text, &last) || last < first)
				return false;
		}
		text += strspn(text, " ");
		if (*text == '\0')
			return true;
		if (*text++ != ',')
			return false;
	}
}

static int check_list(const char *list, const char *prefix, const char *name, struct error *err)
{
	if (!list || is_list(list))
		return 0;
	return error_set(err, "%s/cpu/%s: expected a list like 0-3,7", prefix, name);
}

static int check_burst(const struct resources_spec *resources, const char *prefix,
		       struct error *err)
{
	if (resources->cpu.quota.present && resources->cpu.quota.value > 0 &&
	    resources->cpu.burst.present &&
	    resources->cpu.burst.value > (uint64_t)resources->cpu.quota.value)
		return error_set(err, "%s/cpu/burst: is larger than the quota", prefix);
	return 0;
}

static int check_cpu(const struct resources_spec *resources, const char *prefix,
		     struct report *report, struct error *err)
{
	if ((check_burst(resources, prefix, err) < 0 && !report_tell(report, err)) ||
	    (check_list(resources->cpu.cpus, prefix, "cpus", err) < 0 &&
	     !report_tell(report, err)) ||
	    (check_list(resources->cpu.mems, prefix, "mems", err) < 0 && !report_tell(report, err)))
		return -1;
	return 0;
}

static bool is_weight(const struct opt_uint *weight)
{
	return weight->value == 0 || weight->value >= WEIGHT_MIN;
}

static int check_weight_device(const struct weight_device *device, size_t i, const char *prefix,
			       struct error *err)
{
	if (!device->weight.present && !device->leaf_weight.present)
		return error_set(err, "%s/blockIO/weightDevice/%zu: needs weight or leafWeight",
				 prefix, i);
	if (!is_weight(&device->weight) || !is_weight(&device->leaf_weight))
		return error_set(err, "%s/blockIO/weightDevice/%zu: expected weights of 10 to 1000",
				 prefix, i);
	return 0;
}

static int check_weight(const struct opt_uint *weight, const char *prefix, const char *name,
			struct error *err)
{
	if (is_weight(weight))
		return 0;
	return error_set(err, "%s/blockIO/%s: expected 10 to 1000", prefix, name);
}

static int check_block_io(const struct resources_spec *resources, const char *prefix,
			  struct report *report, struct error *err)
{
	if ((check_weight(&resources->block_io.weight, prefix, "weight", err) < 0 &&
	     !report_tell(report, err)) ||
	    (check_weight(&resources->block_io.leaf_weight, prefix, "leafWeight", err) < 0 &&
	     !report_tell(report, err)))
		return -1;
	for (size_t i = 0; i < resources->block_io.weight_device.count; i++)
		if (check_weight_device(&resources->block_io.weight_device.items[i], i, prefix,
					err) < 0 &&
		    !report_tell(report, err))
			return -1;
	return 0;
}

/* "2MB": a power of two without leading zero, and K, M or G. */
static bool is_page_size(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	unsigned number = 0;

	if (digits == 0 || digits > 4 || *text == '0')
		return false;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (unsigned)(text[i] - '0');
	if (number & (number - 1))
		return false;
	text += digits;
	return *text && strchr("KMG", *text) && strcmp(text + 1, "B") == 0;
}

static int check_hugepages(const struct resources_spec *resources, const char *prefix,
			   struct report *report, struct error *err)
{
	for (size_t i = 0; i < resources->hugepage_limits.count; i++) {
		if (is_page_size(resources->hugepage_limits.items[i].page_size))
			continue;
		(void)error_set(err,
				"%s/hugepageLimits/%zu/pageSize: expected a size like 64KB, 2MB or "
				"1GB",
				prefix, i);
		if (!report_tell(report, err))
			return -1;
	}
	return 0;
}

static int check_rdma(const struct resources_spec *resources, const char *prefix,
		      struct report *report, struct error *err)
{
	for (size_t i = 0; i < resources->rdma.count; i++) {
		const struct rdma_limit *limit = &resources->rdma.items[i];

		if (limit->hca_handles.present || limit->hca_objects.present)
			continue;
		(void)error_set(err, "%s/rdma/%.100s: needs hcaHandles or hcaObjects", prefix,
				limit->device);
		if (!report_tell(report, err))
			return -1;
	}
	return 0;
}

/* A key is the name of a file in the container's cgroup directory, never a way out of it. */
static int check_unified(const struct resources_spec *resources, const char *prefix,
			 struct report *report, struct error *err)
{
	for (size_t i = 0; i < resources->unified.count; i++) {
		const char *name = resources->unified.items[i].name;

		if (!strchr(name, '/') && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
			continue;
		(void)error_set(err, "%s/unified: the key \"%.100s\" isn't a file name", prefix,
				name);
		if (!report_tell(report, err))
			return -1;
	}
	return 0;
}

int validate_resources(const struct resources_spec *resources, const char *prefix,
		       struct report *report, struct error *err)
{
	if (check_device_rules(resources, prefix, report, err) < 0 ||
	    check_cpu(resources, prefix, report, err) < 0 ||
	    check_block_io(resources, prefix, report, err) < 0 ||
	    check_hugepages(resources, prefix, report, err) < 0 ||
	    check_rdma(resources, prefix, report, err) < 0)
		return -1;
	return check_unified(resources, prefix, report, err);
}
