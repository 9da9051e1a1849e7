/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folders' tables of HOST rules, and the runtime's own: hooks, the program, the seccomp agent,
 * and the ids of a new user namespace.
 *
 * syscalls: those of the rules; for `check` alone faccessat fstatat, and of a child unshare chroot
 *           chdir
 */
#include "runtime/host_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/probe.h"
#include "base/procfs.h"
#include "base/table.h"
#include "cgroups/host_rules.h"
#include "namespaces/host_rules.h"
#include "runtime/creation.h"
#include "runtime/hooks.h"
#include "runtime/id_maps.h"
#include "runtime/process/host_rules.h"
#include "runtime/rehearsal.h"
#include "seccomp/host_rules.h"

static int check_user_ids(const struct host *host, struct report *report, struct error *err)
{
	struct container_spec spec = host->asked ? *host->asked : *host->spec;
	struct user_caller caller;
	struct user_maps maps;

	if (spec_plan_user_ids(&spec, host->namespaces, &maps, host->arena, report, err) < 0)
		return -1;
	if (!(host->namespaces->create & CLONE_NEWUSER))
		return 0;
	if (id_maps_caller(&caller, err) < 0)
		return -1;
	return user_check_ranges(&maps, &caller, host->arena, report, err);
}

static int make_namespaces(const void *data, struct error *err)
{
	const struct namespace_plan *plan = data;

	if (unshare((int)plan->create) == 0)
		return 0;
	return creation_explain_namespaces(plan->create, errno, err);
}

/* Those that are made beside or within joined ones are made from there. */
static int try_namespaces(const struct host *host, struct report *report, struct error *err)
{
	(void)report; /* one call makes them all */
	if (host->namespaces->create == 0 || host->namespaces->join != 0)
		return 0;
	return probe_in_child(make_namespaces, host->namespaces, err);
}

/* There the filter would be loaded before anybody could take the listener out of a process that the
 * namespace's other processes see. */
static int check_notify(const struct host *host, struct report *report, struct error *err)
{
	const struct process_spec *process = &host->spec->process;

	(void)report; /* there is one */
	if (!process->present || process->no_new_privileges ||
	    !(host->namespaces->join & CLONE_NEWPID) ||
	    !seccomp_notifies(&host->spec->linux.seccomp, NULL))
		return 0;
	return error_set(err, "/process/noNewPrivileges: must be true for SCMP_ACT_NOTIFY in a "
			      "joined pid namespace");
}

/* A warning: create doesn't need it, and it may come until the start does. */
static int find_agent(const struct host *host, struct report *report, struct error *err)
{
	const struct seccomp_spec *seccomp = &host->spec->linux.seccomp;
	struct stat attributes;

	if (!seccomp->listener_path || *seccomp->listener_path == '@' ||
	    !seccomp_notifies(seccomp, NULL) ||
	    !report_may_look(report, "/linux/seccomp/listenerPath"))
		return 0;
	if (fstatat(AT_FDCWD, seccomp->listener_path, &attributes, 0) < 0)
		(void)error_errno(err, "/linux/seccomp/listenerPath: start will need it: %s",
				  seccomp->listener_path);
	else if (!S_ISSOCK(attributes.st_mode))
		(void)error_set(err,
				"/linux/seccomp/listenerPath: start will need it: %s is no socket",
				seccomp->listener_path);
	else
		return 0;
	report_warn(report, err);
	return 0;
}

/* A poststop hook that fails is a warning. */
static bool tell_hook(struct report *report, enum hook_point point, const struct error *err)
{
	if (point != HOOK_POSTSTOP || !report)
		return report_tell(report, err);
	report->say(report->data, false, err->text);
	return true;
}

/* Those of startContainer are the image's. */
static int find_hooks(const struct host *host, struct report *report, struct error *err)
{
	for (enum hook_point point = 0; point < HOOK_POINT_COUNT; point++) {
		const struct hook_list *list = &host->spec->hooks[point];

		for (size_t i = 0; i < list->count && point != HOOK_START_CONTAINER; i++) {
			int code = 0;

			if (report_may_look(report, "/hooks/%s/%zu/path", hook_point_name(point),
					    i))
				code = hooks_fault(list->items[i].path);
			if (code == 0)
				continue;
			(void)hooks_cannot_start(point, i, list->items[i].path, code, err);
			if (!tell_hook(report, point, err))
				return -1;
		}
	}
	return 0;
}

/* ---- the program ---- */

struct program {
	const struct process_spec *process;
	const char *root;
	const char *const *env;
	struct report *report;
};

static bool may_look_for_program(void *data, const char *path)
{
	return report_may_look(data, "/root/path: %s", path);
}

/* By its name alone: what it may be executed with is what the container's ids and mounts make of
 * it. */
