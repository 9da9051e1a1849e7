/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Why a program can't be executed though it is there, or gains nothing by being executed.
 *
 * syscalls: those of why_object.c
 */
#include "runtime/inspect/why_object.h"
#include "runtime/inspect/why_reason.h"

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
			why_mount_pointer(facts, program.object.point));
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
