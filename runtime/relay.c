/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bytes between the caller's terminal and the container's: pty(7), termios(3). Two buffers of
 * fixed size; a side that is full is simply not read any further, so a reader that sleeps slows the
 * container down and loses nothing.
 *
 * Nothing here waits but poll(2) in monitor.c. The standard streams are shared with whoever started
 * us, so O_NONBLOCK isn't set on them: pipes and terminals are opened a second time instead, and
 * sockets can be asked not to wait call by call.
 *
 * The container's pty writes no carriage returns (relay_start() clears ONLCR), so the caller's
 * terminal keeps its output modes and adds them.
 *
 * syscalls: read write sendto recvfrom open fcntl fstat ioctl close
 */
#include "runtime/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "runtime/console.h"

#define HUNG_UP_RETRY 100    /* milliseconds */
#define END_PAUSE_MIN 20     /* milliseconds */
#define END_PAUSE_MAX 1000   /* milliseconds */
#define FINISH_MAX (1 << 20) /* more than a pty can hold: the rest comes from other processes */
#define END_OF_FILE 4	     /* ^D, where the terminal has no character of its own */

enum { FD_INPUT, FD_MASTER, FD_OUTPUT };

static size_t room(const struct relay_buffer *buffer)
{
	return RELAY_BUFFER_SIZE - buffer->length;
}

/* --- The caller's side ------------------------------------------------------------------------ */

static struct relay_stream open_stream(int fd, int flags)
{
	struct relay_stream stream = { .fd = fd, .open = true, .terminal = isatty(fd) };
	struct stat attributes;
	char name[32];
	int own;

