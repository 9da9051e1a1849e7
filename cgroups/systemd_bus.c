/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sd-bus, from the library to the wire (sd-bus(3), org.freedesktop.systemd1(5)).
 *
 * syscalls: openat mmap (the library), socket connect sendmsg recvmsg ppoll
 */
#include "cgroups/systemd_bus.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/string.h"
#include "base/sys.h"
#include "base/table.h"

#define LIBRARY "libsystemd.so.0"
#define DESTINATION "org.freedesktop.systemd1"
#define OBJECT "/org/freedesktop/systemd1"
#define MANAGER DESTINATION ".Manager"
#define JOB_REMOVED "JobRemoved"

/* --- what is used of the library: its ABI is stable since version 221 --- */

struct bus_error { /* sd_bus_error */
	const char *name, *message;
	int need_free;
};
struct connection; /* sd_bus */
struct message;	   /* sd_bus_message */

struct systemd_bus_api {
	int (*bus_new)(struct connection **connection);
	int (*set_address)(struct connection *connection, const char *address);
	int (*set_bus_client)(struct connection *connection, int yes);
	int (*start)(struct connection *connection);
	int (*is_ready)(struct connection *connection);
	int (*process)(struct connection *connection, struct message **message);
	int (*wait)(struct connection *connection, uint64_t microseconds);
	void (*close)(struct connection *connection);
	struct connection *(*unref)(struct connection *connection);
	int (*call)(struct connection *connection, struct message *message, uint64_t microseconds,
		    struct bus_error *error, struct message **reply);
	void (*error_free)(struct bus_error *error);
	int (*new_method_call)(struct connection *connection, struct message **message,
			       const char *destination, const char *path, const char *interface,
			       const char *member);
	struct message *(*message_unref)(struct message *message);
	int (*append_basic)(struct message *message, char type, const void *value);
	int (*open_container)(struct message *message, char type, const char *contents);
	int (*close_container)(struct message *message);
	int (*read_basic)(struct message *message, char type, void *value);
	int (*enter_container)(struct message *message, char type, const char *contents);
	int (*is_signal)(struct message *message, const char *interface, const char *member);
};

#define SYMBOL(member, name)                                                                       \
	{                                                                                          \
		name, offsetof(struct systemd_bus_api, member)                                     \
	}
static const struct {
	const char *name;
	size_t offset;
} symbols[] = {
	SYMBOL(bus_new, "sd_bus_new"),
	SYMBOL(set_address, "sd_bus_set_address"),
	SYMBOL(set_bus_client, "sd_bus_set_bus_client"),
	SYMBOL(start, "sd_bus_start"),
	SYMBOL(is_ready, "sd_bus_is_ready"),
	SYMBOL(process, "sd_bus_process"),
	SYMBOL(wait, "sd_bus_wait"),
	SYMBOL(close, "sd_bus_close"),
	SYMBOL(unref, "sd_bus_unref"),
	SYMBOL(call, "sd_bus_call"),
	SYMBOL(error_free, "sd_bus_error_free"),
	SYMBOL(new_method_call, "sd_bus_message_new_method_call"),
	SYMBOL(message_unref, "sd_bus_message_unref"),
	SYMBOL(append_basic, "sd_bus_message_append_basic"),
	SYMBOL(open_container, "sd_bus_message_open_container"),
	SYMBOL(close_container, "sd_bus_message_close_container"),
	SYMBOL(read_basic, "sd_bus_message_read_basic"),
	SYMBOL(enter_container, "sd_bus_message_enter_container"),
	SYMBOL(is_signal, "sd_bus_message_is_signal"),
};

/* Fills the table; the name of what is missing, or NULL. */
static const char *find_symbols(void *library, struct systemd_bus_api *api)
{
	char *table = (char *)api;

	table_for_each (row, symbols) {
		void *symbol = sys_find_symbol(library, row->name);

		if (!symbol)
			return row->name;
		memcpy(table + row->offset, &symbol, sizeof(symbol));
	}
	return NULL;
}

