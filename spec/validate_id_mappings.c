/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Maps of user ids: of the container's user namespace, and of its mounts.
 *
 * user_namespaces(7), mount_setattr(2). syscalls: none
 */
#include <stdbool.h>
#include <stdio.h>

#include "spec/validate.h"

#define ID_MAPPINGS_MAX 340 /* user_namespaces(7), since Linux 4.15 */

static bool ranges_overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a < (uint64_t)b + b_size && b < (uint64_t)a + a_size;
}

static int check_mapping(const struct id_mapping_list *list, size_t i, const char *pointer,
			 struct error *err)
{
	const struct id_mapping *mapping = &list->items[i];

	if (mapping->size == 0)
		return error_set(err, "%s/%zu/size: must not be 0", pointer, i);
	if (mapping->size > UINT32_MAX - mapping->container_id)
		return error_set(err, "%s/%zu: containerID + size is beyond the last id", pointer,
				 i);
	if (mapping->size > UINT32_MAX - mapping->host_id)
		return error_set(err, "%s/%zu: hostID + size is beyond the last id", pointer, i);
	for (size_t k = 0; k < i; k++) {
		const struct id_mapping *other = &list->items[k];

		if (ranges_overlap(mapping->container_id, mapping->size, other->container_id,
				   other->size))
			return error_set(err, "%s/%zu: overlaps entry %zu in the container",
					 pointer, i, k);
		if (ranges_overlap(mapping->host_id, mapping->size, other->host_id, other->size))
			return error_set(err, "%s/%zu: overlaps entry %zu on the host", pointer, i,
					 k);
	}
	return 0;
}

int validate_id_mappings(const struct id_mapping_list *list, const char *pointer,
			 struct report *report, struct error *err)
{
	if (list->count > ID_MAPPINGS_MAX) {
		(void)error_set(err, "%s: %zu entries, the kernel takes at most %d", pointer,
				list->count, ID_MAPPINGS_MAX);
		return report_tell(report, err) ? 0 : -1;
	}
	for (size_t i = 0; i < list->count; i++)
		if (check_mapping(list, i, pointer, err) < 0 && !report_tell(report, err))
			return -1;
	return 0;
}

static int check_list(const struct container_spec *spec, const struct id_mapping_list *list,
		      const char *pointer, struct report *report, struct error *err)
{
	if (list->count == 0)
		return 0;
	if (!validate_find_namespace(spec, "user")) {
		(void)error_set(err, "%s: needs a user namespace in /linux/namespaces", pointer);
		return report_tell(report, err) ? 0 : -1;
	}
	return validate_id_mappings(list, pointer, report, err);
}

int validate_user_namespace(const struct container_spec *spec, struct report *report,
			    struct error *err)
{
	const struct linux_spec *linux = &spec->linux;
	const struct namespace_spec *user = validate_find_namespace(spec, "user");

	/* without both the runtime chooses */
	if (user && !user->path &&
	    (linux->uid_mappings.count == 0) != (linux->gid_mappings.count == 0)) {
		(void)error_set(err, "%s: is missing, a new user namespace needs both or none",
				linux->uid_mappings.count == 0 ? "/linux/uidMappings"
							       : "/linux/gidMappings");
		if (!report_tell(report, err))
			return -1;
	}
	if (check_list(spec, &linux->uid_mappings, "/linux/uidMappings", report, err) < 0)
		return -1;
	return check_list(spec, &linux->gid_mappings, "/linux/gidMappings", report, err);
}

static int check_mount(const struct mount_spec *mount, size_t i, struct report *report,
		       struct error *err)
{
	const bool uids = mount->uid_mappings.count > 0;
	char pointer[64];

	if (uids != (mount->gid_mappings.count > 0)) {
		(void)error_set(err, "/mounts/%zu/%s: needs %s as well", i,
				uids ? "uidMappings" : "gidMappings",
				uids ? "gidMappings" : "uidMappings");
		return report_tell(report, err) ? 0 : -1;
	}
	(void)snprintf(pointer, sizeof(pointer), "/mounts/%zu/uidMappings", i);
	if (validate_id_mappings(&mount->uid_mappings, pointer, report, err) < 0)
		return -1;
	(void)snprintf(pointer, sizeof(pointer), "/mounts/%zu/gidMappings", i);
	return validate_id_mappings(&mount->gid_mappings, pointer, report, err);
}

int validate_mounts(const struct container_spec *spec, struct report *report, struct error *err)
{
	for (size_t i = 0; i < spec->mounts.count; i++)
		if (check_mount(&spec->mounts.items[i], i, report, err) < 0)
			return -1;
	return 0;
}
