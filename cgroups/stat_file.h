/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_STAT_FILE_H
#define CGROUPS_STAT_FILE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The formats of a cgroup's files (cgroup-v2.rst, "Interface Files"): one number, flat keyed ("key
 * value" lines) and nested keyed ("key name=value name=value" lines). What is missing or can't be
 * read is simply not known: a host without that controller is no error.
 */

#define STAT_NO_LIMIT UINT64_MAX /* what "max" is read as */

/* The file's text, from malloc(3); NULL: there is none. */
char *stat_read(int cgroup, const char *name);

/* A file with one number or "max". */
bool stat_read_number(int cgroup, const char *name, uint64_t *value);

/* The parsers below are pure. */
bool stat_number(const char *text, uint64_t *value);

/* The value of a key in a flat keyed text (NULL: false). */
bool stat_find(const char *text, const char *key, uint64_t *value);

/*
 * Takes a text apart: returns its next line, NULL at the end, then its next word; both end the
 * piece by writing a NUL over what follows it. *rest begins with the text.
 */
char *stat_next_line(char **rest);
char *stat_next_word(char **rest);

/* The word "name=value" taken apart; false: it is none. */
bool stat_split(char *word, const char **name, const char **value);

#endif
