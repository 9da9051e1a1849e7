/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scopes: asked for, found, changed and taken away (org.freedesktop.systemd1(5)).
 *
 * A scope isn't made without a process, and the container's init is to be born in its cgroup. So a
 * child of ours, the keeper, which does nothing, is the scope's first process until init is there.
 *
 * syscalls: fork kill waitid prctl close_range pause open read access poll
 */
#include "cgroups/systemd_driver.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/string.h"
#include "base/table.h"
#include "cgroups/convert.h"
#include "cgroups/hierarchy.h"
#include "cgroups/limits.h"
#include "cgroups/processes.h"
#include "cgroups/state.h"
#include "cgroups/systemd_bus.h"
#include "cgroups/systemd_properties.h"
#include "cgroups/systemd_unit.h"

#define CONNECT_TIMEOUT 5000 /* ms, as for a call: systemd may be busy with a daemon-reload */
#define JOB_TIMEOUT 30000    /* ms */
#define TAKEN_TIMEOUT 640    /* ms, the last of the doubling waits for a name: 1.3 s in all */
#define NOTICE_TIMEOUT 2000  /* ms until systemd has seen by itself that a scope is empty */
#define LIMIT_FILE_MAX ((size_t)64 << 10) /* bytes of a keyed file: a line per device */
#define SYSTEM_SOCKETS                                                                             \
	{                                                                                          \
		"/run/systemd/private", "/run/dbus/system_bus_socket"                              \
	}

/* --- who to talk to --- */

/* In this order; NULL ends the list. */
static void list_addresses(const struct cgroup_choice *choice, bool user, struct arena *arena,
			   const char *addresses[4])
{
	static const char *const system_sockets[] = SYSTEM_SOCKETS;
	size_t count = 0;

	if (!user) {
		table_for_each (path, system_sockets)
			addresses[count++] = systemd_bus_address(*path, arena);
		addresses[count] = NULL;
		return;
	}
	const char *directory = choice->runtime_dir && *choice->runtime_dir == '/'
					? choice->runtime_dir
					: arena_format(arena, "/run/user/%u", (unsigned)geteuid());
	const char *own = arena_format(arena, "%s/systemd/private", directory ? directory : "");
	const char *bus = arena_format(arena, "%s/bus", directory ? directory : "");

	if (own && bus) {
		addresses[count++] = systemd_bus_address(own, arena);
		addresses[count++] = systemd_bus_address(bus, arena);
	}
	if (choice->session_bus && *choice->session_bus)
		addresses[count++] = choice->session_bus;
	addresses[count] = NULL;
}

static bool is_nobody(int code)
{
	return code == ENOENT || code == ECONNREFUSED || code == EACCES || code == ENOTDIR;
}

static int refuse_no_bus(const char *const addresses[4], bool user, const struct error *last,
			 struct error *err)
{
	const char *cure = user ? "is XDG_RUNTIME_DIR set, and does the user have a login session "
				  "or lingering enabled?"
				: "does systemd run here? else use --cgroup-manager cgroupfs";
	char names[200] = "";

	for (size_t i = 0; addresses[i]; i++) {
		if (strlen(names) + strlen(addresses[i]) + 3 > sizeof(names))
			break;
		(void)strcat(names, i ? ", " : "");
		(void)strcat(names, addresses[i]);
	}
	return error_set(err, "systemd can't be reached at %s: %s (%s)", names,
			 error_reason(last->code), cure);
}

/* The first address at which somebody is. *address is what is to be remembered. */
static int find_bus(struct systemd_bus *bus, const struct cgroup_choice *choice, bool user,
		    struct arena *arena, const char **address, struct error *err)
{
	const char *addresses[4] = { NULL };
	struct error last = { .code = ENOENT };

	list_addresses(choice, user, arena, addresses);
	for (size_t i = 0; addresses[i]; i++) {
		*address = addresses[i];
		if (systemd_bus_open(bus, addresses[i], CONNECT_TIMEOUT, &last) == 0)
			return 0;
		if (!is_nobody(last.code)) {
			*err = last;
			return -1;
		}
	}
	return refuse_no_bus(addresses, user, &last, err);
}

