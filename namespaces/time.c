/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clocks of a new time namespace.
 *
 * time_namespaces(7)
 * syscalls: openat unshare (openat2 write close by base/procfs.c) setns
 */
#include "namespaces/time.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/sys.h"

bool time_is_offset(const struct linux_spec *linux)
{
	return linux->time_offsets.monotonic.present || linux->time_offsets.boottime.present;
}

int time_check(const struct linux_spec *linux, const struct namespace_plan *plan, struct error *err)
{
	if (time_is_offset(linux) && !(plan->create & CLONE_NEWTIME))
		return error_set(err, "/linux/timeOffsets: needs a new time namespace");
	return 0;
}

static void format_offset(const struct time_offset *offset, const char *clock, struct buffer *text)
{
	if (offset->present)
		buffer_format(text, "%s %" PRId64 " %u\n", clock, offset->secs, offset->nanosecs);
}

void time_format_offsets(const struct linux_spec *linux, struct buffer *text)
{
	format_offset(&linux->time_offsets.monotonic, "monotonic", text);
	format_offset(&linux->time_offsets.boottime, "boottime", text);
}

int time_prepare(int procfs, const struct linux_spec *linux, int *own, struct error *err)
{
	autobuffer text = { 0 };
	struct error ignored;

	*own = open("/proc/self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	if (*own < 0 && errno == ENOENT)
		return error_set(err, "the kernel has no time namespaces");
	if (*own < 0)
		return error_errno(err, "time namespace of our children");
	if (unshare(CLONE_NEWTIME) < 0) {
		(void)error_errno(err, "new time namespace");
		fd_close(own);
		return -1;
	}
	time_format_offsets(linux, &text);
	if (text.failed)
		(void)error_set(err, "/linux/timeOffsets: out of memory");
	else if (procfs_write(procfs, "self/timens_offsets", text.text, err) == 0)
		return 0;
	else
		(void)error_context(err, "/linux/timeOffsets");
	(void)time_restore(own, &ignored); /* the first error is the one to report */
	return -1;
}

int time_restore(int *own, struct error *err)
{
	autofd fd = fd_take(own);

	if (fd >= 0 && setns(fd, CLONE_NEWTIME) < 0)
		return error_errno(err, "back to our own time namespace");
	return 0;
}
