/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The journal's record (spec/record.h). Tables only. The format is the first member in what
 * record_write() makes, so a record of another format fails by its number and not by a detail.
 *
 * syscalls: none
 */
#include "spec/field.h"
#include "spec/record.h"

static const char *const phases[] = { "creating", "created", NULL };
static const char *const cgroup_managers[] = { "cgroupfs", "systemd", "disabled", NULL };

static const struct field live_mount_fields[] = {
	{ FIELD("destination", struct live_mount, destination), .required = true,
	  .form = FORM_ABSOLUTE },
	{ FIELD("source", struct live_mount, source) },
	{ FIELD("type", struct live_mount, type) },
	{ FIELD("options", struct live_mount, options) },
	{ FIELD("mountId", struct live_mount, mount_id), .required = true },
	{ FIELD("pending", struct live_mount, pending) },
	{ .kind = FIELD_END },
};

static const struct field moved_device_fields[] = {
	{ FIELD("hostName", struct moved_device, host_name), .required = true,
	  .form = FORM_NOT_EMPTY },
	{ FIELD("name", struct moved_device, name), .required = true, .form = FORM_NOT_EMPTY },
	{ FIELD("passage", struct moved_device, passage), .form = FORM_NOT_EMPTY },
	{ FIELD("address", struct moved_device, address), .form = FORM_NOT_EMPTY },
	{ .kind = FIELD_END },
};

const struct field record_fields[] = {
	{ FIELD("format", struct record, format), .required = true, .min = RECORD_FORMAT,
	  .max = RECORD_FORMAT },
	{ FIELD("phase", struct record, phase), .required = true, .values = phases },
	{ FIELD("id", struct record, id), .required = true, .form = FORM_NOT_EMPTY },
	{ FIELD("bundle", struct record, bundle), .required = true },
	{ FIELD("rootfs", struct record, rootfs), .required = true },
	{ FIELD("ociVersion", struct record, oci_version), .required = true },
	{ FIELD("created", struct record, created), .required = true },
	{ FIELD("owner", struct record, owner), .required = true },
	{ FIELD("bootId", struct record, boot_id), .required = true },
	{ FIELD("runtimePid", struct record, runtime_pid), .required = true, .max = INT32_MAX },
	{ FIELD("runtimeStartTime", struct record, runtime_start_time), .required = true },
	{ FIELD("runtimePidfsId", struct record, runtime_pidfs_id), .required = true },
	{ FIELD("pid", struct record, pid), .required = true, .max = INT32_MAX },
	{ FIELD("startTime", struct record, start_time), .required = true },
	{ FIELD("pidfsId", struct record, pidfs_id), .required = true },
	{ FIELD("cgroupManager", struct record, cgroup_manager), .required = true,
	  .values = cgroup_managers },
	{ FIELD("cgroupPath", struct record, cgroup_path), .form = FORM_ABSOLUTE },
	{ FIELD("cgroupInode", struct record, cgroup_inode) },
	{ FIELD("cgroupUnit", struct record, cgroup_unit), .form = FORM_NOT_EMPTY },
	{ FIELD("cgroupBus", struct record, cgroup_bus), .form = FORM_NOT_EMPTY },
	{ FIELD("resctrlGroup", struct record, resctrl_group), .form = FORM_NOT_EMPTY },
	{ FIELD("resctrlMonitor", struct record, resctrl_monitor), .form = FORM_NOT_EMPTY },
	{ FIELD("privatePidNamespace", struct record, private_pid_namespace), .required = true },
	{ FIELD("keyring", struct record, keyring), .required = true },
	{ FIELD("restored", struct record, restored) },
	{ FIELD("annotations", struct record, annotations), .form = FORM_NOT_EMPTY },
	{ OBJECT_LIST("mounts", struct record, mounts, live_mount_fields) },
	{ OBJECT_LIST("netDevices", struct record, net_devices, moved_device_fields) },
	{ FIELD("netNamespace", struct record, net_namespace), .form = FORM_ABSOLUTE },
	{ .kind = FIELD_END },
};
