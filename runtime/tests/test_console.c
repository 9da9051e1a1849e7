/* SPDX-License-Identifier: Apache-2.0 */
/* The container's end of its terminal, and the standard streams without one. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/file.h"
#include "runtime/console.h"

static char directory[] = "/tmp/minirun-console-XXXXXX";
static struct error err;

static int set_up(void **state)
{
	(void)state;
	return mkdtemp(directory) ? 0 : -1;
}

static int tear_down(void **state)
{
	struct error ignored;
	int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = file_remove_tree_at(tmp, strrchr(directory, '/') + 1, &ignored);

	(void)state;
	(void)close(tmp);
	return result;
}

/* This machine's root stands in for a container's. */
static int open_slave(const struct console_size *size, int *master, char *name, size_t name_size)
{
	int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), pair[2], slave;
	char control[256];
	struct iovec iov = { .iov_base = name, .iov_len = name_size - 1 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	const struct cmsghdr *passed;
	ssize_t length;

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	slave = console_open(root, pair[1], size, geteuid(), false, &err);
	(void)close(root);
	(void)close(pair[1]);
	if (slave >= 0) {
		length = recvmsg(pair[0], &message, MSG_CMSG_CLOEXEC);
		assert_true(length > 0);
		name[length] = '\0';
		passed = CMSG_FIRSTHDR(&message);
		if (!passed || passed->cmsg_len != CMSG_LEN(sizeof(int)))
			fail_msg("not one descriptor");
		else
			memcpy(master, CMSG_DATA(passed), sizeof(int));
		/* exactly one message */
		assert_int_equal(recv(pair[0], control, sizeof(control), MSG_DONTWAIT), 0);
	}
	(void)close(pair[0]);
	return slave;
}

static void skip_without_devpts(void)
{
	int fd = open("/dev/pts/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0) {
		print_message("skip: no devpts at /dev/pts\n");
		skip();
	}
	(void)close(fd);
}

static void the_master_is_sent_with_the_pty_s_name(void **state)
{
	const struct console_size size = { .present = true, .height = 12, .width = 34 };
	struct winsize window;
	struct termios mode;
	struct stat attributes;
	char name[64], text[16];
	int master = -1, slave;

	(void)state;
	skip_without_devpts();
	slave = open_slave(&size, &master, name, sizeof(name));
	if (slave < 0)
		fail_msg("%s", err.text);
	assert_string_equal(name, ttyname(slave));
	assert_int_equal(ioctl(slave, TIOCGWINSZ, &window), 0);
	assert_int_equal(window.ws_row, 12);
	assert_int_equal(window.ws_col, 34);
	assert_int_equal(tcgetattr(slave, &mode), 0);
	assert_true((mode.c_oflag & (tcflag_t)ONLCR) != 0);
	assert_int_equal(fstat(slave, &attributes), 0);
	assert_int_equal(attributes.st_uid, geteuid());
	assert_true((fcntl(slave, F_GETFD) & FD_CLOEXEC) != 0);
	/* crun's bug: a master that doesn't wait makes its reader spin */
	assert_int_equal(fcntl(master, F_GETFL) & O_NONBLOCK, 0);
	assert_int_equal(write(slave, "a\n", 2), 2);
	assert_int_equal(read(master, text, sizeof(text)), 3);
	assert_memory_equal(text, "a\r\n", 3);
	(void)close(slave);
	(void)close(master);
}

static void without_a_size_it_has_none(void **state)
{
	const struct console_size size = { .present = false };
	struct winsize window;
	char name[64];
	int master = -1, slave;

	(void)state;
	skip_without_devpts();
	slave = open_slave(&size, &master, name, sizeof(name));
	assert_true(slave >= 0);
	assert_int_equal(ioctl(slave, TIOCGWINSZ, &window), 0);
	assert_int_equal(window.ws_row, 0);
	assert_int_equal(window.ws_col, 0);
	(void)close(slave);
	(void)close(master);
}

static int open_in_directory(void)
{
	const struct console_size size = { .present = false };
	int root = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int result = console_open(root, -1, &size, geteuid(), false, &err);

	(void)close(root);
	return result;
}

static void a_root_without_devpts_is_refused_by_name(void **state)
{
	char dev[64], pts[64], ptmx[80];

	(void)state;
	(void)snprintf(dev, sizeof(dev), "%s/dev", directory);
	(void)snprintf(pts, sizeof(pts), "%s/dev/pts", directory);
	(void)snprintf(ptmx, sizeof(ptmx), "%s/dev/pts/ptmx", directory);
	assert_int_equal(open_in_directory(), -1);
	assert_non_null(strstr(err.text, "no devpts at the container's /dev/pts"));
	assert_int_equal(mkdir(dev, 0755), 0);
	assert_int_equal(mkdir(pts, 0755), 0);
	assert_int_equal(open_in_directory(), -1);
	assert_non_null(strstr(err.text, "/dev/pts is none"));
	/* CVE-2025-52565: links on the way */
	assert_int_equal(rmdir(pts), 0);
	assert_int_equal(symlink("/dev/pts", pts), 0);
	assert_int_equal(open_in_directory(), -1);
	assert_int_equal(unlink(pts), 0);
	assert_int_equal(rmdir(dev), 0);
	assert_int_equal(symlink("/dev", dev), 0);
	assert_int_equal(open_in_directory(), -1);
	assert_int_equal(unlink(dev), 0);
}

