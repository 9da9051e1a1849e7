/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: a container whose processes come from CRIU's images. The plan, the journal and the
 * cgroup are those of a create; then CRIU takes init's place.
 *
 * CRIU runs in the container's cgroup, so that whatever it makes is in there from birth and a
 * restore that fails is undone by the cgroup, and in a mount namespace of its own, so that the bind
 * mount that it needs of the root ends with it, whoever kills whom. The processes that it makes are
 * our children (rst_sibling).
 *
 * syscalls: unshare, mount, mkdirat, openat, readlink; clone3, flock, waitid through others
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/path.h"
#include "base/probe.h"
#include "base/process.h"
#include "base/string.h"
#include "base/table.h"
#include "namespaces/mount.h"
#include "namespaces/network.h"
#include "runtime/creation.h"
#include "runtime/criu/criu.h"
#include "runtime/criu/images.h"
#include "runtime/criu/mounts.h"
#include "runtime/criu/program.h"
#include "runtime/destroy.h"
#include "runtime/monitor.h"
#include "runtime/parent.h"
#include "runtime/process/process.h"
#include "runtime/self_exe.h"
#include "runtime/start.h"
#include "spec/annotations.h"
#include "spec/state.h"

#define LOCK_TIMEOUT 10000 /* ms */
/* in the state directory */
#define ROOT_NAME "criu-root"
#define STAGE_NAME "criu-mounts"
/* CRIU looks for mounts of a user namespace as its root, who may not search our state directory.
 * This is the one directory of each Linux that is empty, there for mounting on, and open to all. */
#define STAGE_FOR_USERS "/proc/fs/nfsd"

struct restore {
	const struct restore_options *given;
	struct settings settings; /* without what a restore can't hand on */
	struct create_options create;
	struct creation creation;
	struct criu_options options;
	struct criu_images images;
	struct criu_program criu;
	char program[PATH_MAX];
	int version;
	int descriptors[4]; /* images, work directory, joined namespaces: CRIU's */
	size_t descriptor_count;
	struct criu_restore_sources sources;
	int console;  /* where a terminal's master goes; -1: none */
	int master;   /* foreground: the terminal's; -1 */
	bool adopted; /* the container is created, as far as the journal is concerned */
};

/* --- the plan --------------------------------------------------------------------------------- */

/* A new network namespace that CRIU leaves empty. In a joined one devices are where they were. */
static bool moves_net_devices(const struct restore *work)
{
	return work->creation.spec.linux.net_devices.count > 0 &&
	       work->creation.namespaces.fd[NAMESPACE_NETWORK] < 0;
}

static int check_cgroups_mode(int32_t mode, struct error *err)
{
	autofree char *memberships = NULL;

	if (mode != CRIU_CGROUPS_FULL && mode != CRIU_CGROUPS_STRICT)
		return 0;
	if (file_read_at(AT_FDCWD, "/proc/self/cgroup", 65536, &memberships, NULL, err) < 0)
		return -1;
	return criu_check_cgroups_mode(mode, memberships, err);
}

static int check_supported(struct restore *work, struct error *err)
{
	const struct container_spec *spec = &work->creation.spec;

	criu_leave_network(spec, &work->creation.namespaces, &work->options);
	if (!spec->process.present)
		return error_set(err, "/process: is missing: there is nothing to restore");
	if (moves_net_devices(work) && !work->options.empty_ns)
		return error_of_kind(
			err, ERROR_UNSUPPORTED,
			"/linux/netDevices: criu makes a network namespace's devices again: "
			"checkpoint and restore it with --empty-ns network");
	if (criu_check_spec(spec, err) < 0)
		return -1;
	return check_cgroups_mode(work->options.cgroups_mode, err);
}

/* For CRIU strict means that there must be none of the cgroups yet, but the container's is made
 * before it: CRIU is born in there. So it is we who see to that. */
static int apply_strict(struct restore *work, struct error *err)
{
	const struct creation *creation = &work->creation;

	if (work->options.cgroups_mode != CRIU_CGROUPS_STRICT)
		return 0;
	if (creation->cgroup >= 0 && !creation->cgroup_plan.made)
		return error_set(err, "--manage-cgroups-mode strict: cgroup %s is there already",
				 creation->cgroup_plan.place.path);
	work->options.cgroups_mode = CRIU_CGROUPS_FULL;
	return 0;
}

