/* SPDX-License-Identifier: Apache-2.0 */
/* READY=1 across the border: the test is the container's process and the service manager. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "base/file.h"
#include "runtime/notify_socket.h"

static char directory[] = "/tmp/minirun-notify-XXXXXX";
static int state_directory, manager;
static char manager_path[80];
static struct error err;

static int bind_at(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	return fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ? -1 : fd;
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(directory))
		return -1;
	state_directory = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	(void)snprintf(manager_path, sizeof(manager_path), "%s/manager", directory);
	manager = bind_at(manager_path);
	return state_directory < 0 || manager < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	struct error ignored;
	int tmp = open("/tmp", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int result = file_remove_tree_at(tmp, strrchr(directory, '/') + 1, &ignored);

	(void)state;
	(void)close(tmp);
	(void)close(state_directory);
	(void)close(manager);
	return result;
}

/* As the container sends it, by the path below the state directory. */
static void notify(const char *message)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	(void)snprintf(address.sun_path, sizeof(address.sun_path),
		       "%s/" NOTIFY_DIRECTORY "/notify.sock", directory);
	assert_int_equal(sendto(fd, message, strlen(message), 0, (struct sockaddr *)&address,
				sizeof(address)),
			 strlen(message));
	(void)close(fd);
}

static void the_socket_can_be_reached_by_any_user(void **state)
{
	mode_t before = umask(0077);
	struct stat attributes;
	int fd;

	(void)state;
	fd = notify_socket_create(state_directory, &err);
	(void)umask(before);
	if (fd < 0)
		fail_msg("%s", err.text);
	assert_int_equal(fstatat(state_directory, NOTIFY_DIRECTORY, &attributes, 0), 0);
	assert_int_equal(attributes.st_mode & 07777, 0755);
	assert_int_equal(fstatat(state_directory, NOTIFY_DIRECTORY "/notify.sock", &attributes, 0),
			 0);
	assert_true(S_ISSOCK(attributes.st_mode));
	assert_int_equal(attributes.st_mode & 07777, 0777);
	(void)close(fd);
	assert_int_equal(fstatat(state_directory, NOTIFY_DIRECTORY "/notify.sock", &attributes, 0),
			 0);
}

/* A forwarding process for a container process that sleeps. */
struct forwarding {
	pid_t pid, container;
};

static struct forwarding forward(const char *host)
{
	struct forwarding forwarding;
	int fd = notify_socket_bind(state_directory, &err);
	int pidfd;

	assert_true(fd >= 0);
	forwarding.container = fork();
	if (forwarding.container == 0) {
		(void)pause();
		_exit(0);
	}
	/* before the fork: a test may have ended the container by the time that its child runs */
	pidfd = pidfd_open(forwarding.container, 0);
	assert_true(pidfd >= 0);
	forwarding.pid = fork();
	if (forwarding.pid == 0) {
		if (notify_socket_forward(fd, host, 4242, pidfd, &err) < 0) {
			(void)fprintf(stderr, "%s\n", err.text);
			_exit(1);
		}
		_exit(0);
	}
	(void)close(pidfd);
	(void)close(fd);
	return forwarding;
}

