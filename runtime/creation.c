/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the bundle and planning: from argv and config.json to plans, before the first side
 * effect.
 *
 * syscalls: openat, readlinkat, read, fcntl
 */
#include "runtime/creation.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/sys.h"
#include "base/table.h"
#include "runtime/child.h"
#include "runtime/console.h"
#include "runtime/host_rules.h"
#include "runtime/id_maps.h"
#include "runtime/notify_socket.h"
#include "runtime/trace.h"
#include "seccomp/cache.h"
#include "spec/annotations.h"
#include "spec/load.h"

void creation_clear(struct creation *creation)
{
	*creation = (struct creation){
		.trace_output = -1,
		.store = STORE_INIT,
		.rootfs = { .root = -1, .null_device = -1, .cgroup = -1,
			    .pid_namespace = -1, },
		.resctrl = RESCTRL_PLAN_INIT,
		.start_socket = -1,
		.notify_socket = -1,
		.cgroup = -1,
		.console_socket = -1,
		.console_parent = -1,
		.sync = -1,
		.pidfd = -1,
		.console = -1,
		.label = -1,
		.channel = -1,
	};
	for (int i = 0; i < NAMESPACE_COUNT; i++)
		creation->namespaces.fd[i] = -1;
}

/* The bundle's absolute path, as state.bundle has it, from the directory itself: no race between a
 * name and what it was resolved to. */
static int open_bundle(struct creation *creation, const char *path, struct error *err)
{
	char link[32];
	ssize_t length;
	autofd dir = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0)
		return error_errno(err, "bundle %s", path);
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", dir);
	length = readlink(link, creation->bundle, sizeof(creation->bundle) - 1);
	if (length < 0)
		return error_errno(err, "bundle %s: name of the directory", path);
	creation->bundle[length] = '\0';
	return fd_take(&dir);
}

