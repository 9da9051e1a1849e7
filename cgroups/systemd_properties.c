/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a cgroup's files and from annotations to systemd's properties (systemd.resource-control(5),
 * org.freedesktop.systemd1(5)).
 *
 * syscalls: none
 */
#include "cgroups/systemd_properties.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/string.h"
#include "base/table.h"
#include "cgroups/variant_text.h"

#define PREFIX "org.systemd.property."
#define SECOND UINT64_C(1000000) /* in microseconds */
#define QUOTA_STEP 10000	 /* microseconds: systemd keeps a quota in hundredths of a second */
#define DEFAULT_PERIOD 100000	 /* microseconds: the kernel's, of cpu.max */

/* --- the list --- */

static struct systemd_property *find(const struct systemd_properties *properties, const char *name)
{
	for (size_t i = 0; i < properties->count; i++) {
		if (strcmp(properties->items[i].name, name) == 0)
			return &properties->items[i];
	}
	return NULL;
}

static struct systemd_property *grow(struct systemd_properties *properties)
{
	if (properties->count == properties->capacity) {
		size_t capacity = properties->capacity ? 2 * properties->capacity : 32;
		struct systemd_property *items =
			arena_array(properties->arena, capacity, sizeof(*items));

		if (!items) {
			properties->failed = true;
			return NULL;
		}
		if (properties->count > 0)
			memcpy(items, properties->items, properties->count * sizeof(*items));
		properties->items = items;
		properties->capacity = capacity;
	}
	return &properties->items[properties->count++];
}

/* The later one of a name counts. */
static void add(struct systemd_properties *properties, const char *name, struct variant value,
		bool optional)
{
	struct systemd_property *property = find(properties, name);

	if (!property)
		property = grow(properties);
	if (property)
		*property = (struct systemd_property){ name, value, optional };
}

static struct variant list_of(struct systemd_properties *properties, const char *type,
			      struct variant element)
{
	struct variant *items = arena_alloc(properties->arena, sizeof(*items));

	if (!items) {
		properties->failed = true;
		return (struct variant){ .type = type };
	}
	*items = element;
	return (struct variant){ .type = type, .items = items, .count = 1 };
}

void systemd_properties_add_basics(struct systemd_properties *properties,
				   const struct systemd_unit *unit, const char *id, pid_t process)
{
	static const char *const accounting[] = { "CPUAccounting", "MemoryAccounting",
						  "IOAccounting", "TasksAccounting" };
	const char *description = arena_format(properties->arena, "minirun container %s", id);

	if (!description) {
		properties->failed = true;
		return;
	}
	add(properties, "Description", VARIANT_STRING(description), false);
	/* nothing of a container is to be ordered among the units that a boot starts */
	add(properties, "DefaultDependencies", VARIANT_BOOL(false), false);
	/* a container that was killed must not keep its name occupied */
	add(properties, "CollectMode", VARIANT_STRING("inactive-or-failed"), false);
	if (unit->is_slice) {
		add(properties, "Wants", list_of(properties, "as", VARIANT_STRING(unit->slice)),
		    false);
	} else {
		add(properties, "Slice", VARIANT_STRING(unit->slice), false);
		add(properties, "PIDs",
		    list_of(properties, "au", VARIANT_UINT32((uint32_t)process)), false);
		/* what is below is ours: systemd keeps its hands off it, whatever it does later */
		add(properties, "Delegate", VARIANT_BOOL(true), false);
	}
	table_for_each (name, accounting)
		add(properties, *name, VARIANT_BOOL(true), false);
}

/* --- limits --- */

/* A number, or "max" for what systemd writes as infinity; others (percentages) aren't written to
 * these files. */
static bool parse_limit(const char *text, uint64_t *limit)
{
	if (strcmp(text, "max") == 0) {
		*limit = UINT64_MAX;
		return true;
	}
	return string_to_uint(text, UINT64_MAX - 1, limit);
}

struct file_row {
	const char *file, *property;
	void (*add)(struct systemd_properties *properties, const struct file_row *row,
		    const char *text);
};

static void add_limit(struct systemd_properties *properties, const struct file_row *row,
		      const char *text)
{
	uint64_t limit;

	if (parse_limit(text, &limit))
		add(properties, row->property, VARIANT_UINT64(limit), true);
}

