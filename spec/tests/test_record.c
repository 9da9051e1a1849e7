/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/string.h"
#include "spec/record.h"

static struct string_pair pairs[] = { { "a", "1" }, { "b", "\"\n/" } };

static const struct record example = {
	.format = RECORD_FORMAT,
	.phase = "creating",
	.id = "c1",
	.bundle = "/b\xc3\xbc",
	.rootfs = "/b/rootfs",
	.oci_version = "1.3.0",
	.created = "2026-01-01T00:00:00.000000001Z",
	.owner = UINT32_MAX - 1,
	.boot_id = "01234567-89ab-cdef-0123-456789abcdef",
	.runtime_pid = 4711,
	.runtime_start_time = UINT64_MAX,
	.runtime_pidfs_id = 17,
	.pid = INT32_MAX,
	.start_time = 9,
	.pidfs_id = (uint64_t)INT64_MAX + 1,
	.cgroup_manager = "cgroupfs",
	.cgroup_path = "/minirun-c1",
	.cgroup_inode = UINT64_MAX - 1,
	.cgroup_unit = "minirun-c1.scope",
	.cgroup_bus = "unix:path=/run/user/1/bus",
	.private_pid_namespace = true,
	.annotations = { .items = pairs, .count = 2 },
};

static void mounts_that_were_added_are_kept(void **state)
{
	static const char *options[] = { "bind", "ro", NULL };
	static struct live_mount mounts[] = {
		{ "/data", "/srv \"x\"", "bind", { options, 2, true }, UINT64_MAX, false },
		{ "/t", NULL, "tmpfs", { 0 }, 7, true },
	};
	struct record with = example, record;
	autobuffer out = { 0 };
	struct error err;

	(void)state;
	with.mounts = (struct live_mount_list){ mounts, 2 };
	record_write(&out, &with);
	assert_int_equal(record_load(&record, "state.json", out.text, out.length, &err), 0);
	assert_int_equal(record.mounts.count, 2);
	assert_string_equal(record.mounts.items[0].source, "/srv \"x\"");
	assert_string_equal(record.mounts.items[0].options.items[1], "ro");
	assert_true(record.mounts.items[0].mount_id == UINT64_MAX);
	assert_false(record.mounts.items[0].pending);
	assert_true(record.mounts.items[1].pending);
	assert_null(record.mounts.items[1].source);
	assert_int_equal(record.mounts.items[1].options.count, 0);
	record_free(&record);
}

static void devices_that_moved_are_kept(void **state)
{
	static struct moved_device devices[] = {
		{ "eth7", "eth0", NULL, NULL }, { "tun0", "tun%d", "mr4711x3", "02:11:22:33:44:55" }
	};
	struct record with = example, record;
	autobuffer out = { 0 };
	struct error err;

	(void)state;
	with.net_devices = (struct moved_device_list){ devices, 2 };
	with.net_namespace = "/run/netns/pod";
	record_write(&out, &with);
	assert_int_equal(record_load(&record, "state.json", out.text, out.length, &err), 0);
	assert_int_equal(record.net_devices.count, 2);
	assert_string_equal(record.net_devices.items[0].host_name, "eth7");
	assert_string_equal(record.net_devices.items[1].name, "tun%d");
	assert_null(record.net_devices.items[0].passage);
	assert_null(record.net_devices.items[0].address);
	assert_string_equal(record.net_devices.items[1].passage, "mr4711x3");
	assert_string_equal(record.net_devices.items[1].address, "02:11:22:33:44:55");
	assert_string_equal(record.net_namespace, "/run/netns/pod");
	record_free(&record);
}