static int inherit_namespace(struct restore *work, enum namespace_kind kind, const char *key,
			     struct error *err)
{
	const int fd = work->creation.namespaces.fd[kind];
	struct criu_options *options = &work->options;

	if (fd < 0)
		return 0;
	if (work->version < 31600)
		return error_of_kind(err, ERROR_UNSUPPORTED,
				     "/linux/namespaces: criu 3.16 or newer is needed for a joined "
				     "%s namespace",
				     namespace_types[kind].type);
	options->inherited[options->inherited_count++] =
		(struct criu_inherited){ key, CRIU_DESCRIPTORS + (int32_t)work->descriptor_count };
	work->descriptors[work->descriptor_count++] = fd;
	return 0;
}

/* Those that CRIU can join by their path. */
static int join_namespaces(struct restore *work, struct error *err)
{
	static const struct {
		enum namespace_kind kind;
		bool possible;
	} kinds[] = {
		{ NAMESPACE_IPC, true },   { NAMESPACE_UTS, true },    { NAMESPACE_TIME, true },
		{ NAMESPACE_USER, false }, { NAMESPACE_MOUNT, false }, { NAMESPACE_CGROUP, false },
	};
	struct criu_pairs *joined = &work->options.join_ns;

	joined->items =
		arena_array(&work->creation.arena, ARRAY_SIZE(kinds), sizeof(*joined->items));
	if (!joined->items)
		return error_code(err, ENOMEM, "plan of the namespaces");
	table_for_each (row, kinds) {
		const int fd = work->creation.namespaces.fd[row->kind];
		const char *path;

		if (fd < 0)
			continue;
		if (!row->possible)
			return error_of_kind(
				err, ERROR_UNSUPPORTED,
				"/linux/namespaces: criu can't restore into an existing "
				"%s namespace",
				namespace_types[row->kind].type);
		/* by our descriptor: what was checked is what is joined */
		path = arena_format(&work->creation.arena, "/proc/%d/fd/%d", getpid(), fd);
		if (!path)
			return error_code(err, ENOMEM, "plan of the namespaces");
		joined->items[joined->count++] =
			(struct criu_pair){ namespace_types[row->kind].proc_name, path };
	}
	return 0;
}

static int check_lsm(const struct restore *work, struct error *err)
{
	if ((work->given->lsm_profile || work->given->lsm_mount_context) && work->version < 31600)
		return error_of_kind(err, ERROR_UNSUPPORTED,
				     "--lsm-profile, --lsm-mount-context: criu 3.16 or newer is "
				     "needed");
	return 0;
}

static int plan_options(struct restore *work, struct error *err)
{
	struct criu_options *options = &work->options;
	struct creation *creation = &work->creation;

	options->log_file = "restore.log";
	/* prepare_mounts() opens them */
	options->images_dir = CRIU_DESCRIPTORS;
	options->work_dir = CRIU_DESCRIPTORS + 1;
	work->descriptor_count = 2;
	options->evasive_devices = true;
	options->rst_sibling = true;
	options->tcp_close = work->given->tcp_close;
	options->lsm_profile = work->given->lsm_profile;
	options->lsm_mount_context = work->given->lsm_mount_context;
	options->root = arena_format(&creation->arena, "%s/%s/" ROOT_NAME, work->settings.root,
				     work->create.id);
	work->sources = (struct criu_restore_sources){
		.spec = &creation->spec,
		.rootfs = &creation->rootfs,
		.stage = creation->namespaces.create & CLONE_NEWUSER
				 ? STAGE_FOR_USERS
				 : arena_format(&creation->arena, "%s/%s/" STAGE_NAME,
						work->settings.root, work->create.id),
	};
	if (!options->root || !work->sources.stage)
		return error_code(err, ENOMEM, "plan of the restore");
	if (criu_config_file(annotation_value(&creation->spec, "org.criu.config"),
			     &options->config_file, err) < 0 ||
	    check_lsm(work, err) < 0)
		return -1;
	if (inherit_namespace(work, NAMESPACE_NETWORK, "extRootNetNS", err) < 0 ||
	    inherit_namespace(work, NAMESPACE_PID, "extRootPidNS", err) < 0 ||
	    join_namespaces(work, err) < 0)
		return -1;
	return 0;
}

