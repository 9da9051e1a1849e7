/* SPDX-License-Identifier: Apache-2.0 */
#ifndef INSPECT_WHY_OBJECT_H
#define INSPECT_WHY_OBJECT_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#include "runtime/inspect/why.h"

/*
 * The file that a failed call is about, and the mount that it is on: looked up below the process's
 * root while the process is stopped. Nothing is opened but O_PATH, links don't lead out of the
 * root.
 */
struct why_object {
	bool is_known;		/* false: nothing below is */
	bool exists;		/* false: what follows is the directory's that it would be in */
	struct stat attributes; /* ids as we count them */
	struct statvfs space;
	const char *point, *flags, *type; /* of the mount, in arena; NULL: not found */
	const char *super_options;	  /* of its file system, likewise */
	bool is_mount_root, is_immutable, is_append_only; /* statx(2), chattr(1) */
};
void why_object_find(const struct why_facts *facts, const struct why_failure *failure,
		     struct why_object *object);
/* The same of what is there already, for calls with two paths. */
void why_object_find_source(const struct why_facts *facts, const struct why_failure *failure,
			    struct why_object *object);
bool why_ends_in(const char *text, const char *end);
/* "ro" of the mount or of the file system that is mounted. */
bool why_object_is_readonly(const struct why_object *object);
bool why_object_has_flag(const struct why_object *object, const char *flag);

/* A name, the directory that it is in, and what it leads to. */
struct why_place {
	bool is_known; /* false: nothing below is, or there is no such name */
	struct stat directory, itself;
	bool end_is_known;
	struct stat end;  /* the same as itself, if that is no link */
	bool keeps_all;	  /* the directory is immutable */
	bool keeps_names; /* ... or append-only */
	bool way_is_open; /* everybody can get to the directory: it is the end that refuses */
};
/* argument: index of the path among the call's arguments, for calls that take descriptors. */
void why_place_find(const struct why_facts *facts, const struct why_failure *failure,
		    const char *text, int argument, struct why_place *place);

/* The program that the process executes now, and what its file would have given: file
 * capabilities that it lacks, the set-user-ID bit of somebody else. */
struct why_program {
	struct why_object object;
	bool lacks_ids;
	uint64_t lacks_capabilities;
};
void why_object_of_program(const struct why_facts *facts, pid_t pid, struct why_program *program);

/* The owner has no number in the process's user namespace: capabilities that are held in there
 * don't count for the file. */
bool why_object_is_foreign(const struct why_object *object, pid_t pid);

#endif
