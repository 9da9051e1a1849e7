/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a file refuses: its owner and mode, what it is.
 *
 * syscalls: those of why_object.c
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/table.h"
#include "runtime/inspect/why_object.h"
#include "runtime/inspect/why_reason.h"

#define CGROUP2 "cgroup2"

/* Its mode lets everybody do that: the owner isn't the reason. */
static bool all_may(const struct why_failure *failure, const struct why_object *object)
{
	static const mode_t needed[] = { [O_RDONLY] = 04, [O_WRONLY] = 02, [O_RDWR] = 06 };
	const unsigned flags = call_effect_find(failure->call)->flags;
	const mode_t mode = object->attributes.st_mode;
	uint64_t how;

	if (!object->exists)
		return false;
	if (flags & CALL_EXECUTES)
		return mode & 01;
	if (!why_is_call(failure, "open") && !why_is_call(failure, "openat"))
		return false;
	how = failure->arguments[why_is_call(failure, "openat") ? 2 : 1] & O_ACCMODE;
	return how < ARRAY_SIZE(needed) && (mode & needed[how]) == needed[how];
}

bool why_by_owner(const struct why_facts *facts, const struct why_failure *failure,
		  struct why_reason *reason)
{
	const unsigned flags = call_effect_find(failure->call)->flags;
	struct why_object object;

	if (!(flags & (CALL_CHANGES_FILES | CALL_EXECUTES)))
		return false;
	/* directories refuse with EACCES; what these ask for is a capability */
	if (failure->code == EPERM &&
	    (why_is_call(failure, "mknod") || why_is_call(failure, "mknodat") ||
	     why_ends_in(failure->call, "setxattr")))
		return false;
	why_object_find(facts, failure, &object);
	if (S_ISCHR(object.attributes.st_mode) || S_ISBLK(object.attributes.st_mode) ||
	    !why_object_is_foreign(&object, failure->pid) || all_may(failure, &object))
		return false;
	if (!object.exists && (object.attributes.st_mode & 0003) == 0003)
		return false; /* everybody may make names there: it is something else */
	why_say(reason, SURE_LIKELY, "user namespace",
		FORMAT(facts,
		       "%s belongs to %u:%u of the host, for which the caller's user namespace "
		       "has no number: capabilities held there don't count for it, and mode %04o "
		       "does",
		       object.exists ? "the file" : "the directory", object.attributes.st_uid,
		       object.attributes.st_gid, object.attributes.st_mode & 07777U),
		why_pointer_of_ids(facts));
	return true;
}

bool why_by_own_file(const struct why_facts *facts, const struct why_failure *failure,
		     struct why_reason *reason)
{
	static const char *const calls[] = { "chmod", "fchmod", "fchmodat", "fchmodat2",
					     "utimensat" };
	struct why_object object;

	table_for_each (call, calls) {
		if (failure->code != EPERM || !why_is_call(failure, *call))
			continue;
		why_object_find(facts, failure, &object);
		if (!object.exists ||
		    object.attributes.st_uid != facts->document->process.status.uid[3])
			return false;
		why_say(reason, SURE_POSSIBLE, "permissions",
			FORMAT(facts,
			       "the file is the caller's own: an immutable or append-only file "
			       "(lsattr(1))%s",
			       why_or_label(facts)),
			NULL);
		return true;
	}
	return false;
}

/* Devices whose drivers ask for a capability, and refuse with the filter's errno. */
static const char *driver_words(dev_t device)
{
	if (major(device) != 1)
		return "";
	if (minor(device) == 11)
		return "; or kernel.dmesg_restrict, which asks for cap_syslog";
	return minor(device) <= 4 && minor(device) != 3
		       ? "; or its driver, which asks for cap_sys_rawio, or lockdown"
		       : "";
}

static void by_device(const struct why_facts *facts, const struct why_failure *failure,
		      const struct why_object *object, struct why_reason *reason)
{
	const bool makes = why_is_call(failure, "mknod") || why_is_call(failure, "mknodat");
	const mode_t mode = object->attributes.st_mode;
	const dev_t device = object->attributes.st_rdev;

	if (makes)
		why_say(reason, SURE_LIKELY, "devices",
			FORMAT(facts,
			       "the cgroup's device filter (access \"m\"), or a user namespace "
			       "that "
			       "isn't the first: no node can be made in one%s",
			       why_or_label(facts)),
			why_pointer_if(facts, "/linux/resources/devices"));
	else if (object->exists && (S_ISCHR(mode) || S_ISBLK(mode)))
		why_say(reason, SURE_LIKELY, "devices",
			FORMAT(facts, "the cgroup's device filter: %c %u:%u isn't allowed%s",
			       S_ISBLK(mode) ? 'b' : 'c', major(device), minor(device),
			       S_ISCHR(mode) ? driver_words(device) : ""),
			why_pointer_if(facts, "/linux/resources/devices"));
	else
		why_say(reason, SURE_POSSIBLE, "permissions",
			"an immutable or append-only file (lsattr(1)), or O_NOATIME of another's "
			"file",
			NULL);
}

