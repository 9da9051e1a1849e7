/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The forms of linux.intelRdt: a name of one directory, and lines of a schemata file.
 *
 * config-linux.md#intelrdt. syscalls: none
 */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/string.h"
#include "spec/validate.h"

static int check_clos_id(const char *name, struct error *err)
{
	if (!name || strcmp(name, "/") == 0)
		return 0;
	if (strchr(name, '/') || strchr(name, '\n') || strcmp(name, ".") == 0 ||
	    strcmp(name, "..") == 0 || strlen(name) > NAME_MAX)
		return error_set(
			err,
			"/linux/intelRdt/closID: \"%.64s\": must be \"/\" or the name of one "
			"directory",
			name);
	return 0;
}

static int check_line(const char *line, const char *begin, const char *pointer, struct error *err)
{
	if (!line)
		return 0;
	if (strchr(line, '\n'))
		return error_set(err, "/linux/intelRdt/%s: must be one line", pointer);
	if (!string_starts_with(line, begin))
		return error_set(err, "/linux/intelRdt/%s: \"%.64s\": must begin with %s", pointer,
				 line, begin);
	return 0;
}

static int check_schema(const struct intel_rdt_spec *rdt, size_t i, struct error *err)
{
	char pointer[48];

	(void)snprintf(pointer, sizeof(pointer), "schemata/%zu", i); /* fits: 20 digits */
	if (check_line(rdt->schemata.items[i], "", pointer, err) < 0)
		return -1;
	if (!strchr(rdt->schemata.items[i], ':'))
		return error_set(err,
				 "/linux/intelRdt/%s: \"%.64s\": must be RESOURCE:DOMAIN=VALUE",
				 pointer, rdt->schemata.items[i]);
	return 0;
}

int validate_intel_rdt(const struct container_spec *spec, struct report *report, struct error *err)
{
	const struct intel_rdt_spec *rdt = &spec->linux.intel_rdt;

	/* "L3" alone: with code and data prioritised apart, the resources are L3CODE and L3DATA */
	if ((check_clos_id(rdt->clos_id, err) < 0 && !report_tell(report, err)) ||
	    (check_line(rdt->l3_cache_schema, "L3", "l3CacheSchema", err) < 0 &&
	     !report_tell(report, err)) ||
	    (check_line(rdt->mem_bw_schema, "MB:", "memBwSchema", err) < 0 &&
	     !report_tell(report, err)))
		return -1;
	for (size_t i = 0; i < rdt->schemata.count; i++)
		if (check_schema(rdt, i, err) < 0 && !report_tell(report, err))
			return -1;
	return 0;
}
