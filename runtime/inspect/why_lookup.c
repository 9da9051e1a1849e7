/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a path says no to whoever the caller is: links, boundaries of mounts, programs that run,
 * mount points, RLIMIT_FSIZE, a device node that the container's /dev lacks. path_resolution(7),
 * openat2(2)
 *
 * syscalls: those of why_object.c; lstat
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>

#include "base/string.h"
#include "base/table.h"
#include "runtime/inspect/why_object.h"
#include "runtime/inspect/why_reason.h"

#define DEV "/dev/"

#define FILES (CALL_CHANGES_FILES | CALL_LOOKS_UP)

static const struct {
	int code;
	unsigned flags; /* calls of these */
} refusals[] = {
	{ EBUSY, CALL_CHANGES_FILES },
	{ EFBIG, CALL_CHANGES_FILES },
	{ ELOOP, FILES | CALL_EXECUTES },
	{ ENOENT, CALL_OPENS_DEVICES },
	{ ETXTBSY, CALL_CHANGES_FILES | CALL_EXECUTES },
	{ EXDEV, CALL_CHANGES_FILES },
};

bool why_lookup_is_refusal(const char *call, int code)
{
	const unsigned flags = call_effect_find(call)->flags;

	table_for_each (row, refusals)
		if (row->code == code && (flags & row->flags))
			return true;
	return false;
}

bool why_lookup_is_ordinary(const struct why_failure *failure)
{
	return failure->code == ENOENT &&
	       (call_effect_find(failure->call)->flags & CALL_OPENS_DEVICES) &&
	       !(failure->path && string_starts_with(failure->path, DEV));
}

/* O_* of calls that open */
static uint64_t open_flags(const struct why_failure *failure)
{
	if (why_is_call(failure, "openat2"))
		return failure->has_structure ? failure->structure[0] : 0;
	return why_is_call(failure, "openat") ? failure->arguments[2]
	       : why_is_call(failure, "open") ? failure->arguments[1]
					      : 0;
}

/* RESOLVE_* */
static uint64_t resolve_flags(const struct why_failure *failure)
{
	return why_is_call(failure, "openat2") && failure->has_structure ? failure->structure[2]
									 : 0;
}

static void by_loop(const struct why_facts *facts, const struct why_failure *failure,
		    struct why_reason *reason)
{
	const uint64_t resolve = resolve_flags(failure);
	struct why_place place;

	why_place_find(facts, failure, failure->path, call_effect_find(failure->call)->object,
		       &place);
	if ((open_flags(failure) & O_NOFOLLOW) && place.is_known && S_ISLNK(place.itself.st_mode))
		why_say(reason, SURE_CERTAIN, "path",
			"it is a symbolic link, and the program doesn't follow any (O_NOFOLLOW)",
			NULL);
	else if (resolve & (RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS))
		why_say(reason, SURE_LIKELY, "path",
			"a symbolic link on the way, which the program forbids "
			"(RESOLVE_NO_SYMLINKS or RESOLVE_NO_MAGICLINKS of openat2)",
			NULL);
	else
		why_say(reason, SURE_LIKELY, "path",
			"symbolic links that lead in a circle, or more than 40 of them", NULL);
}

static void by_boundary(const struct why_facts *facts, const struct why_failure *failure,
			struct why_reason *reason)
{
	const uint64_t resolve = resolve_flags(failure);
	struct why_object object, source;

	why_object_find(facts, failure, &object);
	why_object_find_source(facts, failure, &source);
	if (resolve & RESOLVE_BENEATH)
		why_say(reason, SURE_LIKELY, "path",
			"the path leads out of its directory (\"..\", \"/\" or a link), which the "
			"program forbids (RESOLVE_BENEATH of openat2)",
			NULL);
	else if (resolve & RESOLVE_NO_XDEV)
		why_say(reason, SURE_LIKELY, "mounts",
			"the path leads over a mount point, which the program forbids "
			"(RESOLVE_NO_XDEV of openat2)",
			NULL);
	else if (source.point && object.point && strcmp(source.point, object.point) != 0)
		why_say(reason, SURE_CERTAIN, "mounts",
			FORMAT(facts,
			       "from mount %s to mount %s: a name stays in its mount, though the "
			       "file system may be the same; copying works",
			       source.point, object.point),
			NULL);
	else if (string_equal(source.type, "overlay"))
		why_say(reason, SURE_LIKELY, "mounts",
			"the directory is of a lower layer of the overlay, mounted without "
			"redirect_dir: copying works",
			NULL);
	else
		why_say(reason, SURE_POSSIBLE, "mounts", "two mounts, or two projects of a quota",
			NULL);
}

static bool by_mount_point(const struct why_facts *facts, const struct why_failure *failure,
			   struct why_reason *reason)
{
	static const char *const calls[] = { "rename", "renameat", "renameat2",
					     "rmdir",  "unlink",   "unlinkat" };
	struct why_object object, source;

