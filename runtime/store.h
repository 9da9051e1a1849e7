/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_STORE_H
#define RUNTIME_STORE_H

#include <stdbool.h>

#include "base/error.h"
#include "runtime/container.h"

/*
 * The state directory of one container: <root>/<id>/ (0700) with
 *   creating.json, identity.json, state.json
 *                the journal (runtime/journal.h)
 *   config.json  the configuration as it was at create; later edits of the bundle must not matter
 *   resources.json  what update has made of its linux.resources
 *   start.sock   where init waits for `start`
 *   notify/      only with NOTIFY_SOCKET
 * flock(2) on the directory's descriptor is the container's lock (OFD locks don't work on
 * directories). Every child closes the descriptor first thing, or it would hold the lock.
 */
#define START_SOCKET_NAME "start.sock"

struct store {
	int root; /* the state root */
	int dir;  /* <root>/<id> */
};
#define STORE_INIT                                                                                 \
	{                                                                                          \
		.root = -1, .dir = -1                                                              \
	}

/* The one rule for ids (decision 10), for every command. */
int store_check_id(const char *id, struct error *err);

/*
 * Opens the state root. make: create it (0700, sticky so that cleaners of /run spare it) if it is
 * missing. Refused: not owned by us, writable by others (safety.md R16). Without make a missing
 * root is -1 with errno ENOENT and err filled.
 */
int store_open_root(const struct settings *settings, bool make, struct error *err);

/* "container with given ID already exists" before any plan looks at what that container has made.
 * Only a courtesy: store_reserve() decides. */
int store_check_free(const struct settings *settings, const char *id, struct error *err);

/* <root>/.cache (0700), made if it is missing; -1 quietly where there is none to be had. No id
 * begins with a dot. */
int store_open_cache(const struct settings *settings);

/* Makes <root>/<id> and locks it. "container with given ID already exists". */
int store_reserve(struct store *store, const struct settings *settings, const char *id,
		  struct error *err);

/* Opens an existing one, below store->root if that is open already; "container does not exist" with
 * err->code ENOENT. Takes no lock. */
int store_open(struct store *store, const struct settings *settings, const char *id,
	       struct error *err);

/*
 * Takes the lock; waits at most this long (0: not at all). After it is held the directory is
 * checked to be still the one of that name; if it was deleted meanwhile: "container does not
 * exist". A lock that stays busy is an error with code EBUSY.
 */
int store_lock(struct store *store, const char *id, int milliseconds, struct error *err);

/* Before something that may take long and isn't ours, a poststart hook: `delete --force` must get
 * in. */
void store_unlock(const struct store *store);

/*
 * Who watches the container's cgroup (`events`) says so, and is given a moment before the cgroup
 * goes: a kill for lack of memory couldn't be read from it any more. The descriptor ends the watch
 * when it is closed; -1 with errno. It is a lock of its own kind, on config.json, since the other
 * is for who changes something.
 */
int store_watch(const struct store *store);

/* Waits until nobody watches, for at most this long; 0: only asks. false: somebody still does. */
bool store_await_watchers(const struct store *store, int milliseconds);

/* Removes <root>/<id> with everything in it; 0 only after checking that it is gone. */
int store_remove(struct store *store, const char *id, struct error *err);

/* Gives up the lock, too, unless another process has a copy of the descriptor. Idempotent. */
void store_close(struct store *store);

#endif
