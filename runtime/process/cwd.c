/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process.cwd: chdir(2). The directory is opened without following a magic link of procfs, so that
 * /proc/self/fd/N in the configuration or in a link of the image leads nowhere, and afterwards the
 * kernel is asked where we are: CVE-2024-21626. getcwd(2) itself and not glibc's, which would
 * search for a name where the kernel says that there is none.
 *
 * The text is runc's; engines look for its literal reasons, hence process_reason().
 *
 * syscalls: open openat2 mkdirat fchdir getcwd
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "runtime/process/process.h"

static int refused(const char *cwd, int code, struct error *err)
{
	(void)error_set(err, "chdir to cwd (\"%.300s\") set in config.json failed: %s", cwd,
			process_reason(code));
	err->code = code;
	return -1;
}

/* A second line of defence: openat2(2) keeps to the root. What is left is a directory that is moved
 * out of it before fchdir(2), and one without a name. */
static int check_inside_root(const char *cwd, struct error *err)
{
	char path[PATH_MAX];
	long length = syscall(SYS_getcwd, path, sizeof(path));

	if (length < 0)
		return refused(cwd, errno, err);
	if (path[0] != '/')
		return error_set(err,
				 "chdir to cwd (\"%.300s\") set in config.json failed: it lies "
				 "outside the container's root",
				 cwd);
	return 0;
}

static int open_directory(const char *cwd, bool make)
{
	autofd root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct error making;
	int fd;

	if (root < 0)
		return -1;
	fd = path_open_quiet(root, cwd, O_PATH | O_DIRECTORY);
	if (fd >= 0 || errno != ENOENT || !make)
		return fd;
	fd = path_make_directory(root, cwd, 0755, &making);
	if (fd < 0)
		errno = making.code ? making.code : ENOTDIR;
	return fd;
}

static int enter(const char *cwd, bool make, bool *entered, struct error *err)
{
	autofd fd = open_directory(cwd, make);

	if (fd < 0 || fchdir(fd) < 0) {
		/* root may be refused where the user isn't: NFS, FUSE */
		if (entered && (errno == EACCES || errno == EPERM)) {
			*entered = false;
			return 0;
		}
		return refused(cwd, errno, err);
	}
	if (check_inside_root(cwd, err) < 0)
		return -1;
	if (entered)
		*entered = true;
	return 0;
}

int cwd_enter(const char *cwd, bool *entered, struct error *err)
{
	return enter(cwd, true, entered, err);
}

int cwd_change(const char *cwd, bool *entered, struct error *err)
{
	return enter(cwd, false, entered, err);
}