static int read_config(struct creation *creation, struct error *err)
{
	const struct create_options *options = creation->options;
	const char *name = options->config ? options->config : "config.json";
	autofd bundle = open_bundle(creation, options->bundle, err);
	autofd config = -1;
	struct stat st;

	if (bundle < 0)
		return -1;
	/* without waiting for the writer of a FIFO */
	config = openat(bundle, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (config < 0 && errno == ENOENT) {
		(void)error_set(err, "%s is missing in bundle %s (minirun spec makes one)", name,
				creation->bundle);
		err->code = ENOENT;
		return -1;
	}
	if (config < 0 || fstat(config, &st) < 0)
		return error_errno(err, "%s in bundle %s", name, creation->bundle);
	if (!S_ISREG(st.st_mode))
		return error_set(err, "%s in bundle %s is no regular file", name, creation->bundle);
	if (fd_read_all(config, SPEC_SIZE_MAX, &creation->config_text, &creation->config_length) <
	    0)
		return errno == EFBIG
			       ? error_set(err, "%s in bundle %s has more than %zu bytes", name,
					   creation->bundle, SPEC_SIZE_MAX)
			       : error_errno(err, "read %s in bundle %s", name, creation->bundle);
	return spec_load(&creation->spec, name, creation->config_text, creation->config_length,
			 err);
}

static int check_terminal(const struct creation *creation, struct error *err)
{
	const struct create_options *options = creation->options;

	return console_check(creation_has_terminal(creation), !options->run || options->detach,
			     options->console_socket, "/process/terminal", err);
}

bool creation_may_enter_late(int cgroup, int code)
{
	return cgroup >= 0 &&
	       (code == EINVAL || code == EOPNOTSUPP || code == EACCES || code == EBUSY);
}

/* NOTIFY_SOCKET of the caller: the container gets a directory of ours instead (notify_socket.h), as
 * one more mount and one more variable of the document. */
static int plan_notify(struct creation *creation, struct error *err)
{
	struct container_spec *spec = &creation->spec;
	struct arena *arena = &creation->arena;
	static const char *const options[] = { "bind", "ro", "nosuid", "nodev", "noexec" };
	struct mount_spec *mounts = arena_array(arena, spec->mounts.count + 1, sizeof(*mounts));
	const char **env = arena_array(arena, spec->process.env.count + 1, sizeof(*env));
	const char **copy = arena_array(arena, ARRAY_SIZE(options), sizeof(*copy));
	const char *source = arena_format(arena, "%s/%s/" NOTIFY_DIRECTORY,
					  creation->settings->root, creation->options->id);

	if (!mounts || !env || !copy || !source)
		return error_code(err, ENOMEM, "NOTIFY_SOCKET");
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		copy[i] = options[i];
	for (size_t i = 0; i < spec->mounts.count; i++)
		mounts[i] = spec->mounts.items[i];
	for (size_t i = 0; i < spec->process.env.count; i++)
		env[i] = spec->process.env.items[i];
	mounts[spec->mounts.count++] = (struct mount_spec){
		.destination = "/run/" NOTIFY_DIRECTORY,
		.source = source,
		.options = { copy, ARRAY_SIZE(options), true },
	};
	env[spec->process.env.count++] = "NOTIFY_SOCKET=" NOTIFY_SOCKET_IN_CONTAINER;
	spec->mounts.items = mounts;
	spec->process.env.items = env;
	return 0;
}

static bool lists_namespace(const struct container_spec *spec, const char *type)
{
	for (size_t i = 0; i < spec->linux.namespaces.count; i++)
		if (strcmp(spec->linux.namespaces.items[i].type, type) == 0)
			return true;
	return false;
}

/* Who has no CAP_SYS_ADMIN can't make any other namespace outside of a user namespace of his own.
 */
int spec_add_user_namespace(struct container_spec *spec, struct error *err)
{
	const size_t count = spec->linux.namespaces.count;
	struct namespace_spec *items;
	uint64_t effective;

	if (capabilities_effective(&effective) < 0)
		return error_errno(err, "read our own capabilities");
	if ((effective & UINT64_C(1) << CAP_SYS_ADMIN) || lists_namespace(spec, "user"))
		return 0;
	items = arena_array(&spec->arena, count + 1, sizeof(*items));
	if (!items)
		return error_code(err, ENOMEM, "/linux/namespaces");
	for (size_t i = 0; i < count; i++)
		items[i] = spec->linux.namespaces.items[i];
	items[count] = (struct namespace_spec){ .type = "user" };
	spec->linux.namespaces.items = items;
	spec->linux.namespaces.count++;
	log_debug("a user namespace is added: without privilege there is no other way");
	return 0;
}

int spec_plan_user_ids(struct container_spec *spec, const struct namespace_plan *namespaces,
		       struct user_maps *maps, struct arena *arena, struct report *report,
		       struct error *err)
{
	struct user_caller caller;

	if (!(namespaces->create & CLONE_NEWUSER))
		return 0;
	if (id_maps_caller(&caller, err) < 0 ||
	    user_plan(maps, spec, &caller, arena, report, err) < 0)
		return -1;
	/* for mounts that take the container's maps: those that it gets */
	spec->linux.uid_mappings = maps->map[USER_MAP_UID].list;
	spec->linux.gid_mappings = maps->map[USER_MAP_GID].list;
	return 0;
}

static int plan_user_namespace(struct creation *creation, struct error *err)
{
	return spec_plan_user_ids(&creation->spec, &creation->namespaces, &creation->user_maps,
				  &creation->arena, NULL, err);
}

static int plan_process(struct creation *creation, struct error *err)
{
	const struct process_spec *process = &creation->spec.process;

	if (!process->present)
		return 0;
	if (capabilities_plan(&process->capabilities,
			      namespace_is_private(&creation->namespaces, CLONE_NEWUSER),
			      &creation->capabilities, err) < 0)
		return -1;
	creation->env = env_plan(process, creation->settings->listen_fds, &creation->arena, err);
	return creation->env ? 0 : -1;
}

static const char *timestamp(struct arena *arena)
{
	struct timespec now;
	struct tm utc;
	char day[32];

	if (clock_gettime(CLOCK_REALTIME, &now) < 0 || !gmtime_r(&now.tv_sec, &utc) ||
	    strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &utc) == 0)
		return NULL;
	return arena_format(arena, "%s.%09ldZ", day, now.tv_nsec);
}

/* linux.intelRdt. A group that is there already isn't ours to remove. */
static int plan_resctrl(struct creation *creation, struct error *err)
{
	const struct intel_rdt_spec *rdt = &creation->spec.linux.intel_rdt;

	if (!rdt->present)
		return 0;
	creation->resctrl.root = resctrl_open(err);
	if (creation->resctrl.root < 0)
		return -1;
	return resctrl_plan(&creation->resctrl, rdt, creation->options->id, &creation->arena, err);
}

/* The journal's first record: every name is known by now. */
static int plan_record(struct creation *creation, struct error *err)
{
	struct process_identity self;
	autofd pidfd = pidfd_open(getpid(), 0); /* -1 on a kernel without: the start time, then */
	struct cgroup_place *place = &creation->cgroup_plan.place;
	struct record *record = &creation->record;
	static char boot_id[37];

	if (process_boot_id(boot_id, err) < 0 || process_identify(getpid(), pidfd, &self, err) < 0)
		return -1;
	*record = (struct record){
		.format = RECORD_FORMAT,
		.phase = "creating",
		.id = creation->options->id,
		.bundle = creation->bundle,
		.rootfs = creation->rootfs.path,
		.oci_version = creation->spec.oci_version,
		.created = timestamp(&creation->arena),
		.owner = geteuid(),
		.boot_id = boot_id,
		.runtime_pid = self.pid,
		.runtime_start_time = self.start_time,
		.runtime_pidfs_id = self.pidfs_id,
		.cgroup_manager = cgroup_manager_name(place->manager),
		.cgroup_path = place->path,
		.cgroup_unit = place->unit,
		.cgroup_bus = place->bus,
		.resctrl_group = creation->resctrl.make ? creation->resctrl.group : NULL,
		.resctrl_monitor = creation->resctrl.monitor,
		.keyring = !creation->options->no_new_keyring,
		.private_pid_namespace = (creation->namespaces.create & CLONE_NEWPID) != 0,
		.annotations = creation->spec.annotations,
	};
	place->mark = arena_format(&creation->arena, "%s %s", record->id, record->created);
	return record->created && place->mark ? 0 : error_code(err, ENOMEM, "plan");
}