/* Who is asked, and of what: "the file is 0:0, mode 0600; the caller is 1000:1000" */
static const char *modes(const struct why_facts *facts, const struct why_object *object)
{
	const struct status_facts *caller = &facts->document->process.status;

	if (!object->is_known)
		return "owner and mode of the file or of a directory on the way";
	return FORMAT(
		facts,
		"owner and mode: the %s is %u:%u, mode %04o%s (the caller: %u:%u; as the host "
		"counts), or a directory on the way",
		object->exists ? S_ISDIR(object->attributes.st_mode) ? "directory" : "file"
			       : "directory",
		object->attributes.st_uid, object->attributes.st_gid,
		object->attributes.st_mode & 07777U,
		string_equal(object->type, CGROUP2) ? ", of a cgroup" : "", caller->uid[1],
		caller->gid[1]);
}

static void by_mode(const struct why_facts *facts, const struct why_failure *failure,
		    const struct why_object *object, struct why_reason *reason)
{
	if (why_is_call(failure, "execve") && object->exists &&
	    !(object->attributes.st_mode & 0111U))
		why_say(reason, SURE_CERTAIN, "permissions",
			FORMAT(facts, "nobody may execute the file: its mode is %04o",
			       object->attributes.st_mode & 07777U),
			NULL);
	else if (call_effect_find(failure->call)->flags & CALL_EXECUTES && object->exists &&
		 all_may(failure, object))
		why_say(reason, SURE_LIKELY, "permissions",
			FORMAT(facts,
			       "its mode lets everybody execute it: so a directory on the way, or "
			       "the program that its first line names (#!), whose mode or mount "
			       "may refuse%s",
			       why_or_label(facts)),
			NULL);
	else if (!why_has_capability(facts, CAP_DAC_OVERRIDE))
		why_say(reason, SURE_LIKELY, "permissions",
			FORMAT(facts, "%s; cap_dac_override isn't effective%s",
			       modes(facts, object), why_or_label(facts)),
			why_pointer_if(facts, "/process/user"));
	else if (!why_by_label(facts,
			       "cap_dac_override is effective, so that owner and mode don't count",
			       reason))
		why_say(reason, SURE_POSSIBLE, "permissions",
			"cap_dac_override is effective, so that owner and mode don't count, and no "
			"policy labels the process: Landlock, or the file system's own rule (a "
			"FUSE mount of another user's, NFS with root_squash)",
			NULL);
}

/* Removing what the owners' rules (why_protected.c) don't keep. */
static bool by_immutable(const struct why_failure *failure, struct why_reason *reason)
{
	static const char *const calls[] = { "link",	  "linkat", "rename", "renameat",
					     "renameat2", "rmdir",  "unlink", "unlinkat" };

	table_for_each (call, calls) {
		if (failure->code != EPERM || !why_is_call(failure, *call))
			continue;
		why_say(reason, SURE_LIKELY, "permissions",
			"an immutable or append-only file or directory (lsattr(1))", NULL);
		return true;
	}
	return false;
}

void why_by_permission(const struct why_facts *facts, const struct why_failure *failure,
		       struct why_reason *reason)
{
	const unsigned flags = call_effect_find(failure->call)->flags;
	struct why_object object;

	why_object_find(facts, failure, &object);
	if (why_by_mount_flag(facts, failure, &object, flags, reason) ||
	    by_immutable(failure, reason))
		return;
	if (failure->code == EPERM && (flags & CALL_EXECUTES))
		why_say(reason, SURE_LIKELY, "capability",
			"the file asks for capabilities (setcap(8), getcap(8)) that aren't all in "
			"the bounding set",
			why_pointer_if(facts, "/process/capabilities/bounding"));
	else if (why_is_call(failure, "mount"))
		why_by_mount_call(facts, failure, reason);
	else if (failure->code == EPERM && (flags & CALL_OPENS_DEVICES))
		by_device(facts, failure, &object, reason);
	else if (failure->code == EACCES &&
		 (flags & (CALL_CHANGES_FILES | CALL_EXECUTES | CALL_LOOKS_UP)))
		by_mode(facts, failure, &object, reason);
	else if (!why_by_label(facts, "seccomp and capabilities don't explain it", reason))
		why_say(reason, SURE_UNEXPLAINED, "-",
			"not explained by seccomp, capabilities or a label: permissions, mount "
			"flags, a BPF program, Landlock",
			NULL);
}
