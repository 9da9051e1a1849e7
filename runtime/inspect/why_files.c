/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a file refuses: the mount that it is on, its owner and mode, what it is.
 *
 * syscalls: those of why_object.c
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sysmacros.h>

#include "base/table.h"
#include "runtime/inspect/why_object.h"
#include "runtime/inspect/why_reason.h"

#define CGROUP2 "cgroup2"

static bool is_call(const struct why_failure *failure, const char *call)
{
	return strcmp(failure->call, call) == 0;
}

/* The member that says how this is mounted; NULL: none. */
static const char *mount_pointer(const struct why_facts *facts, const char *mount)
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
			mount_pointer(facts, object.point));
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
			mount_pointer(facts, object.point));
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
		mount_pointer(facts, object.point));
	return true;
}

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
	if (!is_call(failure, "open") && !is_call(failure, "openat"))
		return false;
	how = failure->arguments[is_call(failure, "openat") ? 2 : 1] & O_ACCMODE;
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
	if (failure->code == EPERM && (is_call(failure, "mknod") || is_call(failure, "mknodat") ||
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
		if (failure->code != EPERM || !is_call(failure, *call))
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

/* noexec and nodev refuse with EACCES. */
static bool by_mount_flag(const struct why_facts *facts, const struct why_failure *failure,
			  const struct why_object *object, unsigned flags,
			  struct why_reason *reason)
{
	const bool node = object->exists && (S_ISCHR(object->attributes.st_mode) ||
					     S_ISBLK(object->attributes.st_mode));

	if (failure->code == EPERM && is_call(failure, "mmap") &&
	    (failure->arguments[2] & PROT_EXEC) && why_object_has_flag(object, "noexec")) {
		why_say(reason, SURE_CERTAIN, "mounts",
			FORMAT(facts,
			       "mount %s is noexec: no library on it can be mapped to be executed",
			       object->point),
			mount_pointer(facts, object->point));
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
			mount_pointer(facts, object->point));
	else if ((flags & CALL_OPENS_DEVICES) && node && why_object_has_flag(object, "nodev"))
		why_say(reason, SURE_CERTAIN, "mounts",
			FORMAT(facts, "mount %s is nodev: no device can be opened on it",
			       object->point),
			mount_pointer(facts, object->point));
	else
		return false;
	return true;
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
	const bool makes = is_call(failure, "mknod") || is_call(failure, "mknodat");
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
	if (is_call(failure, "execve") && object->exists && !(object->attributes.st_mode & 0111U))
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
		if (failure->code != EPERM || !is_call(failure, *call))
			continue;
		why_say(reason, SURE_LIKELY, "permissions",
			"an immutable or append-only file or directory (lsattr(1))", NULL);
		return true;
	}
	return false;
}

bool why_by_interpreter(const struct why_facts *facts, const struct why_failure *failure,
			struct why_reason *reason)
{
	struct why_object object;

	why_object_find(facts, failure, &object);
	if (!object.exists)
		return false;
	why_say(reason, SURE_LIKELY, "root",
		"the file is there: what is missing is the loader that it names (ELF: ldd(1) on "
		"the host, readelf -l) or the program of its first line (#!)",
		NULL);
	return true;
}

/* mount(2) by a caller who has the capability for it */
static void by_mount_call(const struct why_facts *facts, const struct why_failure *failure,
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

void why_by_permission(const struct why_facts *facts, const struct why_failure *failure,
		       struct why_reason *reason)
{
	const unsigned flags = call_effect_find(failure->call)->flags;
	struct why_object object;

	why_object_find(facts, failure, &object);
	if (by_mount_flag(facts, failure, &object, flags, reason) || by_immutable(failure, reason))
		return;
	if (failure->code == EPERM && (flags & CALL_EXECUTES))
		why_say(reason, SURE_LIKELY, "capability",
			"the file asks for capabilities (setcap(8), getcap(8)) that aren't all in "
			"the bounding set",
			why_pointer_if(facts, "/process/capabilities/bounding"));
	else if (is_call(failure, "mount"))
		by_mount_call(facts, failure, reason);
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

void why_by_program(const struct why_facts *facts, const struct why_failure *failure,
		    struct why_reason *reason)
{
	const struct fact_uint *no_gain = &facts->document->caps.no_new_privs;
	struct why_program program;
	const struct stat *file = &program.object.attributes;
	const char *what;

	why_object_of_program(facts, failure->pid, &program);
	*reason = (struct why_reason){ .layer = NULL };
	if (!program.lacks_ids && !program.lacks_capabilities)
		return;
	what = program.lacks_ids ? "set-user-ID or set-group-ID bit doesn't"
				 : "file capabilities (getcap(8)) don't";
	if (fact_is_known(&no_gain->fact) && no_gain->value)
		why_say(reason, SURE_CERTAIN, "no_new_privs",
			FORMAT(facts, "its %s count: no_new_privs is on", what),
			why_pointer_if(facts, "/process/noNewPrivileges"));
	else if (why_object_has_flag(&program.object, "nosuid"))
		why_say(reason, SURE_CERTAIN, "mounts",
			FORMAT(facts, "its %s count: mount %s is nosuid", what,
			       program.object.point),
			mount_pointer(facts, program.object.point));
	else if (program.lacks_ids && why_object_is_foreign(&program.object, failure->pid))
		why_say(reason, SURE_CERTAIN, "user namespace",
			FORMAT(facts,
			       "its %s count: it belongs to %u:%u of the host, which the user "
			       "namespace doesn't map",
			       what, file->st_uid, file->st_gid),
			why_pointer_of_ids(facts));
	else if (!program.lacks_ids)
		why_say(reason, SURE_LIKELY, "capability",
			"not all of its file capabilities (getcap(8)) are in the bounding set, or "
			"they are of another user namespace",
			why_pointer_if(facts, "/process/capabilities/bounding"));
}
