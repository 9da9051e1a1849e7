/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bus that doesn't answer, at each stage of a conversation. The other end is a socket of the
 * test's own; what a real systemd does is integration/systemd.bats.
 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
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
#include "cgroups/systemd_bus.h"

#define PATIENCE 200 /* ms */

static struct arena arena;
static struct error err;
static char directory[] = "/tmp/minirun-bus-XXXXXX";
/* systemd's own socket, and a message bus, which is the same under another name */
static char folder[sizeof(directory) + 16], path[sizeof(folder) + 16], bus_path[sizeof(folder)];
static int listener = -1;
static pid_t server;

static int listen_at(void **state)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)state;
	(void)strcpy(directory + strlen(directory) - 6, "XXXXXX");
	assert_non_null(mkdtemp(directory));
	(void)snprintf(folder, sizeof(folder), "%s/systemd", directory);
	(void)snprintf(path, sizeof(path), "%s/private", folder);
	(void)snprintf(bus_path, sizeof(bus_path), "%s/bus", directory);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(symlink(path, bus_path), 0);
	(void)strcpy(address.sun_path, path);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(listener, 4), 0);
	return 0;
}

static int leave(void **state)
{
	(void)state;
	if (server > 0) {
		(void)kill(server, SIGKILL);
		(void)waitpid(server, NULL, 0);
		server = 0;
	}
	fd_close(&listener);
	(void)unlink(bus_path);
	(void)unlink(path);
	(void)rmdir(folder);
	(void)rmdir(directory);
	arena_free(&arena);
	return 0;
}

/* Says once what the beginning of a conversation needs, then nothing any more. */
static void serve(const char *greeting)
{
	server = fork();
	assert_true(server >= 0);
	if (server == 0) {
		int peer = accept(listener, NULL, NULL);

		if (write(peer, greeting, strlen(greeting)) < 0)
			_exit(1);
		for (;;)
			(void)pause();
	}
}

static const char *address(void)
{
	return systemd_bus_address(path, &arena);
}

static void nobody_accepts(void **state)
{
	autobus bus = SYSTEMD_BUS_CLOSED;

	(void)state;
	assert_int_equal(systemd_bus_open(&bus, address(), PATIENCE, &err), -1);
	assert_non_null(strstr(err.text, "no answer within 200 ms"));
	assert_non_null(strstr(err.text, path));
}

static void nobody_authenticates(void **state)
{
	autobus bus = SYSTEMD_BUS_CLOSED;

	(void)state;
	serve("DATA\r\n");
	assert_int_equal(systemd_bus_open(&bus, address(), PATIENCE, &err), -1);
	assert_non_null(strstr(err.text, "no answer within"));
}

static const char accepted[] = "DATA\r\nOK 0123456789abcdef0123456789abcdef\r\nAGREE_UNIX_FD\r\n";

/* A message bus must answer to "Hello" before it is ready. */
static void nobody_says_hello(void **state)
{
	autobus bus = SYSTEMD_BUS_CLOSED;

	(void)state;
	serve(accepted);
	assert_int_equal(
		systemd_bus_open(&bus, systemd_bus_address(bus_path, &arena), PATIENCE, &err), -1);
	assert_non_null(strstr(err.text, "no answer within"));
}

static void nobody_answers_a_call(void **state)
{
	const struct variant unit = VARIANT_STRING("x.scope");
	const struct systemd_call call = { "ResetFailedUnit", &unit, 1 };
	autobus bus = SYSTEMD_BUS_CLOSED;

	(void)state;
	serve(accepted);
	assert_int_equal(systemd_bus_open(&bus, address(), 5000, &err), 0);
	bus.milliseconds = PATIENCE;
	assert_int_equal(systemd_bus_call(&bus, &call, &arena, NULL, &err), -1);
	assert_string_equal(err.text, "systemd: ResetFailedUnit: no answer within 200 ms");
	assert_string_equal(bus.error_name, "");
	assert_null(systemd_bus_get(&bus, "ControlGroup", &arena, &err));
	assert_null(systemd_bus_wait_job(&bus, "/job/1", PATIENCE, &arena, &err));
	assert_non_null(strstr(err.text, "/job/1: no answer within"));
}

static void garbage(void **state)
{
	autobus bus = SYSTEMD_BUS_CLOSED;

	(void)state;
	serve("HTTP/1.0 400 Bad Request\r\nConnection: close\r\n\r\n");
	assert_int_equal(systemd_bus_open(&bus, address(), 5000, &err), -1);
	assert_null(strstr(err.text, "no answer"));
}

static void nobody_is_there(void **state)
{
	autobus bus = SYSTEMD_BUS_CLOSED;

	(void)state;
	assert_int_equal(systemd_bus_open(&bus, "unix:path=/nonexistent/bus", PATIENCE, &err), -1);
	assert_int_equal(err.code, ENOENT);
	fd_close(&listener); /* the name stays */
	assert_int_equal(systemd_bus_open(&bus, address(), PATIENCE, &err), -1);
	assert_int_equal(err.code, ECONNREFUSED);
}

static void addresses(void **state)
{
	(void)state;
	assert_string_equal(systemd_bus_address("/run/user/1000/bus", &arena),
			    "unix:path=/run/user/1000/bus");
	assert_string_equal(systemd_bus_address("/a b,c;d=%", &arena),
			    "unix:path=/a%20b%2cc%3bd%3d%25");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, listen_at, leave)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(nobody_accepts),	 TEST(nobody_authenticates),
		TEST(nobody_says_hello), TEST(nobody_answers_a_call),
		TEST(garbage),		 TEST(nobody_is_there),
		TEST(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
