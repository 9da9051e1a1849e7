/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a mount refuses: read-only, noexec, nodev, locked, full.
 *
 * syscalls: those of why_object.c
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "runtime/inspect/why_object.h"
#include "runtime/inspect/why_reason.h"

/* The member that says how this is mounted; NULL: none. */
const char *why_mount_pointer(const struct why_facts *facts, const char *mount)
{
	const struct container_spec *config = facts->document->target->config;

	if (!config || !mount)
		return NULL;
	for (size_t i = 0; i < config->linux.readonly_paths.count; i++)
		if (strcmp(config->linux.readonly_paths.items[i], mount) == 0)
			return FORMAT(facts, "/linux/readonlyPaths/%zu", i);
	for (size_t i = config->mounts.count; i > 0; i--)
		if (strcmp(config->mounts.items[i - 1].destination, mount) == 0)
			return FORMAT(facts, "/mounts/%zu/options", i - 1);
	return strcmp(mount, "/") == 0 && config->root.readonly ? "/root/readonly" : NULL;
}

/* "mount /data", or what a path that isn't found is on */
static const char *mount_words(const struct why_facts *facts, const struct why_object *object)
{
	return object->point ? FORMAT(facts, "mount %s", object->point) : "the mount";
}

void why_by_mount(const struct why_facts *facts, const struct why_failure *failure,
		  struct why_reason *reason)
{
	struct why_object object;

	why_object_find(facts, failure, &object);
	if (!object.is_known || why_object_is_readonly(&object))
		why_say(reason, object.is_known ? SURE_CERTAIN : SURE_LIKELY, "mounts",
			FORMAT(facts, "%s is read-only", mount_words(facts, &object)),
			why_mount_pointer(facts, object.point));
	else
		why_say(reason, SURE_LIKELY, "mounts",
			FORMAT(facts,
			       "%s can be written: what is read-only is another file system or "
			       "device that the call needs",
			       mount_words(facts, &object)),
			NULL);
}

void why_by_lock(const struct why_facts *facts, const struct why_failure *failure,
		 struct why_reason *reason)
{
	struct why_object object;

	why_object_find(facts, failure, &object);
	if (object.point && failure->path && string_equal(object.point, failure->path))
		why_say(reason, SURE_LIKELY, "mounts",
			FORMAT(facts,
			       "mount %s is locked: it came from another user namespace "
			       "together with what it covers, mount_namespaces(7)",
			       object.point),
			why_mount_pointer(facts, object.point));
	else
		why_say(reason, SURE_LIKELY, "mounts", "it is no mount point", NULL);
}

bool why_by_space(const struct why_facts *facts, const struct why_failure *failure,
		  struct why_reason *reason)
{
	const char *what = NULL;
	struct why_object object;

	why_object_find(facts, failure, &object);
	if (!object.is_known)
		return false;
	if (failure->code == EDQUOT)
		what = "the quota of its owner is used up";
	else if (object.space.f_blocks > 0 && object.space.f_bavail == 0)
		what = FORMAT(facts, "it is full (%llu MiB)",
			      (unsigned long long)object.space.f_blocks *
					      (object.space.f_frsize ? object.space.f_frsize : 1) >>
				      20);
	else if (object.space.f_files > 0 && object.space.f_ffree == 0)
		what = FORMAT(facts, "all of its %llu inodes are used",
			      (unsigned long long)object.space.f_files);
	if (!what)
		return false;
	why_say(reason, failure->code == EDQUOT ? SURE_LIKELY : SURE_CERTAIN, "mounts",
		FORMAT(facts, "%s, %s: %s", mount_words(facts, &object),
		       object.type ? object.type : "a file system", what),
		why_mount_pointer(facts, object.point));
	return true;
}

/* noexec and nodev refuse with EACCES. */
bool why_by_mount_flag(const struct why_facts *facts, const struct why_failure *failure,
		       const struct why_object *object, unsigned flags, struct why_reason *reason)
{
	const bool node = object->exists && (S_ISCHR(object->attributes.st_mode) ||
					     S_ISBLK(object->attributes.st_mode));

	if (failure->code == EPERM && why_is_call(failure, "mmap") &&
	    (failure->arguments[2] & PROT_EXEC) && why_object_has_flag(object, "noexec")) {
		why_say(reason, SURE_CERTAIN, "mounts",
			FORMAT(facts,
			       "mount %s is noexec: no library on it can be mapped to be executed",
			       object->point),
			why_mount_pointer(facts, object->point));
		return true;
	}
	if (failure->code != EACCES)
		return false;
	if ((flags & CALL_EXECUTES) && object->exists && !S_ISREG(object->attributes.st_mode))
		why_say(reason, SURE_CERTAIN, "permissions",
			S_ISDIR(object->attributes.st_mode)
				? "it is a directory, which nobody can execute"
				: "it is no regular file, and nothing else can be executed",
			NULL);
	else if ((flags & CALL_EXECUTES) && why_object_has_flag(object, "noexec"))
		why_say(reason, SURE_CERTAIN, "mounts",
			FORMAT(facts, "mount %s is noexec: nothing on it can be executed",
			       object->point),
			why_mount_pointer(facts, object->point));
	else if ((flags & CALL_OPENS_DEVICES) && node && why_object_has_flag(object, "nodev"))
		why_say(reason, SURE_CERTAIN, "mounts",
			FORMAT(facts, "mount %s is nodev: no device can be opened on it",
			       object->point),
			why_mount_pointer(facts, object->point));
	else
		return false;
	return true;
}

/* mount(2) by a caller who has the capability for it */
void why_by_mount_call(const struct why_facts *facts, const struct why_failure *failure,
		       struct why_reason *reason)
{
	if (failure->code == EPERM)
		why_say(reason, SURE_LIKELY, "mounts",
			FORMAT(facts,
			       "a file system that user namespaces can't mount, flags that are "
			       "locked, or proc or sysfs while the present one is covered "
			       "(linux.maskedPaths): mount_namespaces(7)%s",
			       why_or_label(facts)),
			NULL);
	else if (!why_by_label(facts, "containers' profiles refuse mounts", reason))
		why_say(reason, SURE_LIKELY, "mounts",
			"a device that is read-only, or that lies on a nodev mount; or a directory "
			"on the way that can't be searched",
			NULL);
}