/* The library stays loaded: it isn't made for being unloaded. NULL on failure. */
static struct systemd_bus_api *load_library(struct error *err)
{
	void *library = sys_load_library(LIBRARY);
	struct systemd_bus_api *api;
	const char *missing;

	if (!library) {
		(void)error_set(err, "%s can't be loaded: %s", LIBRARY, sys_load_error());
		return NULL;
	}
	api = calloc(1, sizeof(*api));
	if (!api) {
		(void)error_code(err, ENOMEM, "%s", LIBRARY);
		return NULL;
	}
	missing = find_symbols(library, api);
	if (!missing)
		return api;
	(void)error_set(err, "%s has no %s: at least systemd 237 is needed", LIBRARY, missing);
	free(api);
	return NULL;
}

/* --- time --- */

/* sd-bus's functions return negative errnos. */
static int explain(struct error *err, int result, const char *what, int milliseconds)
{
	if (result == -ETIMEDOUT)
		return error_set(err, "systemd: %s: no answer within %d ms", what, milliseconds);
	return error_code(err, -result, "systemd: %s", what);
}

/* Handles what has come, or sleeps until something comes. 1: *message may be one for us. */
static int advance(struct systemd_bus *bus, int64_t deadline, struct message **message)
{
	const int64_t left = deadline - clock_milliseconds();
	int result;

	if (left < 0) /* also where messages for others never end */
		return -ETIMEDOUT;
	result = bus->api->process(bus->connection, message);
	if (result != 0)
		return result;
	result = bus->api->wait(bus->connection, (uint64_t)left * 1000);
	return result < 0 && result != -EINTR ? result : 0;
}

/* --- the connection --- */

const char *systemd_bus_address(const char *path, struct arena *arena)
{
	const char *address = "unix:path=";

	for (; *path && address; path++) {
		const bool plain = isalnum((unsigned char)*path) || strchr("-_/.\\", *path);

		address = arena_format(arena, plain ? "%s%c" : "%s%%%02x", address,
				       (unsigned char)*path);
	}
	return address;
}

static bool is_direct(const char *address)
{
	return string_ends_with(address, "/systemd/private");
}

static int start(struct systemd_bus *bus, const char *address)
{
	struct connection *connection = NULL;
	int result = bus->api->bus_new(&connection);

	if (result < 0)
		return result;
	bus->connection = connection;
	result = bus->api->set_address(connection, address);
	if (result >= 0 && !bus->direct)
		result = bus->api->set_bus_client(connection, 1);
	return result < 0 ? result : bus->api->start(connection);
}

int systemd_bus_open(struct systemd_bus *bus, const char *address, int milliseconds,
		     struct error *err)
{
	const int64_t deadline = clock_milliseconds() + milliseconds;
	struct message *message = NULL;
	int result;

	*bus = (struct systemd_bus){ .direct = is_direct(address), .milliseconds = milliseconds };
	bus->api = load_library(err);
	if (!bus->api)
		return -1;
	result = start(bus, address);
	while (result >= 0 && (result = bus->api->is_ready(bus->connection)) == 0) {
		result = advance(bus, deadline, &message);
		message = message ? bus->api->message_unref(message) : NULL;
	}
	if (result >= 0)
		return 0;
	systemd_bus_close(bus);
	return explain(err, result, address, milliseconds);
}

void systemd_bus_close(struct systemd_bus *bus)
{
	if (bus->connection) {
		bus->api->close(bus->connection);
		(void)bus->api->unref(bus->connection);
	}
	free(bus->api);
	*bus = SYSTEMD_BUS_CLOSED;
}

/* --- values to the wire --- */

static int append(const struct systemd_bus_api *api, struct message *message,
		  const struct variant *value);

/* The type of a container's contents: "s" of "as", "sv" of "(sv)"; of a variant, what is inside. */
static int open_container(const struct systemd_bus_api *api, struct message *message,
			  const struct variant *value)
{
	const char kind = *value->type == '{' ? 'e' : *value->type == '(' ? 'r' : *value->type;
	size_t length = strlen(value->type);
	char contents[256];

	if (kind == 'v')
		return api->open_container(message, 'v', value->items[0].type);
	if (kind == 'a')
		return api->open_container(message, 'a', value->type + 1);
	if (length > sizeof(contents))
		return -E2BIG;
	(void)snprintf(contents, sizeof(contents), "%.*s", (int)length - 2, value->type + 1);
	return api->open_container(message, kind, contents);
}