static void what_is_written_is_read_back(void **state)
{
	struct record record;
	autobuffer out = { 0 };
	struct error err;

	(void)state;
	record_write(&out, &example);
	assert_int_equal(record_load(&record, "state.json", out.text, out.length, &err), 0);
	assert_int_equal(record.format, RECORD_FORMAT);
	assert_string_equal(record.phase, example.phase);
	assert_string_equal(record.id, example.id);
	assert_string_equal(record.bundle, example.bundle);
	assert_string_equal(record.rootfs, example.rootfs);
	assert_string_equal(record.oci_version, example.oci_version);
	assert_string_equal(record.created, example.created);
	assert_true(record.owner == example.owner);
	assert_string_equal(record.boot_id, example.boot_id);
	assert_int_equal(record.runtime_pid, example.runtime_pid);
	assert_true(record.runtime_start_time == example.runtime_start_time);
	assert_true(record.runtime_pidfs_id == example.runtime_pidfs_id);
	assert_int_equal(record.pid, example.pid);
	assert_true(record.start_time == example.start_time);
	assert_true(record.pidfs_id == example.pidfs_id);
	assert_string_equal(record.cgroup_manager, example.cgroup_manager);
	assert_string_equal(record.cgroup_path, example.cgroup_path);
	assert_true(record.cgroup_inode == example.cgroup_inode);
	assert_string_equal(record.cgroup_unit, example.cgroup_unit);
	assert_string_equal(record.cgroup_bus, example.cgroup_bus);
	assert_true(record.private_pid_namespace);
	assert_int_equal(record.annotations.count, 2);
	assert_string_equal(record.annotations.items[1].name, "b");
	assert_string_equal(record.annotations.items[1].value, "\"\n/");
	record_free(&record);
	assert_null(record.id);
}

static void optional_members_may_be_absent(void **state)
{
	struct record record = example;
	autobuffer out = { 0 };
	struct error err;

	(void)state;
	record.cgroup_path = NULL;
	record.cgroup_unit = NULL;
	record.annotations.count = 0;
	record.pid = 0;
	record_write(&out, &record);
	assert_null(strstr(out.text, "cgroupPath"));
	assert_int_equal(record_load(&record, "state.json", out.text, out.length, &err), 0);
	assert_null(record.cgroup_path);
	assert_null(record.cgroup_unit);
	assert_int_equal(record.annotations.count, 0);
	assert_int_equal(record.pid, 0);
	record_free(&record);
}

/* The example's text with one part of it replaced. */
static void expect_error(const char *part, const char *replacement, const char *error)
{
	autobuffer out = { 0 }, changed = { 0 };
	struct record record;
	struct error err;
	char *at;

	record_write(&out, &example);
	at = strstr(out.text, part);
	assert_non_null(at);
	buffer_add_bytes(&changed, out.text, (size_t)(at - out.text));
	buffer_add(&changed, replacement);
	buffer_add(&changed, at + strlen(part));
	assert_int_equal(record_load(&record, "state.json", changed.text, changed.length, &err),
			 -1);
	if (!strstr(err.text, error))
		fail_msg("got \"%s\", wanted \"%s\"", err.text, error);
	assert_null(record.arena.head);
}

static void a_record_of_another_format_is_an_error(void **state)
{
	(void)state;
	expect_error("\"format\":1", "\"format\":2", "state.json: /format: expected 1, found 2");
	expect_error("\"format\":1", "\"format\":\"1\"", "/format: expected an integer");
	expect_error("\"format\":1,", "", "/format: is required but missing");
}

static void a_damaged_record_is_an_error(void **state)
{
	(void)state;
	expect_error("}\n", "", "state.json: line 1, column ");
	expect_error("\"phase\":\"creating\"", "\"phase\":\"gone\"", "/phase: expected creating");
	expect_error("\"cgroupfs\"", "\"fs\"", "/cgroupManager: expected cgroupfs");
	expect_error("\"/minirun-c1\"", "\"minirun\"", "/cgroupPath: must be an absolute path");
	expect_error("\"pid\":2147483647", "\"pid\":2147483648",
		     "/pid: expected an integer from 0");
	expect_error("\"pid\":2147483647", "\"pid\":-1", "/pid: expected an integer from 0");
	expect_error("\"owner\":4294967294,", "", "/owner: is required but missing");
	expect_error("\"owner\":4294967294", "\"owner\":0,\"owner\":0", "occurs twice");
}

static void every_cut_record_is_an_error(void **state)
{
	struct record record;
	autobuffer out = { 0 };
	struct error err;

	(void)state;
	record_write(&out, &example);
	for (size_t length = 0; length < out.length - 1; length++)
		assert_int_equal(record_load(&record, "state.json", out.text, length, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(devices_that_moved_are_kept),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(mounts_that_were_added_are_kept),
		cmocka_unit_test(optional_members_may_be_absent),
		cmocka_unit_test(a_record_of_another_format_is_an_error),
		cmocka_unit_test(a_damaged_record_is_an_error),
		cmocka_unit_test(every_cut_record_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
