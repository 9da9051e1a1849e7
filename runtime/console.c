/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's end of its terminal, and what becomes of its standard streams without one:
 * pty(7), pts(4), ioctl_tty(2).
 *
 * Every step is by descriptor and checked, since an image or a neighbour with a shared /dev may
 * have put anything at these names: dev/pts must be the root of a devpts, its ptmx the character
 * device 5:2, the container's end is what the kernel says belongs to our master (TIOCGPTPEER), and
 * /dev/console is bound on a file that isn't a link. CVE-2025-52565, CVE-2026-88264,
 * CVE-2026-88265.
 *
 * syscalls: openat2 openat fstat fstatfs ioctl fchown open_tree mount_setattr move_mount sendmsg
 * setsid dup2 fcntl connect socketpair
 */
#include "runtime/console.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/path.h"

#define DEVPTS_ROOT_INODE 1 /* of every devpts */
#define CONSOLE_MODE 0620   /* of the file that the pty covers */

int console_check(bool terminal, bool detached, const char *socket, const char *asked_by,
		  struct error *err)
{
	if (terminal && detached && !socket)
		return error_of_kind(err, ERROR_USAGE,
				     "cannot allocate tty if minirun will detach without setting "
				     "console socket (--console-socket)");
	if (socket && !(terminal && detached))
		return error_of_kind(
			err, ERROR_USAGE,
			"cannot use console socket if minirun will not detach or allocate "
			"tty (%s)",
			asked_by);
	return 0;
}

