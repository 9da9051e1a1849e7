/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUNTIME_CREATION_H
#define RUNTIME_CREATION_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/process.h"
#include "base/sys.h"
#include "cgroups/cgroup.h"
#include "cgroups/resctrl.h"
#include "namespaces/namespace.h"
#include "namespaces/net_devices.h"
#include "namespaces/rootfs.h"
#include "namespaces/user.h"
#include "runtime/container.h"
#include "runtime/process/process.h"
#include "runtime/store.h"
#include "seccomp/filter.h"
#include "spec/host.h"
#include "spec/record.h"
#include "spec/spec.h"

/*
 * One create on its way: the document, the plans made from it, and what exists so far. The parent
 * fills it; init gets it as its copy of the parent's memory, so nothing is ever serialised. The
 * rows of both step tables work on this.
 */
struct creation {
	const struct settings *settings;
	const struct create_options *options;
	struct rehearsal *rehearsal; /* check: nothing may stay (rehearsal.h); NULL: create */
	struct trace *trace;	     /* shared with init; NULL: nobody asked for one (trace.h) */
	int trace_output;	     /* -1 */
	struct arena arena;	     /* strings of the plans */

	/* read */
	char bundle[PATH_MAX];
	char *config_text; /* config.json as it was read, for the state directory */
	size_t config_length;
	struct container_spec spec;

	/* planned: nothing below here needed a privilege or made anything */
	struct namespace_plan namespaces;
	struct user_maps user_maps; /* of a new user namespace */
	struct rootfs rootfs;
	struct cgroup_plan cgroup_plan;
	struct resctrl_plan resctrl;
	struct seccomp_program seccomp;
	struct capability_plan capabilities;
	const char **env;
	int preserved_fds; /* 3 .. 3 + n - 1 go to the container */
	struct record record;

	/* made by the parent */
	struct store store;
	int start_socket;   /* listening; -1 in `run` */
	int notify_socket;  /* -1: no NOTIFY_SOCKET */
	int cgroup;	    /* directory of the container's cgroup, -1: none */
	bool cgroup_late;   /* init isn't born in the cgroup: the fallback */
	int console_socket; /* where init sends the pty's master; -1: no terminal */
	int console_parent; /* run: our end of that pair; -1 */
	int sync;	    /* this process's end of the pair; -1 */
	pid_t stage;	    /* the process between, 0: none or gone */
	pid_t pid;	    /* init in our pid namespace, 0: none yet */
	int pidfd;	    /* of init; -1 */
	bool pid_file;	    /* written: a failure takes it away again */
	bool hooks_begun;   /* from here on a failure runs the poststop hooks */

	/* the host's that are in the container, until create ends or, in run, the program runs */
	struct net_devices net_devices;

	/* known only to init */
	int console; /* the slave; -1 */
	int label;   /* attr/exec, opened before pivot; -1 */
	int channel; /* where START comes from; -1 */
	bool cwd_entered;
	bool groups_stay; /* the user namespace denies setgroups(2) */
	char executable[PATH_MAX];
};

/* Nothing is there yet: may be freed. creation_plan() begins with it. */
void creation_clear(struct creation *creation);

/* The plans of what a rehearsal builds (rehearsal.h), from the document and the namespaces that
 * host has. The struct isn't to be freed. Runs in: check. */
int creation_plan_rehearsal(struct creation *creation, const struct settings *settings,
			    const struct create_options *options, const struct host *host,
			    struct error *err);

/* Reads the bundle and makes all plans: everything that can be refused with nothing to undo.
 * On failure the struct still has to be freed. Runs in: parent. */
int creation_plan(struct creation *creation, const struct settings *settings,
		  const struct create_options *options, struct error *err);

/* A cgroup that takes no process by CLONE_INTO_CGROUP may still take one by cgroup.procs: some
 * filters around us refuse only the newer way. code: clone3's errno. */