static int plan_restore(struct restore *work, struct error *err)
{
	struct criu_options *options = &work->options;
	struct creation *creation = &work->creation;

	if (criu_plan_common(&work->given->common, options, err) < 0 ||
	    criu_prepare(work->settings.criu, work->program, &work->version, err) < 0 ||
	    creation_plan(creation, &work->settings, &work->create, err) < 0 ||
	    check_supported(work, err) < 0 || criu_images_open(&work->images, false, err) < 0 ||
	    plan_options(work, err) < 0 ||
	    criu_read_descriptors(&work->images, options, &creation->arena, err) < 0)
		return -1;
	creation->record.keyring = false; /* CRIU doesn't know of keyrings */
	creation->record.restored = true;
	return 0;
}

/* --- before CRIU -------------------------------------------------------------------------------
 */

static int connect_console(struct restore *work, struct error *err)
{
	const char *socket = work->create.console_socket;

	if (!work->creation.spec.process.terminal || !socket)
		return 0;
	work->console = fd_connect_unix(socket, SOCK_STREAM, err);
	return work->console < 0 ? error_context(err, "--console-socket") : 0;
}

/* A destination that the root file system doesn't have yet: another root than at the dump. */
static int make_mountpoint(const struct rootfs *rootfs, int root, size_t index, struct error *err)
{
	const struct mount_plan *plan = &rootfs->mounts[index];
	struct stat st = { .st_mode = S_IFDIR };
	autofd made = -1;

	if (plan->kind == MOUNT_KIND_BIND && !plan->inside && plan->source &&
	    stat(plan->source, &st) < 0)
		return error_errno(err, "/mounts/%zu: source %s", index, plan->source);
	made = S_ISDIR(st.st_mode) ? path_make_directory(root, plan->destination, 0755, err)
				   : path_make_file(root, plan->destination, 0644, err);
	return made < 0 ? error_context(err, "/mounts/%zu", index) : 0;
}