int console_open_receiver(const char *socket, int *receiver, int *own, struct error *err)
{
	int pair[2];

	if (socket) {
		*receiver = fd_connect_unix(socket, SOCK_STREAM, err);
		return *receiver < 0 ? error_context(err, "--console-socket") : 0;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
		return error_errno(err, "make the console's socket pair");
	*own = pair[0];
	*receiver = pair[1];
	return 0;
}

static bool is_device(const struct stat *attributes, unsigned major_number, unsigned minor_number)
{
	return S_ISCHR(attributes->st_mode) &&
	       attributes->st_rdev == makedev(major_number, minor_number);
}

static int open_devpts(int root, struct error *err)
{
	autofd fd = path_open_strict(root, "dev/pts", O_PATH | O_DIRECTORY, err);
	struct statfs filesystem;
	struct stat attributes;

	if (fd < 0)
		return error_context(err, "console: no devpts at the container's /dev/pts");
	if (fstatfs(fd, &filesystem) < 0 || fstat(fd, &attributes) < 0)
		return error_errno(err, "console: look at /dev/pts");
	if (filesystem.f_type != DEVPTS_SUPER_MAGIC || attributes.st_ino != DEVPTS_ROOT_INODE)
		return error_set(err, "console: a terminal needs a mount of type devpts at "
				      "/dev/pts, and the container's /dev/pts is none");
	return fd_take(&fd);
}

static int open_master(int devpts, struct error *err)
{
	autofd fd = openat(devpts, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	struct statfs filesystem;
	struct stat attributes;
	int locked = 0;

	if (fd < 0)
		return error_errno(err, "console: open /dev/pts/ptmx");
	/* a file of the configuration may be mounted over it */
	if (fstatfs(fd, &filesystem) < 0 || fstat(fd, &attributes) < 0)
		return error_errno(err, "console: look at /dev/pts/ptmx");
	if (filesystem.f_type != DEVPTS_SUPER_MAGIC || !is_device(&attributes, 5, 2))
		return error_set(err, "console: /dev/pts/ptmx isn't the terminal multiplexer");
	if (ioctl(fd, TIOCSPTLCK, &locked) < 0)
		return error_errno(err, "console: unlock the pty");
	return fd_take(&fd);
}

/* Its modes are the kernel's: who takes the master decides. Docker's and Kubernetes' clients write
 * to terminals in raw mode what they get, and count on ONLCR; our relay clears it. */
static int set_up_slave(int slave, const struct console_size *size, uint32_t uid, struct error *err)
{
	const struct winsize window = { .ws_row = size->height, .ws_col = size->width };

	if (size->present && ioctl(slave, TIOCSWINSZ, &window) < 0)
		return error_errno(err, "console: set the pty's size");
	/* the group and the mode are the devpts's own, by its options gid= and mode= */
	if (fchown(slave, uid, (gid_t)-1) < 0)
		return error_errno(err, "console: give the pty to user %u", uid);
	return 0;
}

int console_clear_onlcr(int fd)
{
	struct termios mode;

	if (tcgetattr(fd, &mode) < 0)
		return -1;
	mode.c_oflag &= ~(tcflag_t)ONLCR;
	return tcsetattr(fd, TCSANOW, &mode);
}

/* An existing file is taken as it is, and never followed. */
static int open_console_file(int dev, struct error *err)
{
	autofd fd = openat(dev, "console", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat attributes;

	if (fd < 0 && errno == ENOENT)
		fd = openat(dev, "console", O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
			    CONSOLE_MODE);
	if (fd < 0)
		return error_errno(err, "console: make /dev/console");
	if (fstat(fd, &attributes) < 0)
		return error_errno(err, "console: look at /dev/console");
	if (S_ISLNK(attributes.st_mode) || S_ISDIR(attributes.st_mode))
		return error_set(err, "console: /dev/console is a %s",
				 S_ISLNK(attributes.st_mode) ? "symbolic link" : "directory");
	return fd_take(&fd);
}

static int bind_console(int root, int slave, struct error *err)
{
	/* what is mounted on the host below the original must not appear in the copy's peer */
	struct mount_attr attributes = { .propagation = MS_SLAVE };
	autofd dev = path_open_strict(root, "dev", O_PATH | O_DIRECTORY, err);
	autofd file = dev < 0 ? -1 : open_console_file(dev, err);
	autofd tree = -1;

	if (file < 0)
		return -1;
	tree = open_tree(slave, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (tree < 0)
		return error_errno(err, "console: clone the pty's mount");
	if (mount_setattr(tree, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) < 0)
		return error_errno(err, "console: set the propagation of /dev/console");
	if (move_mount(tree, "", file, "", MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) < 0)
		return error_errno(err, "console: mount the pty on /dev/console");
	return 0;
}

static int send_master(int socket, int master, struct error *err)
{
	unsigned number;
	char name[32];

	if (ioctl(master, TIOCGPTN, &number) < 0)
		return error_errno(err, "console: read the pty's number");
	(void)snprintf(name, sizeof(name), "/dev/pts/%u", number);
	if (fd_send(socket, master, name, err) < 0)
		return error_context(err, "console");
	return 0;
}

int console_open(int root, int socket, const struct console_size *size, uint32_t uid, bool bind,
		 struct error *err)
{
	autofd devpts = open_devpts(root, err);
	autofd master = devpts < 0 ? -1 : open_master(devpts, err);
	autofd slave = -1;

	if (master < 0)
		return -1;
	slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (slave < 0)
		return error_errno(err, "console: open the pty's other end");
	if (set_up_slave(slave, size, uid, err) < 0)
		return -1;
	if (bind && bind_console(root, slave, err) < 0)
		return -1;
	/* last: whoever gets it may count on a terminal that is complete */
	if (send_master(socket, master, err) < 0)
		return -1;
	return fd_take(&slave);
}

int console_control(int slave, struct error *err)
{
	/* the leader of a session can't make another one, and need not */
	if (setsid() < 0 && getsid(0) != getpid())
		return error_errno(err, "console: new session");
	if (ioctl(slave, TIOCSCTTY, 0) < 0)
		return error_errno(err, "console: make the pty the controlling terminal");
	return 0;
}

int console_duplicate(int slave, struct error *err)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (dup2(slave, fd) < 0)
			return error_errno(err, "console: make the pty descriptor %d", fd);
	}
	if (slave > 2)
		(void)close(slave); /* a descriptor of our own: nothing is lost */
	return 0;
}

int console_attach(int slave, struct error *err)
{
	return console_control(slave, err) < 0 ? -1 : console_duplicate(slave, err);
}

static int open_null(int access)
{
	return openat(AT_FDCWD, "/dev/null",
		      access | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

/* Puts the container's own null device in the place of the host's, if it has a true one. Output can
 * be written to: containerd's shim gives one that is open for reading alone. */
static int replace_null(int fd, struct error *err)
{
	autofd found = openat(AT_FDCWD, "/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	autofd own = -1;
	struct stat attributes;
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return error_errno(err, "look at descriptor %d", fd);
	if (found < 0 || fstat(found, &attributes) < 0 || !is_device(&attributes, 1, 3))
		return 0;
	if (fd > 0 && (flags & O_ACCMODE) == O_RDONLY)
		own = open_null(O_RDWR);
	if (own < 0)
		own = open_null(flags & O_ACCMODE);
	if (own < 0 || fstat(own, &attributes) < 0 || !is_device(&attributes, 1, 3))
		return 0;
	if (fcntl(own, F_SETFL, flags & ~O_NONBLOCK) < 0 || dup2(own, fd) < 0)
		return error_errno(err, "reopen /dev/null as descriptor %d", fd);
	return 0;
}

static int fix_stream(int fd, uint32_t uid, struct error *err)
{
	struct stat attributes;

	if (fstat(fd, &attributes) < 0)
		return errno == EBADF ? 0 : error_errno(err, "look at descriptor %d", fd);
	if (is_device(&attributes, 1, 3))
		return replace_null(fd, err);
	/* a file that was only opened to be read stays whose it is: /etc/shadow as input */
	if (S_ISREG(attributes.st_mode) && (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
		return 0;
	/* terminals, and devices of the host that are anybody's: /dev/zero as input */
	if (S_ISCHR(attributes.st_mode) || S_ISBLK(attributes.st_mode) || attributes.st_uid == uid)
		return 0;
	if (fchown(fd, uid, (gid_t)-1) < 0 && errno != EPERM && errno != EROFS && errno != EINVAL)
		return error_errno(err, "give descriptor %d to user %u", fd, uid);
	return 0;
}

int console_fix_stdio(uint32_t uid, struct error *err)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fix_stream(fd, uid, err) < 0)
			return -1;
	}
	return 0;
}
