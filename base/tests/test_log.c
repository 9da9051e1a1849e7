/* SPDX-License-Identifier: Apache-2.0 */
/* base/log.c: each test logs in a child, since the destination is the program's */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"

static char log_path[] = "/tmp/minirun-log-XXXXXX";

struct output {
	char *log, *stderr_text;
};

static char *read_fd(int fd)
{
	char *text = NULL;

	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	assert_int_equal(fd_read_all(fd, 1 << 20, &text, NULL), 0);
	return text;
}

static void log_in_a_child(const char *destination, enum log_format format, enum log_level level,
			   void (*messages)(void), struct output *output)
{
	autofd stderr_fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	autofd log_fd = open(log_path, O_RDWR | O_TRUNC | O_CLOEXEC);
	struct error err;
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)dup2(stderr_fd, 2);
		if (log_open(destination, format, level, &err) < 0)
			_exit(1);
		messages();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	output->log = read_fd(log_fd);
	output->stderr_text = read_fd(stderr_fd);
}

static void free_output(struct output *output)
{
	free(output->log);
	free(output->stderr_text);
}

static void fail_plainly(void)
{
	log_warning("hidden at the default level");
	errno = ENOSPC;
	log_failure("minirun create failed: \"x\" is\tmissing");
	if (errno != ENOSPC)
		_exit(2);
}

static void a_failure_is_one_text_line_on_stderr(void **state)
{
	struct output output;

	(void)state;
	log_in_a_child(NULL, LOG_FORMAT_TEXT, LOG_LEVEL_ERROR, fail_plainly, &output);
	assert_memory_equal(output.stderr_text, "time=\"20", 8);
	assert_string_equal(output.stderr_text + strlen("time=\"2026-01-01T00:00:00Z\" "),
			    "level=error msg=\"minirun create failed: \\\"x\\\" is\\tmissing\"\n");
	assert_string_equal(output.log, "");
	free_output(&output);
}

static void a_log_file_gets_json_and_stderr_the_bare_message(void **state)
{
	static const char wanted[] = "{\"level\":\"error\",\"msg\":\"minirun create failed: "
				     "\\\"x\\\" is\\tmissing\",\"time\":\"20";
	struct output output;

	(void)state;
	log_in_a_child(log_path, LOG_FORMAT_JSON, LOG_LEVEL_ERROR, fail_plainly, &output);
	assert_memory_equal(output.log, wanted, sizeof(wanted) - 1);
	assert_string_equal(output.log + strlen(output.log) - 4, "Z\"}\n");
	assert_ptr_equal(strchr(output.log, '\n'), output.log + strlen(output.log) - 1);
	assert_string_equal(output.stderr_text, "minirun create failed: \"x\" is\\tmissing\n");
	free_output(&output);
}

static void fail_in_detail(void)
{
	struct error err;

	(void)error_of_kind(&err, ERROR_EXECUTABLE_MISSING, "exec: \"x\"");
	err.code = ENOENT;
	(void)strcpy(err.step, "init/a\"b");
	log_failure_of(&err, "create", "create: ", "%s", err.text);
}

static void details_of_a_failure_are_members_of_the_json_object(void **state)
{
	static const char wanted[] = "Z\",\"code\":\"executable-not-found\",\"errno\":2,"
				     "\"phase\":\"create/init/a\\\"b\",\"hint\":\"";
	struct output output;

	(void)state;
	log_in_a_child(log_path, LOG_FORMAT_JSON, LOG_LEVEL_ERROR, fail_in_detail, &output);
	assert_non_null(strstr(output.log, wanted));
	/* engines have a lead of their own */
	assert_non_null(strstr(output.log, "\"msg\":\"exec: \\\"x\\\"\""));
	assert_string_equal(output.log + strlen(output.log) - 3, "\"}\n");
	assert_string_equal(output.stderr_text, "create: exec: \"x\"\n");
	free_output(&output);
	log_in_a_child(log_path, LOG_FORMAT_TEXT, LOG_LEVEL_ERROR, fail_in_detail, &output);
	assert_non_null(strstr(output.log, "level=error msg=\"create: exec: \\\"x\\\"\"\n"));
	free_output(&output);
}

static void hostile_text(void)
{
	log_failure("a\nb\x1b[31m\xff\xed\xa0\x80 \xc3\xa9\\");
}

static void control_characters_and_bad_utf8_are_escaped(void **state)
{
	struct output output;

	(void)state;
	log_in_a_child(log_path, LOG_FORMAT_JSON, LOG_LEVEL_ERROR, hostile_text, &output);
	assert_non_null(strstr(output.log, "\"msg\":\"a\\nb\\u001b[31m\xEF\xBF\xBD\xEF\xBF\xBD"
					   "\xEF\xBF\xBD\xEF\xBF\xBD \xc3\xa9\\\\\""));
	assert_string_equal(output.stderr_text, "a\\nb\\x1b[31m\\xff\\xed\\xa0\\x80 \xc3\xa9\\\n");
	free_output(&output);
}

static void all_levels(void)
{
	log_debug("d %d", 1);
	log_info("i");
	log_warning("w");
}

static void levels_are_shown_from_the_asked_one_on(void **state)
{
	struct output output;

	(void)state;
	log_in_a_child(log_path, LOG_FORMAT_TEXT, LOG_LEVEL_WARNING, all_levels, &output);
	assert_null(strstr(output.log, "level=info"));
	assert_non_null(strstr(output.log, "level=warning msg=\"w\"\n"));
	free_output(&output);
	log_in_a_child(log_path, LOG_FORMAT_TEXT, LOG_LEVEL_DEBUG, all_levels, &output);
	assert_non_null(strstr(output.log, "level=debug msg=\"d 1\"\n"));
	assert_string_equal(output.stderr_text, "");
	free_output(&output);
}

static void a_very_long_message_stays_one_whole_line(void)
{
	char text[10000];

	memset(text, 0x01, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	log_failure("%s", text);
}

static void long_messages_are_cut_inside_the_quotes(void **state)
{
	struct output output;

	(void)state;
	log_in_a_child(log_path, LOG_FORMAT_JSON, LOG_LEVEL_ERROR,
		       a_very_long_message_stays_one_whole_line, &output);
	assert_string_equal(output.log + strlen(output.log) - 4, "Z\"}\n");
	free_output(&output);
}

static void a_destination_that_cannot_be_opened_is_an_error(void **state)
{
	struct error err;

	(void)state;
	assert_int_equal(log_open("file:/nonexistent/log", LOG_FORMAT_TEXT, LOG_LEVEL_ERROR, &err),
			 -1);
	assert_string_equal(err.text, "open the log /nonexistent/log: is missing");
	assert_int_equal(log_open("syslog:a\nb", LOG_FORMAT_TEXT, LOG_LEVEL_ERROR, &err), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_is_one_text_line_on_stderr),
		cmocka_unit_test(a_log_file_gets_json_and_stderr_the_bare_message),
		cmocka_unit_test(details_of_a_failure_are_members_of_the_json_object),
		cmocka_unit_test(control_characters_and_bad_utf8_are_escaped),
		cmocka_unit_test(levels_are_shown_from_the_asked_one_on),
		cmocka_unit_test(long_messages_are_cut_inside_the_quotes),
		cmocka_unit_test(a_destination_that_cannot_be_opened_is_an_error),
	};
	int fd = mkstemp(log_path), result;

	if (fd < 0)
		return 1;
	result = cmocka_run_group_tests(tests, NULL, NULL);
	(void)close(fd);
	(void)unlink(log_path);
	return result;
}