static int append_container(const struct systemd_bus_api *api, struct message *message,
			    const struct variant *value)
{
	int result = open_container(api, message, value);

	for (size_t i = 0; result >= 0 && i < value->count; i++)
		result = append(api, message, &value->items[i]);
	return result < 0 ? result : api->close_container(message);
}

static int append(const struct systemd_bus_api *api, struct message *message,
		  const struct variant *value)
{
	const uint8_t byte = (uint8_t)value->number;
	const uint16_t short_number = (uint16_t)value->number;
	const uint32_t word = (uint32_t)value->number; /* also what a boolean is written as */

	switch (*value->type) {
	case 's':
	case 'o':
	case 'g':
		return api->append_basic(message, *value->type, value->text);
	case 'y':
		return api->append_basic(message, 'y', &byte);
	case 'n':
	case 'q':
		return api->append_basic(message, *value->type, &short_number);
	case 'b':
	case 'i':
	case 'u':
		return api->append_basic(message, *value->type, &word);
	case 'x':
	case 't':
		return api->append_basic(message, *value->type, &value->number);
	case 'd':
		return api->append_basic(message, 'd', &value->real);
	default:
		return append_container(api, message, value);
	}
}

/* --- calls --- */

/* Somebody else's words, made fit for one line. */
static int explain_refusal(struct systemd_bus *bus, const struct bus_error *error, int result,
			   const char *method, struct error *err)
{
	char text[300];

	(void)snprintf(bus->error_name, sizeof(bus->error_name), "%s", error->name);
	(void)snprintf(text, sizeof(text), "%s", error->message ? error->message : error->name);
	for (char *c = text; *c; c++)
		*c = iscntrl((unsigned char)*c) ? ' ' : *c;
	for (size_t end = strlen(text); end > 0 && strchr(" .", text[end - 1]);)
		text[--end] = '\0';
	(void)error_set(err, "systemd: %s: %s", method, text);
	err->code = -result;
	return -1;
}

static int call(struct systemd_bus *bus, struct message *message, const char *method,
		struct message **reply, struct error *err)
{
	struct bus_error error = { 0 };
	int result = bus->api->call(bus->connection, message, (uint64_t)bus->milliseconds * 1000,
				    &error, reply);

	*bus->error_name = '\0';
	if (result >= 0)
		return 0;
	/* the message bus, about a systemd that has left it (daemon-reexec): no time has run out */
	if (result == -ETIMEDOUT && error.name &&
	    strcmp(error.name, "org.freedesktop.DBus.Error.NoReply") == 0)
		result = -ECONNRESET;
	/* what sd-bus itself has found out carries names of D-Bus, too, but says less */
	if (result == -ETIMEDOUT || result == -ECONNRESET || !error.name)
		(void)explain(err, result, method, bus->milliseconds);
	else
		(void)explain_refusal(bus, &error, result, method, err);
	bus->api->error_free(&error);
	return -1;
}

struct method {
	const char *destination, *path, *interface, *member;
};

static int call_method(struct systemd_bus *bus, const struct method *method,
		       const struct variant *arguments, size_t count, struct message **reply,
		       struct error *err)
{
	struct message *message = NULL;
	/* systemd's own socket has nobody to name */
	int result = bus->api->new_method_call(bus->connection, &message,
					       bus->direct ? NULL : method->destination,
					       method->path, method->interface, method->member);

	for (size_t i = 0; result >= 0 && i < count; i++)
		result = append(bus->api, message, &arguments[i]);
	if (result < 0)
		result = explain(err, result, method->member, 0);
	else
		result = call(bus, message, method->member, reply, err);
	if (message)
		(void)bus->api->message_unref(message);
	return result;
}

