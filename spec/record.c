/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal's record: written member by member, read by the table in fields_record.c.
 *
 * syscalls: none
 */
#include "spec/record.h"

#include "spec/document.h"
#include "spec/field.h"
#include "spec/json_out.h"

void live_mounts_write(struct json_out *json, const char *name,
		       const struct live_mount_list *mounts, bool mount_ids)
{
	json_begin_array(json, name);
	for (size_t i = 0; i < mounts->count; i++) {
		const struct live_mount *mount = &mounts->items[i];

		json_begin_object(json, NULL);
		json_string(json, "destination", mount->destination);
		if (mount->type)
			json_string(json, "type", mount->type);
		if (mount->source)
			json_string(json, "source", mount->source);
		json_begin_array(json, "options");
		for (size_t k = 0; k < mount->options.count; k++)
			json_string(json, NULL, mount->options.items[k]);
		json_end_array(json);
		if (mount_ids)
			json_uint(json, "mountId", mount->mount_id);
		if (mount_ids && mount->pending)
			json_bool(json, "pending", true);
		json_end_object(json);
	}
	json_end_array(json);
}

static void write_net_devices(struct json_out *json, const struct record *record)
{
	const struct moved_device_list *devices = &record->net_devices;

	if (record->net_namespace)
		json_string(json, "netNamespace", record->net_namespace);
	json_begin_array(json, "netDevices");
	for (size_t i = 0; i < devices->count; i++) {
		const struct moved_device *device = &devices->items[i];

		json_begin_object(json, NULL);
		json_string(json, "hostName", device->host_name);
		json_string(json, "name", device->name);
		if (device->passage)
			json_string(json, "passage", device->passage);
		if (device->address)
			json_string(json, "address", device->address);
		json_end_object(json);
	}
	json_end_array(json);
}

void record_write(struct buffer *out, const struct record *record)
{
	struct json_out json = json_out(out, 0);

	json_begin_object(&json, NULL);
	json_int(&json, "format", RECORD_FORMAT); /* whatever was read: this is what we write */
	json_string(&json, "phase", record->phase);
	json_string(&json, "id", record->id);
	json_string(&json, "bundle", record->bundle);
	json_string(&json, "rootfs", record->rootfs);
	json_string(&json, "ociVersion", record->oci_version);
	json_string(&json, "created", record->created);
	json_uint(&json, "owner", record->owner);
	json_string(&json, "bootId", record->boot_id);
	json_int(&json, "runtimePid", record->runtime_pid);
	json_uint(&json, "runtimeStartTime", record->runtime_start_time);
	json_uint(&json, "runtimePidfsId", record->runtime_pidfs_id);
	json_int(&json, "pid", record->pid);
	json_uint(&json, "startTime", record->start_time);
	json_uint(&json, "pidfsId", record->pidfs_id);
	json_string(&json, "cgroupManager", record->cgroup_manager);
	if (record->cgroup_path)
		json_string(&json, "cgroupPath", record->cgroup_path);
	if (record->cgroup_inode)
		json_uint(&json, "cgroupInode", record->cgroup_inode);
	if (record->cgroup_unit)
		json_string(&json, "cgroupUnit", record->cgroup_unit);
	if (record->cgroup_bus)
		json_string(&json, "cgroupBus", record->cgroup_bus);
	if (record->resctrl_group)
		json_string(&json, "resctrlGroup", record->resctrl_group);
	if (record->resctrl_monitor)
		json_string(&json, "resctrlMonitor", record->resctrl_monitor);
	json_bool(&json, "privatePidNamespace", record->private_pid_namespace);
	json_bool(&json, "keyring", record->keyring);
	if (record->restored)
		json_bool(&json, "restored", true);
	if (record->annotations.count > 0) {
		json_begin_object(&json, "annotations");
		for (size_t i = 0; i < record->annotations.count; i++)
			json_string(&json, record->annotations.items[i].name,
				    record->annotations.items[i].value);
		json_end_object(&json);
	}
	if (record->net_devices.count > 0)
		write_net_devices(&json, record);
	if (record->mounts.count > 0)
		live_mounts_write(&json, "mounts", &record->mounts, true);
	json_end_object(&json);
	buffer_add(out, "\n");
}

int record_load(struct record *record, const char *name, const char *text, size_t length,
		struct error *err)
{
	const struct document document = { .name = name, .text = text, .length = length };

	*record = (struct record){ 0 };
	if (document_load(&document, record_fields, record, &record->arena, err) == 0)
		return 0;
	record_free(record);
	return -1;
}

void record_free(struct record *record)
{
	arena_free(&record->arena);
	*record = (struct record){ 0 };
}
