/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clocks of a new time namespace.
 *
 * time_namespaces(7)
 * syscalls: unshare write openat setns (openat2 by base/procfs.c)
 */
#include "namespaces/time.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/procfs.h"
#include "base/sys.h"

bool time_is_offset(const struct linux_spec *linux)
{
	return linux->time_offsets.monotonic.present || linux->time_offsets.boottime.present;
}

static int out_of_range(struct error *err)
{
	return error_set(err,
			 "/linux/timeOffsets: a clock would be negative, or more than 146 years "
			 "in the future");
}

/* As the kernel's proc_timens_set_offset() does it. */
static bool is_in_range(const struct time_offset *offset, clockid_t clock)
{
	const int64_t last = INT64_MAX / 1000000000 / 2; /* KTIME_SEC_MAX / 2 */
	struct timespec now;

	if (!offset->present || clock_gettime(clock, &now) < 0)
		return true;
	if (offset->secs > last || offset->secs < -last)
		return false;
	now.tv_sec += offset->secs;
	return now.tv_sec >= 0 && now.tv_sec <= last;
}

int time_check(const struct linux_spec *linux, const struct namespace_plan *plan, struct error *err)
{
	if (!time_is_offset(linux))
		return 0;
	if (!(plan->create & CLONE_NEWTIME))
		return error_set(err, "/linux/timeOffsets: needs a new time namespace");
	if (!is_in_range(&linux->time_offsets.monotonic, CLOCK_MONOTONIC) ||
	    !is_in_range(&linux->time_offsets.boottime, CLOCK_BOOTTIME))
		return out_of_range(err);
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

int time_open(struct error *err)
{
	autofd procfs = procfs_open(PROCFS_PROCESSES, err);
	int file;

	if (procfs < 0)
		return -1;
	file = procfs_open_file(procfs, "self/timens_offsets", O_WRONLY, err);
	if (file < 0 && err->code == ENOENT)
		return error_set(err, "/linux/timeOffsets: the kernel has no time namespaces");
	return file < 0 ? error_context(err, "/linux/timeOffsets") : file;
}

int time_make(int file, const struct linux_spec *linux, struct error *err)
{
	autobuffer text = { 0 };

	time_format_offsets(linux, &text);
	if (text.failed)
		return error_code(err, ENOMEM, "/linux/timeOffsets");
	if (unshare(CLONE_NEWTIME) < 0)
		return error_errno(err, "/linux/timeOffsets: new time namespace");
	if (write(file, text.text, text.length) == (ssize_t)text.length)
		return 0;
	if (errno == ERANGE)
		return out_of_range(err);
	return error_errno(err, "/linux/timeOffsets: write them");
}

int time_enter(struct error *err)
{
	autofd procfs = procfs_open(PROCFS_PROCESSES, err);
	autofd made = -1;

	if (procfs < 0)
		return -1;
	made = openat(procfs, "self/ns/time_for_children", O_RDONLY | O_CLOEXEC);
	if (made < 0 || setns(made, CLONE_NEWTIME) < 0)
		return error_errno(err, "/linux/timeOffsets: enter the new time namespace");
	return 0;
}
