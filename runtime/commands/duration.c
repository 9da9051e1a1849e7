/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Durations in Go's notation, which engines and runc's users give.
 *
 * syscalls: none
 */
#include "runtime/commands/duration.h"

#include <stddef.h>
#include <string.h>

#include "base/table.h"

static const struct {
	const char *name;
	int64_t nanoseconds;
} units[] = {
	/* longer names before those that they begin with */
	{ "ns", 1 },	       { "us", 1000 },	    { "\xC2\xB5s", 1000 }, /* micro sign */
	{ "\xCE\xBCs", 1000 },						   /* Greek mu */
	{ "ms", 1000000 },     { "s", 1000000000 }, { "m", 60000000000 },  { "h", 3600000000000 },
};

static int64_t take_unit(const char **text)
{
	table_for_each (unit, units) {
		size_t length = strlen(unit->name);

		if (strncmp(*text, unit->name, length) == 0) {
			*text += length;
			return unit->nanoseconds;
		}
	}
	return 0;
}

/* Decimal digits as far as they go; returns how many. false in *fits: too large. */
static size_t take_digits(const char **text, int64_t *value, bool *fits)
{
	size_t count = 0;

	*value = 0;
	for (; **text >= '0' && **text <= '9'; (*text)++, count++) {
		if (__builtin_mul_overflow(*value, 10, value) ||
		    __builtin_add_overflow(*value, **text - '0', value))
			*fits = false;
	}
	return count;
}

/* ".25" of a unit: digits below a nanosecond count for nothing. */
static size_t take_fraction(const char **text, int64_t *billionths)
{
	int64_t place = 100000000;
	size_t count = 0;

	*billionths = 0;
	if (**text != '.')
		return 0;
	for ((*text)++; **text >= '0' && **text <= '9'; (*text)++, count++) {
		*billionths += (**text - '0') * place;
		place /= 10;
	}
	return count;
}

/* One number with its unit. */
static bool take_part(const char **text, int64_t *nanoseconds)
{
	int64_t whole, billionths, unit;
	bool fits = true;
	size_t digits = take_digits(text, &whole, &fits);

	digits += take_fraction(text, &billionths);
	if (digits == 0 || !fits)
		return false;
	unit = take_unit(text);
	if (unit == 0 || __builtin_mul_overflow(whole, unit, &whole))
		return false;
	/* 3.6e12 * 1e9 is too much for 64 bits: in two steps */
	billionths = unit >= 1000000000 ? unit / 1000000000 * billionths
					: unit * billionths / 1000000000;
	return !__builtin_add_overflow(whole, billionths, nanoseconds);
}

bool duration_parse(const char *text, int64_t *nanoseconds)
{
	int64_t sum = 0, part;

	if (strcmp(text, "0") == 0) {
		*nanoseconds = 0;
		return true;
	}
	do {
		if (!take_part(&text, &part) || __builtin_add_overflow(sum, part, &sum))
			return false;
	} while (*text);
	*nanoseconds = sum;
	return true;
}
