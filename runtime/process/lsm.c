/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.apparmorProfile and process.selinuxLabel: the label that the next execve(2) puts on the
 * process, proc_pid_attr(5). The file is opened while the host's kernel file system can still be
 * told from a fake one, on a procfs that nobody can mount over (CVE-2019-16884, CVE-2025-52881),
 * and written through that descriptor at the very end. The kernel lets only the process that opened
 * the file write it (proc_pid_attr_write() compares the memory descriptor), so no fork(2) may lie
 * between the two.
 *
 * Names of the attributes stand in backquotes in the errors: podman finds label problems by that.
 *
 * syscalls: openat2 write pread open read statfs
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/procfs.h"
#include "runtime/process/process.h"

#define PROFILES "/sys/kernel/security/apparmor/profiles" /* root may read it */
#define PROFILES_MAX ((size_t)16 << 20)
#define SELINUX_MAGIC 0xf97cff8c /* linux/magic.h */

/* The attributes by what they are asked for, best first. */
static const char apparmor_exec[] = "self/attr/apparmor/exec"; /* Linux 5.8, with other LSMs */
static const char plain_exec[] = "self/attr/exec";
static const char key_create[] = "self/attr/keycreate";

static bool apparmor_is_enabled(void)
{
	autofd fd = open("/sys/module/apparmor/parameters/enabled", O_RDONLY | O_CLOEXEC);
	char answer;

	return fd >= 0 && read(fd, &answer, 1) == 1 && answer == 'Y';
}

static bool selinux_is_enabled(void)
{
	struct statfs filesystem;

	return statfs("/sys/fs/selinux", &filesystem) == 0 &&
	       (unsigned long)filesystem.f_type == SELINUX_MAGIC;
}

int lsm_check(const struct process_spec *process, struct error *err)
{
	const char *profile = process->apparmor_profile, *label = process->selinux_label;

	if (profile && !apparmor_is_enabled())
		return error_of_kind(err, ERROR_UNSUPPORTED,
				     "/process/apparmorProfile: apparmor: config provided but "
				     "apparmor not supported");
	if (profile && strlen(profile) >= PATH_MAX)
		return error_set(err, "/process/apparmorProfile: longer than %d bytes",
				 PATH_MAX - 1);
	if (label && !selinux_is_enabled())
		return error_of_kind(err, ERROR_UNSUPPORTED,
				     "/process/selinuxLabel: selinux label is specified in "
				     "config, but selinux is disabled or not supported");
	if (label && strlen(label) >= PATH_MAX)
		return error_set(err, "/process/selinuxLabel: longer than %d bytes", PATH_MAX - 1);
	return 0;
}

int lsm_check_mounts(const char *label, struct error *err)
{
	if (!label || selinux_is_enabled())
		return 0;
	return error_of_kind(err, ERROR_UNSUPPORTED,
			     "/linux/mountLabel: selinux label is specified in config, but "
			     "selinux is disabled or not supported");
}

/* Lines like "docker-default (enforce)". */
static bool lists_profile(const char *profiles, const char *wanted)
{
	const size_t length = strlen(wanted);

	for (const char *line = profiles; *line; line += strcspn(line, "\n"), line += *line == '\n')
		if (strncmp(line, wanted, length) == 0 && strncmp(line + length, " (", 2) == 0)
			return true;
	return false;
}

int lsm_check_profile(const struct process_spec *process, struct error *err)
{
	const char *profile = process->apparmor_profile;
	autofree char *profiles = NULL;
	struct error ignored;

	/* a stack of profiles and one of another namespace stand in the list in other words */
	if (!profile || strcmp(profile, "unconfined") == 0 || *profile == ':' ||
	    strstr(profile, "//&") || !apparmor_is_enabled() ||
	    file_read_at(AT_FDCWD, PROFILES, PROFILES_MAX, &profiles, NULL, &ignored) < 0 ||
	    lists_profile(profiles, profile))
		return 0;
	return error_set(err, "/process/apparmorProfile: apparmor profile \"%.200s\": isn't loaded",
			 profile);
}

static int refused(struct error *err, const char *what, const char *attribute)
{
	return error_errno(err, "%s `/proc/%s`", what, attribute);
}

