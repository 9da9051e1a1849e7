/* SPDX-License-Identifier: Apache-2.0 */
/* base/fd.c */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"

static void reading_ends_at_the_limit(void **state)
{
	autofree char *data = NULL;
	size_t length = 0;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	autofd in = ends[0], out = ends[1];

	assert_int_equal(fd_write_all(out, "0123456789", 10), 0);
	fd_close(&out);
	assert_int_equal(fd_read_all(in, 9, &data, &length), -1);
	assert_int_equal(errno, EFBIG);
	assert_null(data);
}

static void large_files_are_read_whole(void **state)
{
	autofd fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	autofree char *text = calloc(1, 100001), *data = NULL;
	size_t length = 0;

	(void)state;
	memset(text, 'x', 100000);
	assert_int_equal(fd_write_all(fd, text, 100000), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(fd_read_all(fd, 100000, &data, &length), 0);
	assert_int_equal(length, 100000);
	assert_string_equal(data, text);
}

static void a_descriptor_passes_over_a_socket(void **state)
{
	struct error err;
	struct stat sent, got;
	int pair[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	autofd one = pair[0], two = pair[1];
	autofd null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_int_equal(fd_send(one, null, "/dev/pts/0", &err), 0);
	autofd received = fd_receive(two, &err);

	assert_true(received >= 0 && received != null);
	assert_int_equal(fcntl(received, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(fstat(null, &sent), 0);
	assert_int_equal(fstat(received, &got), 0);
	assert_int_equal(sent.st_rdev, got.st_rdev);

	assert_int_equal(fd_write_all(one, "no descriptor", 13), 0);
	assert_int_equal(fd_receive(two, &err), -1);
	assert_string_equal(err.text, "receive a descriptor: none in the message");
	fd_close(&one);
	assert_int_equal(fd_receive(two, &err), -1);
	assert_string_equal(err.text, "receive a descriptor: the peer hung up");
}

static void long_socket_paths_are_reached(void **state)
{
	char base[] = "/tmp/minirun-fd-XXXXXX", path[512], name[200];
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct error err;
	autofd listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	autofd fd = -1;

	(void)state;
	assert_non_null(mkdtemp(base));
	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	(void)snprintf(path, sizeof(path), "%s/%s", base, name);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chdir(path), 0);
	(void)strcpy(address.sun_path, "s");
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(chdir("/"), 0);

	(void)strcat(path, "/s");
	assert_true(strlen(path) > sizeof(address.sun_path));
	fd = fd_connect_unix(path, SOCK_STREAM, &err);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
	assert_int_equal(fd_connect_unix("/nonexistent/socket", SOCK_STREAM, &err), -1);
	assert_string_equal(err.text, "connect to /nonexistent/socket: is missing");
	autofd parent = open("/tmp", O_PATH | O_CLOEXEC);

	assert_int_equal(file_remove_tree_at(parent, base + strlen("/tmp/"), &err), 0);
}

/* Runs check in a child, since it closes descriptors. */
static void in_a_child(int (*check)(void))
{
	pid_t pid = fork();
	int status = 0;

	if (pid == 0)
		_exit(check());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int reserve_after_closing(void)
{
	struct error err;
	struct stat null, attributes;

	if (stat("/dev/null", &null) < 0)
		return 1;
	(void)close(0);
	(void)close(2);
	if (fd_reserve_stdio(&err) < 0)
		return 2;
	for (int fd = 0; fd <= 2; fd += 2) {
		if (fstat(fd, &attributes) < 0 || attributes.st_rdev != null.st_rdev)
			return 3;
	}
	return 0;
}

static void closed_standard_streams_become_dev_null(void **state)
{
	(void)state;
	in_a_child(reserve_after_closing);
}

static int close_all_but_two(void)
{
	const int keep[] = { 40, 10, 41 };
	struct error err;

	for (int fd = 3; fd < 50; fd++) {
		if (dup2(0, fd) != fd)
			return 1;
	}
	if (fd_close_from(3, keep, 3, &err) < 0)
		return 2;
	for (int fd = 0; fd < 60; fd++) {
		bool kept = fd < 3 || fd == 10 || fd == 40 || fd == 41;

		if (fd_is_open(fd) != kept)
			return 100 + fd;
	}
	if (fd_cloexec_from(10, &err) < 0 || fcntl(40, F_GETFD) != FD_CLOEXEC)
		return 3;
	return fd_close_from(3, NULL, 0, &err) < 0 || fd_is_open(10) ? 4 : 0;
}

static void closing_spares_what_is_kept(void **state)
{
	(void)state;
	in_a_child(close_all_but_two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reading_ends_at_the_limit),
		cmocka_unit_test(large_files_are_read_whole),
		cmocka_unit_test(a_descriptor_passes_over_a_socket),
		cmocka_unit_test(long_socket_paths_are_reached),
		cmocka_unit_test(closed_standard_streams_become_dev_null),
		cmocka_unit_test(closing_spares_what_is_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