bool creation_may_enter_late(int cgroup, int code);

/* Why new namespaces (CLONE_NEW*) can't be had. code: clone3's or unshare's errno. Always -1. */
int creation_explain_namespaces(uint64_t namespaces, int code, struct error *err);

/* Adds one to the list, with default mappings, if it has none and the caller no CAP_SYS_ADMIN. Runs
 * in: parent, of create and of exec. */
int spec_add_user_namespace(struct container_spec *spec, struct error *err);

/* The id maps of a new user namespace, which also become those of the document. Runs in: parent,
 * check. */
int spec_plan_user_ids(struct container_spec *spec, const struct namespace_plan *namespaces,
		       struct user_maps *maps, struct arena *arena, struct report *report,
		       struct error *err);

/* linux.seccomp as a program, from the cache of the state root where it has one. Writes at most
 * there; settings NULL: without the cache. Runs in: parent, of create and of exec. */
int seccomp_plan(const struct settings *settings, const struct container_spec *spec,
		 struct seccomp_program *program, struct error *err);

/* An error with a JSON pointer gets the name of the document that it is about. Always -1. */
int creation_name_error(const struct creation *creation, struct error *err);
/* The same for one that init has sent, which is said, too. */
int creation_init_failed(const struct creation *creation, struct error *err);

/* Closes every descriptor but the store's: what is left of a create that is to be undone. */
void creation_close(struct creation *creation);
void creation_free(struct creation *creation);

/* What the rows ask about the plan. */
static inline bool creation_has_process(const struct creation *creation)
{
	return creation->spec.process.present;
}

static inline bool creation_has_terminal(const struct creation *creation)
{
	return creation->spec.process.present && creation->spec.process.terminal;
}

static inline bool creation_has_label(const struct creation *creation)
{
	return creation->spec.process.apparmor_profile || creation->spec.process.selinux_label;
}

static inline bool creation_has_runtime_hooks(const struct creation *creation)
{
	return creation->spec.hooks[HOOK_PRESTART].count > 0 ||
	       creation->spec.hooks[HOOK_CREATE_RUNTIME].count > 0;
}

/* seccomp(2) asks for CAP_SYS_ADMIN where no_new_privs isn't set. */
static inline bool creation_filter_needs_rights(const struct creation *creation)
{
	return creation->seccomp.length > 0 && !creation->spec.process.no_new_privileges;
}

static inline bool creation_makes_user_namespace(const struct creation *creation)
{
	return (creation->namespaces.create & CLONE_NEWUSER) != 0;
}

static inline bool creation_joins_pid(const struct creation *creation)
{
	return (creation->namespaces.join & CLONE_NEWPID) != 0;
}

/* A stage process is needed where the process that calls clone3 must already be elsewhere: a joined
 * user namespace, or joined namespaces that only the host's privileges can enter while a new user
 * namespace takes these away. */
static inline bool creation_needs_stage(const struct creation *creation)
{
	const struct namespace_plan *plan = &creation->namespaces;
	const uint64_t others = plan->join & ~(uint64_t)(CLONE_NEWUSER | CLONE_NEWPID);

	return (plan->join & CLONE_NEWUSER) || ((plan->create & CLONE_NEWUSER) && others);
}

/* init does nothing before HOST_READY where something of the parent's must come first, or where the
 * parent must first learn who init is. */
static inline bool creation_waits_for_host(const struct creation *creation)
{
	return creation->cgroup_late || creation->cgroup < 0 ||
	       creation->spec.linux.net_devices.count > 0 ||
	       creation->spec.linux.intel_rdt.present ||
	       (creation->namespaces.create & CLONE_NEWUSER) || creation_needs_stage(creation);
}

/* The state as hooks get it. pid as the reader of the document sees it. */
struct state_document;
void creation_state(const struct creation *creation, const char *status, pid_t pid,
		    struct state_document *state);

#endif
