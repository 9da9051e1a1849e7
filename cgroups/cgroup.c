/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The container's cgroup from plan to removal (cgroups(7), clone(2) CLONE_INTO_CGROUP,
 * cgroup-v2.rst). Names below the container's cgroup are only ever resolved from its descriptor,
 * without following links; nothing above it is written.
 *
 * syscalls: mkdir open openat read write poll rmdir unlinkat getpid nanosleep
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/log.h"
#include "base/string.h"
#include "cgroups/ancestors.h"
#include "cgroups/cgroup.h"
#include "cgroups/controllers.h"
#include "cgroups/convert.h"
#include "cgroups/device_filter.h"
#include "cgroups/driver.h"
#include "cgroups/hierarchy.h"
#include "cgroups/limits.h"
#include "cgroups/mark.h"
#include "cgroups/processes.h"
#include "cgroups/resources.h"
#include "cgroups/state.h"
#include "cgroups/subtree.h"

#define FREEZE_TIMEOUT 10000	  /* ms; a process in uninterruptible sleep freezes late or never */
#define DESTROY_TIMEOUT 10000	  /* ms until what was killed must be gone */
#define SIGNAL_FREEZE_TIMEOUT 200 /* ms; without a complete freeze the signal still goes out */
#define ROUNDS 100		  /* of a kill without cgroup.kill against a fork bomb */

static int open_directory(const char *path)
{
	return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
}

/* ---- before any side effect ---- */

static bool asks_for_limits(const struct cgroup_writes *limits, const char **member)
{
	for (size_t i = 0; i < limits->count; i++) {
		if (limits->items[i].asks) {
			*member = limits->items[i].member;
			return true;
		}
	}
	return false;
}

static bool may_do_without(const struct cgroup_plan *plan)
{
	if (plan->choice->permission == CGROUP_PERMISSION_AUTO)
		return hierarchy_is_unprivileged();
	return plan->choice->permission == CGROUP_PERMISSION_OPTIONAL;
}

/* There is no cgroup for this container: then nothing may depend on one. */
static int plan_without(struct cgroup_plan *plan, const char *why, bool allowed, struct error *err)
{
	const char *member;

	if (asks_for_limits(plan->limits, &member))
		return error_set(err, "/linux/resources/%s: %s", member, why);
	if (plan->devices && !allowed && !may_do_without(plan))
		return error_set(err, "/linux/resources/devices: %s", why);
	if (plan->devices)
		log_warning("device rules: not applied: %s", why);
	plan->devices = NULL;
	return 0;
}

/* Refuses a cgroup in which a container may not start; a new one can be so by its parent. keeper
 * is the driver's own process in it, 0: none. */
static int check_usable(int cgroup, const char *path, pid_t keeper, struct error *err)
{
	autoset set = { NULL, 0 };
	struct cgroup_state state;
	char type[32];

	if (state_read(cgroup, &state) < 0)
		return error_errno(err, "cgroup %s: cgroup.events", path);
	if (state.populated) {
		if (process_set_read(cgroup, &set, err) < 0)
			return -1;
		if (set.count != 1 || set.pids[0] != keeper)
			return error_of_kind(
				err, ERROR_CGROUP_IN_USE,
				"container's cgroup is not empty: %zu process(es) found",
				set.count);
	}
	if (state.frozen)
		return error_of_kind(err, ERROR_CGROUP_IN_USE,
				     "container's cgroup unexpectedly frozen");
	/* cgroups(7), "Thread mode": whole processes can't be put into these */
	if (state_read_file(cgroup, "cgroup.type", type, sizeof(type)) == 0 &&
	    (string_starts_with(type, "threaded") || string_starts_with(type, "domain invalid")))
		return error_set(err,
				 "cgroup %s: its parent is threaded: no process can be put into it",
				 path);
	return 0;
}

/* The journal will name this path, and `delete` kills what it finds there: a cgroup that belongs to
 * somebody else must be refused before. */
static int check_existing(const char *path, struct error *err)
{
	autofd cgroup = open_directory(path);
	struct error refused = { 0 };

	if (cgroup >= 0 && check_usable(cgroup, path, 0, &refused) < 0 && refused.code != ENODEV) {
		*err = refused;
		return -1;
	}
	if (cgroup >= 0) /* also one that has just been removed */
		return 0;
	if (errno == ENOENT || errno == EACCES)
		return 0;
	return error_errno(err, "cgroup %s", path);
}