static int end(const struct forwarding *forwarding)
{
	int status;

	(void)kill(forwarding->container, SIGKILL);
	assert_int_equal(waitpid(forwarding->container, NULL, 0), forwarding->container);
	assert_int_equal(waitpid(forwarding->pid, &status, 0), forwarding->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 99;
}

/* Returns the descriptor that came with the message, or -1. */
static int manager_gets(const char *expected)
{
	struct pollfd readable = { .fd = manager, .events = POLLIN };
	char text[256] = "", control[256];
	struct iovec iov = { .iov_base = text, .iov_len = sizeof(text) - 1 };
	struct msghdr message = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	int fd = -1;

	assert_int_equal(poll(&readable, 1, 5000), 1);
	assert_true(recvmsg(manager, &message, MSG_CMSG_CLOEXEC) >= 0);
	assert_string_equal(text, expected);
	if (CMSG_FIRSTHDR(&message))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
	return fd;
}

static bool manager_gets_nothing(void)
{
	struct pollfd readable = { .fd = manager, .events = POLLIN };

	return poll(&readable, 1, 200) == 0;
}

static void ready_is_forwarded_with_the_pid_and_a_barrier(void **state)
{
	struct forwarding forwarding = forward(manager_path);
	int barrier, status;

	(void)state;
	notify("STATUS=getting on\nMAINPID=1");
	notify("READY=0");
	notify("XREADY=1\nREADY=12\n");
	assert_true(manager_gets_nothing());
	notify("STATUS=done\nREADY=1\nMAINPID=1\n");
	assert_int_equal(manager_gets("READY=1"), -1);
	assert_int_equal(manager_gets("MAINPID=4242"), -1);
	barrier = manager_gets("BARRIER=1");
	assert_true(barrier >= 0);
	/* it waits until the manager has closed its end */
	(void)usleep(100000);
	assert_int_equal(waitpid(forwarding.pid, &status, WNOHANG), 0);
	(void)close(barrier);
	assert_int_equal(end(&forwarding), 0);
	assert_true(manager_gets_nothing());
}

static void the_end_of_the_container_ends_the_wait(void **state)
{
	struct forwarding forwarding = forward(manager_path);

	(void)state;
	notify("STATUS=never ready");
	assert_int_equal(end(&forwarding), 0);
	assert_true(manager_gets_nothing());
}

static void what_was_sent_before_the_end_counts(void **state)
{
	int fd = notify_socket_bind(state_directory, &err), pidfd, barrier, status;
	pid_t container = fork(), pid;

	(void)state;
	assert_true(fd >= 0);
	if (container == 0)
		_exit(0);
	pidfd = pidfd_open(container, 0);
	assert_int_equal(poll(&(struct pollfd){ .fd = pidfd, .events = POLLIN }, 1, 5000), 1);
	notify("READY=1");
	pid = fork();
	if (pid == 0)
		_exit(notify_socket_forward(fd, manager_path, 1, pidfd, &err) < 0);
	assert_int_equal(manager_gets("READY=1"), -1);
	assert_int_equal(manager_gets("MAINPID=1"), -1);
	barrier = manager_gets("BARRIER=1");
	(void)close(barrier);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(waitpid(container, NULL, 0), container);
	(void)close(pidfd);
	(void)close(fd);
}

static void an_abstract_name_is_understood(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	char name[64];
	int saved = manager, barrier;
	struct forwarding forwarding;

	(void)state;
	(void)snprintf(name, sizeof(name), "@minirun-test-%d", (int)getpid());
	memcpy(address.sun_path, name, strlen(name));
	address.sun_path[0] = '\0';
	manager = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(manager, (struct sockaddr *)&address,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
			 0);
	forwarding = forward(name);
	notify("READY=1");
	assert_int_equal(manager_gets("READY=1"), -1);
	assert_int_equal(manager_gets("MAINPID=4242"), -1);
	barrier = manager_gets("BARRIER=1");
	(void)close(barrier);
	assert_int_equal(end(&forwarding), 0);
	(void)close(manager);
	manager = saved;
}

static void a_manager_that_can_t_be_reached_is_named(void **state)
{
	static const char *const wrong[] = { "", "/", "@", "relative", "vsock:2:1", "/no/such" };
	char long_path[200];

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_int_equal(notify_socket_forward(-1, wrong[i], 1, -1, &err), -1);
		assert_non_null(strstr(err.text, "NOTIFY_SOCKET"));
		assert_non_null(strstr(err.text, wrong[i]));
	}
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[0] = '/';
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(notify_socket_forward(-1, long_path, 1, -1, &err), -1);
	assert_non_null(strstr(err.text, "longer than"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_socket_can_be_reached_by_any_user),
		cmocka_unit_test(ready_is_forwarded_with_the_pid_and_a_barrier),
		cmocka_unit_test(the_end_of_the_container_ends_the_wait),
		cmocka_unit_test(what_was_sent_before_the_end_counts),
		cmocka_unit_test(an_abstract_name_is_understood),
		cmocka_unit_test(a_manager_that_can_t_be_reached_is_named),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
