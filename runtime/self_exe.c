/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The binary out of the container's reach.
 *
 * An ordinary start runs from an ordinary mount, and moves to a read-only clone of it. Where that
 * can't be done the program is executed once more, from the clone or a sealed copy. Then the file
 * is the root of its mount (we cloned just the file) and that mount is read-only: these two facts,
 * which need no help of an environment variable that could be forged or forgotten, tell the second
 * run from the first. A memory file is told by its seals.
 *
 * syscalls: openat, statx, fstatvfs, open_tree, mount_setattr, execveat, memfd_create, sendfile,
 *           fcntl, prctl
 */
#include "runtime/self_exe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/sys.h"
#include "runtime/self_move.h"

#define SELF "/proc/self/exe"
#define SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

static bool is_protected(int self)
{
	struct statvfs fs;
	struct statx stx;

	if (fstatvfs(self, &fs) == 0 && (fs.f_flag & ST_RDONLY) &&
	    statx(self, "", AT_EMPTY_PATH, 0, &stx) == 0 &&
	    (stx.stx_attributes & STATX_ATTR_MOUNT_ROOT))
		return true;
	return fcntl(self, F_GET_SEALS) == SEALS;
}

static int clone_read_only(int self)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	autofd clone = open_tree(self, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);

	if (clone < 0 || mount_setattr(clone, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return -1;
	return fd_take(&clone);
}

/* -1 where only executing it again remains. */
static int move_to(int clone, char *const argv[], char *const envp[])
{
	char name[32];
	autofd file = -1;

	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", clone);
	file = open(name, O_RDONLY | O_CLOEXEC);
	if (file >= 0 && self_move(file, argv, envp) == 0)
		return 0;
	log_debug("our program can't be moved to its read-only clone (errno %d): executed again",
		  errno);
	return -1;
}

static int copy_sealed(int self)
{
	struct stat st;
	off_t done = 0;
	autofd copy = memfd_create("minirun", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (copy < 0 || fstat(self, &st) < 0)
		return -1;
	while (done < st.st_size)
		if (sendfile(copy, self, &done, (size_t)(st.st_size - done)) <= 0)
			return -1;
	if (fcntl(copy, F_ADD_SEALS, SEALS) < 0)
		return -1;
	return fd_take(&copy);
}

int self_exe_protect(char *const argv[], char *const envp[], struct error *err)
{
	autofd self = open(SELF, O_RDONLY | O_CLOEXEC);
	autofd safe = -1;

	if (self < 0)
		return error_errno(err, "open our own program through " SELF);
	if (is_protected(self))
		return 0;
	safe = clone_read_only(self);
	if (safe >= 0 && move_to(safe, argv, envp) == 0)
		return 0;
	if (safe < 0) {
		log_debug("no read-only clone of our program (errno %d): a sealed copy instead",
			  errno);
		safe = copy_sealed(self);
	}
	if (safe < 0)
		return error_errno(err, "put our own program out of the container's reach");
	(void)execveat(safe, "", argv, envp, AT_EMPTY_PATH);
	return error_errno(err, "execute our own program from a read-only mount");
}

int self_protect_process(struct error *err)
{
	if (geteuid() == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, "stay out of reach of ptrace");
	return 0;
}
