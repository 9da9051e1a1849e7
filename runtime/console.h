/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_CONSOLE_H
#define RUNTIME_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "runtime/relay.h"
#include "spec/spec.h"

/*
 * The container's terminal. Its end is opened inside the container's devpts; the master goes to
 * whoever listens: conmon or a shim (--console-socket) or, for a foreground run, our own relay
 * (relay.h) over a socketpair, so that both take the same way.
 */

/*
 * A terminal goes with somebody who takes its master: --console-socket (socket, may be NULL) where
 * we don't stay, ourselves where we do; nothing else makes sense. asked_by: what asks for one.
 * Runs in: parent, of create and of exec.
 */
int console_check(bool terminal, bool detached, const char *socket, const char *asked_by,
		  struct error *err);

/* Where the process in the container sends the master: connects *receiver to the engine's socket,
 * or, if that is NULL, to our own end *own of a pair. Runs in: as above. */
int console_open_receiver(const char *socket, int *receiver, int *own, struct error *err);

/*
 * Opens a pty in the devpts at dev/pts of root (checked: devpts magic, 5:2 for ptmx; peer by
 * TIOCGPTPEER), sets size and owner, sends the master over socket with the pty's name, and binds
 * the pty over dev/console where bind is true (O_CREAT|O_NOFOLLOW, by descriptor). Returns the
 * slave. Runs in: init, before pivot; exec's last child (root = container's "/"). CVE-2025-52565.
 */
int console_open(int root, int socket, const struct console_size *size, uint32_t uid, bool bind,
		 struct error *err);

/* For a pty that our relay serves: no carriage returns are added to line ends, since the caller's
 * terminal adds them. fd is either end. -1 with errno. Runs in: parent; exec's first process, so
 * that no program can be faster. */
int console_clear_onlcr(int fd);

/* Makes the slave fds 0, 1, 2 and the controlling terminal of a new session. Runs in: init. */
int console_attach(int slave, struct error *err);
/* The two halves of it, for an init that isn't the last process yet: when a session's leader ends,
 * the kernel sends SIGHUP to whoever has the terminal (tty_ioctl(4)). */
int console_duplicate(int slave, struct error *err);
int console_control(int slave, struct error *err);

/* Without a terminal: standard streams that aren't ttys and aren't /dev/null are given to uid
 * (fchown, gid unchanged; EPERM, EROFS, EINVAL ignored); a /dev/null among them (a true char 1:3)
 * is reopened inside the container. Runs in: init, after pivot. CVE-2026-88265. */
int console_fix_stdio(uint32_t uid, struct error *err);

#endif
