/* SPDX-License-Identifier: Apache-2.0 */
/* What systemd is told about a container. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/table.h"
#include "cgroups/systemd_properties.h"

static struct arena arena;
static struct systemd_properties properties;
static struct error err;

static int start(void **state)
{
	(void)state;
	properties = (struct systemd_properties){ .arena = &arena };
	return 0;
}

static int release(void **state)
{
	(void)state;
	assert_false(properties.failed);
	arena_free(&arena);
	return 0;
}

static const struct systemd_property *find(const char *name)
{
	for (size_t i = 0; i < properties.count; i++) {
		if (strcmp(properties.items[i].name, name) == 0)
			return &properties.items[i];
	}
	return NULL;
}

static const struct variant *value_of(const char *name)
{
	static const struct variant nothing = { .type = "" };
	const struct systemd_property *property = find(name);

	if (!property)
		fail_msg("no property %s", name);
	return property ? &property->value : &nothing; /* the compiler doesn't know fail_msg() */
}

static void basics_of_a_scope(void **state)
{
	const struct systemd_unit unit = { "p-n.scope", "a.slice", "/a.slice/p-n.scope", false };

	(void)state;
	systemd_properties_add_basics(&properties, &unit, "c1", 4711);
	assert_string_equal(value_of("Description")->text, "minirun container c1");
	assert_string_equal(value_of("Slice")->text, "a.slice");
	assert_string_equal(value_of("PIDs")->type, "au");
	assert_int_equal(value_of("PIDs")->items[0].number, 4711);
	assert_int_equal(value_of("Delegate")->number, 1);
	assert_int_equal(value_of("DefaultDependencies")->number, 0);
	assert_string_equal(value_of("CollectMode")->text, "inactive-or-failed");
	assert_int_equal(value_of("MemoryAccounting")->number, 1);
	assert_int_equal(value_of("TasksAccounting")->number, 1);
	/* our program decides about devices, and systemd has no opinion that a reload could apply
	 */
	assert_null(find("DevicePolicy"));
	assert_null(find("DeviceAllow"));
}

static void basics_of_a_slice(void **state)
{
	const struct systemd_unit unit = { "pod.slice", "a.slice", "/pod.slice", true };

	(void)state;
	systemd_properties_add_basics(&properties, &unit, "c1", 4711);
	assert_string_equal(value_of("Wants")->items[0].text, "a.slice");
	assert_null(find("Slice"));
	assert_null(find("PIDs"));
	assert_null(find("Delegate"));
}

static void numbers_of_files(void **state)
{
	static const struct {
		const char *file, *text, *property;
		uint64_t number;
	} cases[] = {
		{ "memory.max", "1048576", "MemoryMax", 1048576 },
		{ "memory.max", "max", "MemoryMax", UINT64_MAX },
		{ "memory.high", "5", "MemoryHigh", 5 },
		{ "memory.low", "0", "MemoryLow", 0 },
		{ "memory.min", "7", "MemoryMin", 7 },
		{ "memory.swap.max", "0", "MemorySwapMax", 0 },
		{ "memory.zswap.max", "9", "MemoryZSwapMax", 9 },
		{ "pids.max", "20", "TasksMax", 20 },
		{ "pids.max", "0", "TasksMax", 1 },
		{ "pids.max", "max", "TasksMax", UINT64_MAX },
		{ "cpu.weight", "100", "CPUWeight", 100 },
		{ "cpu.idle", "1", "CPUWeight", 0 },
		{ "cpu.max", "50000 100000", "CPUQuotaPerSecUSec", 500000 },
		{ "cpu.max", "50000", "CPUQuotaPerSecUSec", 500000 },
		{ "cpu.max", "max 100000", "CPUQuotaPerSecUSec", UINT64_MAX },
		/* 0.3333 s each second, in hundredths: never less than asked for */
		{ "cpu.max", "33333 100000", "CPUQuotaPerSecUSec", 340000 },
		{ "cpu.max", "1000 1000000", "CPUQuotaPerSecUSec", 10000 },
		{ "cpu.max", "50000 250000", "CPUQuotaPeriodUSec", 250000 },
	};

	(void)state;
	table_for_each (row, cases) {
		properties.count = 0;
		systemd_properties_add_file(&properties, row->file, row->text);
		assert_string_equal(value_of(row->property)->type, "t");
		if (value_of(row->property)->number != row->number)
			fail_msg("%s \"%s\": %ju", row->file, row->text,
				 (uintmax_t)value_of(row->property)->number);
		assert_true(properties.items[0].optional);
	}
}