/* A systemd that executes itself anew (daemon-reexec, as its upgrade does) hangs up on everybody
 * and is back in a moment. Sleeps; false: it was something else, or is over. was_there: it has
 * answered just now, so that nobody at its socket means the same. */
static bool hung_up(const struct error *err, bool was_there, int *left)
{
	const int pause = 50; /* ms */
	const int code = was_there && err->code == ECONNREFUSED ? ECONNRESET : err->code;

	if ((code != ECONNRESET && code != EPIPE && code != ENOTCONN) || *left <= 0)
		return false;
	*left -= pause;
	(void)poll(NULL, 0, pause);
	return true;
}

/* --- place --- */

/* Wrong annotations are found before anything was made. */
static int check_annotations(const struct cgroup_plan *plan, struct arena *arena, struct error *err)
{
	struct systemd_properties properties = { .arena = arena };

	return systemd_properties_add_annotations(&properties, &plan->spec->annotations, err);
}

/* --rootless decides where it is given, as for the state root. */
static bool is_user(const struct cgroup_choice *choice)
{
	if (choice->permission == CGROUP_PERMISSION_AUTO)
		return hierarchy_is_unprivileged();
	return choice->permission == CGROUP_PERMISSION_OPTIONAL;
}

/* Where the instance itself is: not at the root if it is a user's or in a container. */
static const char *find_instance(struct cgroup_plan *plan, bool user, struct arena *arena,
				 struct error *err)
{
	int left = CONNECT_TIMEOUT;
	const char *root = NULL;

	do {
		autobus bus = SYSTEMD_BUS_CLOSED;

		if (find_bus(&bus, plan->choice, user, arena, &plan->place.bus, err) == 0)
			root = systemd_bus_get(&bus, "ControlGroup", arena, err);
	} while (!root && hung_up(err, false, &left));
	return root;
}

static int place(struct cgroup_plan *plan, const char *id, struct arena *arena, const char **why,
		 struct error *err)
{
	const bool user = is_user(plan->choice);
	const char *path = plan->spec->linux.cgroups_path;
	struct hierarchy hierarchy;
	struct systemd_unit unit;
	const char *root;

	(void)why;
	if (systemd_unit_plan(&unit, path && *path ? path : NULL, id, user, arena, err) < 0 ||
	    check_annotations(plan, arena, err) < 0 ||
	    hierarchy_find(&hierarchy, false, arena, err) < 0)
		return -1;
	if (!hierarchy.mount)
		return error_set(err, "the systemd cgroup manager needs cgroup v2, which is not "
				      "mounted on this host");
	root = find_instance(plan, user, arena, err);
	if (!root)
		return -1;
	if (!systemd_is_cgroup(root))
		return error_set(err, "systemd: ControlGroup: \"%.100s\" is no cgroup", root);
	plan->mount = hierarchy.mount;
	plan->place.unit = unit.name;
	plan->place.path = arena_format(arena, "%s%s%s", hierarchy.mount,
					string_equal(root, "/") ? "" : root, unit.path);
	return plan->place.path ? 0 : error_code(err, ENOMEM, "cgroup path");
}

/* --- calls about one unit --- */

static bool failed_with(const struct systemd_bus *bus, const char *name)
{
	static const char prefix[] = "org.freedesktop.systemd1.";

	return string_starts_with(bus->error_name, prefix) &&
	       string_equal(bus->error_name + strlen(prefix), name);
}

static bool is_unknown_unit(const struct systemd_bus *bus)
{
	return failed_with(bus, "NoSuchUnit");
}

/* A unit that has failed stays in memory until it is reset, and keeps its name occupied. */
static int reset_failed(struct systemd_bus *bus, const char *unit, struct arena *arena,
			struct error *err)
{
	const struct variant name = VARIANT_STRING(unit);

