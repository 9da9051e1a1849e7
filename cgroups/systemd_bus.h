/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_SYSTEMD_BUS_H
#define CGROUPS_SYSTEMD_BUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "cgroups/variant.h"

/*
 * Talking to systemd's D-Bus interface (org.freedesktop.systemd1(5)), by libsystemd's sd-bus. The
 * library is loaded when the first connection is opened and not before: a container that doesn't
 * ask for systemd doesn't pay for it. Declarations of what is used are in systemd_bus.c, so that
 * building needs no header of it.
 *
 * Everything has a deadline, also connecting and authenticating, for which sd-bus itself would wait
 * for a minute and a half.
 */
struct systemd_bus {
	struct systemd_bus_api *api; /* NULL: not open */
	void *connection;
	bool direct;	     /* to systemd itself, with no message bus between */
	int milliseconds;    /* until a call must be answered */
	char error_name[96]; /* D-Bus's name of the last call's failure, "": it wasn't D-Bus's */
};

#define SYSTEMD_BUS_CLOSED ((struct systemd_bus){ .api = NULL })

/*
 * address: "unix:path=…" as D-Bus has it. One that ends in systemd/private is systemd's own socket.
 * milliseconds: for connecting, and for each call later. -1 with err->code ENOENT, ECONNREFUSED or
 * EACCES: there is nobody at that address.
 */
int systemd_bus_open(struct systemd_bus *bus, const char *address, int milliseconds,
		     struct error *err);
void systemd_bus_close(struct systemd_bus *bus);

#define autobus __attribute__((cleanup(systemd_bus_close))) struct systemd_bus

/* A method of org.freedesktop.systemd1.Manager and what it is given. */
struct systemd_call {
	const char *method;
	const struct variant *arguments;
	size_t count;
};

/*
 * Makes a call. reply: the first value of the answer if it is
 * a string or an object path, in arena; NULL: not wanted. On failure err has systemd's own words in
 * one line and bus->error_name tells the kind; err->code is ECONNRESET if systemd hung up.
 */
int systemd_bus_call(struct systemd_bus *bus, const struct systemd_call *request,
		     struct arena *arena, const char **reply, struct error *err);

/* A property of the manager that is a string, in arena; NULL on failure. */
const char *systemd_bus_get(struct systemd_bus *bus, const char *property, struct arena *arena,
			    struct error *err);

/* Must come before the call that makes a job which is to be waited for. */
int systemd_bus_watch_jobs(struct systemd_bus *bus, struct error *err);

/* Waits for the job's end; result: "done", "failed", "timeout", … (in arena). NULL on failure. */
const char *systemd_bus_wait_job(struct systemd_bus *bus, const char *job, int milliseconds,
				 struct arena *arena, struct error *err);

/* D-Bus's way to write a path of a socket as an address; in arena. */
const char *systemd_bus_address(const char *path, struct arena *arena);

#endif