/* TasksMax=0 is refused; the one task that 1 allows is there already. */
static void add_tasks(struct systemd_properties *properties, const struct file_row *row,
		      const char *text)
{
	uint64_t limit;

	if (parse_limit(text, &limit))
		add(properties, row->property, VARIANT_UINT64(limit ? limit : 1), true);
}

/* systemd's way to write cpu.idle, since version 252. */
static void add_idle(struct systemd_properties *properties, const struct file_row *row,
		     const char *text)
{
	if (strcmp(text, "1") == 0)
		add(properties, row->property, VARIANT_UINT64(0), true);
}

/* "QUOTA PERIOD", "max PERIOD" or without a period (0); in microseconds. */
static bool parse_quota(const char *text, uint64_t *quota, uint64_t *period)
{
	const size_t length = strcspn(text, " ");
	char number[24];

	*period = 0;
	if (length >= sizeof(number))
		return false;
	memcpy(number, text, length);
	number[length] = '\0';
	if (!parse_limit(number, quota))
		return false;
	return text[length] == '\0' ||
	       (string_to_uint(text + length + 1, UINT32_MAX, period) && *period > 0);
}

/* Rounded up: rounded down, a small quota would be none at all. UINT64_MAX: out of range. */
static uint64_t quota_per_second(uint64_t quota, uint64_t period)
{
	if (quota > UINT64_MAX / SECOND - QUOTA_STEP)
		return UINT64_MAX;
	return (quota * SECOND / (period ? period : DEFAULT_PERIOD) + QUOTA_STEP - 1) / QUOTA_STEP *
	       QUOTA_STEP;
}

static void add_quota(struct systemd_properties *properties, const struct file_row *row,
		      const char *text)
{
	uint64_t quota, period, per_second = UINT64_MAX;

	if (!parse_quota(text, &quota, &period))
		return;
	if (quota != UINT64_MAX) {
		per_second = quota_per_second(quota, period);
		if (per_second == UINT64_MAX)
			return;
	}
	add(properties, row->property, VARIANT_UINT64(per_second), true);
	if (period)
		add(properties, "CPUQuotaPeriodUSec", VARIANT_UINT64(period), true);
}

const char *systemd_quota(const char *text, struct arena *arena)
{
	uint64_t quota, period, per_second;

	if (!parse_quota(text, &quota, &period) || quota == UINT64_MAX)
		return text;
	per_second = quota_per_second(quota, period);
	if (!period)
		period = DEFAULT_PERIOD;
	if (per_second > UINT64_MAX / period)
		return text;
	return arena_format(arena, "%" PRIu64 " %" PRIu64, per_second * period / SECOND, period);
}

/* "0-3,5" as a bit mask, the lowest bits in the first byte. False: no such list. */
static bool parse_set(const char *text, unsigned char *bits, size_t size, size_t *used)
{
	*used = 0;
	while (*text) {
		char *end;
		unsigned long first, last;

		if (!isdigit((unsigned char)*text))
			return false;
		first = last = strtoul(text, &end, 10);
		if (*end == '-') {
			if (!isdigit((unsigned char)end[1]))
				return false;
			last = strtoul(end + 1, &end, 10);
		}
		if (first > last || last >= 8 * size || (*end && *end != ',' && *end != '\n'))
			return false;
		for (unsigned long bit = first; bit <= last; bit++)
			bits[bit / 8] |= (unsigned char)(1 << bit % 8);
		if (last / 8 + 1 > *used)
			*used = last / 8 + 1;
		text = *end ? end + 1 : end;
	}
	return *used > 0;
}

static void add_set(struct systemd_properties *properties, const struct file_row *row,
		    const char *text)
{
	unsigned char bits[1024] = { 0 }; /* 8192 processors, the kernel's own limit */
	struct variant_list bytes = { .arena = properties->arena };
	size_t used = 0; /* an empty list asks for nothing any more */

	if (*text && !parse_set(text, bits, sizeof(bits), &used))
		return;
	for (size_t i = 0; i < used; i++)
		variant_add(&bytes, (struct variant){ .type = "y", .number = bits[i] });
	properties->failed |= bytes.failed;
	add(properties, row->property,
	    (struct variant){ .type = "ay", .items = bytes.items, .count = bytes.count }, true);
}