	table_for_each (call, calls) {
		if (!why_is_call(failure, *call))
			continue;
		why_object_find(facts, failure, &object);
		why_object_find_source(facts, failure, &source);
		if (source.exists && source.is_mount_root)
			object = source;
		if (object.exists && object.is_mount_root)
			why_say(reason, SURE_CERTAIN, "mounts",
				FORMAT(facts,
				       "%s is a mount point: neither removed nor replaced by "
				       "another file (as editors and sed -i do); its contents can "
				       "be written",
				       object.point ? object.point : "it"),
				why_mount_pointer(facts, object.point));
		else if (object.type && string_starts_with(object.type, "cgroup"))
			why_say(reason, SURE_LIKELY, "cgroup",
				"the cgroup has processes, or cgroups below it", NULL);
		else
			why_say(reason, SURE_POSSIBLE, "mounts",
				"somebody's mount point or working root", NULL);
		return true;
	}
	return false;
}

static void by_size(const struct why_facts *facts, const struct why_failure *failure,
		    struct why_reason *reason)
{
	const char *limit = why_limit_text(facts, "RLIMIT_FSIZE");

	if (limit)
		why_say(reason, SURE_CERTAIN, "limits",
			FORMAT(facts, "RLIMIT_FSIZE is %s bytes: no file may become larger", limit),
			why_pointer_if(facts, "/process/rlimits"));
	else
		why_say(reason, SURE_LIKELY, "mounts",
			"larger than a file may be on this file system", NULL);
	(void)failure;
}

static void by_busy_program(const struct why_failure *failure, struct why_reason *reason)
{
	if (call_effect_find(failure->call)->flags & CALL_EXECUTES)
		why_say(reason, SURE_LIKELY, "path",
			"somebody has the program open for writing: who has just made it must "
			"close it before",
			NULL);
	else
		why_say(reason, SURE_LIKELY, "path",
			"a process executes this file, perhaps in another container or on the "
			"host: make a new file and rename it over this one",
			NULL);
}

/* The host has such a node. Only names right in /dev: nothing of what is below is looked at. */
static bool by_missing_device(const struct why_facts *facts, const struct why_failure *failure,
			      struct why_reason *reason)
{
	struct stat node;

	if (!failure->path || !string_starts_with(failure->path, DEV) ||
	    strstr(failure->path, "/..") || lstat(failure->path, &node) < 0 ||
	    !(S_ISCHR(node.st_mode) || S_ISBLK(node.st_mode)))
		return false;
	why_say(reason, SURE_CERTAIN, "devices",
		FORMAT(facts, "the host has this node, the container's own /dev hasn't: "
			      "linux.devices makes "
			      "it, linux.resources.devices allows it"),
		why_pointer_if(facts, "/linux/devices"));
	return true;
}

bool why_by_lookup(const struct why_facts *facts, const struct why_failure *failure,
		   struct why_reason *reason)
{
	if (!why_lookup_is_refusal(failure->call, failure->code))
		return false;
	switch (failure->code) {
	case EBUSY:
		return by_mount_point(facts, failure, reason);
	case EFBIG:
		by_size(facts, failure, reason);
		return true;
	case ELOOP:
		by_loop(facts, failure, reason);
		return true;
	case ENOENT:
		return by_missing_device(facts, failure, reason);
	case ETXTBSY:
		by_busy_program(failure, reason);
		return true;
	default:
		by_boundary(facts, failure, reason);
		return true;
	}
}

/* ---- attributes that chattr(1) sets ---- */

static bool removes_names(const struct why_failure *failure)
{
	static const char *const calls[] = { "rename", "renameat", "renameat2",
					     "rmdir",  "unlink",   "unlinkat" };

	table_for_each (call, calls)
		if (why_is_call(failure, *call))
			return true;
	return false;
}

bool why_by_attribute(const struct why_facts *facts, const struct why_failure *failure,
		      struct why_reason *reason)
{
	const struct call_effect *effect = call_effect_find(failure->call);
	const bool on_descriptor = effect->flags & CALL_ON_DESCRIPTOR;
	const char *what = NULL;
	struct why_object object, source;
	struct why_place place = { 0 };

	if (failure->code != EPERM || !(effect->flags & CALL_CHANGES_FILES))
		return false;
	if (on_descriptor && failure->path && string_starts_with(failure->path, "/memfd:")) {
		why_say(reason, SURE_LIKELY, "permissions",
			FORMAT(facts, "a seal of the memfd: fcntl(2), F_GET_SEALS%s",
			       why_setting_words(facts, "vm/memfd_noexec")),
			NULL);
		return true;
	}
	why_object_find(facts, failure, &object);
	why_object_find_source(facts, failure, &source);
	if (!on_descriptor)
		why_place_find(facts, failure, failure->path, effect->object, &place);
	if (object.is_immutable || source.is_immutable)
		what = object.is_known && !object.exists && !source.is_immutable
			       ? "the directory is immutable (chattr +i)"
			       : "the file is immutable (chattr +i)";
	else if (object.is_append_only && object.exists)
		what = "the file can only be appended to (chattr +a)";
	else if (removes_names(failure) && (place.keeps_all || place.keeps_names))
		what = place.keeps_all ? "the directory is immutable (chattr +i)"
				       : "names can only be added to the directory (chattr +a)";
	if (!what)
		return false;
	why_say(reason, SURE_CERTAIN, "permissions",
		FORMAT(facts,
		       "%s, which binds root, too: lsattr(1); who has cap_linux_immutable in "
		       "the initial user namespace can change that",
		       what),
		NULL);
	return true;
}