static int plan_limits(struct cgroup_plan *plan, const struct cgroup_driver *driver,
		       struct arena *arena, struct report *report, struct error *err)
{
	const char *member;

	plan->limits = arena_alloc(arena, sizeof(*plan->limits));
	if (!plan->limits)
		return error_set(err, "out of memory");
	plan->limits->arena = arena;
	if (resources_check(&plan->spec->linux.resources, report, err) < 0 ||
	    convert_resources(&plan->spec->linux.resources, plan->limits, report, err) < 0)
		return -1;
	plan->optional = plan->optional && !asks_for_limits(plan->limits, &member);
	return driver && driver->fit ? driver->fit(plan->limits, err) : 0;
}

static struct cgroup_plan begin_plan(const struct container_spec *spec, const char *id,
				     const struct cgroup_choice *choice)
{
	const char *path = spec->linux.cgroups_path;

	return (struct cgroup_plan){
		.place.manager = choice->manager,
		.spec = spec,
		.choice = choice,
		.id = id,
		.optional = !path || !*path,
	};
}

static int make_plan(struct cgroup_plan *plan, struct arena *arena, struct report *report,
		     struct error *err)
{
	const enum cgroup_manager manager = plan->choice->manager;
	const struct cgroup_driver *driver = cgroup_driver_of(manager);
	const char *why = NULL;

	if (plan_limits(plan, driver, arena, report, err) < 0)
		return -1;
	if (device_filter_compile(plan->spec, arena, &plan->devices, err) < 0 &&
	    !report_tell(report, err))
		return -1;
	if (!driver)
		return error_set(err,
				 "the cgroup manager \"%s\" is not in this build, which is static: "
				 "it needs libsystemd at run time",
				 cgroup_manager_name(manager));
	if (driver->place(plan, plan->id, arena, &why, err) < 0)
		return -1;
	if (!plan->place.path)
		return plan_without(plan, why, manager == CGROUP_MANAGER_DISABLED, err);
	if (controllers_check(plan->mount, plan->limits, report, err) < 0 ||
	    ancestors_check_new(plan->mount, plan->place.path, plan->limits, report, err) < 0)
		return -1;
	return plan->choice->only_plan ? 0 : check_existing(plan->place.path, err);
}

int cgroup_plan(struct cgroup_plan *plan, const struct container_spec *spec, const char *id,
		const struct cgroup_choice *choice, struct arena *arena, struct error *err)
{
	*plan = begin_plan(spec, id, choice);
	return make_plan(plan, arena, NULL, err);
}

/* ---- making it ---- */

static int open_usable(const char *path, pid_t keeper, struct error *err)
{
	autofd cgroup = open_directory(path);

	if (cgroup < 0)
		return error_errno(err, "cgroup %s", path);
	if (check_usable(cgroup, path, keeper, err) < 0)
		return -1;
	return fd_take(&cgroup);
}

static bool is_not_permitted(const struct error *err)
{
	return err->code == EACCES || err->code == EPERM || err->code == EROFS;
}

/* The words are those that other runtimes' callers look for. */
static int explain_permission(const struct cgroup_plan *plan, struct error *err)
{
	const int code = err->code;
	const char *member;

	(void)error_set(
		err,
		"unable to apply cgroup configuration: cgroup %s: %s (rootless needs no "
		"limits + no cgrouppath when no permission is granted for cgroups: delegate a "
		"cgroup to uid %u, as systemd's Delegate=yes does)",
		plan->place.path, code == EROFS ? "read-only file system" : "permission denied",
		(unsigned)geteuid());
	if (asks_for_limits(plan->limits, &member))
		(void)error_context(
			err,
			"/linux/resources/%s: cannot set the limit: container could not "
			"join or create cgroup",
			member);
	err->code = code;
	return -1;
}

/* Whether the first directory that is there on the way to the cgroup lets us make the next. A
 * service manager's is the manager's to make. */
