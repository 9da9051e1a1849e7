/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The folders' tables of HOST rules, and the runtime's own: hooks, the seccomp agent, and the ids
 * of a new user namespace.
 *
 * syscalls: those of the rules; faccessat fstatat for `check` alone
 */
#include "runtime/host_rules.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/table.h"
#include "cgroups/host_rules.h"
#include "namespaces/host_rules.h"
#include "runtime/creation.h"
#include "runtime/hooks.h"
#include "runtime/process/host_rules.h"
#include "seccomp/host_rules.h"

static int check_user_ids(const struct host *host, struct report *report, struct error *err)
{
	struct container_spec spec = *host->spec;
	struct user_maps maps;

	(void)report; /* the plan's first */
	return spec_plan_user_ids(&spec, host->namespaces, &maps, host->arena, err);
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

static int find_agent(const struct host *host, struct report *report, struct error *err)
{
	const struct seccomp_spec *seccomp = &host->spec->linux.seccomp;
	struct stat attributes;

	(void)report; /* there is one */
	if (!seccomp->listener_path || !seccomp_notifies(seccomp, NULL))
		return 0;
	if (fstatat(AT_FDCWD, seccomp->listener_path, &attributes, 0) < 0)
		return error_errno(err,
				   "/linux/seccomp/listenerPath: failed to connect with seccomp "
				   "agent: connect to %s",
				   seccomp->listener_path);
	if (!S_ISSOCK(attributes.st_mode))
		return error_set(err, "/linux/seccomp/listenerPath: %s: no socket",
				 seccomp->listener_path);
	return 0;
}

/* What execve(2) would say first. */
static int fault_of(const char *path)
{
	struct stat file;

	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ||
	    fstatat(AT_FDCWD, path, &file, 0) < 0)
		return errno;
	return S_ISREG(file.st_mode) ? 0 : EACCES;
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
			const int code = fault_of(list->items[i].path);

			if (code == 0)
				continue;
			(void)hooks_cannot_start(point, i, list->items[i].path, code, err);
			if (!tell_hook(report, point, err))
				return -1;
		}
	}
	return 0;
}

static const struct host_rule rows[] = {
	{ "HOST-user-ids", "user_namespaces(7), subuid(5)",
	  "a user namespace maps the ids that its processes have, with rights over them",
	  "add the ids to the mappings, or the user to /etc/subuid and /etc/subgid", false,
	  check_user_ids },
	{ "HOST-seccomp-listener", "seccomp_unotify(2)",
	  "nobody could take the listener out of a process that others see",
	  "noNewPrivileges, or a pid namespace of its own", true, check_notify },
	{ "HOST-seccomp-agent", "config-linux.md#seccomp",
	  "SCMP_ACT_NOTIFY needs its agent to listen before the container is started",
	  "start the agent", false, find_agent },
	{ "HOST-hooks", "config.md#posix-platform-hooks",
	  "a hook must be a program of the host, for startContainer of the image",
	  "install it, or correct its path", false, find_hooks },
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
