/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAMESPACES_MOUNT_OPTIONS_H
#define NAMESPACES_MOUNT_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "spec/spec.h"

/*
 * mounts[].options: words become bits for mount_setattr(2) and fsmount(2), flags of the superblock,
 * propagation, and, what no table row knows, parameters for the file system. Words are taken in
 * order and the last one wins, so "ro,rw" is writable.
 */
enum mount_option_effect {
	MOUNT_OPTION_NOTHING, /* holds already: "defaults", "silent" (fsopen has its own log) */
	MOUNT_OPTION_SET,     /* bits of the mount */
	MOUNT_OPTION_CLEAR,
	MOUNT_OPTION_ATIME,	   /* the value of the access time enumeration */
	MOUNT_OPTION_ATIME_CANCEL, /* ... back to relatime, if it is this value or unsaid */
	MOUNT_OPTION_SUPERBLOCK_SET,
	MOUNT_OPTION_SUPERBLOCK_CLEAR,
	MOUNT_OPTION_PROPAGATION,
	MOUNT_OPTION_BIND,
	MOUNT_OPTION_REMOUNT,
	MOUNT_OPTION_COPY_UP,
	MOUNT_OPTION_IDMAP,    /* also with "=" and a map behind it */
	MOUNT_OPTION_BIND_HOW, /* of MOUNT_BIND_*: what to do with symbolic links */
};

struct mount_option {
	const char *name;
	enum mount_option_effect effect;
	bool recursive; /* the mount and all below it */
	uint64_t value; /* MOUNT_ATTR_*, MOUNT_SUPERBLOCK_*, MS_* */
};

/* Sorted by name. `features` lists them. */
extern const struct mount_option mount_options[];
extern const size_t mount_options_count;

/* Properties of a file system, not of a mount: only a new superblock can be given them. */
#define MOUNT_SUPERBLOCK_SYNC 0x01
#define MOUNT_SUPERBLOCK_DIRSYNC 0x02
#define MOUNT_SUPERBLOCK_LAZYTIME 0x04
#define MOUNT_SUPERBLOCK_MAND 0x08
#define MOUNT_SUPERBLOCK_IVERSION 0x10

/* All attributes that an option can name; what "exactly these" clears (decision: binds). */
#define MOUNT_ATTRIBUTES_ALL                                                                       \
	((uint64_t)(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | \
		    MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_NOSYMFOLLOW))

/* As mount_setattr(2) takes them: clear first, then set. MOUNT_ATTR__ATIME in clear means that the
 * access time value in set was asked for. */
struct mount_attributes {
	uint64_t set, clear;
};

#define MOUNT_PROPAGATION_MAX 4
struct mount_propagation {
	unsigned long type; /* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE */
	bool recursive;
};

/* crun's, which podman uses: for bind mounts. */
#define MOUNT_BIND_COPY_LINK 0x01   /* a source that is a link is made again, not mounted */
#define MOUNT_BIND_SOURCE_LINK 0x02 /* ... is mounted itself */
#define MOUNT_BIND_TARGET_LINK 0x04 /* a destination that is a link is covered itself */

enum mount_bind { MOUNT_BIND_NONE, MOUNT_BIND_ONE, MOUNT_BIND_TREE };

struct mount_options {
	enum mount_bind bind;
	bool remount;
	bool copy_up;
	bool idmap, idmap_tree;
	uint32_t bind_how;	/* MOUNT_BIND_*_LINK */
	const char *idmap_text; /* what "idmap=" says, or NULL */
	bool keep;		/* flags of the source stay: a user namespace may not lose one */
	bool exact;		/* some word says what the mount itself is to be */
	struct mount_attributes own;  /* of the mount: the final say, recursive words included */
	struct mount_attributes tree; /* of the mount and all below it, applied before own */
	const char *own_atime, *tree_atime; /* the last words about the access time, or NULL */
	uint32_t superblock;		    /* MOUNT_SUPERBLOCK_* */
	struct mount_propagation propagation[MOUNT_PROPAGATION_MAX]; /* in order */
	size_t propagation_count;
	const char **data; /* "key" or "key=value" for the file system */
	size_t data_count;
	/* index of the word that the error names; valid with the member of that name */
	size_t data_index, superblock_index, copy_up_index, idmap_index, bind_how_index;
};

/*
 * Fills options from mounts[index].options; the data array lives in arena, its strings are those of
 * list. The error names the word: "/mounts/3/options/1: ...". Pure. Runs in: parent.
 */
int mount_options_parse(const struct string_list *list, size_t index, struct arena *arena,
			struct mount_options *options, struct error *err);

/* The value of the last "key=..." among the data, or NULL. */
const char *mount_options_data(const struct mount_options *options, const char *key);

/* rootfsPropagation's value as MS_* flags (MS_REC with the r forms); 0: no such value. */
unsigned long mount_propagation_flags(const char *name);

#endif