	const struct systemd_call call = { "ResetFailedUnit", &name, 1 };

	if (systemd_bus_call(bus, &call, arena, NULL, err) == 0)
		return 0;
	return is_unknown_unit(bus) ? 0 : -1;
}

static int await_job(struct systemd_bus *bus, const char *unit, const char *verb, const char *job,
		     struct arena *arena, struct error *err)
{
	const char *result = systemd_bus_wait_job(bus, job, JOB_TIMEOUT, arena, err);

	if (!result)
		return error_context(err, "unit %s", unit);
	if (strcmp(result, "done") != 0)
		return error_set(err,
				 "systemd couldn't %s unit %s: job %s (see systemctl status "
				 "and the journal)",
				 verb, unit, result);
	return 0;
}

static int stop(struct systemd_bus *bus, const char *unit, struct arena *arena, struct error *err)
{
	const struct variant arguments[] = { VARIANT_STRING(unit), VARIANT_STRING("replace") };
	const struct systemd_call call = { "StopUnit", arguments, ARRAY_SIZE(arguments) };
	const char *job;

	if (systemd_bus_watch_jobs(bus, err) < 0)
		return -1;
	if (systemd_bus_call(bus, &call, arena, &job, err) < 0)
		return is_unknown_unit(bus) ? 0 : -1;
	return await_job(bus, unit, "stop", job, arena, err);
}

/* A call with properties of a unit among its arguments. */
struct unit_call {
	const char *method;
	struct variant *arguments;
	size_t count, where; /* the properties' place in arguments */
	struct systemd_properties *properties;
};

/*
 * Calls with what our limits and annotations ask for. A systemd that doesn't know one of the
 * limits' properties, or not this value of it, names it; the cgroup's file has the limit anyway.
 */
static int call_with(struct systemd_bus *bus, const struct unit_call *request, const char **reply,
		     struct error *err)
{
	const struct systemd_call call = { request->method, request->arguments, request->count };
	struct systemd_properties *properties = request->properties;

	for (;;) {
		request->arguments[request->where] = systemd_properties_value(properties);
		if (properties->failed)
			return error_code(err, ENOMEM, "properties of a unit");
		if (systemd_bus_call(bus, &call, properties->arena, reply, err) == 0)
			return 0;
		if (!*bus->error_name || !systemd_properties_drop_named(properties, err->text))
			return -1;
		log_info("%s: left to the cgroup's files", err->text);
	}
}

/* --- create --- */

/* Nothing of ours stays open in it: it may live as long as a hook takes. */
static _Noreturn void keep(pid_t parent)
{
	struct error ignored;

	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)fd_close_from(0, NULL, 0, &ignored);
	while (getppid() == parent)
		(void)pause();
	_exit(0);
}

static int start_keeper(struct cgroup_plan *plan, struct error *err)
{
	const pid_t parent = getpid();

	plan->keeper = fork();
	if (plan->keeper == 0)
		keep(parent);
	return plan->keeper < 0 ? error_errno(err, "the scope's first process") : 0;
}

static void settle(struct cgroup_plan *plan)
{
	siginfo_t info;

	if (plan->keeper <= 0)
		return;
	(void)kill(plan->keeper, SIGKILL); /* our unreaped child: it can't be another's pid */
	while (waitid(P_PID, (id_t)plan->keeper, &info, WEXITED) < 0 && errno == EINTR)
		;
	plan->keeper = 0;
}

/* Nothing is alive in there: then the unit is only what systemd hasn't forgotten yet. */
static bool is_empty(const struct cgroup_place *place)
{
	autofd cgroup = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct cgroup_state state;

	if (cgroup < 0)
		return errno == ENOENT;
	return state_read(cgroup, &state) < 0 ? errno == ENODEV : !state.populated;
}

/*
 * The name is taken: by a unit that has failed, which is reset; by one whose last process has just
 * ended, which goes by itself in a moment; or by somebody else's, in whatever slice, which is left
 * alone.
 */