static void quotas_that_systemd_can_keep(void **state)
{
	static const struct {
		const char *text, *kept;
	} cases[] = {
		{ "50000 100000", "50000 100000" },
		{ "33333 100000", "34000 100000" },
		{ "600000 900000", "603000 900000" },
		{ "1000 1000000", "10000 1000000" },
		{ "33333", "34000 100000" },
		{ "max 100000", "max 100000" },
		{ "x 5", "x 5" },
		{ "5 0", "5 0" },
		{ "18446744073709551614 5", "18446744073709551614 5" },
	};

	(void)state;
	table_for_each (row, cases)
		assert_string_equal(systemd_quota(row->text, properties.arena), row->kept);
}

static void texts_that_add_nothing(void **state)
{
	static const struct {
		const char *file, *text;
	} cases[] = {
		{ "cpu.idle", "0" },	  { "cpu.max.burst", "5" },   { "hugetlb.2MB.max", "5" },
		{ "memory.max", "lots" }, { "cpu.max", "5 0" },	      { "cpu.max", "x 5" },
		{ "io.weight", "200" },	  { "cpuset.cpus", "a" },     { "cpuset.cpus", "3-1" },
		{ "cpuset.cpus", "1-" },  { "cpuset.cpus", "99999" }, { "memory.oom.group", "2" },
		{ "io.max", "8:0" },	  { "io.max", "sda rbps=5" }, { "io.max", "" },
	};

	(void)state;
	table_for_each (row, cases) {
		systemd_properties_add_file(&properties, row->file, row->text);
		if (properties.count > 0)
			fail_msg("%s \"%s\": %s", row->file, row->text, properties.items[0].name);
	}
}

static void sets_are_bit_masks(void **state)
{
	const struct variant *mask;

	(void)state;
	systemd_properties_add_file(&properties, "cpuset.cpus", "0-2,8,17");
	mask = value_of("AllowedCPUs");
	assert_string_equal(mask->type, "ay");
	assert_int_equal(mask->count, 3);
	assert_int_equal(mask->items[0].number, 0x07);
	assert_int_equal(mask->items[1].number, 0x01);
	assert_int_equal(mask->items[2].number, 0x02);
	systemd_properties_add_file(&properties, "cpuset.mems", "0\n");
	assert_int_equal(value_of("AllowedMemoryNodes")->items[0].number, 1);
	systemd_properties_add_file(&properties, "cpuset.cpus", ""); /* any, from now on */
	assert_string_equal(value_of("AllowedCPUs")->type, "ay");
	assert_int_equal(value_of("AllowedCPUs")->count, 0);
}

static void oom_policy(void **state)
{
	(void)state;
	systemd_properties_add_file(&properties, "memory.oom.group", "1");
	assert_string_equal(value_of("OOMPolicy")->text, "kill");
	systemd_properties_add_file(&properties, "memory.oom.group", "0");
	assert_string_equal(value_of("OOMPolicy")->text, "continue");
}

static void devices_add_up(void **state)
{
	const struct variant *list;

	(void)state;
	systemd_properties_add_file(&properties, "io.max", "8:0 rbps=1024 wiops=max");
	systemd_properties_add_file(&properties, "io.max", "8:16 rbps=5\n8:32 rbps=6");
	list = value_of("IOReadBandwidthMax");
	assert_string_equal(list->type, "a(st)");
	assert_int_equal(list->count, 3);
	assert_string_equal(list->items[0].items[0].text, "/dev/block/8:0");
	assert_int_equal(list->items[0].items[1].number, 1024);
	assert_string_equal(list->items[2].items[0].text, "/dev/block/8:32");
	assert_true(value_of("IOWriteIOPSMax")->items[0].items[1].number == UINT64_MAX);
	assert_null(find("IOWriteBandwidthMax"));
}