int seccomp_plan(const struct settings *settings, const struct container_spec *spec,
		 struct seccomp_program *program, struct error *err)
{
	const struct seccomp_spec *seccomp = &spec->linux.seccomp;
	autofd cache = seccomp->present && settings ? store_open_cache(settings) : -1;

	return seccomp_compile_cached(cache, seccomp, program, err);
}

int creation_plan(struct creation *creation, const struct settings *settings,
		  const struct create_options *options, struct error *err)
{
	const struct container_spec *spec = &creation->spec;
	const struct host host = {
		.spec = spec,
		.bundle = creation->bundle,
		.namespaces = &creation->namespaces,
		.cgroups = &settings->cgroup,
		.arena = &creation->arena,
	};

	creation_clear(creation);
	creation->settings = settings;
	creation->options = options;
	if (child_take_preserved(options->preserve_fds, settings->listen_fds,
				 &creation->preserved_fds, err) < 0 ||
	    store_check_id(options->id, err) < 0 ||
	    store_check_free(settings, options->id, err) < 0 || read_config(creation, err) < 0 ||
	    check_terminal(creation, err) < 0)
		return -1;
	if (settings->notify_socket && !lists_namespace(spec, "mount"))
		return error_set(
			err, "NOTIFY_SOCKET: is handed on by a mount, and /linux/namespaces has no "
			     "new mount namespace");
	if (settings->notify_socket && plan_notify(creation, err) < 0)
		return -1;
	if (spec_add_user_namespace(&creation->spec, err) < 0 ||
	    namespace_plan(spec, &creation->namespaces, NULL, err) < 0 ||
	    plan_user_namespace(creation, err) < 0 || host_check_create(&host, err) < 0 ||
	    plan_process(creation, err) < 0 ||
	    rootfs_plan(&creation->rootfs, spec, creation->bundle, &creation->namespaces,
			options->no_pivot, &creation->arena, err) < 0)
		return -1;
	if (cgroup_plan(&creation->cgroup_plan, spec, options->id, &settings->cgroup,
			&creation->arena, err) < 0 ||
	    plan_resctrl(creation, err) < 0 || plan_record(creation, err) < 0)
		return -1;
	return seccomp_plan(options->dry_run ? NULL : settings, spec, &creation->seccomp, err);
}

int creation_plan_rehearsal(struct creation *creation, const struct settings *settings,
			    const struct create_options *options, const struct host *host,
			    struct error *err)
{
	creation_clear(creation);
	creation->settings = settings;
	creation->options = options;
	creation->spec = *host->spec;
	creation->namespaces = *host->namespaces;
	(void)snprintf(creation->bundle, sizeof(creation->bundle), "%s", host->bundle);
	if (plan_user_namespace(creation, err) < 0 || plan_process(creation, err) < 0)
		return -1;
	return rootfs_plan(&creation->rootfs, &creation->spec, creation->bundle,
			   &creation->namespaces, options->no_pivot, &creation->arena, err);
}

int creation_name_error(const struct creation *creation, struct error *err)
{
	const char *name = creation->options->config;

	return spec_name_error(name ? name : "config.json", err);
}

int creation_init_failed(const struct creation *creation, struct error *err)
{
	(void)creation_name_error(creation, err);
	return error_context(err, "error during container init");
}

void creation_close(struct creation *creation)
{
	rootfs_close(&creation->rootfs);
	namespace_plan_close(&creation->namespaces);
	fd_close(&creation->resctrl.root);
	fd_close(&creation->start_socket);
	fd_close(&creation->notify_socket);
	fd_close(&creation->cgroup);
	fd_close(&creation->console_socket);
	fd_close(&creation->console_parent);
	fd_close(&creation->sync);
	fd_close(&creation->pidfd);
}

void creation_free(struct creation *creation)
{
	creation_close(creation);
	net_devices_free(&creation->net_devices);
	store_close(&creation->store);
	trace_free(creation->trace);
	fd_close(&creation->trace_output);
	seccomp_program_free(&creation->seccomp);
	spec_free(&creation->spec);
	arena_free(&creation->arena);
	free(creation->config_text);
	creation->config_text = NULL;
}

void creation_state(const struct creation *creation, const char *status, pid_t pid,
		    struct state_document *state)
{
	*state = (struct state_document){
		.oci_version = creation->spec.oci_version,
		.id = creation->options->id,
		.status = status,
		.pid = pid,
		.bundle = creation->bundle,
		.annotations = &creation->spec.annotations,
	};
}