static void add_oom_policy(struct systemd_properties *properties, const struct file_row *row,
			   const char *text)
{
	if (strcmp(text, "0") == 0 || strcmp(text, "1") == 0)
		add(properties, row->property, VARIANT_STRING(*text == '1' ? "kill" : "continue"),
		    true);
}

/* --- limits of devices --- */

/* One more ("/dev/block/8:0", number) of an a(st). */
static void add_device(struct systemd_properties *properties, const char *name, const char *device,
		       uint64_t number)
{
	struct systemd_property *property = find(properties, name);
	const size_t count = property ? property->value.count : 0;
	struct variant *items = arena_array(properties->arena, count + 1, sizeof(*items));
	struct variant *pair = arena_array(properties->arena, 2, sizeof(*pair));
	const char *path = arena_format(properties->arena, "/dev/block/%s", device);

	if (!items || !pair || !path) {
		properties->failed = true;
		return;
	}
	pair[0] = VARIANT_STRING(path);
	pair[1] = VARIANT_UINT64(number);
	if (property)
		memcpy(items, property->value.items, count * sizeof(*items));
	items[count] = (struct variant){ .type = "(st)", .items = pair, .count = 2 };
	add(properties, name,
	    (struct variant){ .type = "a(st)", .items = items, .count = count + 1 }, true);
}

static bool is_device(const char *text)
{
	const size_t major = strspn(text, "0123456789");

	return major > 0 && text[major] == ':' && text[major + 1] &&
	       strspn(text + major + 1, "0123456789") == strlen(text + major + 1);
}

/* What systemd scales to this number when it writes io.bfq.weight, whose numbers end at 1000. */
static uint64_t weight_for_bfq(uint64_t weight)
{
	return weight <= 100 ? weight : 100 + (weight - 100) * 11;
}

static bool has_device(const struct systemd_properties *properties, const char *name,
		       const char *device)
{
	const struct systemd_property *property = find(properties, name);

	for (size_t i = 0; property && i < property->value.count; i++) {
		const char *path = property->value.items[i].items[0].text;

		if (strcmp(strrchr(path, '/') + 1, device) == 0)
			return true;
	}
	return false;
}

/* "default 100", "100" or "8:0 200"; the first one counts, and BFQ's file comes first. */
static void add_weight_words(struct systemd_properties *properties, char **words, size_t count,
			     bool bfq)
{
	uint64_t weight;

	if (count == 0 || !string_to_uint(words[count - 1], UINT32_MAX, &weight))
		return;
	if (bfq)
		weight = weight_for_bfq(weight);
	if (count == 1 || (count == 2 && strcmp(words[0], "default") == 0)) {
		if (!find(properties, "IOWeight"))
			add(properties, "IOWeight", VARIANT_UINT64(weight), true);
	} else if (count == 2 && is_device(words[0]) &&
		   !has_device(properties, "IODeviceWeight", words[0])) {
		add_device(properties, "IODeviceWeight", words[0], weight);
	}
}

/* "8:0 rbps=1048576 wiops=max" */
static void add_throttle_words(struct systemd_properties *properties, char **words, size_t count,
			       bool bfq)
{
	static const struct {
		const char *key, *property;
	} keys[] = {
		{ "rbps=", "IOReadBandwidthMax" },
		{ "wbps=", "IOWriteBandwidthMax" },
		{ "riops=", "IOReadIOPSMax" },
		{ "wiops=", "IOWriteIOPSMax" },
	};
	uint64_t limit;

	(void)bfq;
	if (count == 0 || !is_device(words[0]))
		return;
	for (size_t i = 1; i < count; i++) {
		table_for_each (row, keys) {
			if (string_starts_with(words[i], row->key) &&
			    parse_limit(words[i] + strlen(row->key), &limit))
				add_device(properties, row->property, words[0], limit);
		}
	}
}