static void a_disk_as_the_file_has_it(void **state)
{
	static const char text[] = "8:16 rbps=5 wbps=max riops=max wiops=max\n"
				   "8:1 rbps=max wbps=7 riops=max wiops=8\n";

	(void)state;
	systemd_properties_add_throttle(&properties, "8:1", text);
	systemd_properties_add_throttle(&properties, "8:1", text);
	assert_int_equal(value_of("IOReadBandwidthMax")->count, 1);
	assert_true(value_of("IOReadBandwidthMax")->items[0].items[1].number == UINT64_MAX);
	assert_int_equal(value_of("IOWriteBandwidthMax")->items[0].items[1].number, 7);
	assert_int_equal(value_of("IOWriteIOPSMax")->items[0].items[1].number, 8);
	/* no line: no limits any more */
	systemd_properties_add_throttle(&properties, "8:2", text);
	assert_string_equal(value_of("IOWriteBandwidthMax")->items[1].items[0].text,
			    "/dev/block/8:2");
	assert_true(value_of("IOWriteBandwidthMax")->items[1].items[1].number == UINT64_MAX);
	assert_int_equal(value_of("IOReadIOPSMax")->count, 2);
}

/* systemd's scale for BFQ: 1, 100, 10000 become 1, 100, 1000, with straight lines between. */
static uint64_t scaled(uint64_t weight)
{
	return weight <= 100 ? weight : 100 + (weight - 100) * 900 / 9900;
}

static void weights_replace_weights(void **state)
{
	const struct systemd_property *last;

	(void)state;
	systemd_properties_add_weights(&properties, "default 300\n8:0 20\n",
				       "default 7\n8:0 5000\n8:16 150\n");
	assert_int_equal(scaled(value_of("IOWeight")->number), 300);
	/* an empty list takes back what is there, then comes what holds */
	assert_string_equal(value_of("IODeviceWeight")->type, "a(st)");
	assert_int_equal(value_of("IODeviceWeight")->count, 0);
	last = &properties.items[properties.count - 1];
	assert_string_equal(last->name, "IODeviceWeight");
	assert_int_equal(last->value.count, 2);
	assert_int_equal(last->value.items[0].items[1].number, 20);
	assert_string_equal(last->value.items[1].items[0].text, "/dev/block/8:16");
	assert_int_equal(last->value.items[1].items[1].number, 150);

	properties.count = 0;
	systemd_properties_add_weights(&properties, NULL, "default 7\n");
	assert_int_equal(value_of("IOWeight")->number, 7);
	assert_int_equal(properties.count, 2);

	for (unsigned weight = 1; weight <= 1000; weight++) {
		char text[16];

		(void)snprintf(text, sizeof(text), "%u\n", weight);
		properties.count = 0;
		systemd_properties_add_weights(&properties, text, NULL);
		assert_int_equal(scaled(value_of("IOWeight")->number), weight);
	}
}

static void the_later_file_counts(void **state)
{
	(void)state;
	systemd_properties_add_file(&properties, "memory.max", "1");
	systemd_properties_add_file(&properties, "memory.max", "2");
	assert_int_equal(properties.count, 1);
	assert_int_equal(value_of("MemoryMax")->number, 2);
}

static void annotations(void **state)
{
	struct string_pair pairs[] = {
		{ "org.systemd.property.KillSignal", "15" },
		{ "org.systemd.property.TimeoutStopUSec", "uint64 10000000" },
		{ "org.systemd.property.RuntimeMaxSec", "1.5" },
		{ "org.systemd.property.After", "['a.service', 'b.service']" },
		{ "org.systemd.property.Description", "'mine'" },
		{ "other.annotation", "not a value" },
	};
	const struct string_map map = { pairs, ARRAY_SIZE(pairs) };
	const struct systemd_unit unit = { "p-n.scope", "a.slice", "/a.slice/p-n.scope", false };

	(void)state;
	systemd_properties_add_basics(&properties, &unit, "c1", 1);
	assert_int_equal(systemd_properties_add_annotations(&properties, &map, &err), 0);
	assert_string_equal(value_of("KillSignal")->type, "i");
	assert_int_equal(value_of("TimeoutStopUSec")->number, 10000000);
	assert_string_equal(value_of("RuntimeMaxUSec")->type, "t");
	assert_int_equal(value_of("RuntimeMaxUSec")->number, 1500000);
	assert_int_equal(value_of("After")->count, 2);
	assert_string_equal(value_of("Description")->text, "mine");
	assert_false(properties.items[properties.count - 1].optional);
}