static const char *copy_text(const char *text, struct arena *arena, struct error *err)
{
	const char *copy = arena_string(arena, text);

	if (!copy)
		(void)error_code(err, ENOMEM, "systemd's answer");
	return copy;
}

int systemd_bus_call(struct systemd_bus *bus, const struct systemd_call *request,
		     struct arena *arena, const char **reply, struct error *err)
{
	const struct method manager = { DESTINATION, OBJECT, MANAGER, request->method };
	struct message *answer = NULL;
	const char *text;
	int result = call_method(bus, &manager, request->arguments, request->count, &answer, err);

	if (result == 0 && reply) {
		result = bus->api->read_basic(answer, 'o', &text);
		if (result == -ENXIO)
			result = bus->api->read_basic(answer, 's', &text);
		*reply = result < 0 ? NULL : copy_text(text, arena, err);
		if (result < 0)
			(void)explain(err, result, request->method, 0);
		result = *reply ? 0 : -1;
	}
	if (answer)
		(void)bus->api->message_unref(answer);
	return result;
}

const char *systemd_bus_get(struct systemd_bus *bus, const char *property, struct arena *arena,
			    struct error *err)
{
	const struct method get = { DESTINATION, OBJECT, "org.freedesktop.DBus.Properties", "Get" };
	const struct variant arguments[] = { VARIANT_STRING(MANAGER), VARIANT_STRING(property) };
	struct message *answer = NULL;
	const char *text = NULL;
	int result;

	if (call_method(bus, &get, arguments, ARRAY_SIZE(arguments), &answer, err) < 0)
		return NULL;
	result = bus->api->enter_container(answer, 'v', "s");
	if (result > 0)
		result = bus->api->read_basic(answer, 's', &text);
	if (text)
		text = copy_text(text, arena, err);
	else
		(void)explain(err, result < 0 ? result : -EBADMSG, property, 0);
	(void)bus->api->message_unref(answer);
	return text;
}

/* --- jobs --- */

/* On a message bus signals come to those who ask; systemd's own socket sends all of them. */
int systemd_bus_watch_jobs(struct systemd_bus *bus, struct error *err)
{
	const struct method add_match = { "org.freedesktop.DBus", "/org/freedesktop/DBus",
					  "org.freedesktop.DBus", "AddMatch" };
	const struct variant rule =
		VARIANT_STRING("type='signal',sender='" DESTINATION "',path='" OBJECT
			       "',interface='" MANAGER "',member='" JOB_REMOVED "'");
	struct message *answer = NULL;

	if (bus->direct)
		return 0;
	if (call_method(bus, &add_match, &rule, 1, &answer, err) < 0)
		return -1;
	(void)bus->api->message_unref(answer);
	return 0;
}

/* JobRemoved(u id, o job, s unit, s result). NULL: another message, or another job. */
static const char *result_of(const struct systemd_bus *bus, struct message *message,
			     const char *job)
{
	const struct systemd_bus_api *api = bus->api;
	const char *path, *unit, *result;
	uint32_t id;

	if (api->is_signal(message, MANAGER, JOB_REMOVED) <= 0 ||
	    api->read_basic(message, 'u', &id) <= 0 || api->read_basic(message, 'o', &path) <= 0 ||
	    strcmp(path, job) != 0 || api->read_basic(message, 's', &unit) <= 0 ||
	    api->read_basic(message, 's', &result) <= 0)
		return NULL;
	return result;
}

const char *systemd_bus_wait_job(struct systemd_bus *bus, const char *job, int milliseconds,
				 struct arena *arena, struct error *err)
{
	const int64_t deadline = clock_milliseconds() + milliseconds;
	const char *text = NULL;

	for (;;) {
		struct message *message = NULL;
		const int result = advance(bus, deadline, &message);
		const char *ended;

		if (result < 0) {
			(void)explain(err, result, job, milliseconds);
			return NULL;
		}
		if (!message)
			continue;
		ended = result_of(bus, message, job);
		if (ended)
			text = copy_text(ended, arena, err);
		(void)bus->api->message_unref(message);
		if (ended)
			return text;
	}
}