static int call_again(struct systemd_bus *bus, const struct cgroup_place *place,
		      const struct unit_call *request, const char **job, struct error *err)
{
	struct error ignored;

	for (int wait = 0; is_empty(place) && wait <= TAKEN_TIMEOUT; wait = wait ? 2 * wait : 10) {
		const struct timespec pause = { .tv_nsec = wait * 1000000L };

		(void)nanosleep(&pause, NULL); /* cut short by a signal: only an earlier try */
		(void)reset_failed(bus, place->unit, request->properties->arena, &ignored);
		if (call_with(bus, request, job, err) == 0)
			return 0;
		if (!failed_with(bus, "UnitExists"))
			return -1;
	}
	return error_context(err, "unit %s is in use", place->unit);
}

static int start_unit(struct systemd_bus *bus, const struct cgroup_place *place,
		      struct systemd_properties *properties, struct error *err)
{
	struct variant arguments[] = {
		VARIANT_STRING(place->unit),
		VARIANT_STRING("replace"),
		{ .type = "a(sv)" },
		{ .type = "a(sa(sv))" }, /* no further units */
	};
	const struct unit_call request = {
		.method = "StartTransientUnit",
		.arguments = arguments,
		.count = ARRAY_SIZE(arguments),
		.where = 2,
		.properties = properties,
	};
	const char *job;

	if (systemd_bus_watch_jobs(bus, err) < 0)
		return -1;
	if (call_with(bus, &request, &job, err) < 0 &&
	    (!failed_with(bus, "UnitExists") || call_again(bus, place, &request, &job, err) < 0))
		return -1;
	return await_job(bus, place->unit, "start", job, properties->arena, err);
}

/* Exact in the file and rounded in systemd would be changed by the next daemon-reload. What
 * "unified" says is a text for the file and stays as it is. */
static int fit(struct cgroup_writes *writes, struct error *err)
{
	for (size_t i = 0; i < writes->count; i++) {
		struct cgroup_write *write = &writes->items[i];

		if (strcmp(write->member, "cpu/quota") != 0)
			continue;
		write->text = systemd_quota(write->text, writes->arena);
		if (!write->text)
			return error_code(err, ENOMEM, "/linux/resources/cpu/quota");
	}
	return 0;
}

static bool is_weight(const struct cgroup_write *write)
{
	return strcmp(write->file, "io.weight") == 0 || strcmp(write->file, "io.bfq.weight") == 0;
}

/* But for weights of disks: which file takes those is known only when it is there. */
static void add_limits(struct systemd_properties *properties, const struct cgroup_writes *limits)
{
	for (size_t i = 0; i < limits->count; i++) {
		const struct cgroup_write *write = &limits->items[i];

		if (!is_weight(write))
			systemd_properties_add_file(properties, write->file, write->text);
	}
}

