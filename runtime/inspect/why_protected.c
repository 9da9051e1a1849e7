/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules for other users' files beside their modes: sticky directories, and fs.protected_*, which
 * hold for root, too, and for all containers of the host alike. proc_sys_fs(5), open(2), link(2),
 * unlink(2)
 *
 * syscalls: those of why_object.c and why_common.c
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>

#include "base/table.h"
#include "runtime/inspect/why_object.h"
#include "runtime/inspect/why_reason.h"

#define STICKY_FOR_ALL (S_ISVTX | S_IWOTH)

/* A name on a way that others may close can be refused for that. */
static enum why_sureness sureness(const struct why_place *place)
{
	return place->way_is_open ? SURE_CERTAIN : SURE_LIKELY;
}

/* ---- O_CREAT of what is there ---- */

/* Where a call that opens has its flags, as the kernel counts arguments. */
static bool makes_if_missing(const struct why_failure *failure)
{
	static const struct {
		const char *call;
		int flags; /* -1: always */
	} rows[] = { { "creat", -1 }, { "open", 1 }, { "openat", 2 } };

	table_for_each (row, rows)
		if (strcmp(row->call, failure->call) == 0)
			return row->flags < 0 || (failure->arguments[row->flags] & O_CREAT);
	return false;
}

static bool by_creation(const struct why_facts *facts, const struct why_failure *failure,
			const struct why_place *place, struct why_reason *reason)
{
	const bool is_fifo = S_ISFIFO(place->end.st_mode);
	const char *name = is_fifo ? "fs/protected_fifos" : "fs/protected_regular";
	const uint32_t fsuid = facts->document->process.status.uid[3];
	const mode_t directory = place->directory.st_mode;
	int64_t level;

	if (!makes_if_missing(failure) || S_ISLNK(place->itself.st_mode) || !place->end_is_known ||
	    !(is_fifo || S_ISREG(place->end.st_mode)) || !(directory & S_ISVTX) ||
	    place->end.st_uid == fsuid || place->end.st_uid == place->directory.st_uid)
		return false;
	level = why_setting(facts, name);
	if (level < 1 || !(directory & S_IWOTH || (level > 1 && directory & S_IWGRP)))
		return false;
	why_say(reason, sureness(place), "sysctl",
		FORMAT(facts,
		       "fs.%s is %d on the host: in a sticky directory that others may write to "
		       "(mode %04o) nobody, root neither, opens another's %s (here %u's) with "
		       "O_CREAT; without O_CREAT it is a matter of its mode",
		       strchr(name, '/') + 1, (int)level, directory & 07777U,
		       is_fifo ? "fifo" : "file", place->end.st_uid),
		NULL);
	return true;
}

/* ---- links that are followed ---- */

/* Calls that look at a link itself; with a flag where one says so. */
static bool follows(const struct why_failure *failure)
{
	static const struct {
		const char *call;
		int flags; /* -1: never follows */
		uint64_t stays;
	} rows[] = {
		{ "faccessat2", 3, AT_SYMLINK_NOFOLLOW },
		{ "fchownat", 4, AT_SYMLINK_NOFOLLOW },
		{ "lchown", -1, 0 },
		{ "link", -1, 0 },
		{ "linkat", -1, 0 },
		{ "lstat", -1, 0 },
		{ "mkdir", -1, 0 },
		{ "mkdirat", -1, 0 },
		{ "newfstatat", 3, AT_SYMLINK_NOFOLLOW },
		{ "open", 1, O_NOFOLLOW },
		{ "openat", 2, O_NOFOLLOW },
		{ "readlink", -1, 0 },
		{ "readlinkat", -1, 0 },
		{ "rename", -1, 0 },
		{ "renameat", -1, 0 },
		{ "renameat2", -1, 0 },
		{ "rmdir", -1, 0 },
		{ "statx", 2, AT_SYMLINK_NOFOLLOW },
		{ "symlink", -1, 0 },
		{ "symlinkat", -1, 0 },
		{ "unlink", -1, 0 },
		{ "unlinkat", -1, 0 },
		{ "utimensat", 3, AT_SYMLINK_NOFOLLOW },
	};

	table_for_each (row, rows)
		if (strcmp(row->call, failure->call) == 0)
			return row->flags >= 0 && !(failure->arguments[row->flags] & row->stays);
	return call_effect_find(failure->call)->flags &
	       (CALL_CHANGES_FILES | CALL_EXECUTES | CALL_LOOKS_UP);
}

static bool by_link_on_the_way(const struct why_facts *facts, const struct why_failure *failure,
			       const struct why_place *place, struct why_reason *reason)
{
	const uint32_t owner = place->itself.st_uid;

	if (!S_ISLNK(place->itself.st_mode) || !follows(failure) ||
	    (place->directory.st_mode & STICKY_FOR_ALL) != STICKY_FOR_ALL ||
	    owner == facts->document->process.status.uid[3] || owner == place->directory.st_uid ||
	    why_setting(facts, "fs/protected_symlinks") < 1)
		return false;
	why_say(reason, sureness(place), "sysctl",
		FORMAT(facts,
		       "fs.protected_symlinks is 1 on the host: in a sticky directory that "
		       "everybody may write to (mode %04o) nobody, root neither, follows a link "
		       "of another (here %u's); the name that it leads to can be used",
		       place->directory.st_mode & 07777U, owner),
		NULL);
	return true;
}

/* ---- hard links ---- */

/* Why the kernel takes the file for one that mustn't be linked; NULL: it needn't. *certain: what is
 * known of the mode suffices. */