static void wrong_annotations(void **state)
{
	static const struct {
		const char *name, *value, *why;
	} cases[] = {
		{ "KillSignal", "SIGTERM",
		  "/annotations/org.systemd.property.KillSignal: "
		  "\"SIGTERM\": no value at byte 0" },
		{ "Ab", "1", "no name of a property" },
		{ "A-b-c", "1", "no name of a property" },
		{ "", "1", "no name of a property" },
		{ "RuntimeMaxSec", "'x'", "a number of seconds is expected" },
		{ "RuntimeMaxSec", "[1]", "a number of seconds is expected" },
		{ "RuntimeMaxSec", "-1", "out of range" },
		{ "RuntimeMaxSec", "1e30", "out of range" },
		{ "PIDs", "[uint32 1]", "is decided by /linux/cgroupsPath" },
		{ "Slice", "'x.slice'", "is decided by /linux/cgroupsPath" },
	};

	(void)state;
	table_for_each (row, cases) {
		struct string_pair pair = {
			arena_format(&arena, "org.systemd.property.%s", row->name), row->value
		};
		const struct string_map map = { &pair, 1 };

		if (systemd_properties_add_annotations(&properties, &map, &err) == 0)
			fail_msg("accepted: %s", pair.name);
		if (!strstr(err.text, row->why))
			fail_msg("\"%s\" instead of \"%s\"", err.text, row->why);
	}
}

static void annotations_may_not_contradict_limits(void **state)
{
	static const struct {
		const char *value;
		int result;
	} cases[] = {
		{ "uint64 5", 0 }, { "uint64 6", -1 }, { "5", -1 }, /* another type */
	};

	(void)state;
	table_for_each (row, cases) {
		struct string_pair pair = { .name = "org.systemd.property.MemoryMax",
					    .value = row->value };
		const struct string_map map = { .items = &pair, .count = 1 };

		properties.count = 0;
		systemd_properties_add_file(&properties, "memory.max", "5");
		assert_int_equal(systemd_properties_add_annotations(&properties, &map, &err),
				 row->result);
		if (row->result < 0)
			assert_non_null(
				strstr(err.text, "/linux/resources asks for another value"));
	}
}

/* What systemd 252 says to OOMPolicy of a scope, and others to a weight that they don't know. */
static void an_old_systemd(void **state)
{
	(void)state;
	systemd_properties_add_file(&properties, "memory.max", "5");
	systemd_properties_add_file(&properties, "memory.oom.group", "1");
	systemd_properties_add_file(&properties, "cpu.idle", "1");
	assert_false(systemd_properties_drop_named(&properties, "Cannot set property OOMPolicyX"));
	assert_true(systemd_properties_drop_named(
		&properties, "Cannot set property OOMPolicy, or unknown property."));
	assert_null(find("OOMPolicy"));
	assert_true(systemd_properties_drop_named(&properties,
						  "Value specified in CPUWeight is out of range"));
	assert_null(find("CPUWeight"));
	assert_non_null(find("MemoryMax"));
	properties.items[0].optional = false;
	assert_false(systemd_properties_drop_named(&properties, "MemoryMax"));
}

static void the_argument_of_the_call(void **state)
{
	struct variant value;

	(void)state;
	systemd_properties_add_file(&properties, "pids.max", "5");
	value = systemd_properties_value(&properties);
	assert_string_equal(value.type, "a(sv)");
	assert_string_equal(value.items[0].type, "(sv)");
	assert_string_equal(value.items[0].items[0].text, "TasksMax");
	assert_string_equal(value.items[0].items[1].type, "v");
	assert_int_equal(value.items[0].items[1].items[0].number, 5);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, release)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(basics_of_a_scope),
		TEST(basics_of_a_slice),
		TEST(numbers_of_files),
		TEST(quotas_that_systemd_can_keep),
		TEST(texts_that_add_nothing),
		TEST(sets_are_bit_masks),
		TEST(oom_policy),
		TEST(devices_add_up),
		TEST(a_disk_as_the_file_has_it),
		TEST(weights_replace_weights),
		TEST(annotations_may_not_contradict_limits),
		TEST(the_later_file_counts),
		TEST(annotations),
		TEST(wrong_annotations),
		TEST(an_old_systemd),
		TEST(the_argument_of_the_call),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