/* systemd has made the scope before it hung up. */
static bool is_made(const struct cgroup_plan *plan)
{
	autofd cgroup = open(plan->place.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	autoset set = { NULL, 0 };
	struct error ignored;

	return plan->keeper > 0 && cgroup >= 0 && process_set_read(cgroup, &set, &ignored) == 0 &&
	       set.count == 1 && set.pids[0] == plan->keeper;
}

static int ask_for_unit(struct cgroup_plan *plan, struct systemd_properties *properties,
			struct error *err)
{
	int left = CONNECT_TIMEOUT;

	do {
		autobus bus = SYSTEMD_BUS_CLOSED;

		if (left < CONNECT_TIMEOUT && is_made(plan))
			return 0;
		if (systemd_bus_open(&bus, plan->place.bus, CONNECT_TIMEOUT, err) == 0 &&
		    start_unit(&bus, &plan->place, properties, err) == 0)
			return 0;
		/* our own values have the types that systemd expects, and it doesn't say which one
		 * hasn't */
		if (strcmp(bus.error_name, "System.Error.ENXIO") == 0)
			return error_context(err, "/annotations: a value of an "
						  "org.systemd.property.NAME has another type than "
						  "systemd expects");
	} while (hung_up(err, true, &left));
	return -1;
}

static int create_unit(struct cgroup_plan *plan, struct arena *arena, struct error *err)
{
	const char *path = plan->spec->linux.cgroups_path;
	struct systemd_properties properties = { .arena = arena };
	struct systemd_unit unit;

	if (systemd_unit_plan(&unit, path && *path ? path : NULL, plan->id, is_user(plan->choice),
			      arena, err) < 0)
		return -1;
	if (!unit.is_slice && start_keeper(plan, err) < 0)
		return -1;
	systemd_properties_add_basics(&properties, &unit, plan->id, plan->keeper);
	add_limits(&properties, plan->limits);
	if (systemd_properties_add_annotations(&properties, &plan->spec->annotations, err) < 0)
		return -1;
	return ask_for_unit(plan, &properties, err);
}

static int create(struct cgroup_plan *plan, bool *made, struct error *err)
{
	struct arena arena = { 0 };
	const int result = create_unit(plan, &arena, err);

	if (result < 0)
		settle(plan);
	*made = result == 0;
	arena_free(&arena);
	return result;
}

/* --- later --- */

/* Where the border of a delegation lies between, only systemd may move a process. */
static int attach(const struct cgroup_place *place, pid_t pid, struct error *err)
{
	const struct variant process = VARIANT_UINT32((uint32_t)pid);
	const struct variant arguments[] = {
		VARIANT_STRING(place->unit),
		VARIANT_STRING(""),
		{ .type = "au", .items = &process, .count = 1 },
	};
	const struct systemd_call call = { "AttachProcessesToUnit", arguments,
					   ARRAY_SIZE(arguments) };
	autobus bus = SYSTEMD_BUS_CLOSED;

	if (err->code != EACCES && err->code != EPERM)
		return -1;
	if (systemd_bus_open(&bus, place->bus, CONNECT_TIMEOUT, err) < 0)
		return -1;
	return systemd_bus_call(&bus, &call, NULL, NULL, err);
}

/* "Idle" is one of systemd's weights: a cgroup that isn't so any more, or again after an undo, has
 * the one that its file says by now, unless the change names another. */
static void add_weight(const struct cgroup_place *place, const struct cgroup_writes *writes,
		       struct systemd_properties *properties)
{
	autofd cgroup = -1;
	char text[24];

	for (size_t i = 0; i < writes->count; i++) {
		if (strcmp(writes->items[i].file, "cpu.idle") != 0)
			continue;
		cgroup = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
		if (cgroup < 0 || state_read_file(cgroup, "cpu.weight", text, sizeof(text)) < 0)
			return;
		text[strcspn(text, "\n")] = '\0';
		if (strcmp(text, "0") != 0) /* of an idle one */
			systemd_properties_add_file(properties, "cpu.weight", text);
		return;
	}
}

/* What a file of the cgroup says, without its last line's end; NULL: it isn't there. */
static const char *text_of(int cgroup, const char *file, struct arena *arena)
{
	autofree char *text = NULL;
	struct error ignored;

	if (file_read_at(cgroup, file, LIMIT_FILE_MAX, &text, NULL, &ignored) < 0)
		return NULL;
	if (*text && text[strlen(text) - 1] == '\n')
		text[strlen(text) - 1] = '\0';
	return arena_string(arena, text);
}

/* By what the files say now: that is what the kernel took (whole pages), and after a change that
 * was taken back what was there before. */
static int add_files(const struct cgroup_place *place, const struct cgroup_writes *writes,
		     struct systemd_properties *properties, struct error *err)
{
	autofd cgroup = open(place->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	struct arena *arena = writes->arena;
	bool weights = false;

	if (cgroup < 0)
		return error_errno(err, "cgroup %s", place->path);
	for (size_t i = 0; i < writes->count; i++) {
		const struct cgroup_write *write = &writes->items[i];
		const char *text = text_of(cgroup, write->file, arena);

		if (is_weight(write)) {
			weights = true;
		} else if (text && strcmp(write->file, "io.max") == 0) {
			const char *device = arena_format(
				arena, "%.*s", (int)strcspn(write->text, " "), write->text);

			systemd_properties_add_throttle(properties, device ? device : "", text);
		} else if (text) {
			systemd_properties_add_file(properties, write->file, text);
		}
	}
	if (weights)
		systemd_properties_add_weights(properties, text_of(cgroup, "io.bfq.weight", arena),
					       text_of(cgroup, "io.weight", arena));
	return 0;
}

static int update(const struct cgroup_place *place, const struct cgroup_writes *writes,
		  struct error *err)
{
	struct systemd_properties properties = { .arena = writes->arena };
	struct variant arguments[] = {
		VARIANT_STRING(place->unit),
		VARIANT_BOOL(true), /* of this boot: the unit has no file either */
		{ .type = "a(sv)" },
	};
	const struct unit_call request = {
		.method = "SetUnitProperties",
		.arguments = arguments,
		.count = ARRAY_SIZE(arguments),
		.where = 2,
		.properties = &properties,
	};
	int left = CONNECT_TIMEOUT;

	add_weight(place, writes, &properties);
	if (add_files(place, writes, &properties, err) < 0)
		return -1;
	if (properties.count == 0)
		return properties.failed ? error_code(err, ENOMEM, "properties of a unit") : 0;
	do {
		autobus bus = SYSTEMD_BUS_CLOSED;

		if (systemd_bus_open(&bus, place->bus, CONNECT_TIMEOUT, err) == 0 &&
		    call_with(&bus, &request, NULL, err) == 0)
			return 0;
	} while (hung_up(err, false, &left));
	return -1;
}

/* systemd writes both files of weights, scaled as it likes, so what was asked for comes last. */
static int tell_weights(const struct cgroup_plan *plan, int cgroup, struct error *err)
{
	struct cgroup_writes weights = { .arena = plan->limits->arena };

	for (size_t i = 0; i < plan->limits->count; i++) {
		if (is_weight(&plan->limits->items[i]) &&
		    convert_append(&weights, &plan->limits->items[i], err) < 0)
			return -1;
	}
	if (weights.count == 0)
		return 0;
	return update(&plan->place, &weights, err) < 0 ? -1 : limits_apply(cgroup, &weights, err);
}

static int forget_unit(const struct cgroup_place *place, struct arena *arena, struct error *err)
{
	autobus bus = SYSTEMD_BUS_CLOSED;

	if (systemd_bus_open(&bus, place->bus, CONNECT_TIMEOUT, err) < 0 ||
	    stop(&bus, place->unit, arena, err) < 0)
		return -1;
	return reset_failed(&bus, place->unit, arena, err);
}

/* The kernel tells who watches a cgroup (inotify(7)) a moment after it is empty, but nobody if the
 * directory is gone by then: systemd would take the unit for active for ever. It removes the
 * directory itself. */
static void let_it_notice(const struct cgroup_place *place)
{
	const int pause = 20; /* ms */

	for (int left = NOTICE_TIMEOUT; left > 0 && access(place->path, F_OK) == 0; left -= pause)
		(void)poll(NULL, 0, pause);
}

/* systemd notices by itself that a scope is empty: without it, this only takes longer. */
static int forget(const struct cgroup_place *place, struct error *err)
{
	struct arena arena = { 0 };

	if (place->unit && place->bus && forget_unit(place, &arena, err) < 0) {
		log_warning("unit %s: %s; its cgroup is empty all the same", place->unit,
			    err->text);
		let_it_notice(place);
	}
	arena_free(&arena);
	return 0;
}

const struct cgroup_driver systemd_driver = {
	.name = "systemd",
	.keeps_tree = true,
	.place = place,
	.fit = fit,
	.create = create,
	.limited = tell_weights,
	.settle = settle,
	.enter = attach,
	.update = update,
	.destroy = forget,
};
