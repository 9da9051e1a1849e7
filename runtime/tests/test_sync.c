/* SPDX-License-Identifier: Apache-2.0 */
/* The protocol's five rules. */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "runtime/sync.h"

static int make_pair(void **state)
{
	static int pair[2];
	struct error err;

	*state = pair;
	return sync_pair(pair, &err);
}

static int close_pair(void **state)
{
	int *pair = *state;

	fd_close(&pair[0]);
	fd_close(&pair[1]);
	return 0;
}

static void a_step_arrives_with_what_it_names(void **state)
{
	const int *pair = *state;
	struct error err;
	pid_t pid = 0;

	assert_int_equal(sync_send(pair[1], SYNC_FORKED, 4711, &err), 0);
	assert_int_equal(sync_wait(pair[0], SYNC_FORKED, "init", &pid, &err), 0);
	assert_int_equal(pid, 4711);
}

static void another_step_than_the_expected_one_is_an_error(void **state)
{
	const int *pair = *state;
	struct error err;

	assert_int_equal(sync_send(pair[1], SYNC_CREATED, 0, &err), 0);
	assert_int_equal(sync_wait(pair[0], SYNC_ROOTFS_READY, "init", NULL, &err), -1);
	assert_string_equal(err.text, "init said CREATED where ROOTFS_READY was due");
}

static void end_of_file_means_that_the_peer_died(void **state)
{
	int *pair = *state;
	struct error err;

	fd_close(&pair[1]);
	assert_int_equal(sync_wait(pair[0], SYNC_CREATED, "init", NULL, &err), -1);
	assert_string_equal(err.text, "init died before CREATED");
}

static void an_error_takes_the_place_of_any_message(void **state)
{
	const int *pair = *state;
	struct error cause, err;

	(void)error_set(&cause, "mount /x: no such device");
	cause.code = 19;
	sync_send_error(pair[1], &cause);
	assert_int_equal(sync_wait(pair[0], SYNC_CREATED, "init", NULL, &err), -1);
	assert_string_equal(err.text, "mount /x: no such device");
	assert_int_equal(err.code, 19);
}

/* The same errno may be the end of our own wait. */
static void a_peers_error_is_told_from_our_own(void **state)
{
	const struct timeval soon = { .tv_usec = 1000 };
	const int *pair = *state;
	enum sync_step step = SYNC_START;
	struct error cause, err;

	assert_int_equal(setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon)), 0);
	assert_int_equal(sync_receive(pair[0], &step, NULL, &err), -1);
	assert_int_equal(err.code, EAGAIN);
	assert_int_equal(step, SYNC_START);
	(void)error_code(&cause, EAGAIN, "fork");
	sync_send_error(pair[1], &cause);
	assert_int_equal(sync_receive(pair[0], &step, NULL, &err), -1);
	assert_int_equal(err.code, EAGAIN);
	assert_int_equal(step, SYNC_ERROR);
}

static void after_a_failed_send_the_peers_reason_is_read(void **state)
{
	int *pair = *state;
	struct error cause, err;

	(void)error_set(&cause, "the real reason");
	sync_send_error(pair[1], &cause);
	fd_close(&pair[1]);
	assert_int_equal(sync_send(pair[0], SYNC_COMMITTED, 0, &err), -1);
	assert_string_equal(err.text, "the real reason");
}

static void nor_does_a_word_that_the_peer_left_unread_hide_it(void **state)
{
	int *pair = *state;
	struct error cause, err;

	assert_int_equal(sync_send(pair[0], SYNC_LISTENER_GIVEN, 0, &err), 0);
	(void)error_set(&cause, "the real reason");
	sync_send_error(pair[1], &cause);
	fd_close(&pair[1]);
	assert_int_equal(sync_wait(pair[0], SYNC_EXECUTING, "init", NULL, &err), -1);
	assert_string_equal(err.text, "the real reason");
}

static void a_message_of_another_form_is_refused(void **state)
{
	static const char *const bad[] = { "x", "1234567", "123456789", "" };
	const int *pair = *state;
	enum sync_step step;
	struct error err;
	char large[4096] = { 0 };
	const uint32_t unknown[2] = { SYNC_STEP_COUNT, 0 };
	const uint32_t bare_error[2] = { SYNC_ERROR, 0 };

	for (size_t i = 0; *bad[i]; i++) {
		assert_true(send(pair[1], bad[i], strlen(bad[i]), 0) > 0);
		assert_int_equal(sync_receive(pair[0], &step, NULL, &err), -1);
	}
	assert_true(send(pair[1], large, sizeof(large), 0) > 0);
	assert_int_equal(sync_receive(pair[0], &step, NULL, &err), -1);
	assert_true(send(pair[1], unknown, sizeof(unknown), 0) > 0);
	assert_int_equal(sync_receive(pair[0], &step, NULL, &err), -1);
	assert_true(send(pair[1], bare_error, sizeof(bare_error), 0) > 0);
	assert_int_equal(sync_receive(pair[0], &step, NULL, &err), -1);
}

static void an_error_text_without_end_is_ended(void **state)
{
	const int *pair = *state;
	struct {
		uint32_t step;
		int32_t pid;
		struct error error;
	} message = { .step = SYNC_ERROR };
	struct error err;

	memset(message.error.text, 'x', sizeof(message.error.text));
	assert_true(send(pair[1], &message, sizeof(message), 0) > 0);
	assert_int_equal(sync_wait(pair[0], SYNC_CREATED, "init", NULL, &err), -1);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static void the_kernel_names_the_sender(void **state)
{
	const int *pair = *state;
	struct error err;
	pid_t child, pid = 0;
	int status;

	assert_int_equal(sync_know_sender(pair[0], true, &err), 0);
	child = fork();
	if (child == 0)
		_exit(sync_send(pair[1], SYNC_CREATED, 1, &err) == 0 ? 0 : 1);
	assert_true(child > 0);
	assert_int_equal(sync_wait(pair[0], SYNC_CREATED, "init", &pid, &err), 0);
	assert_int_equal(pid, child);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

int main(void)
{
	(void)signal(SIGPIPE, SIG_IGN);

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_pair, close_pair)
	const struct CMUnitTest tests[] = {
		TEST(a_step_arrives_with_what_it_names),
		TEST(another_step_than_the_expected_one_is_an_error),
		TEST(end_of_file_means_that_the_peer_died),
		TEST(an_error_takes_the_place_of_any_message),
		TEST(a_peers_error_is_told_from_our_own),
		TEST(after_a_failed_send_the_peers_reason_is_read),
		TEST(nor_does_a_word_that_the_peer_left_unread_hide_it),
		TEST(a_message_of_another_form_is_refused),
		TEST(an_error_text_without_end_is_ended),
		TEST(the_kernel_names_the_sender),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
