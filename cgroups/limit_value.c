/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparing limits (cgroup-v2.rst, "Interface Files"; cpuset(7), "List format").
 *
 * syscalls: none
 */
#include "cgroups/limit_value.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/string.h"
#include "base/table.h"

#define SET_MAX 8192			 /* CPUs or nodes; a kernel has at most as many */
#define DEFAULT_PERIOD 100000		 /* microseconds, the kernel's own */
#define PERIOD_LIMIT (UINT64_C(1) << 20) /* the kernel takes less */
#define QUOTA_LIMIT (UINT64_C(1) << 44)

enum limit_kind limit_kind_of(const char *file)
{
	static const struct {
		const char *file;
		enum limit_kind kind;
	} kinds[] = {
		{ "memory.max", LIMIT_NUMBER }, { "memory.swap.max", LIMIT_NUMBER },
		{ "pids.max", LIMIT_NUMBER },	{ "cpu.max", LIMIT_RATIO },
		{ "cpuset.cpus", LIMIT_SET },	{ "cpuset.mems", LIMIT_SET },
	};

	table_for_each (row, kinds) {
		if (strcmp(row->file, file) == 0)
			return row->kind;
	}
	return string_starts_with(file, "hugetlb.") && string_ends_with(file, ".max") ? LIMIT_NUMBER
										      : LIMIT_OTHER;
}

/* One word of a text, the next begins at *rest; false: there is none, or it is too long. */
static bool next_word(const char **rest, char *word, size_t size)
{
	const char *begin = *rest + strspn(*rest, " \n");
	const size_t length = strcspn(begin, " \n");

	*rest = begin + length;
	if (length == 0 || length >= size)
		return false;
	memcpy(word, begin, length);
	word[length] = '\0';
	return true;
}

bool limit_number(const char *text, uint64_t *value)
{
	static const char suffixes[] = "KMGTPE";
	char word[32];
	const char *suffix;
	size_t last;
	unsigned shift = 0;

	if (!next_word(&text, word, sizeof(word)))
		return false;
	if (strcmp(word, "max") == 0) {
		*value = LIMIT_MAX;
		return true;
	}
	last = strlen(word) - 1;
	suffix = strchr(suffixes, word[last] & ~0x20);
	if (suffix && word[last] > '9') {
		shift = 10 * (unsigned)(suffix - suffixes + 1);
		word[last] = '\0';
	}
	if (!string_to_uint(word, UINT64_MAX >> shift, value))
		return false;
	*value <<= shift;
	return true;
}

/* What the kernel counts in: "hugetlb.2MB.max", pages, or one by one. */
static uint64_t unit_of(const char *file)
{
	static const char hugetlb[] = "hugetlb.";
	char *unit;
	uint64_t size;

	if (!string_starts_with(file, hugetlb))
		return string_starts_with(file, "memory.") ? (uint64_t)sysconf(_SC_PAGESIZE) : 1;
	size = strtoull(file + strlen(hugetlb), &unit, 10);
	return size << (*unit == 'G' ? 30 : *unit == 'M' ? 20 : 10);
}

/* "QUOTA PERIOD"; without a period it is what it was, 0. */
static bool read_ratio(const char *text, uint64_t *quota, uint64_t *period)
{
	char word[32];

	if (!limit_number(text, quota))
		return false;
	(void)next_word(&text, word, sizeof(word));
	if (!next_word(&text, word, sizeof(word))) {
		*period = 0;
		return true;
	}
	return string_to_uint(word, UINT32_MAX, period);
}

static bool is_same_number(const char *file, const char *asked, const char *shown)
{
	uint64_t wanted, is;

	if (!limit_number(asked, &wanted) || !limit_number(shown, &is))
		return false;
	if (wanted == LIMIT_MAX || is == LIMIT_MAX)
		return wanted == is;
	return wanted >= is && wanted - is < unit_of(file);
}

static bool is_same_ratio(const char *asked, const char *shown)
{
	uint64_t quota, period, is, each;

	return read_ratio(asked, &quota, &period) && read_ratio(shown, &is, &each) && quota == is &&
	       (period == 0 || period == each);
}

static bool is_same_set(const char *asked, const char *shown)
{
	uint64_t wanted[SET_MAX / 64], is[SET_MAX / 64];

	return string_to_set(asked, SET_MAX, wanted) && string_to_set(shown, SET_MAX, is) &&
	       memcmp(wanted, is, sizeof(is)) == 0;
}

bool limit_is_same(const char *file, const char *asked, const char *shown)
{
	switch (limit_kind_of(file)) {
	case LIMIT_NUMBER:
		return is_same_number(file, asked, shown);
	case LIMIT_RATIO:
		return is_same_ratio(asked, shown);
	case LIMIT_SET:
		return is_same_set(asked, shown);
	case LIMIT_OTHER:
		break;
	}
	return false;
}

static bool ratio_fits(const char *asked, const char *granted)
{
	uint64_t quota, period, most, each;

	if (!read_ratio(asked, &quota, &period) || !read_ratio(granted, &most, &each) ||
	    quota >= QUOTA_LIMIT || most >= QUOTA_LIMIT || period >= PERIOD_LIMIT ||
	    each >= PERIOD_LIMIT)
		return true;
	/* quota/period <= most/each */
	return quota * (each ? each : DEFAULT_PERIOD) <= most * (period ? period : DEFAULT_PERIOD);
}

static bool set_fits(const char *asked, const char *granted)
{
	uint64_t wanted[SET_MAX / 64], had[SET_MAX / 64];

	if (!string_to_set(asked, SET_MAX, wanted) || !string_to_set(granted, SET_MAX, had))
		return true;
	for (size_t i = 0; i < SET_MAX / 64; i++) {
		if (wanted[i] & ~had[i])
			return false;
	}
	return true;
}

bool limit_sets_meet(const char *asked, const char *granted)
{
	uint64_t wanted[SET_MAX / 64], had[SET_MAX / 64];

	if (!string_to_set(asked, SET_MAX, wanted) || !string_to_set(granted, SET_MAX, had))
		return true;
	for (size_t i = 0; i < SET_MAX / 64; i++) {
		if (wanted[i] & had[i])
			return true;
	}
	return false;
}

bool limit_fits(enum limit_kind kind, const char *asked, const char *granted)
{
	uint64_t wanted, most;

	switch (kind) {
	case LIMIT_NUMBER:
		return !limit_number(asked, &wanted) || !limit_number(granted, &most) ||
		       wanted == LIMIT_MAX || wanted <= most;
	case LIMIT_RATIO:
		return ratio_fits(asked, granted);
	case LIMIT_SET:
		return set_fits(asked, granted);
	case LIMIT_OTHER:
		break;
	}
	return true;
}