/* CRIU mounts on its work directory, so it must be the one of its mount namespace. */
static int reopen_images(struct restore *work, struct error *err)
{
	const char *images = work->images.path, *work_path = work->images.work_path;
	const char *paths[] = { images, work_path ? work_path : images };

	for (int i = 0; i < 2; i++) {
		work->descriptors[i] = open(paths[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (work->descriptors[i] < 0)
			return error_errno(err, "%s, in criu's mount namespace", paths[i]);
	}
	if (!(work->creation.namespaces.create & CLONE_NEWUSER))
		return 0;
	work->descriptors[0] = criu_images_stage(work->descriptors[0], work->sources.stage, err);
	return work->descriptors[0] < 0 ? -1 : 0;
}

/*
 * CRIU wants the root to be a mount, and nothing mounted over its parent. Runs in: CRIU's process,
 * before execve.
 */
static int prepare_mounts(void *context, struct error *err)
{
	struct restore *work = context;
	struct creation *creation = &work->creation;
	autofd root = -1;

	if (unshare(CLONE_NEWNS) < 0)
		return error_errno(err, "make criu's mount namespace");
	/* a slave: what the container's mounts are slaves of stays so */
	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return error_errno(err, "make criu's mounts private");
	root = open(creation->rootfs.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (root < 0)
		return error_errno(err, "/root/path: %s", creation->rootfs.path);
	for (size_t i = 0; i < creation->spec.mounts.count; i++)
		if (criu_needs_mountpoint(&creation->rootfs, i) &&
		    make_mountpoint(&creation->rootfs, root, i, err) < 0)
			return -1;
	if (mount(creation->rootfs.path, work->options.root, NULL, MS_BIND | MS_REC, NULL) < 0)
		return error_errno(err, "bind %s for criu", creation->rootfs.path);
	return criu_stage_mounts(&work->sources, err) < 0 ? -1 : reopen_images(work, err);
}

/* The container's cgroups of then become those that CRIU is in now: one row of /proc/PID/cgroup,
 * "5:cpu,cpuacct:/a", is a row for each controller. */
static int plan_cgroup_roots(struct restore *work, struct error *err)
{
	struct arena *arena = &work->creation.arena;
	struct criu_pairs *roots = &work->options.cgroup_roots;
	autofree char *text = NULL;
	size_t most = 0;
	char name[48], *rest, *line;

	(void)snprintf(name, sizeof(name), "/proc/%d/cgroup", work->criu.pid);
	if (file_read_at(AT_FDCWD, name, 65536, &text, NULL, err) < 0)
		return -1;
	for (const char *at = text; *at; at++)
		most += *at == '\n' || *at == ',';
	roots->items = arena_array(arena, most + 1, sizeof(*roots->items));
	rest = text;
	while (roots->items && (line = strsep(&rest, "\n")) != NULL) {
		char *controllers = strchr(line, ':');
		char *path = controllers ? strchr(controllers + 1, ':') : NULL, *controller;

		if (!path)
			continue;
		*path++ = '\0';
		controllers++;
		while ((controller = strsep(&controllers, ",")) != NULL) {
			struct criu_pair *pair = &roots->items[roots->count++];

			*pair = (struct criu_pair){ arena_string(arena, controller),
						    arena_string(arena, path) };
			if (!pair->key || !pair->value)
				return error_code(err, ENOMEM, "plan of the cgroups");
		}
	}
	return roots->items ? 0 : error_code(err, ENOMEM, "plan of the cgroups");
}

static int start_criu(struct restore *work, struct error *err)
{
	struct creation *creation = &work->creation;
	const struct criu_setting setting = {
		.cgroup = creation->cgroup,
		.late = &creation->cgroup_late,
		.descriptors = work->descriptors,
		.descriptor_count = work->descriptor_count,
		.dies_with_us = true,
		.prepare = prepare_mounts,
		.context = work,
	};

	if (criu_restore_mounts(&work->sources, &work->options.ext_mounts, &creation->arena, err) <
	    0)
		return -1;
	if (mkdirat(creation->store.dir, ROOT_NAME, 0700) < 0 ||
	    mkdirat(creation->store.dir, STAGE_NAME, 0700) < 0)
		return error_errno(err, "make %s", work->options.root);
	work->criu.path = work->program;
	work->criu.log = work->options.log_file;
	work->criu.log_dir = work->images.work >= 0 ? work->images.work : work->images.dir;
	if (criu_start(&work->criu, &setting, err) < 0)
		return -1;
	if (creation->cgroup_late &&
	    cgroup_enter(&creation->cgroup_plan.place, creation->cgroup, work->criu.pid, err) < 0)
		return -1;
	cgroup_settle(&creation->cgroup_plan);
	rootfs_close(&creation->rootfs); /* CRIU's process has its copies */
	if (parent_add_to_resctrl(creation, work->criu.pid, err) < 0)
		return -1;
	return plan_cgroup_roots(work, err);
}

/* --- what CRIU has come to -------------------------------------------------------------------- */

/* From here on an undo ends this process, too. */
static int learn_pid(struct restore *work, const struct criu_reply *reply, struct error *err)
{
	struct creation *creation = &work->creation;
	struct process_status status;

	if (reply->pid <= 0)
		return 0;
	if (creation->pid == reply->pid)
		return 0;
	if (creation->pid > 0 || process_read_status(reply->pid, &status) < 0 ||
	    status.parent != getpid())
		return error_set(err, "criu named process %d, which isn't a child of ours",
				 reply->pid);
	creation->pid = reply->pid;
	creation->pidfd = pidfd_open(reply->pid, 0);
	if (creation->pidfd < 0)
		return error_errno(err, "open process %d", reply->pid);
	work->criu.needed = creation->pidfd;
	return parent_identify(creation, err);
}

static int raise_loopback(const void *data, struct error *err)
{
	const int *pidfd = data;

	if (setns(*pidfd, CLONE_NEWNET) < 0)
		return error_errno(err, "enter the restored network namespace");
	return network_loopback_up(err);
}

/* What is left empty is as new: the loopback device is down. */
static int on_setup_namespaces(struct restore *work, int *fd, struct error *err)
{
	(void)fd;
	if (work->options.empty_ns & work->creation.namespaces.create & CLONE_NEWNET &&
	    probe_in_child(raise_loopback, &work->creation.pidfd, err) < 0)
		return -1;
	if (moves_net_devices(work) && parent_move_devices(&work->creation, err) < 0)
		return -1;
	return parent_call_runtime_hooks(&work->creation, err);
}

/* CRIU keeps schedulers, but no I/O priority. That of a process which had changed its own isn't
 * known. */
static int set_io_priority(struct restore *work, struct error *err)
{
	const struct creation *creation = &work->creation;
	const struct process_spec *process = &creation->spec.process;
	autofree pid_t *pids = NULL;
	size_t count = 0;

	if (!process->io_priority.present)
		return 0;
	if (creation->cgroup >= 0 && cgroup_processes(creation->cgroup, &pids, &count, err) < 0)
		return -1;
	for (size_t i = 0; i < count; i++) { /* criu and its helpers are in there, and end */
		struct error refused;

		if (pids[i] == work->criu.pid ||
		    scheduling_apply_io_priority(process, pids[i], &refused) == 0 ||
		    refused.code == ESRCH)
			continue;
		*err = refused;
		return -1;
	}
	return count > 0 ? 0 : scheduling_apply_io_priority(process, creation->pid, err);
}

/* All is restored and stands still: now the journal says that the container is there. */
static int on_post_restore(struct restore *work, int *fd, struct error *err)
{
	(void)fd;
	if (work->creation.pid == 0)
		return error_set(err, "criu doesn't name the process that it has restored");
	work->creation.hooks_begun = true;
	if (set_io_priority(work, err) < 0 || parent_adopt(&work->creation, err) < 0)
		return -1;
	/* the container's from here on: should CRIU fail now, they are named, not taken back */
	net_devices_free(&work->creation.net_devices);
	work->adopted = true;
	return 0;
}

static int on_terminal(struct restore *work, int *fd, struct error *err)
{
	if (*fd < 0)
		return error_set(err, "criu sent no terminal with its notification");
	if (work->console >= 0)
		return fd_send(work->console, *fd, "orphan-pts-master", err);
	if (work->create.detach)
		return error_of_kind(
			err, ERROR_USAGE,
			"the container has a terminal: --console-socket must say where "
			"it goes");
	fd_close(&work->master);
	work->master = fd_take(fd);
	return 0;
}

/* The notifications that something is to be done at. */
static const struct {
	const char *script;
	int (*act)(struct restore *work, int *fd, struct error *err);
} scripts[] = {
	{ "setup-namespaces", on_setup_namespaces },
	{ "post-restore", on_post_restore },
	{ "orphan-pts-master", on_terminal },
};

static int notified(struct restore *work, const struct criu_reply *reply, int *fd,
		    struct error *err)
{
	const struct criu_request go_on = { .type = CRIU_NOTIFY, .notify_success = true };

	log_debug("criu: %s", reply->script);
	if (learn_pid(work, reply, err) < 0)
		return -1;
	table_for_each (row, scripts)
		if (strcmp(row->script, reply->script) == 0 && row->act(work, fd, err) < 0)
			return -1;
	return criu_send(&work->criu, &go_on, err);
}

/* 1: done; 0: CRIU has said no, or nothing more; -1: something of ours has failed. */
static int converse(struct restore *work, struct error *err)
{
	const struct criu_request request = { .type = CRIU_RESTORE, .options = &work->options };

	if (criu_send(&work->criu, &request, err) < 0)
		return 0;
	for (;;) {
		struct criu_reply reply;
		autofd fd = -1;

		if (criu_receive(&work->criu, CRIU_WORK_TIMEOUT, &reply, &fd, err) < 0)
			return 0;
		if (!reply.success) {
			(void)criu_refused(&reply, err);
			return 0;
		}
		if (reply.type == CRIU_NOTIFY) {
			if (notified(work, &reply, &fd, err) < 0)
				return -1;
			continue;
		}
		if (reply.type != CRIU_RESTORE || !work->adopted) {
			(void)error_set(err, "criu answers something else than it was asked");
			return 0;
		}
		return 1;
	}
}

static int restore_processes(struct restore *work, struct error *err)
{
	int result;

	if (start_criu(work, err) < 0)
		return -1;
	result = converse(work, err);
	if (result < 0)
		return -1;
	if (result == 0 || criu_finish(&work->criu, false, err) < 0)
		return criu_images_explain(&work->images, err);
	/* else they go with the rest */
	(void)unlinkat(work->creation.store.dir, ROOT_NAME, AT_REMOVEDIR);
	(void)unlinkat(work->creation.store.dir, STAGE_NAME, AT_REMOVEDIR);
	return 0;
}

/* --- afterwards ------------------------------------------------------------------------------- */

static int run_poststart(struct restore *work, struct error *err)
{
	struct creation *creation = &work->creation;
	struct error lost;

	if (creation->spec.hooks[HOOK_POSTSTART].count == 0)
		return 0;
	store_unlock(&creation->store);
	if (start_poststart(&creation->spec, &creation->record, creation->pid, err) == 0)
		return 0;
	/* whoever has deleted it meanwhile has done what remains */
	if (store_lock(&creation->store, work->create.id, LOCK_TIMEOUT, &lost) < 0)
		store_close(&creation->store);
	return -1;
}

static int wait_and_delete(struct restore *work, int *exit_code, struct error *err)
{
	struct relay relay = { .master = -1 };
	struct creation *creation = &work->creation;
	struct error ignored;
	struct store store = STORE_INIT;
	int result = 0;

	store_close(&creation->store); /* with it the lock */
	if (work->master >= 0)
		result = relay_start(&relay, fd_take(&work->master), err);
	if (result == 0)
		result = monitor_wait(creation->pid, creation->pidfd, &relay, NULL, exit_code, err);
	relay_stop(&relay);
	creation->pid = 0; /* reaped, or ended below by its record */
	if (store_open(&store, &work->settings, work->create.id, &ignored) == 0 &&
	    store_lock(&store, work->create.id, LOCK_TIMEOUT, &ignored) == 0 &&
	    container_destroy(&store, &creation->record, &creation->spec, true, &ignored) < 0 &&
	    result == 0) {
		*err = ignored;
		result = -1;
	}
	store_close(&store);
	return result;
}

static int restore_planned(struct restore *work, int *exit_code, struct error *err)
{
	const bool foreground = !work->create.detach;

	if (foreground && !work->create.no_subreaper &&
	    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return error_errno(err, "become the container's subreaper");
	if (foreground && monitor_block_signals(err) < 0)
		return -1;
	if (connect_console(work, err) < 0)
		return -1;
	if (parent_prepare(&work->creation, err) < 0 || apply_strict(work, err) < 0 ||
	    restore_processes(work, err) < 0 || run_poststart(work, err) < 0) {
		criu_kill(&work->criu);
		container_abort(&work->creation);
		return -1;
	}
	return foreground ? wait_and_delete(work, exit_code, err) : 0;
}

int container_restore(const struct settings *settings, const struct restore_options *given,
		      int *exit_code, struct error *err)
{
	struct restore work = {
		.given = given,
		.settings = *settings,
		.create = given->create,
		.images = CRIU_IMAGES_INIT,
		.criu = CRIU_PROGRAM_INIT,
		.console = -1,
		.master = -1,
	};
	int result;

	*exit_code = 0;
	work.create.run = true;		    /* no start follows, so there is no socket for one */
	work.settings.notify_socket = NULL; /* a program says READY=1 once, and has said it */
	work.settings.listen_fds = 0;
	work.images.path = given->common.image_path;
	work.images.work_path = given->common.work_path;
	work.images.log_name = "restore.log";
	if (self_protect_process(err) < 0)
		return -1;
	creation_clear(&work.creation);
	result = plan_restore(&work, err);
	if (result == 0)
		result = restore_planned(&work, exit_code, err);
	criu_images_close(&work.images);
	fd_close(&work.console);
	fd_close(&work.master);
	creation_free(&work.creation);
	return result;
}