/* The private procfs's own error is replaced: its text lacks the backquotes. */
static int open_attribute(int procfs, const char *name, int flags, struct error *err)
{
	int fd = procfs_open_file(procfs, name, flags, err);

	if (fd < 0 && err->code != 0) {
		errno = err->code;
		return refused(err, "open", name);
	}
	return fd;
}

int lsm_open(const struct process_spec *process, bool *none, struct error *err)
{
	autofd procfs = -1;
	int fd = -1;

	*none = !process->apparmor_profile && !process->selinux_label;
	if (*none)
		return -1;
	if (process->apparmor_profile && process->selinux_label)
		return error_set(err, "/process/selinuxLabel: can't be had together with "
				      "apparmorProfile");
	procfs = procfs_open(PROCFS_PROCESSES, err);
	if (procfs < 0)
		return -1;
	if (process->apparmor_profile) {
		fd = open_attribute(procfs, apparmor_exec, O_RDWR, err);
		if (fd >= 0 || err->code != ENOENT)
			return fd;
	}
	return open_attribute(procfs, plain_exec, O_RDWR, err);
}

/* One write(2): each is a whole command to the kernel. */
static int write_attribute(int fd, const char *text, const char *attribute, struct error *err)
{
	size_t length = strlen(text);
	ssize_t written;

	do
		written = write(fd, text, length);
	while (written < 0 && errno == EINTR);
	if (written < 0)
		return refused(err, "write", attribute);
	if ((size_t)written != length)
		return error_set(err, "write `/proc/%s`: only a part was taken", attribute);
	return 0;
}

int lsm_label_exec(const struct process_spec *process, int fd, struct error *err)
{
	char command[PATH_MAX + 8];

	if (process->apparmor_profile) {
		(void)snprintf(command, sizeof(command), "exec %s", process->apparmor_profile);
		if (write_attribute(fd, command, plain_exec, err) < 0)
			return error_context(
				err, "/process/apparmorProfile: apparmor profile \"%.200s\"",
				process->apparmor_profile);
	}
	if (process->selinux_label &&
	    write_attribute(fd, process->selinux_label, plain_exec, err) < 0)
		return error_context(err, "/process/selinuxLabel: selinux label \"%.200s\"",
				     process->selinux_label);
	return 0;
}

bool lsm_label_is(const char *wanted, const char *answer, size_t length)
{
	size_t wanted_length = strlen(wanted);

	while (length > 0 && (answer[length - 1] == '\n' || answer[length - 1] == '\0'))
		length--;
	if (length < wanted_length || memcmp(answer, wanted, wanted_length) != 0)
		return false;
	/* AppArmor appends the mode: "profile (enforce)" */
	return length == wanted_length ||
	       (answer[wanted_length] == ' ' && answer[wanted_length + 1] == '(' &&
		answer[length - 1] == ')');
}

int lsm_verify(const struct process_spec *process, int fd, struct error *err)
{
	const char *wanted =
		process->apparmor_profile ? process->apparmor_profile : process->selinux_label;
	char answer[PATH_MAX + 64];
	ssize_t length;

	if (!wanted)
		return 0;
	do
		length = pread(fd, answer, sizeof(answer) - 1, 0);
	while (length < 0 && errno == EINTR);
	if (length < 0)
		return refused(err, "read", plain_exec);
	answer[length] = '\0';
	if (!lsm_label_is(wanted, answer, (size_t)length))
		return error_set(err, "verify `/proc/%s`: it says \"%.150s\" instead of \"%.150s\"",
				 plain_exec, answer, wanted);
	return 0;
}

int lsm_label_keys(const struct process_spec *process, bool on, struct error *err)
{
	autofd procfs = -1;
	autofd fd = -1;

	if (!process->selinux_label)
		return 0;
	procfs = procfs_open(PROCFS_PROCESSES, err);
	if (procfs < 0)
		return -1;
	fd = open_attribute(procfs, key_create, O_WRONLY, err);
	if (fd < 0)
		return -1;
	/* an empty line takes the label back: a write of nothing wouldn't reach the module */
	return write_attribute(fd, on ? process->selinux_label : "\n", key_create, err);
}