static int check_permission(const struct cgroup_plan *plan, struct error *err)
{
	const struct cgroup_driver *driver = cgroup_driver_of(plan->place.manager);
	char path[PATH_MAX];
	const char *member;
	char *slash;

	if (!plan->place.path || !driver || driver->keeps_tree || !hierarchy_is_unprivileged() ||
	    !asks_for_limits(plan->limits, &member))
		return 0;
	(void)snprintf(path, sizeof(path), "%s", plan->place.path);
	while (faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) < 0) {
		slash = strrchr(path, '/');
		if (errno != ENOENT || !slash || slash == path) {
			err->code = errno;
			return is_not_permitted(err) ? explain_permission(plan, err) : 0;
		}
		*slash = '\0';
	}
	return 0;
}

/* The id is one that no container has. */
int cgroup_check(const struct host *host, struct report *report, struct error *err)
{
	struct cgroup_plan plan = begin_plan(host->spec, "minirun-check", host->cgroups);

	if (make_plan(&plan, host->arena, report, err) < 0)
		return -1;
	if (check_permission(&plan, err) < 0 && !report_tell(report, err))
		return -1;
	return limits_check_files(plan.limits, report, err);
}

/* Who moves a process needs to write cgroup.procs of the nearest cgroup above both places
 * (cgroups(7), "Delegation containment"). A cgroup that nobody asked for lies beside our own. */
static bool may_be_entered(const char *path)
{
	autofd cgroup = open_directory(path);

	return cgroup >= 0 && faccessat(cgroup, "../cgroup.procs", W_OK, AT_EACCESS) == 0;
}

int cgroup_create(struct cgroup_plan *plan, bool *none, struct error *err)
{
	const struct cgroup_place *place = &plan->place;
	int cgroup;

	plan->made = false;
	*none = place->path == NULL;
	if (*none)
		return -1;
	if (cgroup_driver_of(place->manager)->create(plan, &plan->made, err) < 0) {
		*none = plan->optional && is_not_permitted(err) && may_do_without(plan);
		if (*none)
			log_debug("no cgroup: %s", err->text);
		else if (is_not_permitted(err) && hierarchy_is_unprivileged())
			(void)explain_permission(plan, err);
		return -1;
	}
	if (plan->made && plan->optional && !may_be_entered(place->path) && may_do_without(plan)) {
		log_debug("no cgroup: %s could not be entered", place->path);
		(void)rmdir(place->path); /* made above, and still empty */
		*none = true;
		return -1;
	}
	cgroup = open_usable(place->path, plan->keeper, err);
	if (cgroup >= 0 && place->mark && mark_set(cgroup, place->path, place->mark, err) < 0) {
		(void)close(cgroup); /* read-only: nothing to lose */
		return -1;	     /* and if we made it, it is another's by now */
	}
	if (cgroup < 0 && plan->made)
		(void)rmdir(place->path); /* the first cause is what the user reads */
	return cgroup;
}

void cgroup_settle(struct cgroup_plan *plan)
{
	const struct cgroup_driver *driver = cgroup_driver_of(plan->place.manager);

	if (driver && driver->settle)
		driver->settle(plan);
}

int cgroup_apply_limits(const struct cgroup_plan *plan, int cgroup, struct error *err)
{
	const struct cgroup_driver *driver = cgroup_driver_of(plan->place.manager);

	if (cgroup < 0)
		return 0;
	if (controllers_enable(plan->mount, plan->place.path, cgroup, plan->limits,
			       !driver->keeps_tree, err) < 0)
		return -1;
	return limits_apply(cgroup, plan->limits, err);
}

int cgroup_attach_devices(const struct cgroup_plan *plan, int cgroup, struct error *err)
{
	if (!plan->devices || cgroup < 0)
		return 0;
	return device_filter_attach(plan->devices, cgroup, err);
}

static int write_procs(int cgroup, pid_t pid, struct error *err)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%d", pid);
	if (file_write_at(cgroup, "cgroup.procs", text, err) == 0)
		return 0;
	if (err->code == EBUSY)
		return error_set(err, "cgroup.procs: the cgroup hands controllers down to others "
				      "(cgroup.subtree_control): no process can be put into it");
	if (err->code == EOPNOTSUPP)
		return error_set(err,
				 "cgroup.procs: the cgroup or its parent is threaded: no process "
				 "can be put into it");
	return -1;
}