	if (fstat(fd, &attributes) < 0)
		return (struct relay_stream){ .fd = -1 };
	stream.socket = S_ISSOCK(attributes.st_mode);
	/* not for a regular file: its position would start anew, and it never makes us wait */
	if (!S_ISFIFO(attributes.st_mode) && !S_ISCHR(attributes.st_mode))
		return stream;
	(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	own = open(name, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (own < 0) /* another user's terminal, after su(1): poll(2) says when it is ready */
		return stream;
	stream.fd = own;
	stream.owned = true;
	return stream;
}

static void close_stream(struct relay_stream *stream)
{
	if (stream->owned)
		fd_close(&stream->fd);
	*stream = (struct relay_stream){ .fd = -1 };
}

static ssize_t stream_read(const struct relay_stream *stream, void *bytes, size_t size)
{
	if (stream->socket)
		return recv(stream->fd, bytes, size, MSG_DONTWAIT);
	return read(stream->fd, bytes, size);
}

static ssize_t stream_write(const struct relay_stream *stream, const void *bytes, size_t size)
{
	if (stream->socket)
		return send(stream->fd, bytes, size, MSG_DONTWAIT | MSG_NOSIGNAL);
	/* what poll(2) has promised room for, where the descriptor may block */
	if (!stream->owned && size > PIPE_BUF)
		size = PIPE_BUF;
	return write(stream->fd, bytes, size);
}

static bool in_foreground(int fd)
{
	pid_t group = tcgetpgrp(fd);

	/* not our controlling terminal: there is no job control that could stand in the way */
	return group < 0 || group == getpgrp();
}

/* What was typed before we came. Line by line while that is still the mode: in raw mode an end of
 * file that waits to be read would come as a NUL (n_tty keeps it as one). */
static void take_typed_ahead(struct relay *relay, const struct termios *mode)
{
	struct relay_buffer *buffer = &relay->to_master;
	struct pollfd readable = { .fd = relay->input.fd, .events = POLLIN };

	while ((mode->c_lflag & ICANON) && room(buffer) > 0 && poll(&readable, 1, 0) == 1 &&
	       readable.revents == POLLIN) {
		ssize_t got = read(readable.fd, buffer->bytes + buffer->length, room(buffer));

		if (got < 0)
			return;
		buffer->length += (size_t)got;
		/* cut by the character that isn't given to us: termios(3), "Canonical mode" */
		if (room(buffer) > 0 && (got == 0 || buffer->bytes[buffer->length - 1] != '\n'))
			buffer->bytes[buffer->length++] = (char)mode->c_cc[VEOF];
	}
}

/* cfmakeraw(3), but for the output modes. In the background the terminal is somebody else's. */
static int make_raw(struct relay *relay)
{
	struct termios mode;

	if (!relay->input.terminal)
		return 0;
	relay->paused = !in_foreground(STDIN_FILENO);
	if (relay->paused)
		return 0;
	if (tcgetattr(STDIN_FILENO, &mode) < 0)
		return -1;
	if (!relay->raw) {
		relay->saved = mode;
		take_typed_ahead(relay, &mode);
	}
	cfmakeraw(&mode);
	mode.c_oflag = relay->saved.c_oflag;
	if (tcsetattr(STDIN_FILENO, TCSANOW, &mode) < 0)
		return -1;
	relay->raw = true;
	return 0;
}

static int find_terminal(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (isatty(fd))
			return fd;
	}
	return -1;
}

void relay_resize(const struct relay *relay)
{
	struct winsize size;

	/* no size is no reason to stop relaying */
	if (relay->master >= 0 && relay->terminal >= 0 &&
	    ioctl(relay->terminal, TIOCGWINSZ, &size) == 0)
		(void)ioctl(relay->master, TIOCSWINSZ, &size);
}

void relay_measure(struct console_size *size)
{
	const int terminal = find_terminal();
	struct winsize window;

	if (size->present || terminal < 0 || ioctl(terminal, TIOCGWINSZ, &window) < 0)
		return;
	*size = (struct console_size){ .present = true,
				       .height = window.ws_row,
				       .width = window.ws_col };
}

int relay_start(struct relay *relay, int master, struct error *err)
{
	struct winsize size;
	int flags = fcntl(master, F_GETFL);

	*relay = (struct relay){
		.master = master,
		.terminal = find_terminal(),
		.input = open_stream(STDIN_FILENO, O_RDONLY),
		.output = open_stream(STDOUT_FILENO, O_WRONLY),
		.to_master = { .bytes = malloc(RELAY_BUFFER_SIZE) },
		.to_output = { .bytes = malloc(RELAY_BUFFER_SIZE) },
	};
	if (!relay->to_master.bytes || !relay->to_output.bytes)
		return error_errno(err, "console: make the buffers");
	/* its open file description is ours alone: the container only has the other end */
	if (flags < 0 || fcntl(master, F_SETFL, flags | O_NONBLOCK) < 0)
		return error_errno(err, "console: make the pty's master non-blocking");
	if (console_clear_onlcr(master) < 0)
		return error_errno(err, "console: set the pty's modes");
	if (ioctl(master, TIOCGWINSZ, &size) == 0 && size.ws_row == 0 && size.ws_col == 0)
		relay_resize(relay);
	if (make_raw(relay) < 0)
		return error_errno(err, "console: put the terminal into raw mode");
	return 0;
}

void relay_continue(struct relay *relay)
{
	if (relay->master < 0)
		return;
	(void)make_raw(relay); /* nothing to be done about a terminal that won't change its mode */
	relay_resize(relay);
}

/* --- Moving bytes ----------------------------------------------------------------------------- */

static void consume(struct relay_buffer *buffer, size_t length)
{
	buffer->length -= length;
	memmove(buffer->bytes, buffer->bytes + length, buffer->length);
}

static bool is_temporary(int code)
{
	return code == EAGAIN || code == EINTR;
}

/* Whoever reads the container's end has taken all that we wrote, end-of-file characters included.
 */
static bool is_consumed(int master)
{
	autofd slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct pollfd readable = { .fd = slave, .events = POLLIN };

	return slave < 0 || poll(&readable, 1, 0) == 0;
}

/*
 * Programs of the container read end of file where the caller's input has ended, as they would
 * without a terminal. The character for it is lost on one that is just changing the terminal's
 * mode, as shells do for each line, and only completes a line that has no end: so it is sent again
 * whenever it was read and the process is still there, ever more rarely.
 */
static void say_end(struct relay *relay)
{
	struct termios mode;
	char character = END_OF_FILE;

	if (relay->to_master.length > 0 || clock_milliseconds() < relay->end_next)
		return;
	if (is_consumed(relay->master)) {
		if (tcgetattr(relay->master, &mode) == 0 && mode.c_cc[VEOF] != 0)
			character = (char)mode.c_cc[VEOF];
		relay->to_master.bytes[0] = character;
		relay->to_master.length = 1;
	}
	relay->end_next = clock_milliseconds() + relay->end_pause;
	if (relay->end_pause < END_PAUSE_MAX)
		relay->end_pause *= 2;
}

static void end_input(struct relay *relay)
{
	relay->input.open = false;
	/* a terminal that is gone: SIGHUP says it */
	if (!relay->input.terminal)
		relay->end_pause = END_PAUSE_MIN;
}

static void read_input(struct relay *relay)
{
	struct relay_buffer *buffer = &relay->to_master;
	ssize_t got;

	if (room(buffer) == 0)
		return;
	got = stream_read(&relay->input, buffer->bytes + buffer->length, room(buffer));
	if (got < 0 && is_temporary(errno))
		return;
	/* SIGTTIN is blocked here, so this is what a background process gets; SIGCONT ends it */
	if (got < 0 && errno == EIO && relay->input.terminal && !in_foreground(STDIN_FILENO)) {
		relay->paused = true;
		return;
	}
	if (got <= 0) {
		end_input(relay);
		return;
	}
	buffer->length += (size_t)got;
}

static void write_master(struct relay *relay)
{
	struct relay_buffer *buffer = &relay->to_master;
	ssize_t written = write(relay->master, buffer->bytes, buffer->length);

	if (written > 0)
		consume(buffer, (size_t)written);
	else if (written < 0 && !is_temporary(errno))
		relay->hung_up = true;
}

/* True: something was read. EIO is how a pty says that its other end is closed. */
static bool read_master(struct relay *relay)
{
	struct relay_buffer *buffer = &relay->to_output;
	ssize_t got;

	if (room(buffer) == 0)
		return false;
	got = read(relay->master, buffer->bytes + buffer->length, room(buffer));
	if (got > 0)
		buffer->length += (size_t)got;
	else if (got == 0 || !is_temporary(errno))
		relay->hung_up = true;
	return got > 0;
}

/* Once nobody reads our output any more the container must not be stopped by it: what it writes is
 * thrown away. */
static void write_output(struct relay *relay)
{
	struct relay_buffer *buffer = &relay->to_output;
	ssize_t written;

	if (!relay->output.open) {
		buffer->length = 0;
		return;
	}
	if (buffer->length == 0)
		return;
	written = stream_write(&relay->output, buffer->bytes, buffer->length);
	if (written > 0) {
		consume(buffer, (size_t)written);
	} else if (written < 0 && !is_temporary(errno)) {
		relay->output.open = false;
		buffer->length = 0;
	}
}

void relay_prepare(const struct relay *relay, struct pollfd fds[RELAY_FDS])
{
	bool wants_input = relay->input.open && !relay->paused && room(&relay->to_master) > 0;

	for (int i = 0; i < RELAY_FDS; i++)
		fds[i] = (struct pollfd){ .fd = -1 };
	if (relay->master < 0)
		return;
	/* poll(2) reports hang-ups whatever is asked for: a descriptor that we can do nothing about
	 * has to stay out, or the loop would spin */
	if (wants_input)
		fds[FD_INPUT] = (struct pollfd){ .fd = relay->input.fd, .events = POLLIN };
	if (!relay->hung_up)
		fds[FD_MASTER].events = (short)((room(&relay->to_output) > 0 ? POLLIN : 0) |
						(relay->to_master.length > 0 ? POLLOUT : 0));
	if (fds[FD_MASTER].events)
		fds[FD_MASTER].fd = relay->master;
	if (relay->to_output.length > 0)
		fds[FD_OUTPUT] = (struct pollfd){ .fd = relay->output.fd, .events = POLLOUT };
}

int relay_timeout(const struct relay *relay)
{
	int64_t rest;

	if (relay->master < 0)
		return -1;
	/* a process of the container may open its terminal again */
	if (relay->hung_up)
		return HUNG_UP_RETRY;
	if (relay->end_pause == 0 || relay->to_master.length > 0)
		return -1;
	rest = relay->end_next - clock_milliseconds();
	return rest < 0 ? 0 : rest > END_PAUSE_MAX ? END_PAUSE_MAX : (int)rest;
}

void relay_work(struct relay *relay, const struct pollfd fds[RELAY_FDS])
{
	if (relay->master < 0)
		return;
	relay->hung_up = false;
	if (fds[FD_INPUT].revents)
		read_input(relay);
	if (fds[FD_MASTER].revents & POLLOUT)
		write_master(relay);
	if (fds[FD_MASTER].revents & POLLIN)
		(void)read_master(relay); /* hung_up says what isn't there */
	else if (fds[FD_MASTER].revents & (POLLHUP | POLLERR | POLLNVAL))
		relay->hung_up = true;
	if (fds[FD_OUTPUT].revents || !relay->output.open)
		write_output(relay);
	if (relay->end_pause > 0 && !relay->hung_up)
		say_end(relay);
}

bool relay_finish(struct relay *relay)
{
	size_t moved = 0;

	if (relay->master < 0)
		return true;
	relay->input.open = false;
	relay->to_master.length = 0;
	/* n_tty gives what is still on its way before it says that there is nothing */
	while (read_master(relay) || relay->to_output.length > 0) {
		size_t before = relay->to_output.length;

		write_output(relay);
		if (relay->to_output.length == before)
			return false;
		moved += before - relay->to_output.length;
		if (moved > FINISH_MAX)
			return true;
	}
	return true;
}

void relay_stop(struct relay *relay)
{
	if (relay->master < 0)
		return;
	(void)relay_finish(relay); /* who didn't wait for it doesn't want to */
	if (relay->raw)
		(void)tcsetattr(STDIN_FILENO, TCSANOW, &relay->saved); /* gone with its terminal */
	relay->raw = false;
	close_stream(&relay->input);
	close_stream(&relay->output);
	fd_close(&relay->master);
	free(relay->to_master.bytes);
	free(relay->to_output.bytes);
	relay->to_master.bytes = relay->to_output.bytes = NULL;
}