static int be_attached(void)
{
	const struct console_size size = { .present = false };
	char name[64];
	int master = -1, slave = open_slave(&size, &master, name, sizeof(name)), tty;

	if (slave < 0 || console_attach(slave, &err) < 0)
		return 1;
	for (int fd = 0; fd <= 2; fd++) {
		if (!isatty(fd) || strcmp(ttyname(fd), name) != 0)
			return 2;
	}
	tty = open("/dev/tty", O_RDWR | O_CLOEXEC);
	if (tty < 0 || tcgetpgrp(0) != getpgrp() || getsid(0) != getpid())
		return 3;
	return fd_is_open(slave) ? 4 : 0;
}

static void it_becomes_the_controlling_terminal(void **state)
{
	int status;
	pid_t pid;

	(void)state;
	skip_without_devpts();
	for (int leader = 0; leader <= 1; leader++) {
		pid = fork();
		if (pid == 0) {
			if (leader)
				(void)setsid();
			_exit(be_attached());
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

/* --- without a terminal ----------------------------------------------------------------------- */

/* In a child: the streams as given, then fixed for uid; the result is what work says. */
static int with_streams(int input, int output, uint32_t uid, int (*work)(const struct stat *before))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		struct stat before[3];

		if (dup2(input, 0) < 0 || dup2(output, 1) < 0)
			_exit(90);
		for (int fd = 0; fd <= 2; fd++) {
			if (fstat(fd, &before[fd]) < 0)
				_exit(91);
		}
		if (console_fix_stdio(uid, &err) < 0)
			_exit(92);
		_exit(work(before));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

static int nothing_changed(const struct stat *before)
{
	for (int fd = 0; fd <= 1; fd++) {
		struct stat now;

		if (fstat(fd, &now) < 0 || now.st_dev != before[fd].st_dev ||
		    now.st_ino != before[fd].st_ino || now.st_uid != before[fd].st_uid ||
		    now.st_gid != before[fd].st_gid || now.st_mode != before[fd].st_mode)
			return 1 + fd;
	}
	return 0;
}

static int belongs_to_1234(const struct stat *before)
{
	struct stat now;

	if (fstat(1, &now) < 0 || now.st_uid != 1234)
		return 1;
	return now.st_gid == before[1].st_gid && now.st_ino == before[1].st_ino ? 0 : 2;
}

static void devices_keep_their_owner(void **state)
{
	int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);

	(void)state;
	assert_int_equal(with_streams(zero, full, 1234, nothing_changed), 0);
	(void)close(zero);
	(void)close(full);
}

static void pipes_sockets_and_files_are_given_to_the_user(void **state)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), pair[2], file;
	char name[80];

	(void)state;
	if (geteuid() != 0) {
		print_message("skip: needs root\n");
		skip();
	}
	assert_int_equal(pipe2(pair, O_CLOEXEC), 0);
	assert_int_equal(with_streams(null, pair[1], 1234, belongs_to_1234), 0);
	(void)close(pair[0]);
	(void)close(pair[1]);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(with_streams(null, pair[1], 1234, belongs_to_1234), 0);
	(void)close(pair[0]);
	(void)close(pair[1]);
	(void)snprintf(name, sizeof(name), "%s/file", directory);
	file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_int_equal(with_streams(null, file, 1234, belongs_to_1234), 0);
	(void)close(file);
	(void)close(null);
}

static void what_isn_t_ours_to_give_is_left(void **state)
{
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC), file = open("/bin/true", O_RDONLY);

	(void)state;
	if (geteuid() == 0) {
		print_message("skip: root may do it all: needs another user\n");
		skip();
	}
	assert_int_equal(with_streams(null, file, getuid(), nothing_changed), 0);
	(void)close(null);
	(void)close(file);
}

/* CVE-2026-88265: a pipe's st_rdev is 0, as is that of a file in the null device's place. */
static void the_null_device_stays_one_in_the_same_mode(void **state)
{
	int read_only = open("/dev/null", O_RDONLY | O_CLOEXEC);
	int append = open("/dev/null", O_WRONLY | O_APPEND | O_CLOEXEC);
	int saved[2] = { dup(0), dup(1) };

	(void)state;
	assert_true(dup2(read_only, 0) == 0 && dup2(append, 1) == 1);
	assert_int_equal(console_fix_stdio(geteuid(), &err), 0);
	assert_int_equal(fcntl(0, F_GETFL) & (O_ACCMODE | O_NONBLOCK), O_RDONLY);
	assert_int_equal(fcntl(1, F_GETFL) & (O_ACCMODE | O_APPEND), O_WRONLY | O_APPEND);
	assert_int_equal(fcntl(0, F_GETFD), 0);
	assert_true(dup2(saved[0], 0) == 0 && dup2(saved[1], 1) == 1);
	(void)close(saved[0]);
	(void)close(saved[1]);
	(void)close(read_only);
	(void)close(append);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_master_is_sent_with_the_pty_s_name),
		cmocka_unit_test(without_a_size_it_has_none),
		cmocka_unit_test(a_root_without_devpts_is_refused_by_name),
		cmocka_unit_test(it_becomes_the_controlling_terminal),
		cmocka_unit_test(devices_keep_their_owner),
		cmocka_unit_test(pipes_sockets_and_files_are_given_to_the_user),
		cmocka_unit_test(what_isn_t_ours_to_give_is_left),
		cmocka_unit_test(the_null_device_stays_one_in_the_same_mode),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
