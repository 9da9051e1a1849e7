/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CGROUPS_CGROUP_H
#define CGROUPS_CGROUP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "spec/host.h"
#include "spec/spec.h"

/*
 * The container's cgroup in the v2 hierarchy, found through /proc/self/mountinfo: at /sys/fs/cgroup
 * on a pure v2 host, elsewhere on a hybrid one. A host without cgroup2 gives a container without
 * cgroup, unless the configuration asks for limits.
 */
enum cgroup_manager { CGROUP_MANAGER_CGROUPFS, CGROUP_MANAGER_SYSTEMD, CGROUP_MANAGER_DISABLED };

/* As the option and the journal call it, and back. */
const char *cgroup_manager_name(enum cgroup_manager manager);
enum cgroup_manager cgroup_manager_of(const char *name);
/* A static build has no systemd manager. */
bool cgroup_manager_is_built(enum cgroup_manager manager);

/* What it means when we may not make a cgroup and the configuration doesn't insist on one: no error
 * for users and for root of a user namespace, for anybody, or for nobody. */
enum cgroup_permission {
	CGROUP_PERMISSION_AUTO,
	CGROUP_PERMISSION_OPTIONAL,
	CGROUP_PERMISSION_REQUIRED,
};

/* What the journal records and all that a later command has: engines don't repeat the manager. */
struct cgroup_place {
	enum cgroup_manager manager;
	const char *path; /* absolute host path of the directory ("/sys/fs/cgroup/unified/x"),
			     NULL: no cgroup for this container */
	const char *mark; /* whose it is (mark.h); NULL: cgroup_create() marks nothing, the others
			     don't look */
	uint64_t inode;	  /* of the directory, in this boot; 0: not known, the mark counts */
	const char *unit; /* systemd: "minirun-c1.scope"; NULL with other managers */
	const char *bus;  /* systemd: the D-Bus address of the instance that has the unit */
};

/* What the caller has chosen. */
struct cgroup_choice {
	enum cgroup_manager manager;
	enum cgroup_permission permission;
	/* XDG_RUNTIME_DIR, DBUS_SESSION_BUS_ADDRESS of the environment: where a user's systemd is
	 */
	const char *runtime_dir, *session_bus;
	bool only_plan; /* nothing will be made: who is in the place now doesn't matter */
};

struct cgroup_plan {
	struct cgroup_place place;
	const struct container_spec *spec; /* the configuration it was made from */
	const struct cgroup_choice *choice;
	const char *id;	   /* the container's */
	const char *mount; /* the cgroup2 mount point the path lies below */
	pid_t keeper;	   /* of a driver's create(): a child that holds the place until settle() */
	bool optional;	   /* asks for nothing: choice->permission applies */
	bool made;	   /* cgroup_create(): there was none at the path */
	struct device_program *devices; /* NULL: none asked for; cgroups/device_filter.h */
	struct cgroup_writes *limits;	/* cgroups/convert.h; count 0: none asked for */
};

/*
 * Decides the path (cgroupsPath absolute, relative, absent; ".." refused), compiles the device
 * rules, converts the limits, and refuses an existing cgroup as cgroup_create() does: `delete`
 * kills what it finds at the journal's path, so another's cgroup must not get there. A resource
 * that asks for what v2 or this host's v2 tree doesn't have is refused by name (resources.h,
 * controllers.h). Runs in: parent, before any side effect.
 */
int cgroup_plan(struct cgroup_plan *plan, const struct container_spec *spec, const char *id,
		const struct cgroup_choice *choice, struct arena *arena, struct error *err);

/* All that cgroup_plan() and the writing of the limits would refuse, as far as looking tells it.
 * Runs in: check. */
int cgroup_check(const struct host *host, struct report *report, struct error *err);

/*
 * Makes the directory and its missing parents and returns an O_DIRECTORY descriptor for
 * CLONE_INTO_CGROUP. An existing cgroup is refused if it has processes ("container's cgroup is not
 * empty: N process(es) found") or is frozen ("container's cgroup unexpectedly frozen").
 * -1 without error and *none = true where plan->optional applies and permission is lacking.
 * After -1 the path is not the container's: what was made is removed again, what existed belongs to
 * somebody else, and the caller must not destroy it. Missing parents that were made are left, as
 * runc does: the next container of the same parent may be about to use them.
 */
int cgroup_create(struct cgroup_plan *plan, bool *none, struct error *err);

/* init is in the cgroup, or create has failed: ends what the driver needed until then. */
void cgroup_settle(struct cgroup_plan *plan);

/* Enables the controllers that the limits need and writes the limits: before any process of the
 * container is in it. */
int cgroup_apply_limits(const struct cgroup_plan *plan, int cgroup, struct error *err);

/*
 * The container's user owns its cgroup if the configuration has a new cgroup namespace and a
 * writable mount of it: true, and the user's id on the host. Pure.
 */
bool cgroup_delegate_owner(const struct container_spec *spec, uid_t *owner);
/* The directory and the files that the kernel means for it; those that are missing don't matter. */
int cgroup_delegate(int cgroup, uid_t owner, struct error *err);

/* After a failed start: if a process was killed for lack of memory, or the limit is why there was
 * none, err says so, with the limit, what was used and the smallest limit that works. */
void cgroup_explain_oom(int cgroup, struct error *err);

/* Attaches the device program to the cgroup; before hooks run, never afterwards. */
int cgroup_attach_devices(const struct cgroup_plan *plan, int cgroup, struct error *err);

/* Fallback without CLONE_INTO_CGROUP; place may be NULL: no manager is asked. */
int cgroup_enter(const struct cgroup_place *place, int cgroup, pid_t pid, struct error *err);

/* The operations below take the path that the journal recorded; a missing directory is success
 * (for destroy, kill) or "no processes". */
/* -1 with errno ENOENT quietly, also if the cgroup of that path isn't this one (place->mark NULL:
 * any will do): then it is another's. */
int cgroup_open(const struct cgroup_place *place, struct error *err);
/* The cgroup that this process is in now, which must be the container's (its path, top, and what
 * cgroup_open() gave) or lie below it. pid: whether it was still this process's is for the caller
 * to check afterwards. */
int cgroup_open_of_process(const char *top, int cgroup, pid_t pid, struct error *err);
int cgroup_kill(int cgroup, struct error *err); /* SIGKILL to all: cgroup.kill, else a loop */
int cgroup_signal(int cgroup, int signal, struct error *err); /* each process, by pidfd */
/* Waits for it, at most 10 s; what can't be frozen is thawed again. */
int cgroup_freeze(int cgroup, bool freeze, struct error *err);
bool cgroup_is_frozen(int cgroup);
/* cgroup.freeze says 1: frozen or about to be, and not only by a parent. */
bool cgroup_asked_to_freeze(int cgroup);
bool cgroup_is_populated(int cgroup);
/* All processes incl. those in sub-cgroups; the caller frees *pids. */
int cgroup_processes(int cgroup, pid_t **pids, size_t *count, struct error *err);

/* The first half of cgroup_destroy(): what is inside is killed and, at most 10 s later, gone; the
 * directory stays. */
int cgroup_empty(const struct cgroup_place *place, struct error *err);

/*
 * Kills what is inside, waits for it to be empty (bounded, about 10 s), removes it leaf first. 0
 * only after checking that the directory is gone. The error names what is left. A cgroup that
 * carries another mark isn't touched; one without a mark is removed if it is empty and unmarked is
 * true (a create that was killed between making and marking it). mark NULL: whatever it carries.
 */
int cgroup_destroy(const struct cgroup_place *place, bool unmarked, struct error *err);

#endif
