/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.seccomp: what goes with which action, and what would make the runtime itself hang.
 *
 * seccomp(2), seccomp_unotify(2). syscalls: none
 */
#include <stdio.h>
#include <string.h>

#include "base/string.h"
#include "base/table.h"
#include "spec/validate.h"

#define ERRNO_MAX 4095	     /* the kernel's MAX_ERRNO: seccomp(2) caps the value there */
#define TRACE_DATA_MAX 65535 /* SECCOMP_RET_DATA */

/* Known, and without a number. What is unknown is for who compiles the filter to say. */
static const char *const plain_actions[] = {
	"SCMP_ACT_ALLOW", "SCMP_ACT_KILL",   "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
	"SCMP_ACT_LOG",	  "SCMP_ACT_NOTIFY", "SCMP_ACT_TRAP",
};

static bool is_plain(const char *action)
{
	table_for_each (name, plain_actions) {
		if (strcmp(*name, action) == 0)
			return true;
	}
	return false;
}

static int check_errno(const char *action, const struct opt_uint *value, const char *pointer,
		       struct error *err)
{
	uint64_t max;

	if (!value->present)
		return 0;
	if (strcmp(action, "SCMP_ACT_ERRNO") == 0)
		max = ERRNO_MAX;
	else if (strcmp(action, "SCMP_ACT_TRACE") == 0)
		max = TRACE_DATA_MAX;
	else if (is_plain(action))
		return error_set(err, "%s: action %.64s takes no errno", pointer, action);
	else
		return 0;
	if (value->value > max)
		return error_set(err, "%s: expected an integer from 0 to %ju", pointer,
				 (uintmax_t)max);
	return 0;
}

static int check_call(const struct syscall_spec *call, size_t i, struct error *err)
{
	char pointer[80];

	if (call->names.count == 0)
		return error_set(err, "/linux/seccomp/syscalls/%zu/names: needs at least one entry",
				 i);
	(void)snprintf(pointer, sizeof(pointer), "/linux/seccomp/syscalls/%zu/errnoRet",
		       i); /* fits: 20 digits at most */
	return check_errno(call->action, &call->errno_ret, pointer, err);
}

int validate_seccomp(const struct container_spec *spec, struct report *report, struct error *err)
{
	const struct seccomp_spec *seccomp = &spec->linux.seccomp;

	if (!seccomp->present)
		return 0;
	if (seccomp->listener_metadata && !seccomp->listener_path) {
		(void)error_set(err, "/linux/seccomp/listenerMetadata: needs listenerPath");
		if (!report_tell(report, err))
			return -1;
	}
	if (check_errno(seccomp->default_action, &seccomp->default_errno_ret,
			"/linux/seccomp/defaultErrnoRet", err) < 0 &&
	    !report_tell(report, err))
		return -1;
	for (size_t i = 0; i < seccomp->syscalls.count; i++)
		if (check_call(&seccomp->syscalls.items[i], i, err) < 0 &&
		    !report_tell(report, err))
			return -1;
	return 0;
}

static int check_notified(const struct seccomp_spec *seccomp, size_t i, struct error *err)
{
	const struct syscall_spec *call = &seccomp->syscalls.items[i];

	if (!string_equal(call->action, "SCMP_ACT_NOTIFY"))
		return 0;
	if (!seccomp->listener_path)
		return error_set(err,
				 "/linux/seccomp/syscalls/%zu/action: SCMP_ACT_NOTIFY needs "
				 "/linux/seccomp/listenerPath",
				 i);
	/* whose directory would it be relative to: that of create, or of start? */
	if (!strchr("/@", seccomp->listener_path[0]))
		return error_set(err,
				 "/linux/seccomp/listenerPath: \"%s\" isn't absolute, nor the "
				 "\"@name\" of an abstract socket",
				 seccomp->listener_path);
	for (size_t k = 0; k < call->names.count; k++)
		if (string_equal(call->names.items[k], "write"))
			return error_set(err,
					 "/linux/seccomp/syscalls/%zu/names/%zu: "
					 "SCMP_ACT_NOTIFY cannot be used for the write syscall",
					 i, k);
	return 0;
}

/* Where the runtime itself would hang on the agent's answer: after the filter is loaded it still
 * has to speak to the other side, and with everything notified not even the agent's descriptor
 * would get there. */
int validate_notify(const struct container_spec *spec, struct report *report, struct error *err)
{
	const struct seccomp_spec *seccomp = &spec->linux.seccomp;

	if (!seccomp->present)
		return 0;
	if (string_equal(seccomp->default_action, "SCMP_ACT_NOTIFY")) {
		(void)error_set(err, "/linux/seccomp/defaultAction: SCMP_ACT_NOTIFY cannot be "
				     "used as default action");
		if (!report_tell(report, err))
			return -1;
	}
	for (size_t i = 0; i < seccomp->syscalls.count; i++)
		if (check_notified(seccomp, i, err) < 0 && !report_tell(report, err))
			return -1;
	return 0;
}