int cgroup_enter(const struct cgroup_place *place, int cgroup, pid_t pid, struct error *err)
{
	const struct cgroup_driver *driver = place ? cgroup_driver_of(place->manager) : NULL;

	if (write_procs(cgroup, pid, err) == 0)
		return 0;
	return driver && driver->enter ? driver->enter(place, pid, err) : -1;
}

/* ---- with the journal's path ---- */

int cgroup_open(const struct cgroup_place *place, struct error *err)
{
	autofd cgroup = open_directory(place->path);

	if (cgroup < 0 && errno != ENOENT)
		return error_errno(err, "cgroup %s", place->path);
	if (cgroup >= 0 && place->mark &&
	    mark_check(cgroup, place->mark, place->inode) != MARK_OURS) {
		errno = ENOENT;
		return -1;
	}
	return fd_take(&cgroup);
}

bool cgroup_is_frozen(int cgroup)
{
	struct cgroup_state state;

	return state_read(cgroup, &state) == 0 && state.frozen;
}

bool cgroup_asked_to_freeze(int cgroup)
{
	char text[8];

	return state_read_file(cgroup, "cgroup.freeze", text, sizeof(text)) == 0 && text[0] == '1';
}

bool cgroup_is_populated(int cgroup)
{
	struct cgroup_state state;

	return state_read(cgroup, &state) == 0 && state.populated;
}

static int write_freeze(int cgroup, bool freeze, struct error *err)
{
	return file_write_at(cgroup, "cgroup.freeze", freeze ? "1" : "0", err);
}

static bool contains_self(int cgroup)
{
	autoset set = { NULL, 0 };
	struct error ignored;
	pid_t self = getpid();

	if (process_set_read(cgroup, &set, &ignored) < 0)
		return true; /* then better no freeze */
	for (size_t i = 0; i < set.count; i++) {
		if (set.pids[i] == self)
			return true;
	}
	return false;
}

int cgroup_freeze(int cgroup, bool freeze, struct error *err)
{
	const bool by_parent = !freeze && !cgroup_asked_to_freeze(cgroup);
	struct error ignored;
	int reached;

	if (freeze && contains_self(cgroup)) /* nobody would be left to wait, nor to undo it */
		return error_set(err, "this process itself is in the container's cgroup: it can't "
				      "freeze it");
	if (!by_parent && write_freeze(cgroup, freeze, err) < 0)
		return -1;
	reached = state_wait(cgroup, STATE_FROZEN, freeze, by_parent ? 0 : FREEZE_TIMEOUT);
	if (reached == 1)
		return 0;
	if (reached < 0)
		return error_errno(err, "cgroup.events");
	if (!freeze)
		return error_set(err, "cgroup stays frozen: a parent of it is frozen");
	(void)write_freeze(cgroup, false, &ignored); /* half frozen is worse than the error */
	return error_set(err, "cgroup can't be frozen: a process in it doesn't stop within %d s",
			 FREEZE_TIMEOUT / 1000);
}

int cgroup_processes(int cgroup, pid_t **pids, size_t *count, struct error *err)
{
	struct process_set set;

	if (process_set_read(cgroup, &set, err) < 0)
		return -1;
	*pids = set.pids;
	*count = set.count;
	return 0;
}

/* Kernels before 5.14, and threaded cgroups: what forks between two looks is met in the next. */
static int kill_one_by_one(int cgroup, struct error *err)
{
	struct error ignored;
	ssize_t sent = 1;

	(void)write_freeze(cgroup, true,
			   &ignored); /* nothing forks; where that fails we are faster */
	for (int round = 0; sent > 0 && round < ROUNDS; round++)
		sent = process_set_signal(cgroup, SIGKILL, err);
	(void)write_freeze(cgroup, false, &ignored);
	return sent < 0 ? -1 : 0;
}

int cgroup_kill(int cgroup, struct error *err)
{
	if (file_write_at(cgroup, "cgroup.kill", "1", err) == 0 || err->code == ENODEV)
		return 0;
	if (err->code == ENOENT || err->code == EOPNOTSUPP)
		return kill_one_by_one(cgroup, err);
	return -1;
}