static int look_for_program(const void *data, struct error *err)
{
	static const char *rights[] = { "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH" };
	const struct program *program = data;
	struct process_spec process = *program->process;
	const struct executable_watch watch = { may_look_for_program, program->report };
	char path[PATH_MAX];
	/* the host's, before the image's names are all that we see */
	autofd procfs = procfs_open(PROCFS_PROCESSES, err);

	if (procfs < 0)
		return 0;
	if ((geteuid() != 0 && unshare(CLONE_NEWUSER) < 0) || chroot(program->root) < 0 ||
	    chdir(process.cwd) < 0)
		return 0; /* not for us to see */
	process.capabilities = (struct capabilities_spec){ .present = true };
	process.capabilities.effective = (struct string_list){ rights, ARRAY_SIZE(rights), true };
	process.user = (struct user_spec){
		.uid = geteuid(),
		.gid = getegid(),
		.keep_groups = true,
	};
	return executable_find_watched(&process, program->env, procfs, &watch, path, err);
}

/* What engines mount into every container doesn't bring programs. */
static bool brings_no_program(const char *path)
{
	static const char *const places[] = { "/dev", "/etc", "/proc", "/run", "/sys" };

	table_for_each (place, places) {
		if (path_is_below(path, *place))
			return true;
	}
	return false;
}

/* A hook or a mount may bring it. */
static bool is_in_root(const struct container_spec *spec)
{
	if (spec->hooks[HOOK_PRESTART].count > 0 || spec->hooks[HOOK_CREATE_RUNTIME].count > 0 ||
	    spec->hooks[HOOK_CREATE_CONTAINER].count > 0)
		return false;
	for (size_t i = 0; i < spec->mounts.count; i++)
		if (!brings_no_program(spec->mounts.items[i].destination))
			return false;
	return !brings_no_program(spec->process.args.items[0]);
}

static int find_program(const struct host *host, struct report *report, struct error *err)
{
	const struct process_spec *process = &host->spec->process;
	struct program program = { .process = process,
				   .root = host->spec->root.path,
				   .report = report };

	if (!process->present || process->args.count == 0 || !is_in_root(host->spec) || !report ||
	    !report_may_look(report, "/root/path"))
		return 0;
	if (*program.root != '/')
		program.root = arena_format(host->arena, "%s/%s", host->bundle, program.root);
	program.env = env_plan(process, 0, host->arena, err);
	if (!program.root || !program.env)
		return 0; /* another rule's */
	if (probe_in_child(look_for_program, &program, err) == 0)
		return 0;
	if (err->kind == ERROR_EXECUTABLE_MISSING || err->kind == ERROR_EXECUTABLE_REFUSED ||
	    err->kind == ERROR_INTERPRETER_MISSING) {
		(void)error_context(err, "/process/args/0");
		report->say(report->data, false, err->text);
	}
	return 0;
}

static const struct host_rule rows[] = {
	{ "HOST-user-ids", "user_namespaces(7), subuid(5)",
	  "a user namespace maps the ids that its processes have, with rights over them",
	  "add the ids to the mappings, or the user to /etc/subuid and /etc/subgid", false,
	  check_user_ids },
	{ "HOST-new-namespaces", "namespaces(7)", "the kernel must let us make the namespaces",
	  "have CAP_SYS_ADMIN, or a user namespace where they are allowed", false, try_namespaces },
	{ "HOST-seccomp-listener", "seccomp_unotify(2)",
	  "nobody could take the listener out of a process that others see",
	  "noNewPrivileges, or a pid namespace of its own", true, check_notify },
	{ "HOST-seccomp-agent", "config-linux.md#seccomp",
	  "SCMP_ACT_NOTIFY needs its agent to listen before the container is started",
	  "start the agent", false, find_agent },
	{ "HOST-program", "config.md#process", "the image must have the program",
	  "correct args, PATH or cwd; a mount or a hook may bring it, too", false, find_program },
	{ "HOST-hooks", "config.md#posix-platform-hooks",
	  "a hook must be a program of the host, for startContainer of the image",
	  "install it, or correct its path", false, find_hooks },
	{ "HOST-rehearsal", "config.md#mounts, config-linux.md#devices",
	  "create's own steps must work, as far as they can be tried without a trace",
	  "what the finding says; minirun explain shows the steps", false, rehearsal_check },
};
static const struct host_rules runtime_host_rules = { rows, ARRAY_SIZE(rows) };

static const struct host_rules *const tables[] = {
	&process_host_rules, &namespaces_host_rules, &cgroups_host_rules,
	&seccomp_host_rules, &runtime_host_rules,
};

const struct host_rules *host_rules_table(size_t n)
{
	return n < ARRAY_SIZE(tables) ? tables[n] : NULL;
}

int host_check_create(const struct host *host, struct error *err)
{
	table_for_each (table, tables) {
		if (host_rules_create(*table, host, err) < 0)
			return -1;
	}
	return 0;
}