/* A file of lines, each with the words of one setting. */
static void add_lines(struct systemd_properties *properties, const char *text, bool bfq,
		      void (*add_words)(struct systemd_properties *properties, char **words,
					size_t count, bool bfq))
{
	char *copy = arena_string(properties->arena, text);
	char *line, *word, *lines = NULL, *rest = NULL;

	if (!copy) {
		properties->failed = true;
		return;
	}
	for (line = strtok_r(copy, "\n", &lines); line; line = strtok_r(NULL, "\n", &lines)) {
		char *words[8];
		size_t count = 0;

		for (word = strtok_r(line, " \t", &rest); word && count < ARRAY_SIZE(words);
		     word = strtok_r(NULL, " \t", &rest))
			words[count++] = word;
		add_words(properties, words, count, bfq);
	}
}

static void add_throttles(struct systemd_properties *properties, const struct file_row *row,
			  const char *text)
{
	(void)row;
	add_lines(properties, text, false, add_throttle_words);
}

void systemd_properties_add_throttle(struct systemd_properties *properties, const char *device,
				     const char *text)
{
	const char *line = text;
	const size_t length = strlen(device);

	if (has_device(properties, "IOReadBandwidthMax", device))
		return; /* its line says it all */
	while (*line && !(string_starts_with(line, device) && line[length] == ' ')) {
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	line = *line ? arena_format(properties->arena, "%.*s", (int)strcspn(line, "\n"), line)
		     : arena_format(properties->arena, "%s rbps=max wbps=max riops=max wiops=max",
				    device);
	if (line)
		add_lines(properties, line, false, add_throttle_words);
	else
		properties->failed = true;
}

void systemd_properties_add_weights(struct systemd_properties *properties, const char *bfq,
				    const char *iocost)
{
	const char *const name = "IODeviceWeight";
	struct systemd_property list = { .value = { .type = "a(st)" } }, *next;

	if (bfq)
		add_lines(properties, bfq, true, add_weight_words);
	if (iocost)
		add_lines(properties, iocost, false, add_weight_words);
	if (find(properties, name))
		list = *find(properties, name);
	/* what systemd has by now goes only by an empty list */
	add(properties, name, (struct variant){ .type = "a(st)" }, true);
	if (list.value.count > 0 && (next = grow(properties)) != NULL)
		*next = list;
}

static const struct file_row file_rows[] = {
	{ "memory.max", "MemoryMax", add_limit },
	{ "memory.high", "MemoryHigh", add_limit },
	{ "memory.low", "MemoryLow", add_limit },
	{ "memory.min", "MemoryMin", add_limit },
	{ "memory.swap.max", "MemorySwapMax", add_limit },
	{ "memory.zswap.max", "MemoryZSwapMax", add_limit }, /* 253 */
	{ "memory.oom.group", "OOMPolicy", add_oom_policy }, /* of scopes: 253 */
	{ "pids.max", "TasksMax", add_tasks },
	{ "cpu.weight", "CPUWeight", add_limit },
	{ "cpu.idle", "CPUWeight", add_idle },
	{ "cpu.max", "CPUQuotaPerSecUSec", add_quota },
	{ "cpuset.cpus", "AllowedCPUs", add_set },
	{ "cpuset.mems", "AllowedMemoryNodes", add_set },
	{ "io.max", "IOReadBandwidthMax", add_throttles },
};

void systemd_properties_add_file(struct systemd_properties *properties, const char *file,
				 const char *text)
{
	table_for_each (row, file_rows) {
		if (strcmp(row->file, file) == 0) {
			row->add(properties, row, text);
			return;
		}
	}
}

/* --- annotations --- */

static bool to_seconds(const struct variant *value, double *seconds)
{
	if (value->type[1])
		return false;
	switch (*value->type) {
	case 'y':
	case 'q':
	case 'u':
	case 't':
		*seconds = (double)value->number;
		return true;
	case 'n':
	case 'i':
	case 'x':
		*seconds = (double)(int64_t)value->number;
		return true;
	case 'd':
		*seconds = value->real;
		return true;
	default:
		return false;
	}
}

/* systemd's documents speak of seconds, RestartSec=, its bus of microseconds, RestartUSec. */
static int convert_seconds(struct systemd_properties *properties, const char **name,
			   struct variant *value, struct error *err)
{
	const size_t length = strlen(*name);
	double seconds;

	if (length < 4 || strcmp(*name + length - 3, "Sec") != 0 ||
	    !islower((unsigned char)(*name)[length - 4]))
		return 0;
	if (!to_seconds(value, &seconds))
		return error_set(err, "a number of seconds is expected");
	if (!(seconds >= 0 && seconds < (double)(UINT64_MAX / SECOND)))
		return error_set(err, "the number of seconds is out of range");
	*value = VARIANT_UINT64((uint64_t)(seconds * (double)SECOND));
	*name = arena_format(properties->arena, "%.*sUSec", (int)length - 3, *name);
	return *name ? 0 : error_code(err, ENOMEM, "value");
}

static int check_property_name(const char *name, struct error *err)
{
	static const char *const ours[] = { "PIDs", "Slice" };
	const size_t letters = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");

	if (letters < 3 || name[letters])
		return error_set(err, "no name of a property: at least three letters, and nothing "
				      "else");
	table_for_each (row, ours) {
		if (strcmp(*row, name) == 0)
			return error_set(err, "is decided by /linux/cgroupsPath");
	}
	return 0;
}

/* The file has the limit's value: systemd would write the other one with the next daemon-reload. */
static bool contradicts(const struct systemd_property *limit, const struct variant *value)
{
	return limit && limit->optional &&
	       (strcmp(limit->value.type, value->type) != 0 ||
		limit->value.number != value->number || *value->type == 'a' || *value->type == 's');
}

static int add_annotation(struct systemd_properties *properties, const char *name, const char *text,
			  struct error *err)
{
	struct variant value;

	if (check_property_name(name, err) < 0 ||
	    variant_parse(text, properties->arena, &value, err) < 0 ||
	    convert_seconds(properties, &name, &value, err) < 0)
		return -1;
	if (contradicts(find(properties, name), &value))
		return error_set(err, "/linux/resources asks for another value");
	add(properties, name, value, false);
	return 0;
}

int systemd_properties_add_annotations(struct systemd_properties *properties,
				       const struct string_map *annotations, struct error *err)
{
	for (size_t i = 0; i < annotations->count; i++) {
		const struct string_pair *pair = &annotations->items[i];

		if (string_starts_with(pair->name, PREFIX) &&
		    add_annotation(properties, pair->name + strlen(PREFIX), pair->value, err) < 0)
			return error_context(err, "/annotations/%s: \"%s\"", pair->name,
					     pair->value);
	}
	return 0;
}

/* --- all of it --- */

struct variant systemd_properties_value(struct systemd_properties *properties)
{
	const size_t count = properties->count;
	struct variant *pairs = arena_array(properties->arena, count, sizeof(*pairs));
	struct variant *members = arena_array(properties->arena, 2 * count, sizeof(*members));

	if (!pairs || !members) {
		properties->failed = true;
		return (struct variant){ .type = "a(sv)" };
	}
	for (size_t i = 0; i < count; i++) {
		const struct systemd_property *property = &properties->items[i];
		struct variant *pair = &members[2 * i];

		pair[0] = VARIANT_STRING(property->name);
		pair[1] = (struct variant){ .type = "v", .items = &property->value, .count = 1 };
		pairs[i] = (struct variant){ .type = "(sv)", .items = pair, .count = 2 };
	}
	return (struct variant){ .type = "a(sv)", .items = pairs, .count = count };
}

static bool names(const char *message, const char *name)
{
	const size_t length = strlen(name);

	for (const char *at = message; (at = strstr(at, name)) != NULL; at++) {
		if ((at == message || !isalnum((unsigned char)at[-1])) &&
		    !isalnum((unsigned char)at[length]))
			return true;
	}
	return false;
}

bool systemd_properties_drop_named(struct systemd_properties *properties, const char *message)
{
	for (size_t i = 0; i < properties->count; i++) {
		struct systemd_property *property = &properties->items[i];

		if (!property->optional || !names(message, property->name))
			continue;
		/* in order: the same name twice is "no more of these, but these" */
		memmove(property, property + 1, (--properties->count - i) * sizeof(*property));
		return true;
	}
	return false;
}
