/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_RELAY_H
#define RUNTIME_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <termios.h>

#include "base/error.h"
#include "spec/spec.h"

/* One direction: what was read and not written yet. */
#define RELAY_BUFFER_SIZE 16384
struct relay_buffer {
	size_t length;
	char *bytes; /* RELAY_BUFFER_SIZE; not in the struct: most containers have no terminal */
};

/* A standard stream of ours, without ever blocking on it. */
struct relay_stream {
	int fd;
	bool open;
	bool owned;  /* fd is an open file description of our own */
	bool socket; /* send(2) and recv(2) can be told not to wait */
	bool terminal;
};

/*
 * Foreground: our standard input goes to the container's terminal, what it writes goes to our
 * standard output. Start from { .master = -1 }, which relays nothing and is always safe to stop.
 */
struct relay {
	int master;   /* -1: no terminal, nothing to relay */
	int terminal; /* which of our standard streams is a terminal and knows the size; -1: none */
	bool raw;     /* standard input's mode was changed and must be restored */
	bool paused;  /* standard input is a terminal that we aren't in the foreground of */
	bool hung_up; /* nobody has the container's end open at the moment */
	int end_pause; /* input has ended: milliseconds between two tries to say so; 0: it hasn't */
	int64_t end_next; /* when the next one is due */
	struct termios saved;
	struct relay_stream input, output;
	struct relay_buffer to_master, to_output;
};

/*
 * Takes the master over (relay_stop() closes it, also after a failure here). Raw mode only where
 * standard input is a terminal and we are in its foreground; the size is copied where the container
 * has none yet. Runs in: parent.
 */
int relay_start(struct relay *relay, int master, struct error *err);

/* The size of the caller's terminal, if there is one, where no other is asked for. Runs in: parent,
 * of exec, whose program may look before relay_start(). */
void relay_measure(struct console_size *size);

/* SIGWINCH: the caller's size becomes the container's. */
void relay_resize(const struct relay *relay);

/* SIGCONT: back in the foreground, or for the first time. */
void relay_continue(struct relay *relay);

/* For the one poll loop of the foreground wait (monitor.c): what to wait for, for how long at most
 * (-1: no limit), and the work once poll(2) has returned. */
#define RELAY_FDS 3
void relay_prepare(const struct relay *relay, struct pollfd fds[RELAY_FDS]);
int relay_timeout(const struct relay *relay);
void relay_work(struct relay *relay, const struct pollfd fds[RELAY_FDS]);

/* After the container's process has ended: moves what it still wrote. True: all done. False: the
 * reader of our output has to make room first (fds[2] of relay_prepare() says when). */
bool relay_finish(struct relay *relay);

/* Moves what can be moved without waiting, restores the terminal, closes everything. */
void relay_stop(struct relay *relay);

#endif
