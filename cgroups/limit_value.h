/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_LIMIT_VALUE_H
#define CGROUPS_LIMIT_VALUE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The texts of those limit files whose values can be compared (cgroup-v2.rst): a number or "max", a
 * quota per period, a set of CPUs or memory nodes. Pure.
 */
enum limit_kind { LIMIT_OTHER, LIMIT_NUMBER, LIMIT_RATIO, LIMIT_SET };

/* Which kind a file of this name holds; LIMIT_OTHER: none that is compared. */
enum limit_kind limit_kind_of(const char *file);

#define LIMIT_MAX UINT64_MAX /* what "max" is read as */

/* A number as the kernel takes it: digits and a suffix of K to E, or "max". A newline ends it. */
bool limit_number(const char *text, uint64_t *value);

/* The file shows this text after asked was written: sizes are rounded down to whole pages. */
bool limit_is_same(const char *file, const char *asked, const char *shown);

/* Asks for no more than was granted, or for nothing ("max"). A text that isn't of this kind does,
 * too: the kernel says what is wrong with it. */
bool limit_fits(enum limit_kind kind, const char *asked, const char *granted);

/* Two sets have a member in common, or one of the texts is no set. */
bool limit_sets_meet(const char *asked, const char *granted);

#endif
