/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The foreground wait, whole: monitor.c's loop with relay.c's terminal. A child plays minirun, its
 * child the container's process on a pty of its own; the test is the user at the other ends.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/fd.h"
#include "runtime/monitor.h"

#define SPIN_LIMIT 0.3 /* seconds of processor time in a second of waiting */
#define SPINS 240      /* exit code of a minirun that used more */
#define BROKEN 241     /* something failed that isn't the test's subject */

typedef int payload_function(void);

/* --- the pieces ------------------------------------------------------------------------------- */

/* A pty that doesn't echo; the carriage returns are the relay's to take away. */
static int open_pty(int *slave)
{
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios mode;

	if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
		return -1;
	*slave = open(ptsname(master), O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (*slave < 0 || tcgetattr(*slave, &mode) < 0)
		return -1;
	mode.c_lflag &= ~(tcflag_t)ECHO;
	return tcsetattr(*slave, TCSANOW, &mode) < 0 ? -1 : master;
}

static int attach(int slave)
{
	if (setsid() < 0 || ioctl(slave, TIOCSCTTY, 0) < 0)
		return -1;
	for (int fd = 0; fd <= 2; fd++) {
		if (dup2(slave, fd) < 0)
			return -1;
	}
	return 0;
}

/* It begins when go's other end is closed: a container's program does after relay_start(). */
static pid_t start_payload(payload_function *payload, int slave, int go, const sigset_t *mask)
{
	pid_t pid = fork();
	char none;

	if (pid != 0)
		return pid;
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (slave >= 0 && attach(slave) < 0)
		_exit(BROKEN);
	(void)fd_close_from(3, &go, 1, &(struct error){ 0 });
	(void)!read(go, &none, 1);
	(void)close(go);
	(void)sigprocmask(SIG_SETMASK, mask, NULL);
	_exit(payload());
}

static bool spun(void)
{
	struct rusage usage;

	(void)getrusage(RUSAGE_SELF, &usage);
	return (double)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
		       (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6 >
	       SPIN_LIMIT;
}

/* What run.c does. */
static int play_minirun(payload_function *payload, bool terminal, int input, int output)
{
	struct relay relay = { .master = -1 };
	int slave = -1, master = -1, go[2], pidfd, code = BROKEN, result;
	struct error err = { 0 };
	sigset_t saved;
	pid_t pid;

	(void)prctl(PR_SET_CHILD_SUBREAPER, 1);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (isatty(input) && (setsid() < 0 || ioctl(input, TIOCSCTTY, 0) < 0))
		return BROKEN;
	if (terminal)
		master = open_pty(&slave);
	if ((terminal && master < 0) || dup2(input, 0) < 0 || dup2(output, 1) < 0 ||
	    sigprocmask(SIG_BLOCK, NULL, &saved) < 0 || monitor_block_signals(&err) < 0)
		return BROKEN;
	if (pipe2(go, O_CLOEXEC) < 0)
		return BROKEN;
	pid = start_payload(payload, slave, go[0], &saved);
	pidfd = pidfd_open(pid, 0);
	(void)close(slave);
	if (pid < 0 || pidfd < 0)
		return BROKEN;
	(void)fd_close_from(3, (const int[]){ pidfd, master, go[1] }, 3, &err);
	if (terminal && relay_start(&relay, master, &err) < 0)
		return BROKEN;
	(void)close(go[1]);
	result = monitor_wait(pid, pidfd, &relay, NULL, &code, &err);
	relay_stop(&relay);
	if (result < 0 || waitpid(-1, NULL, WNOHANG) > 0)
		return BROKEN;
	return spun() ? SPINS : code;
}

/* A running minirun and our ends of its standard streams. */
struct session {
	pid_t pid;
	int input, output;
};

static struct session start(payload_function *payload, bool terminal, int input, int output)
{
	struct session session = { .input = -1, .output = -1 };
	int in[2] = { input, -1 }, out[2] = { -1, output };

	if (input < 0)
		assert_int_equal(pipe2(in, O_CLOEXEC), 0);
	if (output < 0)
		assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	session.pid = fork();
	assert_true(session.pid >= 0);
	if (session.pid == 0)
		_exit(play_minirun(payload, terminal, in[0], out[1]));
	(void)close(in[0]);
	(void)close(out[1]);
	session.input = in[1];
	session.output = out[0];
	return session;
}

static int finish(struct session *session)
{
	int status;

	(void)close(session->input);
	(void)close(session->output);
	assert_int_equal(waitpid(session->pid, &status, 0), session->pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Reads to the end of file. */
static size_t read_rest(int fd, char *text, size_t size)
{
	size_t used = 0;
	ssize_t got;

	while (used < size - 1 && (got = read(fd, text + used, size - 1 - used)) != 0) {
		if (got < 0 && errno != EINTR)
			break; /* EIO: the end of a pty */
		used += got > 0 ? (size_t)got : 0;
	}
	text[used] = '\0';
	return used;
}

static void sleep_milliseconds(long count)
{
	const struct timespec pause = { count / 1000, count % 1000 * 1000000 };

	(void)nanosleep(&pause, NULL);
}

/* --- what containers do ----------------------------------------------------------------------- */

static int exits_with_seven(void)
{
	return 7;
}

static int is_killed(void)
{
	return raise(SIGKILL);
}

static int sleeps_a_second(void)
{
	sleep_milliseconds(1000);
	return 0;
}

#define MUCH ((size_t)300 * 1024)

static int writes_much_and_ends(void)
{
	static char bytes[MUCH];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)('a' + i % 26);
	return fd_write_all(1, bytes, sizeof(bytes)) < 0 ? 1 : 5;
}

static int writes_on_two_streams(void)
{
	(void)fd_write_all(1, "out\n", 4);
	(void)fd_write_all(2, "err\n", 4);
	return 0;
}

/* "<bytes> <sum>" of what it reads, which it reads as slowly as asked for. */
static int counts_input(long pause)
{
	unsigned long count = 0, sum = 0;
	char bytes[1024], text[64];
	ssize_t got;

	while ((got = read(0, bytes, sizeof(bytes))) > 0) {
		for (ssize_t i = 0; i < got; i++)
			sum = sum * 31 + (unsigned char)bytes[i];
		count += (unsigned long)got;
		if (pause)
			sleep_milliseconds(pause);
	}
	(void)snprintf(text, sizeof(text), "%lu %lu", count, sum);
	(void)fd_write_all(1, text, strlen(text));
	return got < 0;
}

static int counts_input_at_once(void)
{
	return counts_input(0);
}

static int counts_input_slowly(void)
{
	return counts_input(1);
}

static int waits_for_one_byte(void)
{
	struct termios mode;
	char byte = 0;

	/* as an editor does; the caller's terminal must not wait for a line either */
	if (tcgetattr(0, &mode) < 0)
		return 1;
	mode.c_lflag &= ~(tcflag_t)ICANON;
	if (tcsetattr(0, TCSANOW, &mode) < 0)
		return 1;
	(void)fd_write_all(1, "ready\n", 6);
	return read(0, &byte, 1) == 1 && byte == 'x' ? 3 : 1;
}

/* Edits lines itself and gives the terminal its ordinary mode in between: the character for end of
 * file comes as itself, or not at all. */
static int behaves_like_a_shell(void)
{
	struct termios mode;
	int lines = 0;

	if (tcgetattr(0, &mode) < 0)
		return 1;
	for (char byte = 0; byte != 4;) {
		mode.c_lflag &= ~(tcflag_t)ICANON;
		(void)tcsetattr(0, TCSANOW, &mode);
		if (read(0, &byte, 1) != 1)
			return 1;
		mode.c_lflag |= ICANON;
		(void)tcsetattr(0, TCSANOW, &mode);
		lines += byte == '\n';
		sleep_milliseconds(byte == '\n' ? 50 : 0);
	}
	return 10 + lines;
}

static int tells_its_sizes(void)
{
	struct winsize size = { 0 };
	char text[64];

	for (int i = 0; i < 2; i++) {
		unsigned short before = size.ws_col;

		for (int wait = 0; size.ws_col == before && wait < 500; wait++) {
			if (ioctl(0, TIOCGWINSZ, &size) < 0)
				return 1;
			sleep_milliseconds(10);
		}
		(void)snprintf(text, sizeof(text), "%ux%u;", size.ws_row, size.ws_col);
		(void)fd_write_all(1, text, strlen(text));
	}
	return 0;
}

static volatile sig_atomic_t seen[65];

static void see(int signal)
{
	seen[signal] = 1;
}

static const int forwarded[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGUSR1, SIGUSR2,
				 SIGALRM, SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT };

/* Ends at SIGTERM with the number of other signals that arrived. */
static int counts_signals(void)
{
	int count = 0;

	for (int signal = 1; signal <= 64; signal++) {
		struct sigaction action = { .sa_handler = see };

		if (signal != SIGCHLD)
			(void)sigaction(signal, &action, NULL);
	}
	(void)fd_write_all(1, "ready\n", 6);
	for (int i = 0; !seen[SIGTERM] && i < 1000; i++)
		sleep_milliseconds(10);
	for (int signal = 1; signal <= 64; signal++)
		count += signal != SIGTERM && seen[signal];
	return seen[SIGURG] || seen[SIGPIPE] || seen[SIGWINCH] ? 99 : count;
}

static int leaves_orphans(void)
{
	for (int i = 0; i < 100; i++) {
		pid_t pid = fork();

		if (pid == 0 && fork() == 0)
			_exit(0);
		if (pid == 0)
			_exit(0);
		(void)waitpid(pid, NULL, 0);
	}
	sleep_milliseconds(100);
	return 0;
}

static int leaves_its_terminal(void)
{
	for (int fd = 0; fd <= 2; fd++)
		(void)close(fd);
	sleep_milliseconds(1000);
	return 0;
}

static int leaves_its_terminal_and_comes_back(void)
{
	int fd;

	for (fd = 0; fd <= 2; fd++)
		(void)close(fd);
	sleep_milliseconds(300);
	fd = open("/dev/tty", O_WRONLY);
	return fd_write_all(fd, "again", 5) < 0 ? 1 : 0;
}

static int writes_and_leaves_its_terminal(void)
{
	static char bytes[128 * 1024];

	memset(bytes, 'x', sizeof(bytes));
	(void)fcntl(1, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < 8; i++) {
		(void)!write(1, bytes, sizeof(bytes)); /* as much as fits */
		sleep_milliseconds(10);
	}
	return leaves_its_terminal();
}

/* --- the tests -------------------------------------------------------------------------------- */

static int code_of(payload_function *payload, bool terminal)
{
	struct session session = start(payload, terminal, -1, -1);

	return finish(&session);
}

static void the_exit_code_is_the_process_s(void **state)
{
	(void)state;
	assert_int_equal(code_of(exits_with_seven, false), 7);
	assert_int_equal(code_of(exits_with_seven, true), 7);
	assert_int_equal(code_of(is_killed, false), 128 + SIGKILL);
	assert_int_equal(code_of(is_killed, true), 128 + SIGKILL);
}

static void orphans_are_reaped(void **state)
{
	(void)state;
	assert_int_equal(code_of(leaves_orphans, false), 0);
}

static void waiting_takes_no_processor_time(void **state)
{
	struct session session;

	(void)state;
	assert_int_equal(code_of(sleeps_a_second, false), 0);
	session = start(sleeps_a_second, true, open("/dev/null", O_RDONLY | O_CLOEXEC), -1);
	assert_int_equal(finish(&session), 0);
	/* a container that nobody has the terminal of any more */
	session = start(leaves_its_terminal, true, -1, -1);
	assert_int_equal(finish(&session), 0);
	/* the same while its output waits for a reader and its input is at its end */
	session = start(writes_and_leaves_its_terminal, true,
			open("/dev/null", O_RDONLY | O_CLOEXEC), -1);
	sleep_milliseconds(1300);
	assert_int_equal(finish(&session), 0);
}

static void both_streams_arrive(void **state)
{
	struct session session = start(writes_on_two_streams, true, -1, -1);
	char text[64];

	(void)state;
	(void)read_rest(session.output, text, sizeof(text));
	assert_string_equal(text, "out\nerr\n");
	assert_int_equal(finish(&session), 0);
}

static void arrives_complete(struct session session)
{
	static char text[MUCH + 100];

	sleep_milliseconds(200); /* longer than it takes to write what fits anywhere */
	assert_int_equal(read_rest(session.output, text, sizeof(text)), MUCH);
	for (size_t i = 0; i < MUCH; i++) {
		if (text[i] != (char)('a' + i % 26))
			fail_msg("byte %zu is wrong", i);
	}
	assert_int_equal(finish(&session), 5);
}

static void no_byte_is_lost_at_the_end(void **state)
{
	int file, pair[2];
	char name[] = "/tmp/minirun-relay-XXXXXX";
	struct session session;

	(void)state;
	arrives_complete(start(writes_much_and_ends, true, -1, -1));
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	session = start(writes_much_and_ends, true, -1, pair[1]);
	session.output = pair[0];
	arrives_complete(session);
	/* into a file, behind what is there already */
	file = mkostemp(name, O_CLOEXEC);
	assert_true(file >= 0);
	(void)unlink(name);
	assert_int_equal(write(file, "abc", 3), 3);
	session = start(writes_much_and_ends, true, -1, dup(file));
	assert_int_equal(finish(&session), 5);
	assert_int_equal(lseek(file, 0, SEEK_END), MUCH + 3);
	(void)close(file);
}

static void a_reader_that_goes_away_stops_nothing(void **state)
{
	struct session session = start(writes_much_and_ends, true, -1, -1);
	char byte;

	(void)state;
	assert_int_equal(read(session.output, &byte, 1), 1);
	assert_int_equal(finish(&session), 5);
}

static void a_signal_ends_the_wait_for_a_reader_that_sleeps(void **state)
{
	struct session session = start(writes_much_and_ends, true, -1, -1);
	char byte;

	(void)state;
	assert_int_equal(read(session.output, &byte, 1), 1);
	sleep_milliseconds(100);
	/* it still waits to write, since it can't end; now the process is killed, nothing is read
	 */
	assert_int_equal(waitpid(session.pid, NULL, WNOHANG), 0);
	assert_int_equal(kill(session.pid, SIGTERM), 0); /* ends the container's process */
	sleep_milliseconds(200);
	(void)kill(session.pid, SIGTERM); /* ends the wait */
	for (int i = 0; i < 100; i++) {
		int status;

		if (waitpid(session.pid, &status, WNOHANG) == session.pid) {
			assert_int_equal(WEXITSTATUS(status), 128 + SIGTERM);
			(void)close(session.input);
			(void)close(session.output);
			return;
		}
		sleep_milliseconds(20);
	}
	fail_msg("still waiting");
}

static void input_is(const char *input, size_t length, payload_function *payload)
{
	struct session session = start(payload, true, -1, -1);
	unsigned long sum = 0;
	char text[64], expected[64];
	size_t used;

	for (size_t i = 0; i < length; i++)
		sum = sum * 31 + (unsigned char)input[i];
	(void)snprintf(expected, sizeof(expected), "%zu %lu", length, sum);
	assert_int_equal(fd_write_all(session.input, input, length), 0);
	(void)close(session.input);
	session.input = -1;
	used = read_rest(session.output, text, sizeof(text));
	assert_true(used > 0);
	assert_string_equal(text, expected);
	assert_int_equal(finish(&session), 0);
}

static void the_end_of_the_input_arrives(void **state)
{
	static char lines[200 * 1024];

	(void)state;
	input_is("", 0, counts_input_at_once);
	input_is("hello\n", 6, counts_input_at_once);
	input_is("no line end", 11, counts_input_at_once);
	input_is("hello\nand a part", 16, counts_input_slowly);
	for (size_t i = 0; i < sizeof(lines); i++)
		lines[i] = (char)(i % 71 == 70 ? '\n' : 'A' + i % 50);
	input_is(lines, sizeof(lines), counts_input_at_once);
	input_is(lines, (size_t)40 * 1024, counts_input_slowly);
}

static void a_shell_without_a_caller_s_terminal_ends(void **state)
{
	struct session session = start(behaves_like_a_shell, true, -1, -1);

	(void)state;
	assert_int_equal(fd_write_all(session.input, "one\ntwo\n", 8), 0);
	assert_int_equal(finish(&session), 12);
	session = start(behaves_like_a_shell, true, open("/dev/null", O_RDONLY | O_CLOEXEC), -1);
	assert_int_equal(finish(&session), 10);
}

static void expect_text(int fd, const char *expected)
{
	char text[64] = "";
	size_t used = 0;

	while (used < strlen(expected)) {
		ssize_t got = read(fd, text + used, strlen(expected) - used);

		assert_true(got > 0);
		used += (size_t)got;
	}
	assert_string_equal(text, expected);
}

/* A user's terminal: ordinary modes, a size. */
static int open_user_terminal(int *slave)
{
	int master;
	const struct winsize size = { .ws_row = 33, .ws_col = 101 };
	struct termios mode;

	*slave = -1;
	master = open_pty(slave);
	assert_true(master >= 0);
	assert_int_equal(tcgetattr(*slave, &mode), 0);
	mode.c_oflag |= OPOST | ONLCR;
	mode.c_lflag |= ECHO;
	assert_int_equal(tcsetattr(*slave, TCSANOW, &mode), 0);
	assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
	return master;
}

static void the_caller_s_terminal_is_raw_meanwhile_and_restored(void **state)
{
	int slave, user = open_user_terminal(&slave), spare = dup(slave);
	struct termios before, during, after;
	struct session session;

	(void)state;
	assert_int_equal(tcgetattr(spare, &before), 0);
	session = start(waits_for_one_byte, true, dup(slave), slave);
	expect_text(user, "ready\r\n"); /* the carriage return is the caller's terminal's */
	assert_int_equal(tcgetattr(spare, &during), 0);
	assert_int_equal(during.c_lflag & (tcflag_t)(ICANON | ECHO | ISIG), 0);
	assert_int_equal(during.c_oflag, before.c_oflag);
	assert_int_equal(fd_write_all(user, "x", 1), 0);
	assert_int_equal(finish(&session), 3);
	assert_int_equal(tcgetattr(spare, &after), 0);
	assert_memory_equal(&before, &after, sizeof(before));
	(void)close(spare);
	(void)close(user);
}

static void what_was_typed_before_arrives(void **state)
{
	int slave, user = open_user_terminal(&slave);
	struct session session;

	(void)state;
	/* a line, the beginning of one that is cut by an end of file, and an end of file */
	assert_int_equal(fd_write_all(user, "one\ntw\4\4", 8), 0);
	expect_text(user, "one\r\ntw");
	session = start(counts_input_at_once, true, dup(slave), slave);
	expect_text(user, "6 "); /* "one\n", "tw", and the end */
	assert_int_equal(finish(&session), 0);
	(void)close(user);
}

static void the_caller_s_size_is_the_container_s(void **state)
{
	int slave, user = open_user_terminal(&slave);
	const struct winsize larger = { .ws_row = 50, .ws_col = 200 };
	struct session session = start(tells_its_sizes, true, dup(slave), slave);

	(void)state;
	expect_text(user, "33x101;");
	assert_int_equal(ioctl(user, TIOCSWINSZ, &larger), 0);
	expect_text(user, "50x200;");
	assert_int_equal(finish(&session), 0);
	(void)close(user);
}

static void signals_are_forwarded(void **state)
{
	struct session session = start(counts_signals, false, -1, -1);

	(void)state;
	expect_text(session.output, "ready\n");
	for (size_t i = 0; i < sizeof(forwarded) / sizeof(forwarded[0]); i++) {
		assert_int_equal(kill(session.pid, forwarded[i]), 0);
		/* SIGCONT takes back stop signals that weren't taken yet, and they take it back */
		sleep_milliseconds(50);
	}
	assert_int_equal(kill(session.pid, SIGRTMIN + 3), 0);
	assert_int_equal(kill(session.pid, SIGRTMAX), 0);
	/* these are ours */
	assert_int_equal(kill(session.pid, SIGURG), 0);
	assert_int_equal(kill(session.pid, SIGPIPE), 0);
	assert_int_equal(kill(session.pid, SIGWINCH), 0);
	assert_int_equal(kill(session.pid, SIGCHLD), 0);
	sleep_milliseconds(200);
	assert_int_equal(kill(session.pid, SIGTERM), 0);
	assert_int_equal(finish(&session), sizeof(forwarded) / sizeof(forwarded[0]) + 2);
}

static void a_terminal_that_is_opened_again_is_read_again(void **state)
{
	struct session session = start(leaves_its_terminal_and_comes_back, true, -1, -1);
	char text[64];

	(void)state;
	(void)read_rest(session.output, text, sizeof(text));
	assert_string_equal(text, "again");
	assert_int_equal(finish(&session), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_exit_code_is_the_process_s),
		cmocka_unit_test(orphans_are_reaped),
		cmocka_unit_test(waiting_takes_no_processor_time),
		cmocka_unit_test(both_streams_arrive),
		cmocka_unit_test(no_byte_is_lost_at_the_end),
		cmocka_unit_test(a_reader_that_goes_away_stops_nothing),
		cmocka_unit_test(a_signal_ends_the_wait_for_a_reader_that_sleeps),
		cmocka_unit_test(the_end_of_the_input_arrives),
		cmocka_unit_test(a_shell_without_a_caller_s_terminal_ends),
		cmocka_unit_test(the_caller_s_terminal_is_raw_meanwhile_and_restored),
		cmocka_unit_test(what_was_typed_before_arrives),
		cmocka_unit_test(the_caller_s_size_is_the_container_s),
		cmocka_unit_test(signals_are_forwarded),
		cmocka_unit_test(a_terminal_that_is_opened_again_is_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
