/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The stage: setns(2), then clone3(CLONE_PARENT).
 *
 * syscalls: prctl, setns, setresuid, setresgid, clone3, sendmsg
 */
#include "runtime/stage.h"

#include <errno.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/sys.h"
#include "base/table.h"
#include "namespaces/time.h"
#include "namespaces/user.h"
#include "runtime/child.h"
#include "runtime/init.h"
#include "runtime/sync.h"

/* A joined user namespace may own the others, or the host's may: who owns one is what setns(2)
 * asks. With the host's rights all of them can be entered from outside; what is refused there, to a
 * user, can be entered from inside, if it belongs to the user namespace. */
static int join(const struct creation *creation, struct error *err)
{
	const struct namespace_plan *plan = &creation->namespaces;
	uint64_t others = plan->join & ~(uint64_t)(CLONE_NEWUSER | CLONE_NEWPID);
	autofd offsets = -1;

	if (!(plan->join & CLONE_NEWUSER))
		return namespace_join(plan, others, err);
	table_for_each (type, namespace_types) {
		if (!(others & type->flag))
			continue;
		if (namespace_join(plan, type->flag, err) == 0)
			others &= ~type->flag;
		else if (err->code != EPERM)
			return -1;
	}
	if (time_is_offset(&creation->spec.linux) && (offsets = time_open(err)) < 0)
		return -1;
	if (namespace_join(plan, CLONE_NEWUSER, err) < 0 || user_become_root(NULL, err) < 0)
		return -1;
	if (offsets >= 0 && time_make(offsets, &creation->spec.linux, err) < 0)
		return -1;
	return namespace_join(plan, others, err);
}

static int run(struct creation *creation, struct error *err)
{
	struct clone_args args = { .flags = CLONE_PARENT };
	pid_t pid;

	if (child_tie(err) < 0 || join(creation, err) < 0)
		return -1;
	if (child_tie(err) < 0) /* a change of credentials has cut it */
		return -1;
	args.flags |= creation->namespaces.create;
	if (creation->cgroup_late)
		args.flags &= ~(uint64_t)CLONE_NEWCGROUP;
	if (time_is_offset(&creation->spec.linux))
		args.flags &= ~(uint64_t)CLONE_NEWTIME;
	pid = sys_clone3(&args);
	if (pid < 0)
		return error_errno(err, "clone3 from the stage process");
	if (pid == 0)
		init_main(creation);
	return sync_send(creation->sync, SYNC_FORKED, pid, err);
}

_Noreturn void stage_main(struct creation *creation)
{
	struct error err;

	if (run(creation, &err) < 0) {
		sync_send_error(creation->sync, &err);
		_exit(1);
	}
	_exit(0);
}