int cgroup_signal(int cgroup, int signal, struct error *err)
{
	struct error ignored;
	bool freeze;
	ssize_t sent;

	if (signal == SIGKILL)
		return cgroup_kill(cgroup, err);
	/* frozen, nobody forks between the listing and the signal, and each gets it exactly once */
	freeze = !cgroup_is_frozen(cgroup) && !contains_self(cgroup) &&
		 write_freeze(cgroup, true, &ignored) == 0;
	if (freeze)
		(void)state_wait(cgroup, STATE_FROZEN, true, SIGNAL_FREEZE_TIMEOUT);
	sent = process_set_signal(cgroup, signal, err);
	if (freeze)
		(void)write_freeze(cgroup, false, &ignored);
	return sent < 0 ? -1 : 0;
}

/* ---- removing it ---- */

static int remove_child(int directory, int parent, const char *name, void *data, struct error *err)
{
	(void)directory;
	(void)data;
	if (!name || unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	return error_errno(err, "sub-cgroup %s", name);
}

static int name_survivors(int cgroup, const char *path, struct error *err)
{
	autoset set = { NULL, 0 };
	char pids[128] = "";

	if (process_set_read(cgroup, &set, err) < 0)
		return -1;
	for (size_t i = 0; i < set.count && strlen(pids) < sizeof(pids) - 16; i++)
		(void)snprintf(pids + strlen(pids), sizeof(pids) - strlen(pids), " %d",
			       set.pids[i]);
	return error_set(err, "cgroup %s: %zu process(es) survived SIGKILL for %d s:%s", path,
			 set.count, DESTROY_TIMEOUT / 1000, pids);
}

static int empty_cgroup(int cgroup, const char *path, struct error *err)
{
	int empty;

	if (cgroup_kill(cgroup, err) < 0)
		return error_context(err, "cgroup %s", path);
	empty = state_wait(cgroup, STATE_POPULATED, false, DESTROY_TIMEOUT);
	if (empty < 0)
		return error_errno(err, "cgroup %s: cgroup.events", path);
	return empty == 1 ? 0 : name_survivors(cgroup, path, err);
}

int cgroup_empty(const struct cgroup_place *place, struct error *err)
{
	autofd cgroup = cgroup_open(place, err);

	if (cgroup < 0)
		return errno == ENOENT ? 0 : -1;
	return empty_cgroup(cgroup, place->path, err);
}

/* EBUSY comes for a moment after the last process has left: 1, 2, 4 ... 512 ms, a second in all. */
static int remove_all(int cgroup, const char *path, struct error *err)
{
	for (int wait = 1; wait <= 512; wait *= 2) {
		const struct timespec pause = { .tv_nsec = wait * 1000000L };

		if (subtree_walk(cgroup, remove_child, NULL, err) == 0) {
			if (rmdir(path) == 0 || errno == ENOENT)
				return 0;
			(void)error_errno(err, "cgroup %s", path);
		}
		if (err->code != EBUSY)
			return -1;
		(void)nanosleep(&pause, NULL); /* cut short by a signal: only an earlier try */
	}
	return -1;
}

static int remove_directory(const struct cgroup_place *place, bool unmarked, struct error *err)
{
	const struct cgroup_driver *driver = cgroup_driver_of(place->manager);
	const bool forget = driver && driver->destroy;
	const char *path = place->path;
	autofd cgroup = open_directory(path);
	enum mark_state state;

	if (cgroup < 0)
		return errno == ENOENT ? 0 : error_errno(err, "cgroup %s", path);
	state = place->mark ? mark_check(cgroup, place->mark, place->inode) : MARK_OURS;
	if (state == MARK_NONE && unmarked && rmdir(path) == 0) /* only while nobody uses it */
		return forget ? driver->destroy(place, err) : 0;
	if (state != MARK_OURS)
		return 0;
	if (forget && (empty_cgroup(cgroup, path, err) < 0 || driver->destroy(place, err) < 0))
		return -1;
	/* usually empty by now: one call, and its success is the proof that it is gone */
	if (rmdir(path) == 0 || errno == ENOENT)
		return 0;
	if (errno != EBUSY && errno != ENOTEMPTY)
		return error_errno(err, "cgroup %s", path);
	if (empty_cgroup(cgroup, path, err) < 0)
		return -1;
	return remove_all(cgroup, path, err);
}

int cgroup_destroy(const struct cgroup_place *place, bool unmarked, struct error *err)
{
	return place->path ? remove_directory(place, unmarked, err) : 0;
}
