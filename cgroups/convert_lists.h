/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_CONVERT_LISTS_H
#define CGROUPS_CONVERT_LISTS_H

#include "cgroups/convert.h"

/* Inside of the conversion: the table's rows, and those formats that make a line per element. */
struct resource_file {
	const char *member, *controller, *file;
	int (*format)(const struct resource_file *row, const struct resources_spec *resources,
		      struct cgroup_writes *writes, struct error *err);
};

/* file and text may be NULL: then memory ran out. */
int convert_add(struct cgroup_writes *writes, const struct resource_file *row, const char *file,
		const char *text, bool asks, struct error *err);

#define RESOURCE_FORMAT(name)                                                                      \
	int name(const struct resource_file *row, const struct resources_spec *resources,          \
		 struct cgroup_writes *writes, struct error *err)

RESOURCE_FORMAT(format_io_weight);
RESOURCE_FORMAT(format_io_weight_device);
RESOURCE_FORMAT(format_read_bps);
RESOURCE_FORMAT(format_write_bps);
RESOURCE_FORMAT(format_read_iops);
RESOURCE_FORMAT(format_write_iops);
RESOURCE_FORMAT(format_hugepages);
RESOURCE_FORMAT(format_hugepages_reserved);
RESOURCE_FORMAT(format_rdma);
RESOURCE_FORMAT(format_unified);

#endif