static const char *unsafe_source(const struct why_facts *facts, const struct stat *file,
				 bool *certain)
{
	*certain = true;
	if (!S_ISREG(file->st_mode))
		return "no regular file";
	if (file->st_mode & S_ISUID)
		return "a set-user-ID program";
	if ((file->st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP))
		return "a set-group-ID program";
	if ((file->st_mode & 06) == 06)
		return NULL;
	/* the group's bits are also those that an access control list can give at most */
	*certain = (file->st_mode & 060) != 060 && !why_has_capability(facts, CAP_DAC_OVERRIDE);
	return "one that the caller can't both read and write";
}

static bool by_hard_link(const struct why_facts *facts, const struct why_failure *failure,
			 struct why_reason *reason)
{
	const int argument = call_source_argument(failure->call);
	const char *what;
	struct why_place place;
	bool certain;

	if (argument < 0 || failure->code != EPERM || !failure->source)
		return false;
	why_place_find(facts, failure, failure->source, argument, &place);
	if (!place.is_known)
		return false;
	if (S_ISDIR(place.itself.st_mode)) {
		why_say(reason, SURE_CERTAIN, "permissions",
			"it is a directory, of which nobody makes hard links", NULL);
		return true;
	}
	if (place.itself.st_uid == facts->document->process.status.uid[3] ||
	    why_has_capability(facts, CAP_FOWNER) ||
	    why_setting(facts, "fs/protected_hardlinks") < 1)
		return false;
	what = unsafe_source(facts, &place.itself, &certain);
	if (!what)
		return false;
	why_say(reason, certain ? SURE_CERTAIN : SURE_LIKELY, "sysctl",
		FORMAT(facts,
		       "fs.protected_hardlinks is 1 on the host: the file is another's (%u's) and "
		       "%s; its owner may link it, or who has cap_fowner",
		       place.itself.st_uid, what),
		facts->document->target->config ? "/process/capabilities" : NULL);
	return true;
}

/* ---- names in sticky directories ---- */

static bool by_sticky_name(const struct why_facts *facts, const struct why_failure *failure,
			   const char *text, int argument, struct why_reason *reason)
{
	const uint32_t fsuid = facts->document->process.status.uid[3];
	struct why_place place;

	why_place_find(facts, failure, text, argument, &place);
	if (!place.is_known || !(place.directory.st_mode & S_ISVTX) ||
	    place.directory.st_uid == fsuid || place.itself.st_uid == fsuid ||
	    why_has_capability(facts, CAP_FOWNER))
		return false;
	why_say(reason, SURE_CERTAIN, "permissions",
		FORMAT(facts,
		       "a sticky directory (mode %04o): only the owner of the file (%u) or of the "
		       "directory (%u) may, or who has cap_fowner, which isn't effective",
		       place.directory.st_mode & 07777U, place.itself.st_uid,
		       place.directory.st_uid),
		facts->document->target->config ? "/process/capabilities" : NULL);
	return true;
}

static bool by_sticky(const struct why_facts *facts, const struct why_failure *failure,
		      struct why_reason *reason)
{
	static const char *const calls[] = { "rename", "renameat", "renameat2",
					     "rmdir",  "unlink",   "unlinkat" };
	const int from = call_source_argument(failure->call);
	const int to = call_effect_find(failure->call)->object;

	table_for_each (call, calls)
		if (failure->code == EPERM && strcmp(*call, failure->call) == 0)
			return (from >= 0 &&
				by_sticky_name(facts, failure, failure->source, from, reason)) ||
			       by_sticky_name(facts, failure, failure->path, to, reason);
	return false;
}

bool why_by_protected(const struct why_facts *facts, const struct why_failure *failure,
		      struct why_reason *reason)
{
	struct why_place place;

	if (by_sticky(facts, failure, reason) || by_hard_link(facts, failure, reason))
		return true;
	if (failure->code != EACCES || call_effect_find(failure->call)->object < 0 ||
	    (call_effect_find(failure->call)->flags & CALL_ON_DESCRIPTOR))
		return false;
	why_place_find(facts, failure, failure->path, call_effect_find(failure->call)->object,
		       &place);
	return place.is_known && (by_creation(facts, failure, &place, reason) ||
				  by_link_on_the_way(facts, failure, &place, reason));
}

/* ---- beforehand ---- */

#define WITH_O_CREAT                                                                               \
	"EACCES for another's file in a sticky directory (mode 1777) with O_CREAT: for root, too"

void why_protected_judge(struct why *why, const struct why_facts *facts)
{
	static const struct {
		const char *call, *setting, *text;
	} rows[] = {
		{ "creat", "fs/protected_regular", WITH_O_CREAT },
		{ "link", "fs/protected_hardlinks",
		  "EPERM for another's file that the caller can't read and write, without "
		  "cap_fowner" },
		{ "linkat", "fs/protected_hardlinks",
		  "EPERM for another's file that the caller can't read and write, without "
		  "cap_fowner" },
		{ "open", "fs/protected_regular", WITH_O_CREAT },
		{ "openat", "fs/protected_regular", WITH_O_CREAT },
	};

	table_for_each (row, rows) {
		const int64_t level =
			strcmp(row->call, why->call) == 0 ? why_setting(facts, row->setting) : 0;

		if (level > 0)
			why_add(why, "sysctl", WHY_DEPENDS,
				FORMAT(facts, "fs.%s is %d: %s", strchr(row->setting, '/') + 1,
				       (int)level, row->text),
				NULL);
	}
}
